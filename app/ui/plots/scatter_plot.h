// Points by two numbers, in two classes or coloured by a third number.
#pragma once

#include <QString>
#include <string>
#include <vector>

#include "app/ui/plots/plot.h"

namespace gf::ui {

struct ScatterOf {
  struct Point {
    double x = 0, y = 0;
    double value = 0;  ///< -1 or 1: the first or second class; between: a shade between their colours
    std::string name;  ///< for the hint and the CSV
    friend bool operator==(const Point&, const Point&) = default;
  };
  std::vector<Point> points;
  std::string first, second;  ///< the names of the classes, or of the ends of the shades
  std::string x_name, y_name;
  bool diagonal = false;  ///< a line where x = y: predicted against true
  friend bool operator==(const ScatterOf&, const ScatterOf&) = default;
};

/// The hint says which point is under the pointer.
class ScatterPlot : public Plot {
 public:
  explicit ScatterPlot(QWidget* parent);
  void set_points(ScatterOf points);
  [[nodiscard]] const ScatterOf& points() const { return points_; }

  void draw(QPainter& painter, QSizeF size, bool picture) const override;
  [[nodiscard]] std::string csv() const override;
  [[nodiscard]] QSize sizeHint() const override { return {340, 220}; }
  [[nodiscard]] QSize minimumSizeHint() const override { return {180, 130}; }

 protected:
  [[nodiscard]] Hint hint_at(QPoint point) const override;

 private:
  /// From the points' numbers to places in a picture of this size.
  struct Frame {
    QRectF box;
    double x_low = 0, x_high = 1, y_low = 0, y_high = 1;
    [[nodiscard]] QPointF at(double x, double y) const {
      return {box.left() + box.width() * (x - x_low) / (x_high - x_low), box.bottom() - box.height() * (y - y_low) / (y_high - y_low)};
    }
  };
  [[nodiscard]] Frame frame(QSizeF size) const;
  ScatterOf points_;
};

}  // namespace gf::ui
