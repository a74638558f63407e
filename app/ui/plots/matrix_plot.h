// A matrix of coloured cells with names on both axes: an attention pattern, a grid of effects.
#pragma once

#include <QImage>
#include <QString>
#include <QStringList>
#include <functional>
#include <vector>

#include "app/ui/plots/plot.h"

namespace gf::ui {

/// Row-major values; NaN: there is no cell, as above the diagonal of a pattern.
struct MatrixOf {
  QStringList rows, columns;                      ///< names; their numbers are the extents
  std::string row_axis, column_axis, value_name;  ///< "query", "key", "weight": for the CSV and for words
  std::vector<float> values;
  float largest = 0;  ///< the value with the full colour
  bool is_signed = false;
  friend bool operator==(const MatrixOf&, const MatrixOf&) = default;
};

/// Arrow keys move the current cell, Enter selects it; a click does both. Del cuts what it stands for.
class MatrixPlot : public Plot {
 public:
  explicit MatrixPlot(QWidget* parent);
  /// Keeps the current cell where there is one at its place.
  void set_matrix(MatrixOf matrix);
  [[nodiscard]] const MatrixOf& matrix() const { return matrix_; }
  /// Does not call on_select. -1: none.
  void set_current(int row, int column);
  [[nodiscard]] int current_row() const { return row_; }
  [[nodiscard]] int current_column() const { return column_; }
  [[nodiscard]] QRectF cell_rect(int row, int column) const;
  [[nodiscard]] QString words_of(int row, int column) const;

  void draw(QPainter& painter, QSizeF size, bool picture) const override;
  [[nodiscard]] std::string csv() const override;
  [[nodiscard]] QSize sizeHint() const override { return {320, 320}; }
  [[nodiscard]] QSize minimumSizeHint() const override { return {150, 110}; }
  /// The least height at which each row has its name beside it, where there are at most so many; else what so many need.
  [[nodiscard]] int height_for_names(int most_rows) const;

  std::function<void(int row, int column)> on_select;
  std::function<void(int row, int column)> on_cut;  ///< Del

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  [[nodiscard]] Hint hint_at(QPoint point) const override;
  void point_at(QPoint point) override;
  [[nodiscard]] QPoint menu_place() const override;

 private:
  struct Room {
    QRectF cells;
    double pitch_x, pitch_y;
  };
  [[nodiscard]] Room room(QSizeF size) const;
  [[nodiscard]] bool is_cell(int row, int column) const;
  [[nodiscard]] bool cell_at(QPointF point, int& row, int& column) const;
  [[nodiscard]] int rows() const { return static_cast<int>(matrix_.rows.size()); }
  [[nodiscard]] int columns() const { return static_cast<int>(matrix_.columns.size()); }
  void draw_names(QPainter& painter, const Room& in, bool picture) const;
  void make_image() const;

  MatrixOf matrix_;
  mutable QImage image_;        ///< a pixel for each cell; made when it is first drawn
  mutable bool light_ = false;  ///< the theme that it was made in
  int row_ = -1, column_ = -1;
};

}  // namespace gf::ui
