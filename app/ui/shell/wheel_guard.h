// Keeps the wheel from changing values that it only passes over.
#pragma once

#include <QObject>

namespace gf::ui {

/// The wheel scrolls what a field lies in and turns the field itself only while that has the keyboard and lies in no list that
/// scrolls. Else scrolling a list of edits would change an edit. Watches the whole application.
class WheelGuard : public QObject {
 public:
  explicit WheelGuard(QObject* parent);
  ~WheelGuard() override;
  WheelGuard(const WheelGuard&) = delete;
  WheelGuard& operator=(const WheelGuard&) = delete;

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;
};

}  // namespace gf::ui
