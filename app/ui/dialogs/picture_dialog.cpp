#include "app/ui/dialogs/picture_dialog.h"

#include <QCheckBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QLineEdit>

#include "app/export/formats.h"
#include "app/export/sidecar.h"
#include "app/ui/widgets/words.h"
#include "model/base/text.h"

namespace gf::ui {

PictureDialog::PictureDialog(QSize view, const QString& folder, const QString& name, QWidget* parent)
    : SaveDialog("picture",
                 {.title = text("Save picture"),
                  .path_tip = text("Its suffix says the format: {0}", exporting::picture_endings(true)),
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
  QStringList filters;
  for (const exporting::PictureFormat& f : exporting::picture_formats())
    if (f.drawn) filters << text(f.title) + QStringLiteral(" (*%1)").arg(QLatin1String(f.ending));
  files.setNameFilters(filters);
  files.setDefaultSuffix(QLatin1String(exporting::picture_formats().front().ending + 1));
}

void PictureDialog::save() {
  std::string to = path().toStdString();
  const exporting::PictureFormat* format = exporting::picture_format(to);
  if (format == nullptr || !format->drawn) to += exporting::picture_formats().front().ending;
  if (on_save) on_save({to, options()});
  accept();
}

doc::Job save_picture(doc::Jobs& jobs, std::shared_ptr<render::Device> device, scene::SceneInput input, doc::Document document,
                      PictureJob picture, std::function<void(Result<std::string>)> done) {
  const exporting::PictureFormat* format = exporting::picture_format(picture.path);
  EXPECTS(format != nullptr && format->drawn, "a picture's name says its format");
  return jobs.start<std::string>(
      gf::text("drawing the picture"), jobs.own_thread(),
      [format, device = std::move(device), input = std::move(input), document = std::move(document),
       picture = std::move(picture)](const doc::JobWork& work) -> Result<std::string> {
        GF_TRY_ASSIGN(auto target, render::Offscreen::create(device));
        scene::SceneBuilder machine;
        GF_TRY_ASSIGN(const auto write, format->draw(target.get(), machine, input, document, picture.options));
        if (work.stop().stop_requested())
          return fail(ErrorCode::Cancelled, gf::text("The picture was stopped; nothing is left of it."), "save_picture");
        GF_TRY(write(picture.path));
        GF_TRY(exporting::write_sidecar(document, input, picture.options, picture.path));
        return picture.path;
      },
      std::move(done));
}

}  // namespace gf::ui
