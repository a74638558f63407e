// The tokens of the run as chips, each with its text, a number below, and a colour for the size of the number.
#pragma once

#include <QWidget>
#include <functional>
#include <optional>
#include <vector>

namespace gf::ui {

/// What the window shows of one token.
struct Chip {
  QString text;
  QString number;  ///< below the chip; empty: none (position 0)
  QString tooltip;
  double strength = 0;  ///< 0..1: how strongly it is coloured
  bool generated = false;
  int piece = 0, pieces = 1;  ///< chips that are pieces of one character are drawn as one; each has the whole text
};

/// Chips in a row, for a scroll area. A click or the arrow keys select one.
class TokenChips : public QWidget {
 public:
  explicit TokenChips(QWidget* parent = nullptr);
  /// `prediction`: the likeliest next token, drawn dashed after the last chip; none: no run yet.
  void set_chips(std::vector<Chip> chips, std::optional<Chip> prediction, QString measure);
  void set_selected(int position);
  [[nodiscard]] QRect chip_rect(int position) const;
  [[nodiscard]] int count() const { return static_cast<int>(chips_.size()); }
  [[nodiscard]] QRect prediction_rect() const;
  [[nodiscard]] const std::optional<Chip>& prediction() const { return prediction_; }

  std::function<void(int)> on_select;
  std::function<void()> on_prediction;  ///< a click on the dashed chip

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  [[nodiscard]] int at(QPoint point) const;  ///< count(): the prediction; -1: nothing
  void lay_out();
  void paint_chip(QPainter& painter, int index) const;
  /// Of the chip, or of all that are one with it.
  [[nodiscard]] QRect joined_rect(int index) const;
  /// "😀 2/3"
  [[nodiscard]] static QString label_of(const Chip& chip);

  std::vector<Chip> chips_;
  std::optional<Chip> prediction_;
  QString measure_;           ///< what the numbers are, for the accessible description
  std::vector<QRect> rects_;  ///< chips, then the prediction
  int selected_ = -1, hovered_ = -1;
};

}  // namespace gf::ui
