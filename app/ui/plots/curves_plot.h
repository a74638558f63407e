// Several series of numbers over one axis, as lines in one box.
#pragma once

#include <QColor>
#include <QString>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/ui/plots/plot.h"

namespace gf::ui {

struct CurvesOf {
  struct Line {
    std::string name;
    std::vector<std::pair<double, double>> points;  ///< (x, y), x ascending; NaN: a gap
    QColor colour;
    bool named = true;  ///< in the box; false: one of many, and thin
    bool dots = false;
    friend bool operator==(const Line&, const Line&) = default;
  };
  std::vector<Line> lines;  ///< drawn in this order; the first ones lie below
  std::string x_name, y_name;
  std::optional<double> low, high;  ///< of the y axis; none: by the numbers
  double last_x = 0;                ///< the axis goes from 0 at least to here
  friend bool operator==(const CurvesOf&, const CurvesOf&) = default;
};

/// Left and right move the current x among those of all lines, Enter selects it; a click does both.
class CurvesPlot : public Plot {
 public:
  explicit CurvesPlot(QWidget* parent);
  void set_curves(CurvesOf lines);
  [[nodiscard]] const CurvesOf& lines() const { return lines_; }
  void set_current(std::optional<double> x);  ///< does not call on_select
  [[nodiscard]] std::optional<double> current() const { return current_; }
  /// "step 300: training 1.23 nats, held out 1.3 nats", of the points nearest to x.
  [[nodiscard]] QString words_at(double x) const;

  void draw(QPainter& painter, QSizeF size, bool picture) const override;
  [[nodiscard]] std::string csv() const override;
  [[nodiscard]] QSize sizeHint() const override { return {320, 200}; }
  [[nodiscard]] QSize minimumSizeHint() const override { return {160, 120}; }

  std::function<void(double x)> on_select;

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;
  void point_at(QPoint point) override;

 private:
  struct Range {
    double low, high;
  };
  [[nodiscard]] Range x_range() const;
  [[nodiscard]] Range y_range() const;
  [[nodiscard]] std::optional<double> nearest_x(double pixel) const;

  CurvesOf lines_;
  std::vector<double> xs_;  ///< of all points, ascending
  std::optional<double> current_;
};

}  // namespace gf::ui
