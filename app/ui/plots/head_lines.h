// A pattern as lines from text to text: each token on the left looks at tokens on the right.
#pragma once

#include <functional>

#include "app/ui/plots/matrix_plot.h"

namespace gf::ui {

/// Up and down move the query, left and right its key, Enter selects them, Del cuts. A click on the left chooses a query with the key that
/// it looks at most, one on the right a key of the present query.
class HeadLines : public Plot {
 public:
  explicit HeadLines(QWidget* parent);
  void set_matrix(MatrixOf matrix);
  void set_current(int query, int key);                          ///< does not call on_select; -1: none
  [[nodiscard]] QRectF token_rect(bool query, int index) const;  ///< on the screen

  void draw(QPainter& painter, QSizeF size, bool picture) const override;
  [[nodiscard]] std::string csv() const override;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;
  [[nodiscard]] QSize picture_size() const override { return {std::max(width(), 300), sizeHint().height()}; }

  [[nodiscard]] int current_query() const { return query_; }
  [[nodiscard]] int current_key() const { return key_; }
  std::function<void(int query, int key)> on_select;
  std::function<void(int query, int key)> on_cut;    ///< Del
  std::function<void(const QRect& row)> on_current;  ///< what scrolls the plot shows it

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void point_at(QPoint point) override;

 private:
  [[nodiscard]] int count() const { return static_cast<int>(matrix_.rows.size()); }
  [[nodiscard]] float weight(int query, int key) const;
  [[nodiscard]] int key_of(int query) const;  ///< where it looks most
  [[nodiscard]] double row_height() const;
  [[nodiscard]] double column_width(double width) const;

  MatrixOf matrix_;
  int query_ = -1, key_ = -1;
};

}  // namespace gf::ui
