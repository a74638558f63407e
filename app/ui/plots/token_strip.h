// The prompt's tokens in lines of text, each on a ground that shows its number.
#pragma once

#include <QString>
#include <vector>

#include "app/ui/plots/row_plot.h"

namespace gf::ui {

/// It is as high as its lines need.
class TokenStrip : public RowPlot {
 public:
  explicit TokenStrip(QWidget* parent);
  /// One number for each token, from 0 up. `of`: what they are, for words and the CSV.
  void set_tokens(std::vector<QString> tokens, std::vector<double> values, std::string of);
  [[nodiscard]] const std::vector<double>& values() const { return values_; }
  [[nodiscard]] QString words_of(int token) const override;
  [[nodiscard]] QRectF box_of(int token) const;  ///< on the screen

  void draw(QPainter& painter, QSizeF size, bool picture) const override;
  [[nodiscard]] std::string csv() const override;
  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 protected:
  [[nodiscard]] int count() const override { return static_cast<int>(tokens_.size()); }
  [[nodiscard]] int item_at(QPoint point) const override;
  void resizeEvent(QResizeEvent* event) override;
  [[nodiscard]] QPoint menu_place() const override;

 private:
  [[nodiscard]] std::vector<QRectF> boxes(double width) const;

  std::vector<QString> tokens_;
  std::vector<double> values_;
  std::string of_;
};

}  // namespace gf::ui
