// Text from outside the program, line by line within a bound.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "model/base/error.h"
#include "model/base/files/read_descriptor.h"
#include "model/base/files/text_file.h"

namespace gf {

/// The lines of a regular file of any size, or of standard input ("-"). At most one line stands in memory. Devices, pipes
/// and folders are refused, and so is a line that gets too long. The file is noted as an input (input_files.h). Safe to use
/// for untrusted input.
class TextLines {
 public:
  /// `what` as in read_text_file(). Errors: NotFound, InvalidArgument.
  [[nodiscard]] static Result<TextLines> open(const std::string& path, std::string_view what, std::size_t most_bytes = kMostTextBytes);
  TextLines(TextLines&&) noexcept = default;
  TextLines& operator=(TextLines&&) = delete;
  TextLines(const TextLines&) = delete;
  TextLines& operator=(const TextLines&) = delete;
  ~TextLines() = default;

  /// The next line without its end (\n or \r\n); false: there are no more. Errors: InvalidArgument (too long a line), Io.
  [[nodiscard]] Result<bool> next(std::string& line);

 private:
  TextLines(std::string path, std::string_view what, std::size_t most_bytes, ReadDescriptor file);
  std::string path_, what_, buffer_;
  std::size_t most_bytes_ = 0, at_ = 0, number_ = 0;
  ReadDescriptor file_;
  bool ended_ = false;
};

}  // namespace gf
