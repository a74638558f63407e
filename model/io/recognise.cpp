#include "model/io/recognise.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "model/base/files/json_bounds.h"
#include "model/base/text.h"
#include "model/io/files/mapped_file.h"
#include "model/io/formats/huggingface.h"
#include "model/io/hub.h"

namespace gf {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRecogniseLfs = "version https://git-lfs";

/// The formats of loaders.cpp and torch_formats.cpp, in words.
std::string recognise_opened() {
  return text(
      "supported are Hugging Face's safetensors and pytorch_model.bin, nanoGPT, minGPT and other state dicts of PyTorch, llm.c, GGUF and "
      "llm-viz's JSON");
}

std::string recognise_beginning(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return {};  // reading a pipe would wait for a writer
  std::ifstream in(path, std::ios::binary);
  std::string bytes(4096, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

bool is_web_page(std::string_view bytes) {
  const auto first = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first == std::string_view::npos) return false;
  std::string begin(bytes.substr(first, 32));
  std::ranges::transform(begin, begin.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array<std::string_view, 6> pages = {"<!doctype", "<html", "<head", "<?xml", "<!--", "<error>"};
  if (std::ranges::any_of(pages, [&](std::string_view page) { return begin.starts_with(page); })) return true;
  // Hugging Face's server answers these in plain text.
  constexpr std::array<std::string_view, 5> answers = {"invalid username or password", "entry not found", "repository not found",
                                                       "access to model ", "{\"error\":"};
  return std::ranges::any_of(answers, [&](std::string_view answer) { return begin.starts_with(answer); });
}

// What a file is and what to do, as the rest of "PATH is ..."; empty: the file is not known.
std::string recognise_what(const std::string& path, std::string_view b) {
  const std::string name = fs::path(path).filename().string();
  const bool tensorflow = b.starts_with("\x89HDF\r\n") || b.starts_with("model_checkpoint_path:") || name.ends_with(".ckpt.index") ||
                          name.ends_with(".ckpt.meta") || name.find(".ckpt.data-") != std::string::npos || name == "saved_model.pb";
  if (tensorflow)
    return text(
        "a TensorFlow checkpoint; transformers 4 converts it: GPT2LMHeadModel.from_pretrained(FOLDER, "
        "from_tf=True).save_pretrained(NEW), and OpenAI's own models are on the hub as openai-community/gpt2, gpt2-medium, gpt2-large and "
        "gpt2-xl");
  if (name.ends_with(".msgpack"))
    return text(
        "a Flax checkpoint; transformers 4 converts it: GPT2LMHeadModel.from_pretrained(FOLDER, from_flax=True).save_pretrained(NEW)");
  if (b.starts_with("\x93NUMPY"))
    return text("an array of NumPy's, without names; save the weights as safetensors: safetensors.numpy.save_file({NAME: array}, FILE)");
  if (name.ends_with(".onnx")) return text("an ONNX program; open the checkpoint that it was exported from");
  if (name.ends_with(".ot")) return text("a checkpoint of the Rust library tch; open the model.safetensors of the same model");
  if (const auto first = b.find_first_not_of(" \t\r\n"); first != std::string_view::npos && b[first] == '{')
    return text("a JSON file, but not llm-viz's");
  return {};
}

Error recognise_unsupported(const std::string& path, const std::string& what) {
  return {ErrorCode::Unsupported, text("{0} is {1}; {2}.", path, what, recognise_opened()), "load_weights"};
}

Error recognise_file(const std::string& path) {
  if (const auto file = MappedFile::open(path); !file) return file.error();
  const std::string bytes = recognise_beginning(path);
  if (bytes.empty()) return {ErrorCode::Corrupt, text("{0} is empty.", path), "load_weights"};
  if (bytes.starts_with(kRecogniseLfs))
    return {ErrorCode::Corrupt, text("{0} is only a pointer of Git LFS to the real file; fetch it with: git lfs pull.", path),
            "load_weights"};
  if (is_web_page(bytes))
    return {ErrorCode::Corrupt,
            text("{0} is a web page and not the file that its name promises: a server answered the download with it; get the file itself, "
                 "logged in if it asks for that.",
                 path),
            "load_weights"};
  if (const std::string what = recognise_what(path, bytes); !what.empty()) return recognise_unsupported(path, what);
  return {ErrorCode::Unsupported, text("{0} is not a checkpoint that is known; {1}.", path, recognise_opened()), "load_weights"};
}

// What a folder without a checkpoint is and what to do, as the rest of "FOLDER is ..."; empty: it is not known.
std::string recognise_folder(const fs::path& folder) {
  std::error_code ignored;
  if (const std::string model =
          hub_model_name(folder.filename().empty() ? folder.parent_path().filename().string() : folder.filename().string());
      !model.empty() && fs::is_directory(folder / "snapshots", ignored))
    return text("the folder of a model in Hugging Face's cache; give hf:{0}, or a folder in its snapshots", model);
  if (fs::exists(folder / "zero_to_fp32.py", ignored))
    return text("a checkpoint of DeepSpeed, whose weights lie in parts; in it, python zero_to_fp32.py . OUT puts them together");
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".distcp"))
      return text(
          "a distributed checkpoint of PyTorch; python -m torch.distributed.checkpoint.format_utils dcp_to_torch FOLDER model.pt makes one "
          "file of it");
    constexpr std::array<std::string_view, 5> parts = {".part", ".crdownload", ".partial", ".aria2", ".incomplete"};
    if (std::ranges::any_of(parts, [&](std::string_view part) { return name.ends_with(part); }))
      return text("a folder with a download that is not finished ({0}); get that file again", name);
  }
  return {};
}

