#include "app/ui/shell/status_line.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/ui/shell/job_strip.h"
#include "app/ui/widgets/elided_label.h"
#include "app/ui/widgets/glyphs.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kMessageWidthPx = 320;

QString code_text(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument: return text("invalid argument");
    case ErrorCode::NotFound: return text("not found");
    case ErrorCode::Unsupported: return text("unsupported");
    case ErrorCode::Corrupt: return text("corrupt file");
    case ErrorCode::Io: return text("input or output");
    case ErrorCode::OutOfMemory: return text("out of memory");
    case ErrorCode::Device: return text("graphics device");
    case ErrorCode::Cancelled: return text("cancelled");
    case ErrorCode::NotCaptured: return text("not captured");
  }
  return {};
}

}  // namespace

StatusLine::StatusLine(doc::Lab& lab, QWidget* parent) : QStatusBar(parent), lab_(lab) {
  setObjectName("status_bar");
  setSizeGripEnabled(false);
  facts_ = new ElidedLabel(this);
  facts_->setObjectName("status_facts");
  facts_->setContentsMargins(6, 0, 10, 0);
  parity_ = new ElidedLabel(this);
  parity_->setObjectName("status_parity");
  parity_->setContentsMargins(0, 0, 10, 0);
  context_text_ = new QLabel(this);
  context_text_->setObjectName("status_context");
  context_text_->setContentsMargins(0, 0, 4, 0);
  context_ = new QProgressBar(this);
  context_->setObjectName("context_gauge");
  context_->setAccessibleName(text("Context used"));
  context_->setTextVisible(false);
  context_->setFixedSize(90, 8);
  said_ = new ElidedLabel(this, Qt::ElideMiddle);
  said_->setObjectName("status_said");
  said_->setMaximumWidth(kMessageWidthPx);
  jobs_ = new JobStrip(lab, this);
  // As high as a job's button, so that the bar, and with it the scene, keeps its height when a job comes or goes.
  auto* strut = new QToolButton(this);
  strut->setProperty("flat", true);
  strut->setText(QStringLiteral("|"));
  strut->setFixedWidth(0);
  strut->setEnabled(false);
  strut->setFocusPolicy(Qt::NoFocus);
  addWidget(strut);
  addWidget(facts_);
  addWidget(parity_);
  addWidget(context_text_);
  addWidget(context_);
  addPermanentWidget(said_);
  addPermanentWidget(jobs_);
  message_timer_.setSingleShot(true);
  connect(&message_timer_, &QTimer::timeout, this, [this] {
    message_.clear();
    refresh();
  });
}

void StatusLine::set_device(const QString& name) {
  device_ = name;
  refresh();
}

void StatusLine::say(const QString& message) {
  // QStatusBar's own message would hide the facts.
  constexpr int kReadMs = 8000;
  message_ = message;
  message_timer_.start(kReadMs);
  refresh();
}

void StatusLine::refresh() {
  QStringList facts;
  const auto model = lab_.model();
  const auto run = lab_.run();
  const bool structure = model && !model->weights->has_values();
  if (model) facts << QString::fromStdString(model->weights->name);
  if (structure) facts << text("structure without weights");
  else if (model) facts << QString::fromStdString(lab_.backend_name());
  if (run && run->base->length() > 0) {
    const bool decoded = run->decode_ms_per_token > 0;
    const double ms = decoded ? run->decode_ms_per_token : run->prefill_ms / run->base->length();
    // A run from the cache took no time, and one with edits began in the middle: neither says how fast the model is.
    if (ms > 0.005 && (decoded || !run->has_edits())) ms_per_token_ = ms;
    if (ms_per_token_ > 0) facts << text("{0} ms a token", fixed(ms_per_token_, ms_per_token_ < 10 ? 1 : 0));
  }
  if (model && !structure) {
    double memory = static_cast<double>(model->weights->file_bytes);
    if (run) memory += static_cast<double>(run->base->bytes()) + (run->has_edits() ? static_cast<double>(run->edited->bytes()) : 0.0);
    facts << bytes_text(memory);
  }
  if (!device_.isEmpty()) facts << device_;
  facts_->setText(facts.join(QStringLiteral("  ·  ")));
  tell_of_backend(model != nullptr);
  tell_of_parity();
  const bool known = model && run;
  context_text_->setVisible(known);
  context_->setVisible(known);
  if (known) {
    context_text_->setText(text("context {0} of {1}", run->base->length(), model->weights->config.n_ctx));
    context_->setRange(0, model->weights->config.n_ctx);
    context_->setValue(run->base->length());
  }
  jobs_->refresh();
  said_->setVisible(jobs_->empty() && !message_.isEmpty());
  said_->setText(message_);
  said_->setToolTip(message_);
}

