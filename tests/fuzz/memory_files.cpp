#include "tests/fuzz/memory_files.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

#include "model/io/files/mapped_file.h"

namespace gf {

namespace fuzz {

std::map<std::string, std::string>& files() {
  static std::map<std::string, std::string> all;
  return all;
}

void put_file(const std::string& path, std::span<const std::uint8_t> bytes) { files()[path].assign(bytes.begin(), bytes.end()); }

Result<std::string> contents(const std::string& path) {
  if (const auto found = files().find(path); found != files().end()) return found->second;
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::NotFound, "There is no file " + path + ".", "MappedFile");
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

}  // namespace fuzz

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path) {
  GF_TRY_ASSIGN(const std::string text, fuzz::contents(path));
  std::shared_ptr<MappedFile> mapped(new MappedFile);
  mapped->path_ = path;
  mapped->size_ = text.size();
  if (text.empty()) return mapped;
  auto* bytes = new std::byte[text.size()];
  std::memcpy(bytes, text.data(), text.size());
  mapped->data_ = bytes;
  return mapped;
}

MappedFile::~MappedFile() { delete[] data_; }

// A file in memory has no slot in the handler's table and is never cut short.
bool MappedFile::truncated() const { return slot_ >= 0; }
bool MappedFile::overwritten() const { return written_s_ != written_ns_; }

Result<std::string> read_file(const std::string& path, std::size_t limit_bytes) {
  GF_TRY_ASSIGN(std::string text, fuzz::contents(path));
  if (text.size() > limit_bytes) return fail(ErrorCode::Unsupported, path + " is too large.");
  text.shrink_to_fit();
  return text;
}

}  // namespace gf
