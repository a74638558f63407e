#include "app/ui/picture_dialog.h"

#include <QCheckBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMetaObject>
#include <QPushButton>
#include <QThreadPool>

#include "app/export/sidecar.h"
#include "app/export/svg.h"
#include "app/ui/size_fields.h"

namespace gf::ui {
PictureDialog::PictureDialog(QSize view, const QString& folder, const QString& name, QWidget* parent) : QDialog(parent) {
  setObjectName("picture_dialog");
  setWindowTitle(tr("Save picture"));
  setAttribute(Qt::WA_DeleteOnClose);
  legend_ = new QCheckBox(tr("with legend"), this);
  legend_->setObjectName("picture_legend");
  legend_->setChecked(true);
  caption_ = new QLineEdit(this);
  caption_->setObjectName("picture_caption");
  caption_->setPlaceholderText(tr("none"));
  path_ = new QLineEdit(QDir(folder).filePath(name), this);
  path_->setObjectName("picture_path");
  path_->setToolTip(tr("Its suffix says the format: .png, or .svg for shapes and text that stay sharp at any size"));
  path_->setAccessibleName(tr("File"));
  auto* browse_button = new QPushButton(tr("Browse …"), this);
  save_ = new QPushButton(tr("Save"), this);
  save_->setObjectName("picture_save");
  save_->setProperty("primary", true);
  save_->setDefault(true);
  auto* cancel = new QPushButton(tr("Cancel"), this);
  auto* note = new QLabel(tr("A .json file beside the picture tells how to make it again."), this);
  note->setProperty("role", "dim");

  auto* file = new QHBoxLayout;
  file->addWidget(path_, 1);
  file->addWidget(browse_button);
  auto* form = new QFormLayout;
  form->setSpacing(10);
  form->setLabelAlignment(Qt::AlignRight | Qt::AlignVCenter);
  size_ = std::make_unique<SizeFields>("picture", view, 1, *form, this);
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

  connect(browse_button, &QPushButton::clicked, this, [this] { browse(); });
  connect(save_, &QPushButton::clicked, this, [this] { save(); });
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  path_->setFocus();
  path_->selectAll();
}

void PictureDialog::browse() {
  auto* files = new QFileDialog(this, tr("Save picture as"), path_->text(), tr("PNG pictures (*.png);;SVG drawings (*.svg)"));
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
  if (!path.endsWith(QLatin1String(".png"), Qt::CaseInsensitive) && !path.endsWith(QLatin1String(".svg"))) path += QStringLiteral(".png");
  PictureJob job;
  job.path = path.toStdString();
  job.options.width = size_->width();
  job.options.height = size_->height();
  job.options.dpr = size_->scale();
  job.options.legend = legend_->isChecked();
  job.options.caption = caption_->text().toStdString();
  if (on_save) on_save(job);
  accept();
}

PictureDialog::~PictureDialog() = default;

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
          if (job.path.ends_with(".svg")) {
            GF_TRY_ASSIGN(const std::string svg, exporting::draw_svg(*target, machine, input, document, job.options));
            GF_TRY(exporting::write_svg(svg, job.path));
          } else {
            GF_TRY_ASSIGN(const render::Image image, exporting::draw_picture(*target, machine, input, document, job.options));
            GF_TRY(exporting::write_png(image, job.path));
          }
          GF_TRY(exporting::write_sidecar(document, input, job.options, job.path));
          return job.path;
        };
        QMetaObject::invokeMethod(qApp, [done, result = make()] { done(result); }, Qt::QueuedConnection);
      });
}

}  // namespace gf::ui
