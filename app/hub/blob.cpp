#include "app/hub/blob.h"

#include <QCryptographicHash>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/base/files/file_part.h"
#include "model/base/text.h"
#include "model/io/hub.h"

namespace gf::hub {

tl::unexpected<Error> cannot_write_blob(const std::filesystem::path& path, int error_number) {
  return fail(ErrorCode::Io,
              text("Cannot write {0}: {1}; make room, or set HF_HOME to another place.", path.string(), std::strerror(error_number)),
              "fetch");
}

namespace {

namespace fs = std::filesystem;

/// A file's descriptor, or that of a lock.
class BlobDescriptor {
 public:
  explicit BlobDescriptor(const fs::path& path)
      : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH)) {}
  ~BlobDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  BlobDescriptor(const BlobDescriptor&) = delete;
  BlobDescriptor& operator=(const BlobDescriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

std::int64_t size_of_file(int descriptor) {
  struct stat status = {};
  return ::fstat(descriptor, &status) == 0 ? status.st_size : 0;
}

Result<void> write_all(int descriptor, const QByteArray& bytes, const fs::path& path) {
  for (qsizetype at = 0; at < bytes.size();) {
    const ssize_t written = ::write(descriptor, bytes.constData() + at, static_cast<std::size_t>(bytes.size() - at));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot_write_blob(path, errno);
    at += written;
  }
  return {};
}

Result<std::string> hash_of(int descriptor, const FetchFile& file, const FetchOptions& options) {
  QCryptographicHash hash(file.large ? QCryptographicHash::Sha256 : QCryptographicHash::Sha1);
  if (!file.large) hash.addData(QByteArray("blob ") + QByteArray::number(static_cast<qint64>(file.bytes)) + '\0');
  std::vector<char> buffer(1 << 20);
  for (off_t at = 0;;) {
    if (options.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("The download was stopped."), "fetch");
    const ssize_t got = ::pread(descriptor, buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorCode::Io, text("Cannot read what was downloaded of {0}: {1}.", file.name, std::strerror(errno)), "fetch");
    if (got == 0) break;
    hash.addData(QByteArrayView(buffer.data(), got));
    at += got;
  }
  return hash.result().toHex().toStdString();
}

struct Received {
  Result<void> done;       ///< the connection ended well; whether all is there is asked by the caller
  bool try_again = false;  ///< it ended otherwise, and that was neither the hub's word nor the disk's
};

/// Goes on from what is in the file.
Received receive(Http& http, const FetchPlan& plan, const FetchFile& file, const FetchOptions& options, int descriptor,
                 const fs::path& path, const std::function<void(std::int64_t)>& arrived) {
  std::int64_t at = size_of_file(descriptor);
  const std::int64_t asked = at;
  bool beyond_end = false, refused = false;
  const QUrl url = file_url(plan, file, options);
  const auto from = [&](std::int64_t place) -> Result<void> {
    at = place;
    if (::ftruncate(descriptor, place) != 0 || ::lseek(descriptor, place, SEEK_SET) < 0) return cannot_write_blob(path, errno);
    return {};
  };
  const auto begin_at = [&](const HttpReply& reply) -> Result<void> {
    beyond_end = reply.status == 416;
    if (beyond_end) return from(0);  // it cannot go on from there; the next try begins anew
    if (reply.status != 200 && reply.status != 206) return tl::unexpected(refused_by_server(reply.status, url));
    if (reply.status == 206 && reply.from != asked)
      return fail(ErrorCode::Corrupt, text("The hub sends another part of {0} than the one asked for; try again.", file.name), "fetch");
    const std::int64_t begin = reply.status == 206 ? asked : 0;
    if (reply.length >= 0 && begin + reply.length != file.bytes)
      return fail(ErrorCode::Corrupt,
                  text("The hub sends {1} bytes of {0}, which has {2}; try again.", file.name, begin + reply.length, file.bytes), "fetch");
    return from(begin);
  };
  const auto take = [&](const QByteArray& bytes) -> Result<void> {
    if (beyond_end) return {};
    if (at + bytes.size() > file.bytes)
      return fail(ErrorCode::Corrupt, text("The hub sends more of {0} than its {1} bytes; try again.", file.name, file.bytes), "fetch");
    GF_TRY(write_all(descriptor, bytes, path));
    at += bytes.size();
    arrived(at);
    return {};
  };
  const auto noted = [&](Result<void> result) {
    refused |= !result;
    return result;
  };
  Received received;
  received.done = http.get(
      url, asked,
      {[&](const HttpReply& reply) { return noted(begin_at(reply)); }, [&](const QByteArray& bytes) { return noted(take(bytes)); }});
  received.try_again = received.done || (!refused && received.done.error().code == ErrorCode::Io);
  return received;
}

}  // namespace

QUrl file_url(const FetchPlan& plan, const FetchFile& file, const FetchOptions& options) {
  QUrl url(QString::fromStdString(options.endpoint));
  url.setPath(url.path() + QLatin1Char('/') + QString::fromStdString(plan.repository + "/resolve/" + plan.commit + "/" + file.name));
  return url;
}

fs::path repository_folder(const FetchPlan& plan, const FetchOptions& options) {
  return fs::path(options.cache) / hub_cache_folder(plan.repository);
}

bool is_here(const FetchPlan& plan, const FetchFile& file, const FetchOptions& options) {
  const fs::path blob = repository_folder(plan, options) / "blobs" / file.hash;
  std::error_code error;
  return fs::is_regular_file(blob, error) && static_cast<std::int64_t>(fs::file_size(blob, error)) == file.bytes;
}

Result<void> fetch_blob(Http& http, const FetchPlan& plan, const FetchFile& file, const FetchOptions& options,
                        const std::function<void(std::int64_t)>& arrived) {
  const fs::path folder = repository_folder(plan, options) / "blobs", blob = folder / file.hash,
                 part = folder / (file.hash + ".incomplete");
  // The lock of Hugging Face's own programs.
  const fs::path locks = fs::path(options.cache) / ".locks" / hub_cache_folder(plan.repository);
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) fs::create_directories(locks, error);
  if (error) return cannot_write_blob(folder, error.value());
  const BlobDescriptor lock(locks / (file.hash + ".lock"));
  if (lock.get() < 0) return cannot_write_blob(locks, errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return fail(ErrorCode::Io, text("Another program is downloading {0}; wait until it has ended.", file.name), "fetch");
  if (is_here(plan, file, options)) {
    arrived(file.bytes);
    return {};
  }
  const BlobDescriptor half(part);
  if (half.get() < 0) return cannot_write_blob(part, errno);
  arrived(std::min(size_of_file(half.get()), file.bytes));
  for (int left = options.tries; size_of_file(half.get()) != file.bytes || file.bytes == 0;) {
    const std::int64_t before = size_of_file(half.get());
    const auto [received, try_again] = receive(http, plan, file, options, half.get(), part, arrived);
    if (!try_again) return received;
    const std::int64_t now = size_of_file(half.get());
    if (received && now == file.bytes) break;
    // A try that brought something does not count: a bad line may break often and still get to the end.
    if (now > before) left = options.tries;
    if (--left > 0) continue;
    const std::string why = received ? text("The connection ended early.") : received.error().message;
    return fail(ErrorCode::Io,
                text("{0} Of {1}, {2} of {3} bytes are here; the same command goes on from there.", why, file.name, now, file.bytes),
                "fetch");
  }
  GF_TRY_ASSIGN(const std::string hash, hash_of(half.get(), file, options));
  if (hash != file.hash) {
    ::unlink(part.c_str());
    return fail(ErrorCode::Corrupt,
                text("{0} has another hash than the hub says, so it was damaged on its way and was deleted; try again.", file.name),
                "fetch");
  }
  if (::fsync(half.get()) != 0 && errno != EINVAL && errno != ENOTSUP) return cannot_write_blob(part, errno);
  if (::rename(part.c_str(), blob.c_str()) != 0) return cannot_write_blob(blob, errno);
  sync_folder_of(blob.string());
  return {};
}

}  // namespace gf::hub
