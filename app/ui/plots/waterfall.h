// Bars that add up: each begins where the one before it ended. Or bars from zero, where their values do not add up.
#pragma once

#include <QString>
#include <functional>
#include <optional>
#include <vector>

#include "app/ui/plots/plot.h"

namespace gf::ui {

struct WaterfallBar {
  QString name;
  double value = 0;
  std::optional<double> before;  ///< the same part of the base run, drawn as an outline
  int depth = 0;                 ///< 1: a part of the bar above with depth 0, and so on
  bool opens = false, open = false;
  bool cut = false;
  bool sum = false;  ///< it begins at zero and is set off from the others
  friend bool operator==(const WaterfallBar&, const WaterfallBar&) = default;
};

/// Up and down move the current bar, right and left open and close it, Enter selects it, Del cuts or restores it.
class Waterfall : public Plot {
 public:
  explicit Waterfall(QWidget* parent);
  /// `add_up`: each bar begins where the one before ended. Keeps the current bar where there is one of that number.
  void set_bars(std::vector<WaterfallBar> bars, bool add_up, QString unit);
  [[nodiscard]] const std::vector<WaterfallBar>& bars() const { return bars_; }
  /// -1: none. Does not call on_select.
  void set_current(int bar);
  [[nodiscard]] int current() const { return current_; }
  [[nodiscard]] QRectF bar_row(int bar) const;  ///< on the screen
  [[nodiscard]] QString words_of(int bar) const;

  void draw(QPainter& painter, QSizeF size, bool picture) const override;
  [[nodiscard]] std::string csv() const override;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;
  [[nodiscard]] QSize picture_size() const override;

  std::function<void(int bar)> on_select, on_open, on_cut;
  /// The row of the current bar has moved: what scrolls the plot shows it.
  std::function<void(const QRect& row)> on_current;

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  [[nodiscard]] Hint hint_at(QPoint point) const override;
  void point_at(QPoint point) override;
  [[nodiscard]] QPoint menu_place() const override;

 private:
  struct Span {
    double from, to;
  };
  [[nodiscard]] std::vector<Span> spans() const;
  [[nodiscard]] double row_height() const;
  [[nodiscard]] double name_width(double width) const;
  [[nodiscard]] int bar_at(QPointF point) const;
  void move_to(int bar);

  std::vector<WaterfallBar> bars_;
  bool add_up_ = true;
  QString unit_;
  int current_ = -1;
};

}  // namespace gf::ui
