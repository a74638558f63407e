#include "app/ui/dialogs/picture_dialog.h"

#include <QCheckBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QLineEdit>

#include "app/export/sidecar.h"
#include "app/export/svg/svg.h"
#include "app/ui/widgets/words.h"
#include "model/base/text.h"

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

doc::Job save_picture(doc::Jobs& jobs, std::shared_ptr<render::Device> device, scene::SceneInput input, doc::Document document,
                      PictureJob picture, std::function<void(Result<std::string>)> done) {
  return jobs.start<std::string>(
      gf::text("drawing the picture"), jobs.own_thread(),
      [device = std::move(device), input = std::move(input), document = std::move(document),
       picture = std::move(picture)](const doc::JobWork& work) -> Result<std::string> {
        const auto stopped = [&] { return work.stop().stop_requested(); };
        const Error given_up{ErrorCode::Cancelled, gf::text("The picture was stopped; nothing is left of it."), "save_picture"};
        GF_TRY_ASSIGN(auto target, render::Offscreen::create(device));
        scene::SceneBuilder machine;
        if (picture.path.ends_with(".svg")) {
          GF_TRY_ASSIGN(const std::string svg, exporting::draw_svg(*target, machine, input, document, picture.options));
          if (stopped()) return tl::unexpected(given_up);
          GF_TRY(exporting::write_svg(svg, picture.path));
        } else {
          GF_TRY_ASSIGN(const render::Image image, exporting::draw_picture(*target, machine, input, document, picture.options));
          if (stopped()) return tl::unexpected(given_up);
          GF_TRY(exporting::write_png(image, picture.path));
        }
        GF_TRY(exporting::write_sidecar(document, input, picture.options, picture.path));
        return picture.path;
      },
      std::move(done));
}

}  // namespace gf::ui
