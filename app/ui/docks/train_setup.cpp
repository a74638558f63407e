#include "app/ui/docks/train_setup.h"

#include <QAbstractItemView>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>
#include <limits>

#include "app/document/training.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/files/whole_file.h"
#include "model/base/numbers.h"
#include "model/training/training_folder.h"
#include "model/training/training_texts.h"

namespace gf::ui {
namespace {

const QString kFileText = QStringLiteral("/file"), kOwnText = QStringLiteral("/own"), kOpenModel = QStringLiteral("/open");
const QString kLastTraining = QStringLiteral("train/folder");
constexpr int kMeasureDelayMs = 350;

/// How far and over how many sequences a step goes where the user says nothing: a small new model learns fast, and one that is
/// there goes on as `train` does.
struct UsualSteps {
  int batch;
  double rate;
};
UsualSteps usual_steps(bool fresh) {
  if (fresh) return {64, 0.003};
  training::TrainingCall call;
  call.complete(1, 0, false);
  return {call.batch, call.lr};
}

QLabel* row_label(const QString& words, QWidget* parent) {
  auto* label = new QLabel(words, parent);
  label->setProperty("role", "dim");
  return label;
}

void add_choice(QComboBox& combo, const QString& words, const QString& id, const QString& tip) {
  combo.addItem(words, id);
  combo.setItemData(combo.count() - 1, tip, Qt::ToolTipRole);
  combo.view()->setMinimumWidth(combo.view()->sizeHintForColumn(0));  // its list is wider than a narrow dock lets the box be
}

/// "40 s", "12 min", "3.1 h"
QString duration_words(double seconds) {
  constexpr double kMinute = 60, kHour = 3600;
  if (seconds < 1) return text("{0} ms", numbers::fixed(seconds * 1000, seconds < 0.01 ? 1 : 0));
  if (seconds < 2 * kMinute) return text("{0} s", numbers::fixed(seconds, seconds < 10 ? 1 : 0));
  if (seconds < 2 * kHour) return text("{0} min", numbers::fixed(seconds / kMinute, 0));
  return text("{0} h", numbers::fixed(seconds / kHour, 1));
}

/// "0.3", "3.2", "910"
QString times_words(double times) {
  return QString::fromStdString(times < 10 ? numbers::significant(times, 2) : numbers::count(std::lround(times)));
}

}  // namespace

TrainSetup::TrainSetup(doc::Lab& lab, ActionRunner& runner, QWidget* parent) : QWidget(parent), lab_(lab), runner_(runner) {
  setObjectName("train_setup");
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(6);
  build_text();
  build_model();
  build_folder();
  all->addStretch(1);
  wait_.setSingleShot(true);
  wait_.setInterval(kMeasureDelayMs);
  connect(&wait_, &QTimer::timeout, this, [this] { measure(); });
  changed();
}

TrainSetup::~TrainSetup() = default;

void TrainSetup::build_text() {
  auto* all = qobject_cast<QVBoxLayout*>(layout());
  text_ = narrow_combo(this, "train_text", text("Text to train on"));
  add_choice(*text_, text("own text"), kOwnText, text("type or paste it below"));
  add_choice(*text_, text("a file …"), kFileText, text("UTF-8 text, or token ids as a .bin file of uint16"));
  for (const training::TrainingText& made : training::training_texts())
    add_choice(*text_, text(made.title), QString::fromLatin1(made.name), text(made.doc));
  text_->setCurrentIndex(2);
  auto* row = new QHBoxLayout;
  row->addWidget(row_label(text("Text"), this));
  row->addWidget(text_, 1);
  all->addLayout(row);
  file_row_ = new QWidget(this);
  auto* file = new QHBoxLayout(file_row_);
  file->setContentsMargins(0, 0, 0, 0);
  file_ = new QLineEdit(file_row_);
  file_->setObjectName("train_file");
  file_->setAccessibleName(text("File of the text"));
  file_->setMinimumWidth(60);
  file_->setPlaceholderText(text("a file with your text"));
  auto* browse = new QPushButton(text("Choose …"), file_row_);
  browse->setObjectName("train_choose_file");
  file->addWidget(file_, 1);
  file->addWidget(browse);
  all->addWidget(file_row_);
  own_ = new QPlainTextEdit(this);
  own_->setObjectName("train_own");
  own_->setAccessibleName(text("Own text"));
  own_->setPlaceholderText(text("Paste your text here: some thousand words, so that there is something to learn."));
  own_->setTabChangesFocus(true);
  constexpr int kOwnHeight = 96;
  own_->setFixedHeight(kOwnHeight);
  all->addWidget(own_);
  connect(text_, &QComboBox::currentIndexChanged, this, [this] { changed(); });
  connect(file_, &QLineEdit::editingFinished, this, [this] { changed(); });
  connect(own_, &QPlainTextEdit::textChanged, this, [this] { changed(); });
  connect(browse, &QPushButton::clicked, this, [this] {
    choose(text("Choose a text"), false, [this](const QString& path) {
      file_->setText(path);
      changed();
    });
  });
}

QSpinBox* TrainSetup::number(const char* name, const QString& label, const QString& tip, int low, int high, int value) {
  auto* box = new QSpinBox(this);
  box->setObjectName(QLatin1String(name));
  box->setAccessibleName(label);
  box->setToolTip(tip);
  box->setRange(low, high);
  box->setValue(value);
  box->setKeyboardTracking(false);
  box->setMinimumWidth(72);
  connect(box, &QSpinBox::valueChanged, this, [this] { changed(); });
  return box;
}

void TrainSetup::build_model() {
  constexpr int kMostSteps = 100'000'000, kMostBatch = 4096, kMostContext = 4096;
  size_ = narrow_combo(this, "train_size", text("Model"));
  for (const training::TrainingSize& size : training::training_sizes())
    add_choice(*size_, text("{0}: {1} blocks, {2} heads, {3} wide", size.name, size.n_layer, size.n_head, size.d_model),
               QString::fromLatin1(size.name), text("a new model with a context of {0} tokens", size.n_ctx));
  tokens_ = narrow_combo(this, "train_tokens", text("Tokens"));
  add_choice(*tokens_, text("characters"), QStringLiteral("chars"), text("one token for each character of the text"));
  add_choice(*tokens_, text("bytes"), QStringLiteral("bytes"), text("256 tokens, for any text"));
  add_choice(*tokens_, text("GPT-2's words"), QStringLiteral("gpt2"),
             text("50,257 pieces of words: most of a small model is their embedding"));
  steps_ = number("train_steps", text("Steps"), text("How often the parameters are moved"), 1, kMostSteps, 1500);
  batch_ = number("train_batch", text("Batch"), text("Sequences that a step looks at"), 1, kMostBatch, usual_steps(true).batch);
  context_ = number("train_context", text("Context"), text("Tokens of a sequence; the model's context, at most 256, where nothing is said"),
                    0, kMostContext, 0);
  context_->setSpecialValueText(text("auto"));
  rate_ = new QDoubleSpinBox(this);
  rate_->setObjectName("train_rate");
  rate_->setAccessibleName(text("Learning rate"));
  rate_->setToolTip(text("How far a step moves; it grows at first and falls to a tenth at the end"));
  rate_->setDecimals(5);
  rate_->setRange(0.00001, 1);
  rate_->setSingleStep(0.0005);
  rate_->setValue(usual_steps(true).rate);
  rate_->setKeyboardTracking(false);
  rate_->setMinimumWidth(72);
  connect(rate_, &QDoubleSpinBox::valueChanged, this, [this] { changed(); });
  connect(size_, &QComboBox::currentIndexChanged, this, [this] { changed(); });
  connect(tokens_, &QComboBox::currentIndexChanged, this, [this] { changed(); });
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(8);
  grid->setVerticalSpacing(6);
  int row = 0;
  for (const auto& [label, field] : std::initializer_list<std::pair<QString, QWidget*>>{{text("Model"), size_},
                                                                                        {text("Tokens"), tokens_},
                                                                                        {text("Steps"), steps_},
                                                                                        {text("Batch"), batch_},
                                                                                        {text("Context"), context_},
                                                                                        {text("Rate"), rate_}}) {
    grid->addWidget(row_label(label, this), row, 0);
    if (field == size_) ++row;  // its words need the whole width
    grid->addWidget(field, row, field == size_ ? 0 : 1, 1, field == size_ ? 2 : 1);
    ++row;
  }
  grid->setColumnStretch(1, 1);
  qobject_cast<QVBoxLayout*>(layout())->addLayout(grid);
}

void TrainSetup::build_folder() {
  auto* all = qobject_cast<QVBoxLayout*>(layout());
  folder_ = new QLineEdit(this);
  folder_->setObjectName("train_folder");
  folder_->setAccessibleName(text("Folder for the model"));
  folder_->setMinimumWidth(60);
  folder_->setToolTip(text("A new or empty folder: the model, its checkpoints, and all that the training needs to go on"));
  auto* browse = new QPushButton(text("Choose …"), this);
  browse->setObjectName("train_choose_folder");
  // A path needs the whole width.
  auto* row = new QHBoxLayout;
  row->addWidget(row_label(text("Folder"), this), 1);
  row->addWidget(browse);
  all->addLayout(row);
  all->addWidget(folder_);
  forecast_ = wrapped_label(this, "train_forecast", "dim");
  all->addWidget(forecast_);
  start_ = new QPushButton(text("Start"), this);
  start_->setObjectName("train_begin");
  start_->setProperty("primary", true);
  resume_ = new QPushButton(text("Go on in a folder …"), this);
  resume_->setObjectName("train_choose_resume");
  resume_->setToolTip(text("A training that was stopped, or that ended with the program"));
  last_ = new QPushButton(this);
  last_->setObjectName("train_resume_last");
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(start_);
  buttons->addWidget(resume_);
  buttons->addStretch(1);
  all->addLayout(buttons);
  all->addWidget(last_);
  connect(last_, &QPushButton::clicked, this, [this] { act({"train-resume", {last_folder().toStdString()}}); });
  connect(folder_, &QLineEdit::textEdited, this, [this] { own_folder_ = true; });
  connect(browse, &QPushButton::clicked, this, [this] {
    choose(text("A folder for the model"), true, [this](const QString& path) {
      own_folder_ = true;
      folder_->setText(path);
    });
  });
  connect(start_, &QPushButton::clicked, this, [this] { start(); });
  connect(resume_, &QPushButton::clicked, this, [this] {
    choose(text("The folder of a training"), true, [this](const QString& path) { act({"train-resume", {path.toStdString()}}); });
  });
}

void TrainSetup::choose(const QString& title, bool folder, std::function<void(const QString&)> chosen) {
  auto* files = new QFileDialog(this, title);
  files->setObjectName("train_files");
  files->setAttribute(Qt::WA_DeleteOnClose);
  files->setOption(QFileDialog::DontUseNativeDialog);
  files->setFileMode(folder ? QFileDialog::Directory : QFileDialog::ExistingFile);
  if (folder) files->setOption(QFileDialog::ShowDirsOnly);
  connect(files, &QFileDialog::fileSelected, this, std::move(chosen));
  files->open();
}

bool TrainSetup::is_file() const { return text_->currentData() == kFileText; }
bool TrainSetup::is_own() const { return text_->currentData() == kOwnText; }

training::TrainingSource TrainSetup::source() const {
  training::TrainingSource source;
  training::TrainingCall& call = source.call;
  call.data = (is_file() ? file_->text().trimmed() : text_->currentData().toString()).toStdString();
  if (is_own()) {
    source.text = own_->toPlainText().toStdString();
    call.data = gf::text("Your text");
  }
  const bool open = size_->currentData() == kOpenModel;
  call.model = open ? open_.toStdString() : size_->currentData().toString().toStdString();
  call.tokenizer = open ? std::string() : tokens_->currentData().toString().toStdString();
  call.steps = steps_->value();
  call.batch = batch_->value();
  call.context = context_->value() > 0 ? context_->value() : -1;
  call.lr = rate_->value();
  return source;
}

void TrainSetup::changed() {
  if (!start_) return;  // still being built
  file_row_->setVisible(is_file());
  own_->setVisible(is_own());
  follow_model();
  suggest_folder();
  job_.drop();
  if (isVisible()) wait_.start();
}

void TrainSetup::follow_model() {
  const bool open = size_->currentData() == kOpenModel;
  if (open == goes_on_) return;
  const UsualSteps before = usual_steps(!goes_on_), now = usual_steps(!open);
  goes_on_ = open;
  const QSignalBlocker quiet_batch(batch_), quiet_rate(rate_), quiet_tokens(tokens_);
  // What the user has chosen stays.
  if (batch_->value() == before.batch) batch_->setValue(now.batch);
  if (std::abs(rate_->value() - before.rate) < rate_->minimum() / 2) rate_->setValue(now.rate);
  if (open) {
    own_tokens_ = tokens_->currentIndex();
    add_choice(*tokens_, text("its own"), QString(), text("the tokens that the open model was trained with"));
    tokens_->setCurrentIndex(tokens_->count() - 1);
  } else {
    tokens_->removeItem(tokens_->count() - 1);
    tokens_->setCurrentIndex(own_tokens_);
  }
  tokens_->setEnabled(!open);
}

void TrainSetup::suggest_folder() {
  if (own_folder_) return;
  const QString what = is_own()    ? QStringLiteral("my-text")
                       : is_file() ? QFileInfo(file_->text()).completeBaseName()
                                   : text_->currentData().toString();
  const QString size = size_->currentData() == kOpenModel ? QFileInfo(open_).fileName() : size_->currentData().toString();
  const QString base = QDir::home().filePath(QStringLiteral("glassformer/%1-%2").arg(what.isEmpty() ? QStringLiteral("text") : what, size));
  QString name = base;
  for (int i = 2; QFileInfo::exists(name); ++i) name = QStringLiteral("%1-%2").arg(base).arg(i);
  folder_->setText(name);
}

QString TrainSetup::last_folder() const {
  const QString folder = QSettings().value(kLastTraining).toString();
  const bool done = lab_.training().state().phase == doc::TrainingPhase::Done && lab_.training().state().folder == folder.toStdString();
  return !folder.isEmpty() && !done && training::TrainingFolder::open(folder.toStdString()) ? folder : QString();
}

void TrainSetup::refresh() {
  const QString open = lab_.model() ? QString::fromStdString(doc::training_name_of(lab_.document().model)) : QString();
  const QString name = open.isEmpty() && lab_.model() ? QString::fromStdString(lab_.model()->weights->name) : open;
  if (name != open_) {
    open_ = name;
    const QSignalBlocker quiet(size_);
    const bool chosen = size_->currentData() == kOpenModel;
    if (const int at = size_->findData(kOpenModel); at >= 0) size_->removeItem(at);
    if (!open_.isEmpty())
      add_choice(*size_, text("train {0} on", QFileInfo(open_).fileName()), kOpenModel,
                 text("the open model, with its own tokenizer, goes on learning from this text"));
    if (chosen) size_->setCurrentIndex(size_->findData(kOpenModel));
    changed();
  }
  const bool running = lab_.training().state().running();
  start_->setEnabled(!running);
  const QString last = last_folder();
  last_->setVisible(!last.isEmpty() && !running);
  last_->setText(text("Go on with {0}", QFileInfo(last).fileName()));
  last_->setToolTip(text("The training in {0}, from its newest checkpoint", last));
  resume_->setEnabled(!running);
}

void TrainSetup::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  changed();
}

