// The sessions that are kept by themselves: those of open windows, those that a crash left, and the last ones that were closed.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/document/document.h"

namespace gf::doc {

/// What is noted beside a kept document.
struct KeptMark {
  bool closed = false;  ///< its window was closed; else it is open, or a crash left it
  /// It was opened again after a crash and has not run since: it may be what crashes the program, or its model may be away.
  bool on_trial = false;
  friend bool operator==(const KeptMark&, const KeptMark&) = default;
};

/// A session that no open window holds.
struct KeptSession {
  std::string id;
  std::int64_t changed_s = 0;        ///< when it was written, seconds since 1970
  std::int64_t changed_ns = 0;       ///< and the rest
  std::optional<Document> document;  ///< with its storage; none: the file cannot be read, and `wrong` says why
  KeptMark mark;
  std::string wrong;
};

/// One kept session, of which this process holds the lock. Each process has its own, so no two write to one file.
/// Thread safe. Lifetime: the destructor unlocks it; the file stays.
class KeptEntry {
 public:
  ~KeptEntry();
  KeptEntry(const KeptEntry&) = delete;
  KeptEntry& operator=(const KeptEntry&) = delete;
  [[nodiscard]] const std::string& id() const { return id_; }
  /// A number for a write; those of later calls are higher.
  [[nodiscard]] std::uint64_t next_number() { return ++asked_; }
  /// Replaces the file, see write_whole_file(). Does nothing where a write of a higher number has begun before. The folder
  /// and the lock are made with the first write. Errors: Io, InvalidArgument.
  Result<void> write(const Document& document, const KeptMark& mark, std::uint64_t number);

 private:
  friend class KeptSessions;
  KeptEntry(std::string folder, std::string id);
  Result<void> lock();
  std::string folder_, id_;
  std::atomic<std::uint64_t> asked_{0};
  std::mutex mutex_;  ///< for the rest; held while the file is written
  std::uint64_t written_ = 0;
  int lock_ = -1;
};

/// Random, so that two processes never have the same.
[[nodiscard]] std::string new_kept_id();

/// The folder of kept sessions: ID.json is a session file, and ID.lock is locked while a window holds it. The lock is the
/// system's (flock), which ends with its process; what is in the file does not matter.
class KeptSessions {
 public:
  explicit KeptSessions(std::string folder) : folder_(std::move(folder)) {}

  /// The sessions that no window holds, the newest first. Reads each; a missing folder has none.
  [[nodiscard]] std::vector<KeptSession> left() const;
  /// Errors: NotFound.
  [[nodiscard]] Result<KeptSession> read(const std::string& id) const;
  /// The entry of a new session. Nothing is on the disk before its first write.
  [[nodiscard]] std::shared_ptr<KeptEntry> begin(const std::string& id) const;
  /// Takes a session over that is on the disk; null: there is none. Its file stays as it is until the entry is written.
  /// Errors: InvalidArgument (a window holds it), Io.
  [[nodiscard]] Result<std::shared_ptr<KeptEntry>> take(const std::string& id) const;
  /// Takes in a session file that lies elsewhere: from then on it is a session that a crash left. Does nothing if the file does
  /// not exist. Errors: Io.
  Result<void> adopt(const std::string& file) const;
  /// Deletes a session. Errors: NotFound; as take().
  Result<void> remove(const std::string& id) const;
  /// Deletes the closed sessions but for the newest ten, and half files. Those sessions that a crash left stay.
  void remove_old() const;

 private:
  std::string folder_;
};

}  // namespace gf::doc
