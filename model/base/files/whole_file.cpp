#include "model/base/files/whole_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
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

WholeFile::WholeFile(std::string path, std::string target, std::string part) noexcept
    : path_(std::move(path)), target_(std::move(target)), part_(std::move(part)) {}

WholeFile::WholeFile(WholeFile&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      part_(std::exchange(other.part_, {})),
      file_(std::move(other.file_)) {}

WholeFile::~WholeFile() {
  file_.reset();
  std::error_code ignored;
  if (!part_.empty()) fs::remove(part_, ignored);
}

tl::unexpected<Error> WholeFile::refused(int error_number) const { return whole_file_error(path_, error_number); }

Result<WholeFile> WholeFile::create(const std::string& path) {
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
  if (!in_place) GF_TRY(check_output(target + ".part"));  // a model may have this name
  WholeFile file(path, target, in_place ? std::string() : target + ".part");
  file.file_.reset(std::fopen(in_place ? target.c_str() : file.part_.c_str(), "wbe"));
  if (!file.file_) {
    const int why = errno;
    file.part_.clear();
    return file.refused(why);
  }
  if (!in_place && fs::exists(there)) fs::permissions(file.part_, there.permissions(), error);  // where the system lets us
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
  if (part_.empty()) return {};
  std::error_code error;
  fs::rename(part_, target_, error);
  if (error) return refused(error.value());
  part_.clear();
  return {};
}

Result<void> write_whole_file(const std::string& path, std::string_view bytes) {
  GF_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
  GF_TRY(file.write(bytes));
  return file.keep();
}

}  // namespace gf
