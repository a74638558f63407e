#include "model/io/recognise.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace gf {

namespace {

constexpr const char* kRecogniseOpened = "a Hugging Face directory or .safetensors file is";

std::string recognise_beginning(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes(4096, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

// What a file's first bytes say it is; empty: nothing known.
std::string recognise_content(const std::string& bytes) {
  const std::string_view b = bytes;
  if (b.starts_with("PK\x03\x04")) return "a PyTorch checkpoint (zip)";
  if (b.size() > 1 && b[0] == '\x80' && b[1] >= 2 && b[1] <= 5) return "a PyTorch checkpoint (pickle)";
  if (b.starts_with("GGUF")) return "a GGUF file";
  if (b.starts_with("\x89HDF\r\n")) return "a TensorFlow checkpoint (HDF5)";
  if (b.size() >= 1024 && b.starts_with(std::string_view("\x88\xd7\x34\x01", 4))) return "an llm.c checkpoint";
  if (const auto first = b.find_first_not_of(" \t\r\n"); first != std::string_view::npos && b[first] == '{') {
    if (b.find("\"n_embd\"") != std::string_view::npos || b.find("\"block_size\"") != std::string_view::npos) return "a JSON model";
    return "a JSON file";
  }
  return {};
}

Error recognise_unsupported(const std::string& path, const std::string& what) {
  return {ErrorCode::Unsupported, path + " is " + what + ", which cannot be opened yet; " + kRecogniseOpened + ".", "load_weights"};
}

}  // namespace

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
          const std::string what = recognise_content(recognise_beginning(name));
          return recognise_unsupported(name, what.empty() ? "a checkpoint of another format" : what);
        }
    }
    if (fs::exists(fs::path(path) / "model.json", ignored)) return recognise_unsupported(path + "/model.json", "a JSON model");
    return {ErrorCode::NotFound, "There is no model.safetensors in the folder " + path + "; choose a folder with a model.", "load_weights"};
  }
  const std::string bytes = recognise_beginning(path);
  if (bytes.empty()) return {ErrorCode::Corrupt, path + " is empty.", "load_weights"};
  if (bytes.starts_with("version https://git-lfs"))
    return {ErrorCode::Corrupt, path + " is only a pointer of Git LFS to the real file; fetch it with: git lfs pull.", "load_weights"};
  const std::string what = recognise_content(bytes);
  if (!what.empty()) return recognise_unsupported(path, what);
  return {ErrorCode::Unsupported, path + " is no checkpoint that is known; " + kRecogniseOpened + ".", "load_weights"};
}

}  // namespace gf
