// The files that the program reads. The program never writes over one of them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "model/base/error.h"

struct stat;

namespace gf {

/// A file on its disk. Links, hard links and relative paths to it have the same identity.
struct FileIdentity {
  std::uint64_t device = 0, inode = 0;
  friend auto operator<=>(const FileIdentity&, const FileIdentity&) = default;
};
[[nodiscard]] FileIdentity identity_of(const struct stat& status);

/// Protects one file while it lives. Thread safe.
class InputFile {
 public:
  InputFile() = default;  ///< protects nothing
  explicit InputFile(FileIdentity file);
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile();

 private:
  FileIdentity file_;
  bool holds_ = false;
};

/// Protects files that were read whole. While a Scope is open, the files that its thread notes (note_input) are added to the
/// object, and they stay protected as long as it lives. A model holds one for its config and its tokenizer's files.
class InputFiles {
 public:
  class Scope {
   public:
    explicit Scope(InputFiles& files);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    InputFiles* outer_;
  };

 private:
  friend void note_input(FileIdentity file);
  std::vector<InputFile> files_;
};

/// Each function that reads a file whole and closes it calls this. The thread's Scope then protects the file; after
/// protect_all_inputs() it is protected for good. Without either it is not: the window may save a session under its own name.
void note_input(FileIdentity file);
/// The same for a file that the call names and that is read in another way, or not at all; nothing where there is none.
void note_input(const std::string& path);
/// From here on every file that is read stays protected until the program ends. For commands, which read their inputs once
/// and write their outputs last.
void protect_all_inputs();

/// Whether the program may write to this path. It may where there is no file yet, and to pipes and devices.
/// Errors: InvalidArgument where the path leads to a file that the program reads.
[[nodiscard]] Result<void> check_output(const std::string& path);

}  // namespace gf