void TrainSetup::hideEvent(QHideEvent* event) {
  wait_.stop();
  job_.drop();
  QWidget::hideEvent(event);
}

void TrainSetup::measure() {
  if (lab_.training().state().running()) return;  // two would disturb each other
  if (is_file() && file_->text().trimmed().isEmpty()) return forecast_->setText(text("Choose a file with your text."));
  if (is_own() && own_->toPlainText().isEmpty()) return forecast_->setText(text("Paste a text to train on."));
  forecast_->setText(text("making two steps to see how long they take …"));
  job_ = lab_.jobs().start<training::Forecast>(
      gf::text("measuring a step"), lab_.jobs().own_thread(),
      [source = source()](const doc::JobWork& work) { return training::forecast(source, work.stop()); },
      [this](const Result<training::Forecast>& forecast) { show_forecast(forecast); });
}

void TrainSetup::show_forecast(const Result<training::Forecast>& forecast) {
  if (!forecast) {
    if (forecast.error().code != ErrorCode::Cancelled) forecast_->setText(QString::fromStdString(forecast.error().message));
    return;
  }
  const training::Forecast& f = *forecast;
  forecast_->setText(
      text("{0} parameters, {1} of memory. A step of {2} × {3} tokens takes {4}: all {5} take {6}, and read the text {7} times.",
           short_count(static_cast<long long>(f.parameters)), bytes_text(static_cast<double>(f.bytes)), f.call.batch, f.call.context,
           duration_words(f.seconds_per_step), count(f.call.steps), duration_words(f.seconds_per_step * static_cast<double>(f.call.steps)),
           times_words(static_cast<double>(f.call.steps) * f.call.batch * f.call.context / static_cast<double>(f.tokens))));
}

