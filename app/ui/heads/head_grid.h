// A grid of all heads, and beside them each block's MLP. Each can be cut and is coloured by a score.
#pragma once

#include <QWidget>
#include <functional>
#include <memory>
#include <optional>

#include "app/document/lab.h"
#include "app/document/part_edits.h"

namespace gf::ui {

/// n_layer x n_head cells, and a column of MLPs. A click cuts or restores a head, a drag does so to many; with Ctrl it pastes what was
/// copied from another cell. A right click or the Menu key offers more. Arrow keys move the focus, Space cuts or restores, Ctrl+C and
/// Ctrl+V copy and paste edits.
class HeadGridView : public QWidget {
 public:
  explicit HeadGridView(doc::Lab& lab, QWidget* parent = nullptr);
  void refresh();
  /// `head` n_head(): the block's MLP.
  [[nodiscard]] QRect cell_rect(int layer, int head) const;
  /// Whether the cells are wide enough for their numbers; if not, a cell says its own as a tooltip.
  [[nodiscard]] bool has_room_for_numbers() const { return number_points().has_value(); }
  [[nodiscard]] int n_layer() const { return n_layer_; }
  [[nodiscard]] int n_head() const { return n_head_; }
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;
  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;

  std::function<void(const doc::BlockPart& part)> on_focus;  ///< the user wants to see it in the scene
  std::function<void(const Error&)> on_error;                ///< what was pasted is no edit

 protected:
  void paintEvent(QPaintEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  bool event(QEvent* event) override;

 private:
  static constexpr int kLeft = 26, kTop = 20;  ///< room for the numbers of blocks and heads
  static constexpr int kMlpGap = 8;            ///< between the heads and the MLPs
  struct Cell {
    int layer = -1, head = -1;
    friend bool operator==(const Cell&, const Cell&) = default;
    [[nodiscard]] bool valid() const { return layer >= 0; }
  };
  [[nodiscard]] double pitch(int width) const;
  [[nodiscard]] Cell at(QPoint point) const;
  [[nodiscard]] QString describe(Cell cell) const;
  [[nodiscard]] std::optional<float> score(Cell cell) const;
  [[nodiscard]] doc::BlockPart part_of(Cell cell) const;
  [[nodiscard]] bool is_mlp(Cell cell) const { return cell.head == n_head_; }
  [[nodiscard]] std::optional<PartRef> colour_of(Cell cell) const;
  /// The value of a cell as it stands there; empty: it has none.
  [[nodiscard]] QString number_of(Cell cell) const;
  /// Of all numbers: where one of them does not fit none is shown, because the others would seem to say more.
  [[nodiscard]] std::optional<double> number_points() const;
  void paint_cell(QPainter& painter, Cell cell, std::optional<double> points) const;
  void paint_cut(QPainter& painter, const QRectF& box, const QColor& fill, const QString& number) const;
  void cut(Cell cell, bool on);
  void act_on(Cell cell);
  void copy(Cell cell);
  void paste(Cell cell);
  void set_current(Cell cell);
  void show_menu(Cell cell, QPoint global);
  void solo(Cell cell);

  doc::Lab& lab_;
  int n_layer_ = 0, n_head_ = 0;
  doc::Watch<Answer> study_;
  std::string watched_;                              ///< document().head_colour, while the study is watched
  std::optional<PartRef> part_, mlp_part_;           ///< what colours the cells
  std::shared_ptr<const Grid> scores_, mlp_scores_;  ///< the newest; they may belong to the run before
  float scale_ = 1;
  Cell current_, hovered_, dragged_;
  bool dragging_ = false, drag_cuts_ = true, drag_pastes_ = false;
  int drag_number_ = 0;
};

}  // namespace gf::ui
