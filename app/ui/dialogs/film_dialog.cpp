#include "app/ui/dialogs/film_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>

#include "app/export/formats.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

const exporting::FilmFormat& film_format_at(int index) { return exporting::film_formats()[static_cast<std::size_t>(index)]; }

}  // namespace

FilmDialog::FilmDialog(QSize view, const QString& folder, const QString& name, const scene::Timeline& timeline, QWidget* parent)
    : SaveDialog("film",
                 {.title = text("Save film"),
                  .path_tip = text("Its suffix says the format: {0}", exporting::film_endings()),
                  .save_tip = text("Make the film; the window goes on meanwhile"),
                  .note = text("A .json file beside the film tells how to make it again.")},
                 QDir(folder).filePath(name), parent),
      timeline_(timeline) {
  format_ = named(new QComboBox, "format", text("Format"), text("MP4 and GIF are encoded by the program ffmpeg"));
  for (const auto& f : exporting::film_formats()) format_->addItem(text(f.title));
  seconds_ = named(new QDoubleSpinBox, "seconds", text("Length"), text("Length of the film; the first token is slow, the rest flow"));
  seconds_->setRange(exporting::kShortestFilm, exporting::kLongestFilm);
  seconds_->setDecimals(1);
  seconds_->setValue(12);
  seconds_->setSuffix(text(" s"));
  fps_ = named(new QSpinBox, "fps", text("Frames a second"), text("Frames a second"));
  fps_->setRange(1, exporting::kMostFps);
  fps_->setValue(exporting::film_formats().front().fps);
  fps_->setSuffix(text(" frames a second"));
  const int positions = std::max(1, timeline.positions());
  const auto token = [&](const char* object, const QString& label, int value) {
    auto* s = named(new QSpinBox, object, label, label);
    s->setRange(1, positions);
    s->setValue(value);
    return s;
  };
  first_ = token("first", text("First token shown"), 1);
  last_ = token("last", text("Last token shown"), positions);
  captions_ = named(new QCheckBox(text("with captions")), "captions", text("With captions"),
                    text("In the lower left corner: your words, the token, and the part of the model at work"));
  captions_->setChecked(true);

  form().addRow(text("Format"), format_);
  add_size(view, 2).use_preset(1);
  const auto row_of = [&](const QString& label, std::initializer_list<QWidget*> widgets) {
    auto* row = new QHBoxLayout;
    for (QWidget* w : widgets) row->addWidget(w);
    row->addStretch(1);
    form().addRow(label, row);
  };
  row_of(text("Length"), {seconds_, fps_});
  row_of(text("Tokens"), {first_, new QLabel(text("to"), this), last_, new QLabel(text("of {0}", positions), this)});
  form().addRow(text("Caption"), caption_field());
  row_of({}, {captions_, legend_box()});
  add_file_and_buttons(600);

  connect(format_, &QComboBox::activated, this, [this](int index) { use_format(index); });
  // Only when the user has finished: while a path is typed, it often ends in a slash.
  connect(path_field(), &QLineEdit::editingFinished, this, [this] { show_format(); });
  connect(captions_, &QCheckBox::toggled, caption_field(), &QWidget::setEnabled);
  connect(first_, &QSpinBox::valueChanged, last_, &QSpinBox::setMinimum);
}

FilmDialog::~FilmDialog() = default;

void FilmDialog::use_format(int index) {
  const exporting::FilmFormat& format = film_format_at(index);
  QString bare = path();
  if (const auto* before = exporting::film_format(bare.toStdString()))
    bare.chop(static_cast<qsizetype>(std::string_view(before->ending).size()));
  set_path(bare + QLatin1String(format.ending));
  fps_->setValue(format.fps);
}

void FilmDialog::show_format() {
  const exporting::FilmFormat* format = exporting::film_format(path().toStdString());
  if (format == nullptr || format == &film_format_at(format_->currentIndex())) return;
  format_->setCurrentIndex(static_cast<int>(format - exporting::film_formats().data()));
  fps_->setValue(format->fps);
}

void FilmDialog::prepare(QFileDialog& files) {
  if (film_format_at(format_->currentIndex()).is_folder()) {
    files.setFileMode(QFileDialog::Directory);
    files.setOption(QFileDialog::ShowDirsOnly);
    return;
  }
  QStringList filters;
  for (const exporting::FilmFormat& f : exporting::film_formats())
    if (!f.is_folder()) filters << text(f.title) + QStringLiteral(" (*%1)").arg(QLatin1String(f.ending));
  files.setNameFilters(filters);
  files.setDefaultSuffix(QLatin1String(exporting::film_formats().front().ending + 1));
}

void FilmDialog::chosen(const QString& path) {
  set_path(film_format_at(format_->currentIndex()).is_folder() && !path.endsWith('/') ? path + '/' : path);
  show_format();
}

void FilmDialog::save() {
  QString to = path();
  if (exporting::film_format(to.toStdString()) == nullptr) to += QLatin1String(film_format_at(format_->currentIndex()).ending);
  FilmJob job;
  job.path = to.toStdString();
  job.options = options();
  job.film.fps = fps_->value();
  job.film.captions = captions_->isChecked();
  job.film.plan.seconds = seconds_->value();
  if (first_->value() > 1) job.film.plan.from = timeline_.start_of(first_->value() - 1);
  if (last_->value() < timeline_.positions()) job.film.plan.to = timeline_.start_of(last_->value());
  if (const auto fine = exporting::check_film(job.path, exporting::film_options(job.options, job.film)); !fine)
    return tell_what_is_wrong(fine.error().message);
  if (on_save) on_save(job);
  accept();
}

}  // namespace gf::ui
