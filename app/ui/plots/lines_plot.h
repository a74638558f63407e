// Several series of numbers over one axis, as lines in one box with a legend.
#pragma once

#include <QColor>
#include <QString>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/ui/plots/row_plot.h"

namespace gf::ui {

struct LinesOf {
  struct Line {
    std::string name;
    std::vector<std::pair<double, double>> points;  ///< (x, y), x ascending; NaN: a gap
    bool baseline = false;                          ///< drawn dim and dashed, below the others
    bool named = true;                              ///< in the legend and in words; false: one of many, thin and below the others
    bool dots = true;                               ///< a dot at each point, where there are few and it is not a baseline
    QColor colour = {};                             ///< invalid: by its place among the lines
    friend bool operator==(const Line&, const Line&) = default;
  };
  std::vector<Line> lines;
  std::string x_name, y_name;
  std::optional<double> x_low, x_high;  ///< the axis goes at least from here to here
  std::optional<double> y_low, y_high;  ///< ends of the axis; none: the least and the largest value
  bool logarithmic = false;             ///< y; values are then above 0, and the axis ends at the least and the largest
  friend bool operator==(const LinesOf&, const LinesOf&) = default;
};
/// (x, y) of each two numbers that stand side by side. Expects lists of equal length.
[[nodiscard]] std::vector<std::pair<double, double>> points_of(const std::vector<double>& x, const std::vector<double>& y);

/// Its items are the places: each x at which a line has a point.
class LinesPlot : public RowPlot {
 public:
  explicit LinesPlot(QWidget* parent);
  void set_lines(LinesOf lines);
  [[nodiscard]] const LinesOf& lines() const { return lines_; }
  [[nodiscard]] const std::vector<double>& places() const { return places_; }  ///< ascending
  [[nodiscard]] int place_near(double x) const;                                ///< -1: there is none
  /// "step 300\ntraining: 1.23\nheld out: 1.3", of the points that are nearest to the place.
  [[nodiscard]] QString words_of(int place) const override;

  void draw(QPainter& painter, QSizeF size, bool picture) const override;
  [[nodiscard]] std::string csv() const override;
  [[nodiscard]] QSize sizeHint() const override;
  /// Has room for all lines of the legend at the present width.
  [[nodiscard]] QSize minimumSizeHint() const override;

 protected:
  [[nodiscard]] int count() const override { return static_cast<int>(places_.size()); }
  [[nodiscard]] int item_at(QPoint point) const override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  struct Legend {
    int columns = 1;
    double column = 0, height = 0;  ///< logical pixels
  };
  struct Range {
    double low, high;
  };
  /// Where a number lies in the picture.
  struct Frame {
    QRectF box, legend;  ///< the legend stands below the box
    double column;       ///< of the legend, logical pixels
    Range x, y;          ///< y as it is scaled
    bool logarithmic;
    [[nodiscard]] double scaled(double value) const;
    [[nodiscard]] double left_of(double value) const;  ///< the pixel of an x
    [[nodiscard]] double top_of(double value) const;   ///< the pixel of a y
  };
  [[nodiscard]] Range x_range() const;
  [[nodiscard]] Range y_range() const;
  [[nodiscard]] Legend legend(double width) const;  ///< of the box
  [[nodiscard]] Frame frame(QSizeF size) const;
  void draw_axes(QPainter& painter, const Frame& in) const;
  void draw_line(QPainter& painter, const Frame& in, std::size_t line, bool picture) const;
  void draw_legend(QPainter& painter, const Frame& in) const;

  LinesOf lines_;
  std::vector<double> places_;
};

}  // namespace gf::ui
