// A field that shows keys and takes the next ones that the user presses.
#pragma once

#include <QKeySequenceEdit>
#include <functional>

namespace gf::ui {

/// Takes one combination of keys, at once: QKeySequenceEdit waits a second for another one. Tab leaves it.
class KeysField : public QKeySequenceEdit {
 public:
  explicit KeysField(QWidget* parent);
  /// As Qt writes them on every system; empty: none.
  void show_keys(const QString& keys);
  [[nodiscard]] QString keys() const;

  std::function<void(const QString& keys)> on_keys;  ///< the user has pressed them

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;

 private:
  void say_what_to_do();
};

}  // namespace gf::ui
