#include "model/io/recognise.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "model/io/files/mapped_file.h"

namespace gf {

namespace {

constexpr const char* kRecogniseOpened =
    "supported are Hugging Face's safetensors and pytorch_model.bin, nanoGPT, minGPT, llm.c, GGUF and llm-viz's JSON";
constexpr std::string_view kRecogniseLfs = "version https://git-lfs";

std::string recognise_beginning(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return {};  // to read a pipe is to wait for somebody to write
  std::ifstream in(path, std::ios::binary);
  std::string bytes(4096, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

// What a file's first bytes say it is; empty: nothing known.
std::string recognise_content(const std::string& bytes) {
  const std::string_view b = bytes;
  if (b.starts_with("\x89HDF\r\n")) return "a TensorFlow checkpoint (HDF5)";
  if (const auto first = b.find_first_not_of(" \t\r\n"); first != std::string_view::npos && b[first] == '{') return "a JSON file";
  return {};
}

Error recognise_unsupported(const std::string& path, const std::string& what) {
  return {ErrorCode::Unsupported, path + " is " + what + ", which cannot be opened; " + kRecogniseOpened + ".", "load_weights"};
}

}  // namespace

bool is_lfs_pointer(const std::string& path) { return recognise_beginning(path).starts_with(kRecogniseLfs); }

Error refusal_of(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    constexpr std::array<std::string_view, 6> extensions = {".bin", ".pt", ".pth", ".gguf", ".h5", ".msgpack"};
    for (const auto& entry : fs::directory_iterator(path, ignored)) {
      const std::string name = entry.path().string();
      const std::string extension = entry.path().extension().string();
      for (const auto& known : extensions)
        if (extension == known) {
          if (const auto file = MappedFile::open(name); !file) return file.error();
          const std::string begin = recognise_beginning(name);
          if (begin.empty() || begin.starts_with(kRecogniseLfs)) return refusal_of(name);
          const std::string what = recognise_content(begin);
          return recognise_unsupported(name, what.empty() ? "a checkpoint of another format" : what);
        }
    }
    return {ErrorCode::NotFound, "There are no weights in the folder " + path + "; " + kRecogniseOpened + ".", "load_weights"};
  }
  const auto file = MappedFile::open(path);
  if (!file) return file.error();
  const std::string bytes = recognise_beginning(path);
  if (bytes.empty()) return {ErrorCode::Corrupt, path + " is empty.", "load_weights"};
  if (bytes.starts_with(kRecogniseLfs))
    return {ErrorCode::Corrupt, path + " is only a pointer of Git LFS to the real file; fetch it with: git lfs pull.", "load_weights"};
  const std::string what = recognise_content(bytes);
  if (!what.empty()) return recognise_unsupported(path, what);
  return {ErrorCode::Unsupported, path + " is no checkpoint that is known; " + kRecogniseOpened + ".", "load_weights"};
}

}  // namespace gf
