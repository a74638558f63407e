#include "app/ui/shell/session_keeper.h"

#include <QDateTime>
#include <QLocale>
#include <QStandardPaths>
#include <filesystem>
#include <utility>

#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kKeepDelayMs = 1500;

}  // namespace

SessionKeeper::SessionKeeper(doc::Lab& lab, const std::string& folder) : lab_(lab), kept_(folder), folder_(folder) {
  timer_.setSingleShot(true);
  timer_.setInterval(kKeepDelayMs);
  QObject::connect(&timer_, &QTimer::timeout, &timer_, [this] { write(); });
}

SessionKeeper::~SessionKeeper() = default;

void SessionKeeper::begin() {
  if (folder_.empty()) {
    told(fail(ErrorCode::Io, gf::text("The system names no folder for the program's data; set HOME or XDG_DATA_HOME."), "begin"));
    return;
  }
  begun_ = true;
  // Versions before this folder kept one session, in a file beside it.
  told(kept_.adopt((std::filesystem::path(folder_).parent_path() / "autosave.json").string()));
  follow_session();
}

bool SessionKeeper::worth() const {
  if (on_disk_ || lab_.history().own_decided()) return true;
  // Without a model there is no history.
  return !lab_.model() && !doc::same_work(lab_.history().own(), first_);
}

void SessionKeeper::leave_session() {
  if (!own_) return;
  if (on_disk_) told(own_->write(last_, {.closed = true, .on_trial = trial_ == own_->id()}, own_->next_number()));
  timer_.stop();
  own_.reset();
}

void SessionKeeper::follow_session() {
  if (own_ && own_->id() == lab_.history().own().storage.kept) return;
  leave_session();
  if (lab_.history().own().storage.kept.empty()) lab_.keep_as(doc::new_kept_id());
  auto taken = kept_.take(lab_.history().own().storage.kept);
  if (!taken) lab_.keep_as(doc::new_kept_id());  // another window took it over, or the folder cannot be written to
  on_disk_ = taken && *taken;
  own_ = on_disk_ ? *std::move(taken) : kept_.begin(lab_.history().own().storage.kept);
  first_ = last_ = lab_.history().own();
}

void SessionKeeper::follow(const doc::Changes& changes) {
  if (!begun_ || closed_) return;
  follow_session();
  last_ = lab_.history().own();
  const bool ran = changes.run && lab_.run() && lab_.up_to_date() && !lab_.history().aside();
  const bool tried = ran && trial_ == own_->id();
  if (tried) trial_.clear();
  if ((changes.document || changes.moment || tried) && worth() && !timer_.isActive()) timer_.start();
}

void SessionKeeper::write() {
  const doc::KeptMark mark{.closed = false, .on_trial = trial_ == own_->id()};
  const auto work = [entry = own_, document = last_, mark, number = own_->next_number()](const doc::JobWork&) {
    return entry->write(document, mark, number);
  };
  on_disk_ = true;
  lab_.jobs()
      .start<void>({}, lab_.jobs().own_thread(), work,
                   [this, alive = std::weak_ptr(alive_)](const Result<void>& written) {
                     if (alive.lock()) told(written);
                   })
      .detach();
}

void SessionKeeper::told(const Result<void>& written) {
  if (written) return told_.clear();
  if (written.error().code == ErrorCode::Cancelled || written.error().message == std::exchange(told_, written.error().message)) return;
  if (on_error)
    on_error({written.error().code, gf::text("A crash would lose this session. {0}", written.error().message), written.error().where});
}

Result<void> SessionKeeper::recover(const std::string& id) {
  GF_TRY_ASSIGN(const doc::KeptSession session, kept_.read(id));
  if (!session.document) return fail(ErrorCode::Corrupt, session.wrong, "recover");
  doc::Document document = *session.document;
  auto taken = kept_.take(id);
  if (!taken && taken.error().code == ErrorCode::InvalidArgument) return tl::unexpected(taken.error());
  if (taken && *taken) told((*taken)->write(document, {.closed = false, .on_trial = true}, (*taken)->next_number()));
  else document.storage.kept = doc::new_kept_id();  // what cannot be written to can be read
  trial_ = document.storage.kept;
  if (own_ && worth()) {
    on_disk_ = true;  // also where nothing of it was written yet
    leave_session();
  }
  taken = {};  // follow_session() takes it again
  lab_.open_document(std::move(document));
  return {};
}

Result<void> SessionKeeper::close(bool anyway) {
  if (!begun_ || std::exchange(closed_, true)) return {};
  timer_.stop();
  if (!worth()) return {};
  last_ = lab_.history().own();
  auto written = own_->write(last_, {.closed = true, .on_trial = trial_ == own_->id()}, own_->next_number());
  if (written) kept_.remove_old();
  else closed_ = anyway;
  return written;
}

std::string kept_sessions_folder() {
  const QString data = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
  return data.isEmpty() ? std::string() : data.toStdString() + "/sessions";
}

QString described(const doc::KeptSession& session) {
  const QString when = QLocale().toString(QDateTime::fromSecsSinceEpoch(session.changed_s), QLocale::ShortFormat);
  if (!session.document) return text("{0} · it cannot be read: {1}", when, session.wrong);
  const doc::Document& d = *session.document;
  constexpr int kPromptLetters = 48;
  QString prompt = QString::fromStdString(d.prompt).simplified();
  if (prompt.size() > kPromptLetters) prompt = prompt.left(kPromptLetters - 1) + QStringLiteral("…");
  QString line = text("{0} · “{1}”", d.model.empty() ? gf::text("the bundled model") : d.model, prompt);
  if (const auto edits = static_cast<long long>(d.recipe.edits.size()); edits > 0)
    line += QStringLiteral(" · ") + counted(edits, "{0} edit", "{0} edits");
  return line + QStringLiteral(" · ") + when;
}

const doc::KeptSession* left_by_crash(const std::vector<doc::KeptSession>& left, bool again) {
  for (const doc::KeptSession& session : left)
    if (session.document && !session.mark.closed && (again || !session.mark.on_trial)) return &session;
  return nullptr;
}

}  // namespace gf::ui
