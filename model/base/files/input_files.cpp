#include "model/base/files/input_files.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <sys/stat.h>
#include <utility>

#include "model/base/files/own_folder.h"
#include "model/base/text.h"

namespace gf {

namespace {

struct InputRegistry {
  std::mutex mutex;
  std::map<FileIdentity, int> readers;
};
/// Never destroyed: other static objects may hold models, whose destructors come here.
InputRegistry& input_registry() {
  static auto* it = new InputRegistry;
  return *it;
}

void change_readers(FileIdentity file, int by) {
  InputRegistry& r = input_registry();
  const std::scoped_lock lock(r.mutex);
  if ((r.readers[file] += by) == 0) r.readers.erase(file);
}

std::atomic<bool> protects_all_inputs{false};
thread_local InputFiles* inputs_of_thread = nullptr;
thread_local OwnFolder* own_of_thread = nullptr;

std::string canonical_path(const std::string& path) {
  std::error_code error;
  const auto canonical = std::filesystem::canonical(path, error);
  return error ? path : canonical.string();
}

}  // namespace

FileIdentity identity_of(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)};
}

InputFile::InputFile(FileIdentity file) : file_(file), holds_(true) { change_readers(file_, 1); }
InputFile::InputFile(InputFile&& other) noexcept : file_(other.file_), holds_(std::exchange(other.holds_, false)) {}
InputFile& InputFile::operator=(InputFile&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(holds_, other.holds_);
  return *this;
}
InputFile::~InputFile() {
  if (holds_) change_readers(file_, -1);
}

InputFiles::Scope::Scope(InputFiles& files) : outer_(std::exchange(inputs_of_thread, &files)) {}
InputFiles::Scope::~Scope() { inputs_of_thread = outer_; }

void note_input(FileIdentity file) {
  if (protects_all_inputs) change_readers(file, 1);
  if (inputs_of_thread != nullptr) inputs_of_thread->files_.emplace_back(file);
}

void note_input(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) note_input(identity_of(status));
}

OwnFolder::OwnFolder(const std::string& folder) : within_(canonical_path(folder) + "/"), outer_(std::exchange(own_of_thread, this)) {}
OwnFolder::~OwnFolder() { own_of_thread = outer_; }

bool OwnFolder::holds(const std::string& path) {
  return own_of_thread != nullptr && canonical_path(path).starts_with(own_of_thread->within_);
}

void protect_all_inputs() { protects_all_inputs = true; }

Result<void> check_output(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  if (OwnFolder::holds(path)) return {};
  InputRegistry& r = input_registry();
  const std::scoped_lock lock(r.mutex);
  if (!r.readers.contains(identity_of(status))) return {};
  return fail(ErrorCode::InvalidArgument,
              text("Cannot write {0}: the program reads from that file, and would destroy it; name another file.", path), "check_output");
}

}  // namespace gf
