#include "app/ui/dialogs/picture_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QLineEdit>

#include "app/export/figure/figure.h"
#include "app/export/formats.h"
#include "app/export/sidecar.h"
#include "app/ui/widgets/words.h"
#include "model/base/text.h"

namespace gf::ui {

namespace {

/// Those that the window offers, in the order of the list.
const exporting::PictureFormat& picture_format_at(int index) {
  for (const exporting::PictureFormat& f : exporting::picture_formats())
    if (f.drawn && index-- == 0) return f;
  return exporting::picture_formats().front();
}

}  // namespace

PictureDialog::PictureDialog(QSize view, const QStringList& figures, const QString& folder, const QString& name, QWidget* parent)
    : SaveDialog("picture",
                 {.title = text("Save picture"),
                  .path_tip = text("Its suffix says the format: {0}", exporting::picture_endings(true)),
                  .save_tip = text("Draw the picture; the window goes on meanwhile"),
                  .note = text("A .json file beside the picture tells how to make it again.")},
                 QDir(folder).filePath(name), parent) {
  shows_ = named(new QComboBox, "figure", text("Shows"),
                 text("The view, or a flat figure on white of one head or tensor with names on both axes: {0}", exporting::figure_names()));
  shows_->setEditable(true);
  shows_->addItem(text("the view"));
  shows_->addItems(figures);
  shows_->lineEdit()->installEventFilter(this);
  form().addRow(text("Shows"), shows_);
  format_ = named(new QComboBox, "format", text("Format"), text("The ending of the file's name follows it"));
  for (const exporting::PictureFormat& f : exporting::picture_formats())
    if (f.drawn) format_->addItem(text(f.title));
  form().addRow(text("Format"), format_);
  add_size(view, 1);
  form().addRow(text("Caption"), caption_field());
  form().addRow(QString(), legend_box());
  add_file_and_buttons(560);
  connect(format_, &QComboBox::activated, this, [this](int index) { use_format(index); });
  connect(path_field(), &QLineEdit::editingFinished, this, [this] { show_format(); });
  show_format();
}

PictureDialog::~PictureDialog() = default;

bool PictureDialog::eventFilter(QObject* watched, QEvent* event) {
  if (watched == shows_->lineEdit() && event->type() == QEvent::MouseButtonPress && !shows_->lineEdit()->hasFocus()) {
    shows_->setFocus(Qt::MouseFocusReason);
    shows_->showPopup();
    return true;
  }
  return SaveDialog::eventFilter(watched, event);
}

void PictureDialog::use_format(int index) {
  QString bare = path();
  if (const auto* before = exporting::picture_format(bare.toStdString()))
    bare.chop(static_cast<qsizetype>(std::string_view(before->ending).size()));
  set_path(bare + QLatin1String(picture_format_at(index).ending));
}

void PictureDialog::show_format() {
  const exporting::PictureFormat* format = exporting::picture_format(path().toStdString());
  for (int i = 0; i < format_->count(); ++i)
    if (format == &picture_format_at(i)) format_->setCurrentIndex(i);
}

void PictureDialog::chosen(const QString& path) {
  set_path(path);
  show_format();
}

void PictureDialog::prepare(QFileDialog& files) {
  QStringList filters;
  for (const exporting::PictureFormat& f : exporting::picture_formats())
    if (f.drawn) filters << text(f.title) + QStringLiteral(" (*%1)").arg(QLatin1String(f.ending));
  files.setNameFilters(filters);
  files.selectNameFilter(filters.value(format_->currentIndex()));
  files.setDefaultSuffix(QLatin1String(picture_format_at(format_->currentIndex()).ending + 1));
}

void PictureDialog::save() {
  std::string to = path().toStdString();
  const exporting::PictureFormat* format = exporting::picture_format(to);
  if (format == nullptr || !format->drawn) to += picture_format_at(format_->currentIndex()).ending;
  // The usual name is the same each time: a picture of before goes only where one says so twice.
  if (QFileInfo::exists(QString::fromStdString(to)) && replaces_ != to) {
    replaces_ = to;
    return tell_what_is_wrong(gf::text("{0} is there already: Save once more replaces it, another name keeps it.", to));
  }
  PictureJob job{to, options()};
  if (const QString shown = shows_->currentText().trimmed(); shown != shows_->itemText(0)) job.options.figure = shown.toStdString();
  if (on_save) on_save(job);
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
        std::unique_ptr<render::Offscreen> target;
        if (exporting::needs_device(*format, picture.options)) {
          GF_TRY_ASSIGN(target, render::Offscreen::create(device));
        }
        scene::SceneBuilder scenes;
        GF_TRY_ASSIGN(const auto write, format->draw(target.get(), scenes, input, document, picture.options));
        if (work.stop().stop_requested())
          return fail(ErrorCode::Cancelled, gf::text("The picture was stopped; nothing is left of it."), "save_picture");
        GF_TRY(write(picture.path));
        GF_TRY(exporting::write_sidecar(document, input, picture.options, picture.path));
        return picture.path;
      },
      std::move(done));
}

}  // namespace gf::ui
