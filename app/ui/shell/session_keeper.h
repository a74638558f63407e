// Keeps the session of this window on the disk, for after a crash and for the next start.
#pragma once

#include <QTimer>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/document/kept_sessions.h"
#include "app/document/lab.h"

namespace gf::ui {

/// Writes the user's own document a moment after it has changed, whether or not its model is open. Each session has its own
/// file (doc::Storage::kept); another session in this window, by opening a file or by undoing that, is kept in another one.
/// Nothing is removed but by remove() and, of the closed sessions, the oldest. Lives on the GUI thread, writes in the background.
class SessionKeeper {
 public:
  SessionKeeper(doc::Lab& lab, const std::string& folder);
  ~SessionKeeper();
  SessionKeeper(const SessionKeeper&) = delete;
  SessionKeeper& operator=(const SessionKeeper&) = delete;

  /// Called once when the session cannot be kept, and again after it could be.
  std::function<void(const Error&)> on_error;

  /// From here on the session is kept. Before, nothing is read or written.
  void begin();
  /// To be called after each change of the Lab.
  void follow(const doc::Changes& changes);
  /// The sessions that no window holds, the newest first. Reads them.
  [[nodiscard]] std::vector<doc::KeptSession> left() const { return kept_.left(); }
  /// Opens a kept session in this window, whose present one stays among the kept. It has its place on the disk before it is
  /// opened. Errors: NotFound, Corrupt, InvalidArgument (a window holds it).
  Result<void> recover(const std::string& id);
  Result<void> remove(const std::string& id) const { return kept_.remove(id); }
  /// The window closes: the session is written as closed, and no more is written afterwards. Errors: Io; then the session is not
  /// kept, and goes on unless it is to end `anyway`.
  Result<void> close(bool anyway);

 private:
  /// Whether there is something to keep.
  [[nodiscard]] bool worth() const;
  /// Goes to the entry of the present document, where that has become another session.
  void follow_session();
  void leave_session();
  void write();
  void told(const Result<void>& written);

  doc::Lab& lab_;
  doc::KeptSessions kept_;
  std::string folder_;                   ///< empty: the system names none
  std::shared_ptr<doc::KeptEntry> own_;  ///< of the present session; null: it has not begun
  bool on_disk_ = false;                 ///< the entry was written or taken over
  bool begun_ = false, closed_ = false;
  doc::Document first_, last_;  ///< of the present session
  std::string trial_;           ///< the id of the session on trial (doc::KeptMark); empty: none
  std::string told_;            ///< the error that was told
  QTimer timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// The folder of the kept sessions of this user; empty: the system names none.
[[nodiscard]] std::string kept_sessions_folder();
/// A kept session in one line, for lists: "fable · “When Mary and John …” · 2 edits · today 14:05".
[[nodiscard]] QString described(const doc::KeptSession& session);
/// The newest session that a crash left; null: there is none. `again`: also one that was opened and did not run since.
[[nodiscard]] const doc::KeptSession* left_by_crash(const std::vector<doc::KeptSession>& left, bool again);

}  // namespace gf::ui
