#include "model/base/files/text_lines.h"

#include <cerrno>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include "model/base/files/input_files.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf {

TextLines::TextLines(std::string path, std::string_view what, std::size_t most_bytes, ReadDescriptor file)
    : path_(std::move(path)), what_(text(what)), most_bytes_(most_bytes), file_(std::move(file)) {}

Result<TextLines> TextLines::open(const std::string& path, std::string_view what, std::size_t most_bytes) {
  if (path == "-") return TextLines(text("standard input"), what, most_bytes, ReadDescriptor::standard_input());
  TextLines lines(path, what, most_bytes, ReadDescriptor(path));
  struct stat info = {};
  if (lines.file_.get() < 0 || fstat(lines.file_.get(), &info) != 0)
    return fail(ErrorCode::NotFound, text("the {0} {1} cannot be read; check the path", lines.what_, path));
  if (!S_ISREG(info.st_mode))
    return fail(ErrorCode::InvalidArgument, text("the {0} {1} is not a file; give a file, or - for standard input", lines.what_, path));
  note_input(identity_of(info));
  return lines;
}

Result<bool> TextLines::next(std::string& line) {
  constexpr std::size_t kPiece = std::size_t{64} << 10;
  ++number_;
  std::size_t looked = at_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', looked);
    if (end != std::string::npos || ended_) {
      if (end == std::string::npos && at_ == buffer_.size()) return false;
      line.assign(buffer_, at_, (end == std::string::npos ? buffer_.size() : end) - at_);
      if (line.ends_with('\r')) line.pop_back();
      at_ = end == std::string::npos ? buffer_.size() : end + 1;
      return true;
    }
    buffer_.erase(0, at_);
    at_ = 0;
    looked = buffer_.size();
    if (looked > most_bytes_)
      return fail(ErrorCode::InvalidArgument, text("{0}, line {1}: it is longer than {2}, as no line of a {3} is; check the path", path_,
                                                   number_, numbers::bytes(static_cast<double>(most_bytes_)), what_));
    buffer_.resize(looked + kPiece);
    const ssize_t got = file_.read(buffer_.data() + looked, kPiece);
    if (got < 0)
      return fail(ErrorCode::Io,
                  text("the {0} {1} could not be read to its end: {2}", what_, path_, std::generic_category().message(errno)));
    buffer_.resize(looked + static_cast<std::size_t>(got));
    ended_ = got == 0;
  }
}

}  // namespace gf
