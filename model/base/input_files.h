// Which files the program reads: nothing is ever written over one of them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "model/base/error.h"

struct stat;

namespace gf {

/// A file on its disk, under whatever name: links, hard links and relative paths lead to the same one.
struct FileIdentity {
  std::uint64_t device = 0, inode = 0;
  friend auto operator<=>(const FileIdentity&, const FileIdentity&) = default;
};
[[nodiscard]] FileIdentity identity_of(const struct stat& status);

/// Protects one file while it lives. Thread safe.
class InputFile {
 public:
  InputFile() = default;  ///< of nothing
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

/// What this thread reads whole while a Scope is open (note_input) stays protected as long as this object lives: a model
/// keeps its config and its tokenizer's files so.
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

/// For whoever reads a file whole and closes it. Protected from here on by the thread's Scope, and for good after
/// protect_all_inputs(); in a window without a Scope not at all: an opened session may be saved under its own name.
void note_input(FileIdentity file);
/// From here on every file that is read stays protected until the program ends: a command reads its inputs once and
/// writes its outputs last.
void protect_all_inputs();

/// Whether something may be written to this path. What is not there, and a pipe or a device, may.
/// Errors: InvalidArgument where the path leads to a file that the program reads.
[[nodiscard]] Result<void> check_output(const std::string& path);

}  // namespace gf
