// Two runs and what comes of copying from the one into the other: three tables of words, one row for each token, one column for
// each depth of the residual stream. Rows that belong together stand beside each other, or below each other where there is no
// room for three tables.
#pragma once

#include <QString>
#include <QStringList>
#include <functional>
#include <optional>
#include <vector>

#include "app/document/patching.h"
#include "app/ui/plots/plot.h"

namespace gf::ui {

/// What the lens reads in one run: [position, depth].
struct LensWords {
  QStringList tokens;        ///< of the run
  int depths = 0;            ///< 0: it is not there yet
  QStringList words;         ///< the likeliest next token
  std::vector<float> share;  ///< its probability
  [[nodiscard]] std::size_t at(int position, int depth) const {
    return static_cast<std::size_t>(position) * static_cast<std::size_t>(depths) + static_cast<std::size_t>(depth);
  }
  friend bool operator==(const LensWords&, const LensWords&) = default;
};

/// A source cell is dragged onto the target or the result, or Ctrl+C copies it and Ctrl+V puts it there. Arrow keys move the
/// cursor, Page up and Page down from table to table; Enter copies from the source and puts into the others.
class PatchBoard : public Plot {
 public:
  enum Panel { Source, Target, Result };
  struct Of {
    std::vector<doc::AlignedRow> rows;
    LensWords panels[3];
    std::vector<char> reach;  ///< [depth, position of the target]: what the edits may change; empty: there are none
    friend bool operator==(const Of&, const Of&) = default;
  };
  struct Spot {
    Panel panel = Source;
    int position = -1, depth = -1;  ///< in the panel's own run
    friend bool operator==(const Spot&, const Spot&) = default;
  };

  explicit PatchBoard(QWidget* parent);
  void set(Of of);
  [[nodiscard]] const Of& shown() const { return of_; }
  /// Does not call on_select.
  void set_current(const std::optional<Spot>& spot);
  [[nodiscard]] const std::optional<Spot>& current() const { return current_; }
  [[nodiscard]] const std::optional<Spot>& copied() const { return copied_; }
  void set_copied(const std::optional<Spot>& spot);
  [[nodiscard]] QRectF cell_rect(const Spot& spot) const;
  [[nodiscard]] QString words_of(const Spot& spot) const;

  void draw(QPainter& painter, QSizeF size, bool picture) const override;
  [[nodiscard]] std::string csv() const override;
  [[nodiscard]] QSize picture_size() const override;

  std::function<void(const Spot&)> on_select;
  std::function<void()> on_press;  ///< a drag may begin
  /// `dragged`: since the last on_press; else it was copied by keys.
  std::function<void(const Spot& from, const Spot& to, bool dragged)> on_drop;
  /// While the pointer is over a place: the rows that a drop there could change, as in Of::reach.
  std::function<std::vector<char>(const Spot& from, const Spot& to)> on_hover;
  /// Called when the cursor has moved, so that the scroll area can show its place.
  std::function<void(const QRect&)> on_current;

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  bool event(QEvent* event) override;
  [[nodiscard]] Hint hint_at(QPoint point) const override;
  void point_at(QPoint point) override;
  [[nodiscard]] QPoint menu_place() const override;

 private:
  struct Room {
    bool beside = false;  ///< the tables stand beside each other; else each token has a row of each
    double label = 0, cell = 0, wide = 0, high = 0, row = 0, head = 0;
    double step = 0;  ///< from a token's rows to the next one's
  };
  [[nodiscard]] Room room(double width) const;
  /// The top left corner of a row of a table; row 0 stands below the titles.
  [[nodiscard]] QPointF corner(const Room& room, int panel, int row) const;
  [[nodiscard]] int depths() const;
  [[nodiscard]] int row_of(const Spot& spot) const;
  [[nodiscard]] std::optional<Spot> spot(Panel panel, int row, int depth) const;
  [[nodiscard]] std::optional<Spot> spot_at(QPointF point) const;
  [[nodiscard]] QColor ground_of(const Spot& spot, const std::vector<char>& reach) const;
  void draw_titles(QPainter& painter, const Room& room) const;
  void draw_row(QPainter& painter, const Room& room, int panel, int row) const;
  void draw_panel(QPainter& painter, const Room& room, int panel, bool picture) const;
  void draw_cell(QPainter& painter, const QRectF& box, const Spot& spot) const;
  void draw_cone(QPainter& painter, const Room& room, int panel, const std::vector<char>& reach) const;
  void fit();
  void move_to(const Spot& spot);
  void put(const Spot& to);

  Of of_;
  std::optional<Spot> current_, copied_, dragged_, over_;
  std::vector<char> preview_;  ///< while something is dragged
  QPointF pressed_;
  std::optional<Spot> pressed_on_;  ///< what stood there then: the tables may move while it is dragged
};

}  // namespace gf::ui
