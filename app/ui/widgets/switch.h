// A sliding on/off switch, a checkable button in all but looks.
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
