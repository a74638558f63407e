#include "app/ui/picture_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMetaObject>
#include <QPushButton>
#include <QSpinBox>
#include <QThreadPool>
#include <array>

#include "app/export/sidecar.h"

namespace gf::ui {
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

}  // namespace

PictureDialog::PictureDialog(QSize view, const QString& folder, const QString& name, QWidget* parent) : QDialog(parent), view_(view) {
  setObjectName("picture_dialog");
  setWindowTitle(tr("Save picture"));
  setAttribute(Qt::WA_DeleteOnClose);
  size_ = new QComboBox(this);
  size_->setObjectName("picture_size");
  size_->addItem(tr("as in the window (%1 × %2)").arg(view.width()).arg(view.height()));
  for (const Preset& p : kPresets) size_->addItem(QString::fromUtf8(p.name));
  size_->addItem(tr("other"));
  const auto spin = [&](const char* object, int value) {
    auto* s = new QSpinBox(this);
    s->setObjectName(object);
    s->setRange(64, 16384);
    s->setValue(value);
    s->setSuffix(tr(" px"));
    return s;
  };
  width_ = spin("picture_width", view.width());
  height_ = spin("picture_height", view.height());
  width_->setAccessibleName(tr("Width"));
  height_->setAccessibleName(tr("Height"));
  scale_ = new QDoubleSpinBox(this);
  scale_->setObjectName("picture_scale");
  scale_->setRange(0.5, 8);
  scale_->setSingleStep(0.5);
  scale_->setValue(1);
  scale_->setPrefix(QStringLiteral("× "));
  scale_->setToolTip(tr("Size of labels and lines"));
  legend_ = new QCheckBox(tr("with legend"), this);
  legend_->setObjectName("picture_legend");
  legend_->setChecked(true);
  caption_ = new QLineEdit(this);
  caption_->setObjectName("picture_caption");
  caption_->setPlaceholderText(tr("none"));
  path_ = new QLineEdit(QDir(folder).filePath(name), this);
  path_->setObjectName("picture_path");
  auto* browse_button = new QPushButton(tr("Browse …"), this);
  save_ = new QPushButton(tr("Save"), this);
  save_->setObjectName("picture_save");
  save_->setProperty("primary", true);
  save_->setDefault(true);
  auto* cancel = new QPushButton(tr("Cancel"), this);
  auto* note = new QLabel(tr("A .json file beside the picture tells how to make it again."), this);
  note->setProperty("role", "dim");

  auto* pixels = new QHBoxLayout;
  pixels->addWidget(width_);
  pixels->addWidget(new QLabel(QStringLiteral("×"), this));
  pixels->addWidget(height_);
  pixels->addSpacing(12);
  pixels->addWidget(new QLabel(tr("labels"), this));
  pixels->addWidget(scale_);
  pixels->addStretch(1);
  auto* file = new QHBoxLayout;
  file->addWidget(path_, 1);
  file->addWidget(browse_button);
  auto* form = new QFormLayout;
  form->setSpacing(10);
  form->setLabelAlignment(Qt::AlignRight | Qt::AlignVCenter);
  form->addRow(tr("Size"), size_);
  form->addRow(QString(), pixels);
  form->addRow(tr("Caption"), caption_);
  form->addRow(QString(), legend_);
  form->addRow(tr("File"), file);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(note, 1);
  buttons->addWidget(cancel);
  buttons->addWidget(save_);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(18, 16, 18, 14);
  all->setSpacing(14);
  all->addLayout(form);
  all->addLayout(buttons);
  resize(560, sizeHint().height());

  connect(size_, &QComboBox::activated, this, [this](int index) { use_preset(index); });
  connect(browse_button, &QPushButton::clicked, this, [this] { browse(); });
  connect(save_, &QPushButton::clicked, this, [this] { save(); });
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  path_->setFocus();
  path_->selectAll();
}

void PictureDialog::use_preset(int index) {
  if (index == 0) {
    width_->setValue(view_.width());
    height_->setValue(view_.height());
    scale_->setValue(1);
  } else if (index <= static_cast<int>(kPresets.size())) {
    const Preset& p = kPresets[static_cast<std::size_t>(index - 1)];
    width_->setValue(p.width);
    height_->setValue(p.height);
    scale_->setValue(p.scale);
  }
}

void PictureDialog::browse() {
  auto* files = new QFileDialog(this, tr("Save picture as"), path_->text(), tr("PNG pictures (*.png)"));
  files->setAttribute(Qt::WA_DeleteOnClose);
  files->setAcceptMode(QFileDialog::AcceptSave);
  files->setDefaultSuffix("png");
  files->setOption(QFileDialog::DontUseNativeDialog);
  connect(files, &QFileDialog::fileSelected, path_, &QLineEdit::setText);
  files->open();
}

void PictureDialog::save() {
  QString path = path_->text().trimmed();
  if (path.isEmpty()) return;
  if (!path.endsWith(QLatin1String(".png"), Qt::CaseInsensitive)) path += QStringLiteral(".png");
  PictureJob job;
  job.path = path.toStdString();
  job.options.width = width_->value();
  job.options.height = height_->value();
  job.options.dpr = static_cast<float>(scale_->value());
  job.options.legend = legend_->isChecked();
  job.options.caption = caption_->text().toStdString();
  if (on_save) on_save(job);
  accept();
}

void save_picture(const std::shared_ptr<render::Device>& device, scene::SceneInput input, doc::Document document, PictureJob job,
                  std::function<void(Result<std::string>)> done) {
  QThreadPool::globalInstance()->start(
      [device, input = std::move(input), document = std::move(document), job = std::move(job), done = std::move(done)] {
        const auto make = [&]() -> Result<std::string> {
          std::shared_ptr<render::Device> used = device;
          if (!used) {
            GF_TRY_ASSIGN(used, render::Device::create({}));
          }
          GF_TRY_ASSIGN(auto target, render::Offscreen::create(used));
          scene::Machine machine;
          GF_TRY_ASSIGN(const render::Image image, exporting::draw_picture(*target, machine, input, document, job.options));
          GF_TRY(exporting::write_png(image, job.path));
          GF_TRY(exporting::write_sidecar(document, input, job.options, job.path));
          return job.path;
        };
        QMetaObject::invokeMethod(qApp, [done, result = make()] { done(result); }, Qt::QueuedConnection);
      });
}

}  // namespace gf::ui
