// A checkable button that looks like a sliding switch.
#pragma once

#include <QAbstractButton>

namespace gf::ui {

class Switch : public QAbstractButton {
 public:
  explicit Switch(QWidget* parent = nullptr);
  [[nodiscard]] QSize sizeHint() const override { return {30, 18}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
};

}  // namespace gf::ui
