#include "app/ui/docks/index_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/document/lab.h"
#include "app/ui/widgets/progress_line.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {

IndexStrip::IndexStrip(QWidget* parent, doc::Lab& lab, const QString& prefix) : QWidget(parent), lab_(lab) {
  state_ = wrapped_label(this, prefix + "_state");
  progress_ = new ProgressLine(prefix + "_progress", text("How much of the text is read"), this);
  make_ = new QPushButton(this);
  make_->setObjectName(prefix + "_make");
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  row->addWidget(progress_, 1);
  row->addWidget(make_);
  row->addStretch(0);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  column->addWidget(state_);
  column->addLayout(row);
  connect(make_, &QPushButton::clicked, this, [this] {
    making_ = !making_;
    if (on_change) on_change();
  });
}

void IndexStrip::follow(std::optional<doc::StudyKey> key, const QString& hint, const QString& what_is_made) {
  if (key && !making_) {
    const auto done = key->params.set("ready", "yes");
    EXPECTS(done.has_value(), "a question that is answered from an index");
  }
  if (key_ != key) {
    key_ = std::move(key);
    study_ = {};
    if (key_) study_ = lab_.studies().watch(*key_);
  }
  show_state(hint, what_is_made);
}

std::shared_ptr<const Answer> IndexStrip::answer() const {
  const doc::Study study = study_.now();
  return study.state == doc::StudyState::Ready ? study.answer : nullptr;
}

void IndexStrip::let_go() {
  study_ = {};
  key_.reset();
  making_ = false;
}

void IndexStrip::take_over(IndexStrip& before) {
  making_ = before.making_;
  key_ = std::move(before.key_);
  study_ = std::move(before.study_);
}

void IndexStrip::show_state(const QString& hint, const QString& what_is_made) {
  const doc::Study study = study_.now();
  const bool working = study.state == doc::StudyState::Waiting || study.state == doc::StudyState::Computing;
  const bool failed = study.state == doc::StudyState::Failed && study.error;
  const bool missing = failed && study.error->code == ErrorCode::NotFound && !making_;
  const bool making = working && making_;
  QString words;
  if (!key_) words = hint;
  else if (making) words = text("The text is read, passage by passage; what is done is kept.");
  else if (missing) words = QString::fromStdString(study.error->message) + QLatin1Char(' ') + what_is_made;
  else if (failed) words = QString::fromStdString(study.error->message);
  state_->setText(words);
  state_->setVisible(!words.isEmpty());
  progress_->setVisible(making);
  progress_->set_fraction(study.fraction);
  make_->setVisible(making || missing || (failed && making_));
  make_->setText(making ? text("Stop") : missing ? text("Make the index") : text("Back"));
}

}  // namespace gf::ui