// Whether a file's name says that it holds weights: in a folder without a model, such a file is named in the message.
bool is_weights_name(const fs::path& path) {
  constexpr std::array<std::string_view, 14> extensions = {".npz", ".safetensors", ".bin", ".pt",   ".pth", ".ckpt",  ".gguf",
                                                           ".h5",  ".msgpack",     ".npy", ".onnx", ".ot",  ".index", ".pb"};
  return std::ranges::find(extensions, path.extension().string()) != extensions.end();
}

// The folder `blobs`, to which the links of a snapshot in the cache lead; empty: the folder is not a snapshot in the cache.
fs::path blobs_of(const fs::path& snapshot) {
  std::error_code ignored;
  fs::path full = fs::absolute(snapshot, ignored).lexically_normal();
  if (full.filename().empty()) full = full.parent_path();
  return full.parent_path().filename() == "snapshots" ? full.parent_path().parent_path() / "blobs" : fs::path();
}

int incomplete_in(const fs::path& folder) {
  std::error_code ignored;
  int count = 0;
  for (auto at = fs::recursive_directory_iterator(folder, ignored); at != fs::recursive_directory_iterator(); at.increment(ignored)) {
    if (ignored) break;
    if (at->path().extension() == ".incomplete") ++count;
  }
  return count;
}

}  // namespace

bool is_stand_in(const std::string& path) {
  const std::string bytes = recognise_beginning(path);
  return bytes.starts_with(kRecogniseLfs) || is_web_page(bytes);
}

Error adapter_refusal(const std::string& path) {
  const fs::path folder = model_folder(path);
  std::string base = "BASE";
  if (const auto config = read_file((folder / "adapter_config.json").string(), 1U << 20)) {
    const bool bounded = check_json_bounds(*config, 100'000, path).has_value();
    const auto json = bounded ? nlohmann::json::parse(*config, nullptr, false) : nlohmann::json();
    if (json.is_object() && json.contains("base_model_name_or_path") && json["base_model_name_or_path"].is_string())
      base = json["base_model_name_or_path"].get<std::string>();
  }
  return {
      ErrorCode::Unsupported,
      text(
          "{0} is a LoRA adapter without its base model ({1}): merge them first. PEFT's merge adds lora_alpha / r times B A to each matrix "
          "that the adapter names: PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(\"{1}\"), "
          "\"{2}\").merge_and_unload().save_pretrained(\"merged\").",
          path, base, folder.string()),
      "load_weights"};
}

int unfinished_files(const std::string& path) {
  std::error_code ignored;
  const fs::path folder = fs::is_directory(path, ignored) ? fs::path(path) : fs::path(path).parent_path();
  int count = incomplete_in(folder / ".cache" / "huggingface" / "download");
  if (const fs::path blobs = blobs_of(folder); !blobs.empty()) count += incomplete_in(blobs);
  if (count > 0) return count;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.is_symlink(ignored) && !fs::exists(entry.path(), ignored)) ++count;
  return count;
}

bool lacks_small_files(const std::string& path) {
  constexpr std::array<const char*, 7> names = {"config.json", "tokenizer.json",        "vocab.json",       "merges.txt",
                                                "meta.pkl",    "tokenizer_config.json", "added_tokens.json"};
  const fs::path folder = model_folder(path);
  return std::ranges::any_of(names, [&](const char* name) {
    std::error_code ignored;
    return fs::is_symlink(folder / name, ignored) && !fs::exists(folder / name, ignored);
  });
}

Error unfinished_refusal(const std::string& path) {
  const int count = unfinished_files(path);
  const std::string name = model_name(path);
  return {ErrorCode::NotFound,
          counted(count, "The download of {1} is not finished: {0} of its files is incomplete; finish it with: hf download {1}.",
                  "The download of {1} is not finished: {0} of its files are incomplete; finish it with: hf download {1}.", name),
          "load_weights"};
}

Error refusal_of(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return recognise_file(path);
  if (unfinished_files(path) > 0) return unfinished_refusal(path);
  for (const char* name : {"adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"})
    if (fs::exists(fs::path(path) / name, ignored)) return adapter_refusal(path);
  if (const std::string what = recognise_folder(path); !what.empty())
    return {ErrorCode::Unsupported, text("{0} is {1}.", path, what), "load_weights"};
  std::vector<std::string> names, all;
  for (const auto& entry : fs::directory_iterator(path, ignored)) {
    all.push_back(entry.path().filename().string());
    if (is_weights_name(entry.path())) names.push_back(entry.path().string());
  }
  std::ranges::sort(names);
  std::ranges::sort(all);
  if (!names.empty()) return recognise_file(names.front());
  if (fs::exists(fs::path(path) / "checkpoint", ignored)) return recognise_file((fs::path(path) / "checkpoint").string());
  std::string list;
  constexpr std::size_t most = 8;
  for (std::size_t i = 0; i < std::min(all.size(), most); ++i) list += (i > 0 ? ", " : "") + all[i];
  if (all.size() > most) list += ", ...";
  return {ErrorCode::NotFound,
          list.empty() ? text("There are no weights in the folder {0}, which is empty; {1}.", path, recognise_opened())
                       : text("There are no weights in the folder {0}, which has {1}; {2}.", path, list, recognise_opened()),
          "load_weights"};
}

}  // namespace gf
