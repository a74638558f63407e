// A line of text that is cut with dots where there is no room for it.
#pragma once

#include <QLabel>

namespace gf::ui {

/// text() is the whole text, and so is the tooltip while some of it is cut, where setToolTip() gave no other. Unlike a QLabel it
/// never makes the window wider.
class ElidedLabel : public QLabel {
 public:
  explicit ElidedLabel(QWidget* parent = nullptr, Qt::TextElideMode mode = Qt::ElideRight);
  [[nodiscard]] QSize minimumSizeHint() const override;
  /// What is drawn: the text, or its beginning (or both ends) with dots.
  [[nodiscard]] QString shown() const;

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  Qt::TextElideMode mode_;
};

}  // namespace gf::ui
