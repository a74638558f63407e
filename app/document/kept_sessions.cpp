#include "app/document/kept_sessions.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>
#include <utility>

#include "model/base/files/text_file.h"
#include "model/base/files/whole_file.h"
#include "model/base/text.h"

namespace gf::doc {

namespace {

namespace fs = std::filesystem;
using KeptJson = nlohmann::json;

constexpr std::string_view kKeptEnding = ".json";
constexpr std::size_t kMostKeptListed = 200, kMostClosed = 10;
constexpr const char* kMarkKey = "kept";  // a reader of session files passes over it

/// An id is part of a path, and may come from a user.
bool is_kept_id(const std::string& id) {
  return !id.empty() && id.size() <= 64 && id.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz-") == std::string::npos;
}

std::string kept_path(const std::string& folder, const std::string& id) {
  return (fs::path(folder) / (id + std::string(kKeptEnding))).string();
}
std::string kept_lock_path(const std::string& folder, const std::string& id) { return (fs::path(folder) / (id + ".lock")).string(); }

/// Some file systems have no locks. A session there may be offered while another window holds it; nothing is lost by that.
bool has_no_locks(int error_number) { return error_number == ENOLCK || error_number == ENOSYS || error_number == EOPNOTSUPP; }

bool is_held(const std::string& folder, const std::string& id) {
  const int lock = ::open(kept_lock_path(folder, id).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (lock < 0) return false;
  const bool held = ::flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(lock);
  return held;
}

tl::unexpected<Error> cannot_keep(const std::string& folder, int error_number) {
  return fail(ErrorCode::Io, text("Cannot keep sessions in {0}: {1}.", folder, std::strerror(error_number)), "kept sessions");
}

/// Makes the folder, for its owner alone.
Result<void> make_kept_folder(const std::string& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return {};
  fs::create_directories(fs::path(folder).parent_path(), error);
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) return cannot_keep(folder, errno);
  if (!fs::is_directory(folder, error)) return cannot_keep(folder, ENOTDIR);
  return {};
}

void read_mark(const std::string& json, KeptSession& session) {
  const KeptJson j = KeptJson::parse(json, nullptr, false);
  if (!j.is_object() || !j.contains(kMarkKey) || !j[kMarkKey].is_object()) return;
  const KeptJson& mark = j[kMarkKey];
  const auto flag = [&](const char* key) { return mark.contains(key) && mark[key] == true; };
  session.mark = {.closed = flag("closed"), .on_trial = flag("on_trial")};
  if (mark.contains("file") && mark["file"].is_string()) session.document->storage.file = mark["file"].get<std::string>();
}

/// nullopt: it is gone.
std::optional<KeptSession> read_kept(const std::string& folder, const std::string& id) {
  KeptSession session;
  session.id = id;
  const std::string path = kept_path(folder, id);
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  session.changed_s = status.st_mtim.tv_sec;
  session.changed_ns = status.st_mtim.tv_nsec;
  const auto json = read_text_file(path, phrase("session"));
  auto document = json.and_then([](const std::string& bytes) { return document_from_json(bytes); });
  if (!document) {
    session.wrong = document.error().message;
    return session;
  }
  session.document = *std::move(document);
  session.document->storage.kept = id;
  read_mark(*json, session);
  return session;
}

}  // namespace

std::string new_kept_id() {
  std::array<unsigned char, 8> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    const pid_t pid = getpid();
    std::memcpy(bytes.data(), &pid, sizeof pid);
  }
  std::string id;
  for (const unsigned char b : bytes) {
    constexpr const char* kDigits = "0123456789abcdef";
    id += kDigits[b >> 4];
    id += kDigits[b & 15];
  }
  return id;
}

// ---- one session ----------------------------------------------------------------------------------------------

KeptEntry::KeptEntry(std::string folder, std::string id) : folder_(std::move(folder)), id_(std::move(id)) {}

KeptEntry::~KeptEntry() {
  if (lock_ >= 0) ::close(lock_);
}

