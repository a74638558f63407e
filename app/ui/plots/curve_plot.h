// One row of numbers as a line or as the bars of a histogram.
#pragma once

#include <QString>
#include <string>
#include <vector>

#include "app/ui/plots/row_plot.h"

namespace gf::ui {

struct CurveOf {
  bool bars = false;           ///< a histogram: each value is a bar from zero
  std::vector<double> values;  ///< NaN: a gap
  double first = 0, last = 0;  ///< the numbers under the first and the last point; of bars, the outer edges
  std::string x_name, y_name;  ///< for the CSV and for words
  friend bool operator==(const CurveOf&, const CurveOf&) = default;
};

class CurvePlot : public RowPlot {
 public:
  explicit CurvePlot(QWidget* parent);
  void set_curve(CurveOf curve);
  [[nodiscard]] const CurveOf& curve() const { return curve_; }
  [[nodiscard]] QString words_of(int point) const override;

  void draw(QPainter& painter, QSizeF size, bool picture) const override;
  [[nodiscard]] std::string csv() const override;
  [[nodiscard]] QSize sizeHint() const override { return {320, 200}; }
  [[nodiscard]] QSize minimumSizeHint() const override { return {160, 110}; }

 protected:
  [[nodiscard]] int count() const override { return static_cast<int>(curve_.values.size()); }
  [[nodiscard]] int item_at(QPoint point) const override;

 private:
  [[nodiscard]] double x_of(int point) const;  ///< the number under a point; of bars, the middle

  CurveOf curve_;
};

}  // namespace gf::ui
