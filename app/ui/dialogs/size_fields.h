// The size of what is saved: presets, pixels, and how large labels and lines are.
#pragma once

#include <QSize>
#include <QString>

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QSpinBox;
class QWidget;

namespace gf::ui {

/// Makes widgets named PREFIX_size, PREFIX_width, PREFIX_height and PREFIX_scale, in two rows of a form. Owned by `parent`.
class SizeFields {
 public:
  /// `view`: the viewport's size, which is one of the presets. `step`: sizes are multiples of it.
  SizeFields(const QString& prefix, QSize view, int step, QFormLayout& form, QWidget* parent);
  ~SizeFields() = default;
  SizeFields(const SizeFields&) = delete;
  SizeFields& operator=(const SizeFields&) = delete;
  [[nodiscard]] int width() const;
  [[nodiscard]] int height() const;
  [[nodiscard]] float scale() const;
  void use_preset(int index);

 private:
  void show_preset();
  [[nodiscard]] int rounded(int pixels) const { return pixels - pixels % step_; }

  QSize view_;
  int step_;
  QComboBox* size_;
  QSpinBox *width_, *height_;
  QDoubleSpinBox* scale_;
};

}  // namespace gf::ui
