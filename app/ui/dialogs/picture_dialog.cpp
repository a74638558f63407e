#include "app/ui/dialogs/picture_dialog.h"

#include <QCheckBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QGuiApplication>
#include <QLineEdit>
#include <QMetaObject>
#include <QThreadPool>

#include "app/export/sidecar.h"
#include "app/export/svg/svg.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {

PictureDialog::PictureDialog(QSize view, const QString& folder, const QString& name, QWidget* parent)
    : SaveDialog("picture",
                 {.title = text("Save picture"),
                  .path_tip = text("Its suffix says the format: .png, or .svg for shapes and text that stay sharp at any size"),
                  .save_tip = text("Draw the picture; the window goes on meanwhile"),
                  .note = text("A .json file beside the picture tells how to make it again.")},
                 QDir(folder).filePath(name), parent) {
  add_size(view, 1);
  form().addRow(text("Caption"), caption_field());
  form().addRow(QString(), legend_box());
  add_file_and_buttons(560);
}

PictureDialog::~PictureDialog() = default;

void PictureDialog::prepare(QFileDialog& files) {
  files.setNameFilters({text("PNG pictures (*.png)"), text("SVG drawings (*.svg)")});
  files.setDefaultSuffix("png");
}

void PictureDialog::save() {
  QString to = path();
  if (!to.endsWith(QLatin1String(".png"), Qt::CaseInsensitive) && !to.endsWith(QLatin1String(".svg"))) to += QStringLiteral(".png");
  if (on_save) on_save({to.toStdString(), options()});
  accept();
}

void save_picture(const std::shared_ptr<render::Device>& device, scene::SceneInput input, doc::Document document, PictureJob job,
                  std::function<void(Result<std::string>)> done) {
  QThreadPool::globalInstance()->start(
      [device, input = std::move(input), document = std::move(document), job = std::move(job), done = std::move(done)] {
        const auto make = [&]() -> Result<std::string> {
          GF_TRY_ASSIGN(auto target, render::Offscreen::create(device));
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
