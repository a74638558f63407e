// Several lines over the same places, with a legend: a score by layer beside its baselines.
#pragma once

#include <QString>
#include <functional>
#include <string>
#include <vector>

#include "app/ui/plots/plot.h"

namespace gf::ui {

struct LinesOf {
  struct Line {
    std::string name;
    std::vector<double> values;  ///< one for each place; NaN: a gap
    bool baseline = false;       ///< drawn dim and dashed
    friend bool operator==(const Line&, const Line&) = default;
  };
  std::vector<double> places;  ///< ascending
  std::vector<Line> lines;
  std::string x_name, y_name;
  bool logarithmic = false;  ///< y; values are then above 0
  bool shares = false;       ///< y goes from 0 to 1, whatever the values
  friend bool operator==(const LinesOf&, const LinesOf&) = default;
};

/// Left and right move the current place, Enter selects it; a click does both.
class LinesPlot : public Plot {
 public:
  explicit LinesPlot(QWidget* parent);
  void set_lines(LinesOf lines);
  [[nodiscard]] const LinesOf& lines() const { return lines_; }
  void set_current(int place);  ///< does not call on_select; -1: none
  [[nodiscard]] int current() const { return current_; }
  [[nodiscard]] QString words_of(int place) const;

  void draw(QPainter& painter, QSizeF size, bool picture) const override;
  [[nodiscard]] std::string csv() const override;
  [[nodiscard]] QSize sizeHint() const override { return {340, 200}; }
  [[nodiscard]] QSize minimumSizeHint() const override { return {180, 130}; }

  std::function<void(int place)> on_select;

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;
  void point_at(QPoint point) override;

 private:
  struct Room {
    QRectF box;       ///< of the lines
    QRectF legend;    ///< below
    int columns = 1;  ///< of the legend
  };
  [[nodiscard]] Room room(QSizeF size) const;
  [[nodiscard]] int count() const { return static_cast<int>(lines_.places.size()); }
  [[nodiscard]] double x_of(const QRectF& box, int place) const;
  [[nodiscard]] int nearest(double x) const;

  LinesOf lines_;
  int current_ = -1;
};

}  // namespace gf::ui