Result<void> KeptEntry::lock() {
  if (lock_ >= 0) return {};
  GF_TRY(make_kept_folder(folder_));
  const int lock = ::open(kept_lock_path(folder_, id_).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, S_IRUSR | S_IWUSR);
  if (lock < 0) return cannot_keep(folder_, errno);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0 && !has_no_locks(errno)) {
    const int why = errno;
    ::close(lock);
    if (why == EWOULDBLOCK) return fail(ErrorCode::InvalidArgument, text("Another window has this session open."), "kept sessions");
    return cannot_keep(folder_, why);
  }
  lock_ = lock;
  return {};
}

Result<void> KeptEntry::write(const Document& document, const KeptMark& mark, std::uint64_t number) {
  const std::lock_guard guard(mutex_);
  if (number < written_) return {};
  GF_TRY(lock());
  written_ = number;
  KeptJson json = KeptJson::parse(to_json(document));
  json[kMarkKey] = {{"closed", mark.closed}, {"on_trial", mark.on_trial}};
  if (!document.storage.file.empty()) json[kMarkKey]["file"] = document.storage.file;
  return write_whole_file(kept_path(folder_, id_), json.dump(1, ' ', false, KeptJson::error_handler_t::replace) + '\n',
                          {.owner_only = true});
}

// ---- the folder -----------------------------------------------------------------------------------------------

std::vector<KeptSession> KeptSessions::left() const {
  std::vector<KeptSession> all;
  std::error_code error;
  fs::directory_iterator at(folder_, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    std::string name = at->path().filename().string();
    if (!name.ends_with(kKeptEnding)) continue;
    name.resize(name.size() - kKeptEnding.size());
    if (!is_kept_id(name) || is_held(folder_, name)) continue;
    if (all.size() == kMostKeptListed) break;
    if (auto session = read_kept(folder_, name)) all.push_back(*std::move(session));
  }
  std::ranges::sort(all, [](const KeptSession& a, const KeptSession& b) {
    return std::tie(a.changed_s, a.changed_ns, a.id) > std::tie(b.changed_s, b.changed_ns, b.id);
  });
  return all;
}

Result<KeptSession> KeptSessions::read(const std::string& id) const {
  auto session = is_kept_id(id) ? read_kept(folder_, id) : std::nullopt;
  if (!session) return fail(ErrorCode::NotFound, text("There is no kept session {0}.", id), "kept sessions");
  return *std::move(session);
}

std::shared_ptr<KeptEntry> KeptSessions::begin(const std::string& id) const {
  EXPECTS(is_kept_id(id), "new_kept_id() makes ids");
  return std::shared_ptr<KeptEntry>(new KeptEntry(folder_, id));
}

Result<std::shared_ptr<KeptEntry>> KeptSessions::take(const std::string& id) const {
  std::error_code error;
  if (!is_kept_id(id) || !fs::exists(kept_path(folder_, id), error)) return std::shared_ptr<KeptEntry>();
  auto entry = begin(id);
  GF_TRY(entry->lock());
  return entry;
}

Result<void> KeptSessions::adopt(const std::string& file) const {
  struct stat status = {};
  if (::lstat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  GF_TRY(make_kept_folder(folder_));
  static_cast<void>(::chmod(file.c_str(), S_IRUSR | S_IWUSR));  // where the system lets us
  if (::rename(file.c_str(), kept_path(folder_, new_kept_id()).c_str()) != 0 && errno != ENOENT) return cannot_keep(folder_, errno);
  return {};
}

Result<void> KeptSessions::remove(const std::string& id) const {
  GF_TRY_ASSIGN(const auto entry, take(id));
  if (!entry) return fail(ErrorCode::NotFound, text("There is no kept session {0}.", id), "kept sessions");
  if (::unlink(kept_path(folder_, id).c_str()) != 0) return cannot_keep(folder_, errno);
  ::unlink(kept_lock_path(folder_, id).c_str());
  return {};
}

void KeptSessions::remove_old() const {
  std::size_t closed = 0;
  for (const KeptSession& session : left())
    if (session.document && session.mark.closed && ++closed > kMostClosed) static_cast<void>(remove(session.id));
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, error)) {
    // A process that was killed while it wrote leaves ID.json.RANDOM.part.
    const std::string name = entry.path().filename().string(), id = name.substr(0, name.find('.'));
    if (name.ends_with(".part") && is_kept_id(id) && !is_held(folder_, id)) ::unlink(entry.path().c_str());
  }
}

}  // namespace gf::doc
