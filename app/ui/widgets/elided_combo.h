// A list to choose from that ends its words in dots where it is too narrow for them.
#pragma once

#include <QComboBox>

namespace gf::ui {

/// The words that are cut are in its tooltip, before that of the entry.
class ElidedCombo : public QComboBox {
 public:
  using QComboBox::QComboBox;

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  /// The words of the current entry as there is room for them.
  [[nodiscard]] QString fitting() const;
};

}  // namespace gf::ui
