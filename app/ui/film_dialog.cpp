#include "app/ui/film_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <array>

#include "app/scene/timeline.h"
#include "app/ui/size_fields.h"

namespace gf::ui {
namespace film_dialog {
namespace {

struct Format {
  const char *name, *suffix;
  int fps;
};
constexpr std::array<Format, 3> kFormats{{{"MP4 film", ".mp4", 30}, {"GIF", ".gif", 20}, {"PNG frames in a folder", "/", 30}}};

}  // namespace
}  // namespace film_dialog

FilmDialog::FilmDialog(QSize view, const QString& folder, const QString& name, const scene::Timeline& timeline, QWidget* parent)
    : QDialog(parent), timeline_(timeline) {
  setObjectName("film_dialog");
  setWindowTitle(tr("Save film"));
  setAttribute(Qt::WA_DeleteOnClose);
  const auto named = [this](auto* widget, const char* object, const QString& label, const QString& tip) {
    widget->setParent(this);
    widget->setObjectName(object);
    widget->setAccessibleName(label);
    widget->setToolTip(tip);
    return widget;
  };
  format_ = named(new QComboBox, "film_format", tr("Format"), tr("MP4 and GIF are encoded by the program ffmpeg"));
  for (const auto& f : film_dialog::kFormats) format_->addItem(tr(f.name));
  seconds_ = named(new QDoubleSpinBox, "film_seconds", tr("Length"), tr("Length of the film; the first token is slow, the rest flow"));
  seconds_->setRange(exporting::kShortestFilm, exporting::kLongestFilm);
  seconds_->setDecimals(1);
  seconds_->setValue(12);
  seconds_->setSuffix(tr(" s"));
  fps_ = named(new QSpinBox, "film_fps", tr("Frames a second"), tr("Frames a second"));
  fps_->setRange(1, exporting::kMostFps);
  fps_->setValue(film_dialog::kFormats[0].fps);
  fps_->setSuffix(tr(" frames a second"));
  const int positions = std::max(1, timeline.positions());
  const auto token = [&](const char* object, const QString& label, int value) {
    auto* s = named(new QSpinBox, object, label, label);
    s->setRange(1, positions);
    s->setValue(value);
    return s;
  };
  first_ = token("film_first", tr("First token shown"), 1);
  last_ = token("film_last", tr("Last token shown"), positions);
  legend_ =
      named(new QCheckBox(tr("with legend")), "film_legend", tr("With legend"), tr("What the colours mean, where there is room for it"));
  legend_->setChecked(true);
  captions_ = named(new QCheckBox(tr("with captions")), "film_captions", tr("With captions"),
                    tr("In the lower left corner: your words, the token, and the part of the model at work"));
  captions_->setChecked(true);
  caption_ = named(new QLineEdit, "film_caption", tr("Caption"), tr("Words above what is computed"));
  caption_->setPlaceholderText(tr("none"));
  path_ = named(new QLineEdit(QDir(folder).filePath(name)), "film_path", tr("File"),
                tr("Its suffix says the format: .mp4, .gif, or a folder that ends in /"));
  auto* browse_button = named(new QPushButton(tr("Browse …")), "film_browse", tr("Browse"), tr("Choose the file"));
  wrong_ = new QLabel(this);
  wrong_->setObjectName("film_wrong");
  wrong_->setProperty("role", "error");
  wrong_->setWordWrap(true);
  wrong_->hide();
  save_ = named(new QPushButton(tr("Save")), "film_save", tr("Save"), tr("Make the film; the window goes on meanwhile"));
  save_->setProperty("primary", true);
  save_->setDefault(true);
  auto* cancel = named(new QPushButton(tr("Cancel")), "film_cancel", tr("Cancel"), tr("Close without a film"));
  auto* note = new QLabel(tr("A .json file beside the film tells how to make it again."), this);
  note->setProperty("role", "dim");

  auto* form = new QFormLayout;
  form->setSpacing(10);
  form->setLabelAlignment(Qt::AlignRight | Qt::AlignVCenter);
  form->addRow(tr("Format"), format_);
  size_ = std::make_unique<SizeFields>("film", view, 2, *form, this);
  size_->use_preset(1);
  const auto row_of = [&](const QString& label, std::initializer_list<QWidget*> widgets) {
    auto* row = new QHBoxLayout;
    for (QWidget* w : widgets) row->addWidget(w);
    row->addStretch(1);
    form->addRow(label, row);
  };
  row_of(tr("Length"), {seconds_, fps_});
  row_of(tr("Tokens"), {first_, new QLabel(tr("to"), this), last_, new QLabel(tr("of %1").arg(positions), this)});
  form->addRow(tr("Caption"), caption_);
  row_of({}, {captions_, legend_});
  auto* file = new QHBoxLayout;
  file->addWidget(path_, 1);
  file->addWidget(browse_button);
  form->addRow(tr("File"), file);
  form->addRow(QString(), wrong_);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(note, 1);
  buttons->addWidget(cancel);
  buttons->addWidget(save_);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(18, 16, 18, 14);
  all->setSpacing(14);
  all->addLayout(form);
  all->addLayout(buttons);
  resize(600, sizeHint().height());

  connect(format_, &QComboBox::activated, this, [this](int index) { use_format(index); });
  connect(path_, &QLineEdit::textEdited, wrong_, &QWidget::hide);
  // Not while it is typed: each folder on the way ends in a slash.
  connect(path_, &QLineEdit::editingFinished, this, [this] { show_format(); });
  connect(captions_, &QCheckBox::toggled, caption_, &QWidget::setEnabled);
  connect(first_, &QSpinBox::valueChanged, last_, &QSpinBox::setMinimum);
  connect(browse_button, &QPushButton::clicked, this, [this] { browse(); });
  connect(save_, &QPushButton::clicked, this, [this] { save(); });
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  path_->setFocus();
  path_->selectAll();
}

FilmDialog::~FilmDialog() = default;

void FilmDialog::use_format(int index) {
  const auto& format = film_dialog::kFormats[static_cast<std::size_t>(index)];
  QString path = path_->text().trimmed();
  for (const auto& f : film_dialog::kFormats)
    if (path.endsWith(QLatin1String(f.suffix))) {
      path.chop(static_cast<qsizetype>(std::string_view(f.suffix).size()));
      break;
    }
  path_->setText(path + QLatin1String(format.suffix));
  fps_->setValue(format.fps);
}

void FilmDialog::show_format() {
  for (std::size_t i = 0; i < film_dialog::kFormats.size(); ++i)
    if (path_->text().trimmed().endsWith(QLatin1String(film_dialog::kFormats[i].suffix)) &&
        format_->currentIndex() != static_cast<int>(i)) {
      format_->setCurrentIndex(static_cast<int>(i));
      fps_->setValue(film_dialog::kFormats[i].fps);
    }
}

void FilmDialog::browse() {
  auto* files = new QFileDialog(this, tr("Save film as"), path_->text(), tr("MP4 films (*.mp4);;GIF (*.gif)"));
  files->setAttribute(Qt::WA_DeleteOnClose);
  files->setAcceptMode(QFileDialog::AcceptSave);
  files->setOption(QFileDialog::DontUseNativeDialog);
  files->setDefaultSuffix("mp4");
  connect(files, &QFileDialog::fileSelected, this, [this](const QString& path) {
    path_->setText(path);
    show_format();
  });
  files->open();
}

void FilmDialog::save() {
  QString path = path_->text().trimmed();
  if (path.isEmpty()) return;
  if (!exporting::film_kind(path.toStdString()))
    path += QLatin1String(film_dialog::kFormats[static_cast<std::size_t>(format_->currentIndex())].suffix);
  FilmJob job;
  job.path = path.toStdString();
  job.options = {size_->width(), size_->height(), size_->scale(), legend_->isChecked(), caption_->text().toStdString()};
  job.film.fps = fps_->value();
  job.film.captions = captions_->isChecked();
  job.film.plan.seconds = seconds_->value();
  if (first_->value() > 1) job.film.plan.from = timeline_.start_of(first_->value() - 1);
  if (last_->value() < timeline_.positions()) job.film.plan.to = timeline_.start_of(last_->value());
  // Said here, where it can be put right.
  const exporting::FilmOptions options{job.options.width, job.options.height, job.film.fps, job.options.dpr, true, true};
  if (const auto fine = exporting::check_film(job.path, options); !fine) {
    wrong_->setText(QString::fromStdString(fine.error().message));
    wrong_->show();
    return;
  }
  if (on_save) on_save(job);
  accept();
}

FilmMaker::FilmMaker(Callbacks callbacks) : callbacks_(std::move(callbacks)), receiver_(std::make_unique<QObject>()) {}

FilmMaker::~FilmMaker() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void FilmMaker::cancel() { thread_.request_stop(); }

void FilmMaker::start(std::shared_ptr<render::Device> device, scene::SceneInput input, doc::Document document, FilmJob job) {
  EXPECTS(!busy_, "one film at a time");
  busy_ = true;
  thread_ = std::jthread([this, device = std::move(device), input = std::move(input), document = std::move(document),
                          job = std::move(job)](const std::stop_token& stop) {
    const auto post = [this](std::function<void()> act) {
      QMetaObject::invokeMethod(receiver_.get(), std::move(act), Qt::QueuedConnection);
    };
    const auto make = [&]() -> Result<std::string> {
      std::shared_ptr<render::Device> used = device;
      if (!used) {
        GF_TRY_ASSIGN(used, render::Device::create({}));
      }
      GF_TRY_ASSIGN(auto target, render::Offscreen::create(used));
      scene::Machine machine;
      const auto& o = job.options;
      const exporting::FilmOptions options{o.width, o.height, job.film.fps, o.dpr, o.legend, job.film.captions};
      const auto shots = exporting::plan_film(document, input, job.film.plan, o.caption);
      const auto progress = [&](int done, int frames) {
        post([this, fraction = static_cast<double>(done) / frames] { callbacks_.progress(fraction); });
      };
      GF_TRY(exporting::write_film(*target, machine, shots, options, job.path, progress, stop));
      GF_TRY(exporting::write_sidecar(document, input, o, job.path, job.film));
      return job.path;
    };
    post([this, result = make()] {
      busy_ = false;
      callbacks_.done(result);
    });
  });
}

}  // namespace gf::ui