void StatusLine::tell_of_backend(bool has_model) {
  const QString backend = has_model ? QString::fromStdString(lab_.backend_name()) : QString();
  const QString device = has_model ? QString::fromStdString(lab_.device()) : QString();
  if (backend == backend_ && device == computes_on_) return;
  // The GPU has failed and the CPU goes on; the user should know.
  const bool left = backend_.startsWith(QLatin1String("cuda")) && backend.startsWith(QLatin1String("cpu")) && !device.isEmpty();
  backend_ = backend;
  computes_on_ = device;
  facts_->setToolTip(device.isEmpty() ? backend : text("{0}: {1}", backend, device));
  facts_->setAccessibleDescription(facts_->toolTip());
  if (left) say(text("Going on with the CPU: {0}", device));
}

void StatusLine::tell_of_parity() {
  using State = doc::ParityWatch::State;
  const doc::ParityWatch& watch = lab_.parity();
  QString badge, tip;
  bool wrong = false;
  switch (watch.state()) {
    case State::NotChecked: break;
    case State::Checking: badge = text("checking its numbers …"); break;
    case State::Failed:
      badge = text("its numbers could not be checked");
      tip = QString::fromStdString(watch.error()->message);
      break;
    case State::Done:
      wrong = !watch.parity()->holds();
      badge = (wrong ? QStringLiteral("✗ ") : QStringLiteral("✓ ")) + QString::fromStdString(summary(*watch.parity()));
      for (const std::string& line : details(*watch.parity(), *lab_.model()))
        tip += (tip.isEmpty() ? "" : "\n") + QString::fromStdString(line);
      break;
  }
  parity_->setVisible(!badge.isEmpty());
  if (parity_->text() == badge && parity_->accessibleDescription() == tip) return;
  parity_->setText(badge);
  parity_->setToolTip(tip);
  parity_->setAccessibleDescription(tip);
  restyle(*parity_, "role", wrong ? "error" : "dim");
}

ErrorStrip::ErrorStrip(doc::Lab& lab, QWidget* parent) : QFrame(parent), lab_(lab) {
  setObjectName("error_strip");
  setProperty("role", "error_strip");
  sentence_ = new QLabel(this);
  sentence_->setObjectName("error_text");
  sentence_->setWordWrap(true);
  sentence_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  details_ = new QLabel(this);
  details_->setProperty("role", "dim");
  details_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  details_->setWordWrap(true);
  details_->hide();
  // A path that cannot be broken into lines is cut off; it must not make the window wider.
  for (QLabel* label : {sentence_, details_}) label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  more_ = new QToolButton(this);
  more_->setText(text("Details"));
  more_->setProperty("flat", true);
  more_->setCheckable(true);
  close_ = new QToolButton(this);
  close_->setObjectName("error_close");
  set_glyph(*close_, Glyph::Close);
  close_->setProperty("flat", true);
  close_->setAccessibleName(text("Dismiss the message"));
  auto* row = new QHBoxLayout;
  row->addWidget(sentence_, 1);
  row->addWidget(more_);
  row->addWidget(close_);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(12, 6, 8, 6);
  all->addLayout(row);
  all->addWidget(details_);
  connect(more_, &QToolButton::toggled, details_, &QLabel::setVisible);
  connect(close_, &QToolButton::clicked, this, [this] { dismiss(); });
  hide();
}

void ErrorStrip::dismiss() {
  // An error of the window itself shows only while the lab has none; it goes before the notices below it.
  if (lab_.error() || !own_) lab_.dismiss();
  forget_own();
}

void ErrorStrip::forget_own() {
  own_.reset();
  refresh();
}

void ErrorStrip::show_notices(const QString& lines) {
  restyle(*this, "role", "notice_strip");
  sentence_->setText(lines);
  more_->hide();
  details_->hide();
  show();
}

void ErrorStrip::show_text(const Error& error) {
  restyle(*this, "role", "error_strip");
  sentence_->setText(QString::fromStdString(error.message));
  details_->setText(code_text(error.code) +
                    (error.where.empty() ? QString() : QStringLiteral(" · ") + QString::fromStdString(error.where)));
  more_->show();
  details_->setVisible(more_->isChecked());
  show();
}

void ErrorStrip::show_error(const Error& error) {
  own_ = error;
  show_text(error);
}

void ErrorStrip::refresh() {
  const auto error = lab_.error();
  if (error) show_text(*error);
  else if (own_) show_text(*own_);
  else if (const std::string notices = lab_.notices(); !notices.empty()) show_notices(QString::fromStdString(notices));
  else hide();
}

}  // namespace gf::ui
