#include "app/ui/dialogs/size_fields.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>
#include <algorithm>
#include <array>

namespace gf::ui {
namespace size_fields {
namespace {

struct Preset {
  const char* name;
  int width, height;
  double scale;
};
/// The scale keeps labels as large on a slide as they are on the screen.
constexpr std::array<Preset, 4> kPresets{{{"1280 × 720", 1280, 720, 1},
                                          {"1920 × 1080 (slide)", 1920, 1080, 1.5},
                                          {"2560 × 1440", 2560, 1440, 2},
                                          {"3840 × 2160 (4K)", 3840, 2160, 3}}};

QString tr(const char* text) { return QCoreApplication::translate("SizeFields", text); }

}  // namespace
}  // namespace size_fields

SizeFields::SizeFields(const QString& prefix, QSize view, int step, QFormLayout& form, QWidget* parent) : view_(view), step_(step) {
  using size_fields::tr;
  size_ = new QComboBox(parent);
  size_->setObjectName(prefix + "_size");
  size_->setAccessibleName(tr("Size"));
  size_->setToolTip(tr("Common sizes"));
  size_->addItem(tr("as in the window (%1 × %2)").arg(rounded(view.width())).arg(rounded(view.height())));
  for (const auto& p : size_fields::kPresets) size_->addItem(QString::fromUtf8(p.name));
  size_->addItem(tr("other"));
  const auto spin = [&](const char* object, const QString& name, int value) {
    auto* s = new QSpinBox(parent);
    s->setObjectName(prefix + object);
    s->setAccessibleName(name);
    s->setToolTip(name);
    s->setRange(64, 16384);
    s->setSingleStep(step);
    s->setValue(rounded(value));
    s->setSuffix(tr(" px"));
    QObject::connect(s, &QSpinBox::editingFinished, s, [this, s] {
      s->setValue(rounded(s->value()));
      show_preset();
    });
    return s;
  };
  width_ = spin("_width", tr("Width"), view.width());
  height_ = spin("_height", tr("Height"), view.height());
  scale_ = new QDoubleSpinBox(parent);
  scale_->setObjectName(prefix + "_scale");
  scale_->setAccessibleName(tr("Size of labels and lines"));
  scale_->setRange(0.5, 8);
  scale_->setSingleStep(0.5);
  scale_->setValue(1);
  scale_->setPrefix(QStringLiteral("× "));
  scale_->setToolTip(tr("Size of labels and lines"));
  auto* pixels = new QHBoxLayout;
  pixels->addWidget(width_);
  pixels->addWidget(new QLabel(QStringLiteral("×"), parent));
  pixels->addWidget(height_);
  pixels->addSpacing(12);
  pixels->addWidget(new QLabel(tr("labels"), parent));
  pixels->addWidget(scale_);
  pixels->addStretch(1);
  form.addRow(tr("Size"), size_);
  form.addRow(QString(), pixels);
  QObject::connect(size_, &QComboBox::activated, size_, [this](int index) { use_preset(index); });
}

void SizeFields::show_preset() {
  using size_fields::kPresets;
  const auto same = [&](int width, int height) { return width_->value() == width && height_->value() == height; };
  const auto* preset = std::find_if(kPresets.begin(), kPresets.end(), [&](const auto& p) { return same(p.width, p.height); });
  const bool window = same(rounded(view_.width()), rounded(view_.height()));
  size_->setCurrentIndex(window ? 0 : static_cast<int>(preset - kPresets.begin()) + 1);  // after the last: "other"
}

int SizeFields::width() const { return rounded(width_->value()); }
int SizeFields::height() const { return rounded(height_->value()); }
float SizeFields::scale() const { return static_cast<float>(scale_->value()); }

void SizeFields::use_preset(int index) {
  using size_fields::kPresets;
  if (index == 0) {
    width_->setValue(rounded(view_.width()));
    height_->setValue(rounded(view_.height()));
    scale_->setValue(1);
  } else if (index <= static_cast<int>(kPresets.size())) {
    const auto& p = kPresets[static_cast<std::size_t>(index - 1)];
    width_->setValue(p.width);
    height_->setValue(p.height);
    scale_->setValue(p.scale);
  }
  size_->setCurrentIndex(index);
}

}  // namespace gf::ui
