// The prompt's tokens in lines of text, each on a ground that shows its number.
#pragma once

#include <QString>
#include <functional>
#include <vector>

#include "app/ui/plots/plot.h"

namespace gf::ui {

/// Left and right move the current token, Enter selects it; a click does both. It is as high as its lines need.
class TokenStrip : public Plot {
 public:
  explicit TokenStrip(QWidget* parent);
  /// One number for each token, from 0 up. `of`: what they are, for words and the CSV.
  void set_tokens(std::vector<QString> tokens, std::vector<double> values, std::string of);
  [[nodiscard]] const std::vector<double>& values() const { return values_; }
  void set_current(int token);  ///< does not call on_select; -1: none
  [[nodiscard]] int current() const { return current_; }
  [[nodiscard]] QString words_of(int token) const;
  [[nodiscard]] QRectF box_of(int token) const;  ///< on the screen

  void draw(QPainter& painter, QSizeF size, bool picture) const override;
  [[nodiscard]] std::string csv() const override;
  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

  std::function<void(int token)> on_select;

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void point_at(QPoint point) override;
  [[nodiscard]] QPoint menu_place() const override;

 private:
  [[nodiscard]] std::vector<QRectF> boxes(double width) const;
  [[nodiscard]] int count() const { return static_cast<int>(tokens_.size()); }

  std::vector<QString> tokens_;
  std::vector<double> values_;
  std::string of_;
  int current_ = -1;
};

}  // namespace gf::ui
