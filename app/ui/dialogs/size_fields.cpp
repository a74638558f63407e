#include "app/ui/dialogs/size_fields.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>
#include <algorithm>
#include <array>

#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

struct SizePreset {
  const char* name;
  int width, height;
  double scale;
};
/// With the scale, labels are as large on a slide as on the screen.
constexpr std::array<SizePreset, 5> kSizePresets{{{phrase("1280 × 720"), 1280, 720, 1},
                                                  {phrase("1920 × 1080 (slide)"), 1920, 1080, 1.5},
                                                  {phrase("2560 × 1440"), 2560, 1440, 2},
                                                  {phrase("3840 × 2160 (4K)"), 3840, 2160, 3},
                                                  {phrase("7680 × 4320 (8K)"), 7680, 4320, 6}}};

}  // namespace

SizeFields::SizeFields(const QString& prefix, QSize view, int step, QFormLayout& form, QWidget* parent) : view_(view), step_(step) {
  size_ = new QComboBox(parent);
  size_->setObjectName(prefix + "_size");
  size_->setAccessibleName(text("Size"));
  size_->setToolTip(text("Common sizes"));
  size_->addItem(text("as in the window ({0} × {1})", rounded(view.width()), rounded(view.height())));
  for (const auto& p : kSizePresets) size_->addItem(text(p.name));
  size_->addItem(text("other"));
  const auto spin = [&](const char* object, const QString& name, int value) {
    auto* s = new QSpinBox(parent);
    s->setObjectName(prefix + object);
    s->setAccessibleName(name);
    s->setToolTip(name);
    s->setRange(64, 16384);
    s->setSingleStep(step);
    s->setValue(rounded(value));
    s->setSuffix(text(" px"));
    QObject::connect(s, &QSpinBox::editingFinished, s, [this, s] {
      s->setValue(rounded(s->value()));
      show_preset();
    });
    return s;
  };
  width_ = spin("_width", text("Width"), view.width());
  height_ = spin("_height", text("Height"), view.height());
  scale_ = new QDoubleSpinBox(parent);
  scale_->setObjectName(prefix + "_scale");
  scale_->setAccessibleName(text("Size of labels and lines"));
  scale_->setRange(0.5, 8);
  scale_->setSingleStep(0.5);
  scale_->setValue(1);
  scale_->setPrefix(QStringLiteral("× "));
  scale_->setToolTip(text("Size of labels and lines"));
  auto* pixels = new QHBoxLayout;
  pixels->addWidget(width_);
  pixels->addWidget(new QLabel(QStringLiteral("×"), parent));
  pixels->addWidget(height_);
  pixels->addSpacing(12);
  pixels->addWidget(new QLabel(text("labels"), parent));
  pixels->addWidget(scale_);
  pixels->addStretch(1);
  form.addRow(text("Size"), size_);
  form.addRow(QString(), pixels);
  QObject::connect(size_, &QComboBox::activated, size_, [this](int index) { use_preset(index); });
}

void SizeFields::show_preset() {
  const auto same = [&](int width, int height) { return width_->value() == width && height_->value() == height; };
  const auto* preset = std::find_if(kSizePresets.begin(), kSizePresets.end(), [&](const auto& p) { return same(p.width, p.height); });
  const bool window = same(rounded(view_.width()), rounded(view_.height()));
  size_->setCurrentIndex(window ? 0 : static_cast<int>(preset - kSizePresets.begin()) + 1);  // after the last: "other"
}

int SizeFields::width() const { return rounded(width_->value()); }
int SizeFields::height() const { return rounded(height_->value()); }
float SizeFields::scale() const { return static_cast<float>(scale_->value()); }

void SizeFields::use_preset(int index) {
  if (index == 0) {
    width_->setValue(rounded(view_.width()));
    height_->setValue(rounded(view_.height()));
    scale_->setValue(1);
  } else if (index <= static_cast<int>(kSizePresets.size())) {
    const auto& p = kSizePresets[static_cast<std::size_t>(index - 1)];
    width_->setValue(p.width);
    height_->setValue(p.height);
    scale_->setValue(p.scale);
  }
  size_->setCurrentIndex(index);
}

}  // namespace gf::ui