void TrainSetup::start() {
  const training::TrainingSource chosen = source();
  const std::string folder = folder_->text().trimmed().toStdString();
  std::string data = chosen.call.data;
  if (chosen.text && !folder.empty()) {
    // Beside the folder, which is to be empty; the training reads it again when it goes on.
    data = QDir(QDir::cleanPath(folder_->text().trimmed())).absolutePath().toStdString() + ".txt";
    std::string wrong;
    if (chosen.text->empty()) wrong = gf::text("There is no text yet; paste one.");
    else if (QFileInfo::exists(QString::fromStdString(data)))
      wrong = gf::text("Your text would be kept in {0}, which is there already; name another folder.", data);
    if (!wrong.empty()) return on_error({ErrorCode::InvalidArgument, wrong, "train"});
    QDir().mkpath(QFileInfo(QString::fromStdString(data)).absolutePath());
    if (const auto written = write_whole_file(data, *chosen.text); !written) return on_error(written.error());
  }
  ActionArguments arguments{folder, data, "size=" + chosen.call.model};
  if (!chosen.call.tokenizer.empty()) arguments.push_back("tokenizer=" + chosen.call.tokenizer);
  arguments.push_back("steps=" + std::to_string(chosen.call.steps));
  arguments.push_back("batch=" + std::to_string(chosen.call.batch));
  if (chosen.call.context > 0) arguments.push_back("context=" + std::to_string(chosen.call.context));
  arguments.push_back("lr=" + numbers::significant(chosen.call.lr, 6));
  job_.drop();
  act({"train-start", std::move(arguments)});
}

void TrainSetup::act(const ActionCall& call) {
  if (const auto did = runner_.run(call); !did) return on_error(did.error());
  QSettings().setValue(kLastTraining, QString::fromStdString(lab_.training().state().folder));
  own_folder_ = false;
  on_begun();
}

}  // namespace gf::ui
