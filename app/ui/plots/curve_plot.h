// One row of numbers as a line or as the bars of a histogram.
#pragma once

#include <QString>
#include <functional>
#include <string>
#include <vector>

#include "app/ui/plots/plot.h"

namespace gf::ui {

struct CurveOf {
  bool bars = false;           ///< a histogram: each value is a bar from zero
  std::vector<double> values;  ///< NaN: a gap
  double first = 0, last = 0;  ///< the numbers under the first and the last point; of bars, the outer edges
  std::string x_name, y_name;  ///< for the CSV and for words
  friend bool operator==(const CurveOf&, const CurveOf&) = default;
};

/// Left and right move the current point, Enter selects it; a click does both.
class CurvePlot : public Plot {
 public:
  explicit CurvePlot(QWidget* parent);
  void set_curve(CurveOf curve);
  [[nodiscard]] const CurveOf& curve() const { return curve_; }
  void set_current(int point);  ///< does not call on_select; -1: none
  [[nodiscard]] QString words_of(int point) const;

  void draw(QPainter& painter, QSizeF size, bool picture) const override;
  [[nodiscard]] std::string csv() const override;
  [[nodiscard]] QSize sizeHint() const override { return {320, 200}; }
  [[nodiscard]] QSize minimumSizeHint() const override { return {160, 110}; }

  std::function<void(int point)> on_select;

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;
  void point_at(QPoint point) override;

 private:
  [[nodiscard]] int count() const { return static_cast<int>(curve_.values.size()); }
  [[nodiscard]] double x_of(int point) const;  ///< the number under a point; of bars, the middle
  [[nodiscard]] int nearest(double x) const;

  CurveOf curve_;
  int current_ = -1;
};

}  // namespace gf::ui
