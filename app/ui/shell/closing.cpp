#include "app/ui/shell/closing.h"

#include <QFileInfo>
#include <QGuiApplication>
#include <QMessageBox>
#include <QPushButton>
#include <cstdio>
#include <utility>

#include "app/ui/shell/main_window.h"
#include "app/ui/shell/session_keeper.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {

bool Closing::may() {
  // The desktop ends its session: all is kept, and a question would hold it up.
  if (qGuiApp->isSavingSession()) ask_nothing();
  if (!answered_ && named_and_changed()) {
    ask();
    return false;
  }
  if (!training_kept()) return false;
  const auto kept = keeper_.close(told_);
  if (kept || std::exchange(told_, true)) return true;
  window_.show_error({kept.error().code,
                      gf::text("Closing would lose this session; close once more if you want that. {0}", kept.error().message),
                      kept.error().where});
  return false;
}

bool Closing::training_kept() {
  // The user who closes once more need not wait; the program's end then does.
  if (!lab_.training().state().running() || waits_ || qGuiApp->isSavingSession()) return true;
  waits_ = true;
  ask_nothing();
  window_.say(text("The training keeps its present step; the window closes then."));
  lab_.training().pause();
  return false;
}

void Closing::follow_training() {
  const doc::TrainingState& training = lab_.training().state();
  if (!waits_ || training.running()) return;
  std::fprintf(stderr, "glassformer: %s\n",
               gf::text("The training in {0} is kept at step {1}; it goes on in the Train dock, or with: glassformer train --resume -o {0}",
                        training.folder, training.kept)
                   .c_str());
  QMetaObject::invokeMethod(&window_, [this] { window_.close(); }, Qt::QueuedConnection);
}

bool Closing::named_and_changed() const {
  const doc::Document& own = lab_.history().own();
  if (own.storage.file.empty()) return false;
  const auto saved = doc::read_document(own.storage.file);
  return !saved || !doc::same_work(*saved, own);
}

void Closing::ask() {
  if (question_) return question_->raise();
  const std::string file = lab_.history().own().storage.file;
  question_ = new QMessageBox(&window_);
  question_->setObjectName("close_dialog");
  question_->setAttribute(Qt::WA_DeleteOnClose);
  question_->setWindowTitle(text("Close"));
  question_->setTextFormat(Qt::PlainText);
  question_->setText(text("The session {0} has changes that are not in its file.", QFileInfo(QString::fromStdString(file)).fileName()));
  question_->setInformativeText(text("Without saving, they can still be recovered: File > Recover a session."));
  const auto button = [this](const char* name, const QString& words, QMessageBox::ButtonRole role) {
    QPushButton* made = question_->addButton(words, role);
    made->setObjectName(name);
    return made;
  };
  QPushButton* save = button("close_save", text("Save"), QMessageBox::AcceptRole);
  QPushButton* leave = button("close_discard", text("Close without saving"), QMessageBox::DestructiveRole);
  QPushButton* cancel = button("close_cancel", text("Cancel"), QMessageBox::RejectRole);
  question_->setDefaultButton(save);
  question_->setEscapeButton(cancel);
  const auto close = [this] {
    answered_ = true;
    window_.close();
    answered_ = false;
  };
  QObject::connect(save, &QPushButton::clicked, &window_, [this, file, close] {
    const auto saved = doc::save_document(lab_.history().own(), file);
    saved ? close() : window_.show_error(saved.error());
  });
  QObject::connect(leave, &QPushButton::clicked, &window_, close);
  question_->open();
  window_.write_state_soon();
}

}  // namespace gf::ui
