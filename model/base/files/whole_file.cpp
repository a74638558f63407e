#include "model/base/files/whole_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "model/base/files/input_files.h"
#include "model/base/text.h"

namespace gf {

namespace {
namespace fs = std::filesystem;

const char* whole_file_advice(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return phrase("make room, or name another place");
    case ENOENT:
    case ENOTDIR: return phrase("name a folder that is there");
    case EISDIR: return phrase("name a file, not a folder");
    default: return phrase("name another place");
  }
}

tl::unexpected<Error> whole_file_error(const std::string& path, int error_number) {
  return fail(ErrorCode::Io, text("Cannot write {0}: {1}; {2}.", path, std::strerror(error_number), text(whole_file_advice(error_number))),
              "WholeFile");
}
}  // namespace

WholeFile::WholeFile(std::string path, std::string target, FilePart part, bool to_disk) noexcept
    : path_(std::move(path)), target_(std::move(target)), part_(std::move(part)), to_disk_(to_disk) {}

tl::unexpected<Error> WholeFile::refused(int error_number) const { return whole_file_error(path_, error_number); }

Result<WholeFile> WholeFile::create(const std::string& path, const WholeFileOptions& options) {
  std::error_code error;
  const fs::file_status there = fs::status(path, error);
  if (path.empty()) return fail(ErrorCode::Io, text("Cannot write a file without a name; give it one."), "WholeFile");
  if (path.back() == '/' || there.type() == fs::file_type::directory) return whole_file_error(path, EISDIR);
  const bool in_place = fs::exists(there) && there.type() != fs::file_type::regular;
  std::string target = path;
  if (!in_place && fs::exists(there)) {
    const fs::path followed = fs::canonical(path, error);
    if (!error) target = followed.string();
  }
  GF_TRY(check_output(target));
  if (in_place) {
    WholeFile file(path, target, FilePart(), false);
    file.file_.reset(std::fopen(target.c_str(), "wbe"));
    if (!file.file_) return file.refused(errno);
    return file;
  }
  const bool replaces = fs::exists(there);
  constexpr mode_t kOwner = S_IRUSR | S_IWUSR, kUsual = kOwner | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
  auto part = FilePart::beside(target, replaces || options.owner_only ? kOwner : kUsual);
  if (!part) return whole_file_error(path, part.error());
  if (replaces) static_cast<void>(::fchmod(part->descriptor(), static_cast<mode_t>(there.permissions())));  // where the system lets us
  WholeFile file(path, target, *std::move(part), options.to_disk);
  // The stream gets a descriptor of its own, since that of the part goes on after the stream is closed.
  const int own = ::fcntl(file.part_.descriptor(), F_DUPFD_CLOEXEC, 0);
  if (own >= 0) file.file_.reset(::fdopen(own, "wb"));
  if (!file.file_) {
    const int why = errno;
    if (own >= 0) ::close(own);
    return file.refused(why);
  }
  return file;
}

Result<void> WholeFile::write(std::string_view bytes) {
  EXPECTS(file_ != nullptr, "a kept file is not written to");
  if (bytes.empty()) return {};  // of which there may be no address
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) return refused(errno);
  return {};
}

Result<void> WholeFile::keep() {
  EXPECTS(file_ != nullptr, "a file is kept once");
  // The last bytes may find no room when they are flushed, or, over a network, when the file is closed.
  if (std::fclose(file_.release()) != 0) return refused(errno);
  if (part_.none()) return {};
  if (const auto kept = part_.keep_as(target_, to_disk_); !kept) return refused(kept.error());
  return {};
}

Result<void> write_whole_file(const std::string& path, std::string_view bytes, const WholeFileOptions& options) {
  GF_TRY_ASSIGN(WholeFile file, WholeFile::create(path, options));
  GF_TRY(file.write(bytes));
  return file.keep();
}

}  // namespace gf
