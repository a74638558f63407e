#include "model/base/files/text_file.h"

#include <algorithm>
#include <cerrno>
#include <sys/stat.h>
#include <system_error>

#include "model/base/files/input_files.h"
#include "model/base/files/read_descriptor.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf {

namespace {

/// The kind of a file that is not a regular one.
std::string text_file_kind(mode_t mode) {
  if (S_ISDIR(mode)) return text("a folder");
  if (S_ISFIFO(mode)) return text("a pipe");
  if (S_ISSOCK(mode)) return text("a socket");
  return text("a device");
}

}  // namespace

Result<std::string> read_text_file(const std::string& path, std::string_view what, std::size_t most_bytes) {
  const std::string noun = text(what);
  const ReadDescriptor file(path);
  struct stat info = {};
  if (file.get() < 0 && (errno == ENXIO || errno == ENODEV))  // a socket, or a device that is not there
    return fail(ErrorCode::InvalidArgument, text("the {0} {1} is {2}; give a file", noun, path, text("a device")));
  if (file.get() < 0 || fstat(file.get(), &info) != 0)
    return fail(ErrorCode::NotFound, text("the {0} {1} cannot be read; check the path", noun, path),
                std::generic_category().message(errno));
  if (!S_ISREG(info.st_mode)) {
    const ErrorCode code = S_ISDIR(info.st_mode) ? ErrorCode::NotFound : ErrorCode::InvalidArgument;
    return fail(code, text("the {0} {1} is {2}; give a file", noun, path, text_file_kind(info.st_mode)));
  }
  note_input(identity_of(info));
  const auto too_large = [&] {
    return fail(ErrorCode::InvalidArgument, text("the {0} {1} is larger than {2}, as no {0} is; check the path", noun, path,
                                                 numbers::bytes(static_cast<double>(most_bytes))));
  };
  const auto size = static_cast<std::size_t>(std::max<off_t>(info.st_size, 0));
  if (size > most_bytes) return too_large();
  // A file of /proc says that it has no bytes, and any file may have grown since. So one byte more than the size is asked for.
  constexpr std::size_t kPiece = std::size_t{64} << 10;
  std::string bytes(size + 1, '\0');
  std::size_t at = 0;
  for (;;) {
    if (at == bytes.size()) bytes.resize(at + kPiece);
    const ssize_t got = file.read(bytes.data() + at, bytes.size() - at);
    if (got < 0)
      return fail(ErrorCode::Io, text("the {0} {1} could not be read to its end: {2}", noun, path, std::generic_category().message(errno)));
    if (got == 0) break;
    at += static_cast<std::size_t>(got);
    if (at > most_bytes) return too_large();
  }
  bytes.resize(at);
  return bytes;
}

}  // namespace gf
