#include "model/io/formats/huggingface_write.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>

#include "model/base/files/input_files.h"
#include "model/base/files/whole_file.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/io/files/safetensors.h"
#include "model/io/formats/huggingface.h"
#include "model/io/narrow.h"
#include "model/tokenizer/source.h"

namespace gf {

namespace {

namespace fs = std::filesystem;

// What a model directory may have that would be read before, or with, the new files.
constexpr std::array kHuggingfaceStale = {
    "config.json",       "model.safetensors", "model.safetensors.index.json", "vocab.json",           "merges.txt", "tokenizer.json",
    "added_tokens.json", "meta.pkl",          "special_tokens_map.json",      "tokenizer_config.json"};

tl::unexpected<Error> huggingface_write_error(ErrorCode code, const std::string& message) {
  return fail(code, message, "write_huggingface");
}

Result<void> huggingface_goes_on(const std::stop_token& stop) {
  if (stop.stop_requested()) return huggingface_write_error(ErrorCode::Cancelled, text("The conversion was stopped."));
  return {};
}

// The tensors of the new file. Makes those that the checkpoint lacks or has in another layout.
class HuggingfaceTensors {
 public:
  HuggingfaceTensors(const Weights& weights, const HuggingfaceWriteOptions& options)
      : weights_(weights), dtype_(options.dtype), stop_(options.stop) {}

  Result<std::vector<SafetensorsTensor>> make() {
    std::vector<SafetensorsTensor> tensors;
    for (const NamedTensor& row : weights_.table()) {
      GF_TRY(huggingface_goes_on(stop_));
      GF_TRY_ASSIGN(const TensorView view, converted(row));
      tensors.push_back({key(row.name), view});
    }
    return tensors;
  }
  /// Zeros in the place of what the checkpoint leaves out.
  void add_missing(std::vector<SafetensorsTensor>& tensors) {
    const ModelConfig& c = weights_.config;
    const auto bias = [&](const std::string& name, const TensorView& view, int size) {
      if (!view.empty()) return;
      const DType dtype = dtype_.value_or(weights_.dtype);
      tensors.push_back({key(name), {own(static_cast<std::size_t>(size) * size_of(dtype)), dtype, {size}}});
      ++n_missing_;
    };
    for (std::size_t b = 0; b < weights_.blocks.size(); ++b) {
      const BlockWeights& w = weights_.blocks[b];
      const std::string h = "h." + std::to_string(b) + ".";
      bias(h + "ln_1.bias", w.ln1.beta, c.d_model);
      bias(h + "attn.c_attn.bias", w.b_qkv, 3 * c.d_model);
      bias(h + "attn.c_proj.bias", w.b_o, c.d_model);
      bias(h + "ln_2.bias", w.ln2.beta, c.d_model);
      bias(h + "mlp.c_fc.bias", w.b_in, c.d_mlp);
      bias(h + "mlp.c_proj.bias", w.b_out, c.d_model);
    }
    bias("ln_f.bias", weights_.ln_f.beta, c.d_model);
  }
  [[nodiscard]] int n_missing() const { return n_missing_; }

 private:
  static std::string key(const std::string& name) { return name == "lm_head.weight" ? name : "transformer." + name; }

  /// Zeros.
  std::byte* own(std::size_t bytes) {
    storage_.push_back(std::make_unique<std::byte[]>(bytes));
    return storage_.back().get();
  }

  Result<TensorView> converted(const NamedTensor& row) {
    // wte and lm_head are [n_vocab, d_model] in every format.
    const bool turn = !row.in_major && row.name != "lm_head.weight";
    const DType from = row.view.dtype, to = dtype_.value_or(from);
    if (!turn && from == to) return row.view;
    const auto count = static_cast<std::size_t>(row.view.elements());
    const std::size_t n_rows = turn ? static_cast<std::size_t>(row.view.shape[0]) : 1, n_columns = turn ? count / n_rows : count;
    std::byte* data = own(count * size_of(to));
    bool overflow = false;
    for (std::size_t i = 0; i < n_rows; ++i)
      for (std::size_t j = 0; j < n_columns; ++j) {
        std::byte* at = data + (turn ? j * n_rows + i : j) * size_of(to);
        if (from == to) std::memcpy(at, row.view.data + (i * n_columns + j) * size_of(from), size_of(from));
        else overflow = store(row.view.at(static_cast<std::int64_t>(i * n_columns + j)), to, at) || overflow;
      }
    if (overflow)
      return huggingface_write_error(
          ErrorCode::InvalidArgument,
          text("The tensor {0} of {1} has numbers beyond float16's range of 65504; keep its dtype or choose bf16.", row.name,
               weights_.path));
    TensorView view{data, to, row.view.shape};
    if (turn) view.shape = {row.view.shape[1], row.view.shape[0]};
    return view;
  }

  /// Whether a finite number became infinite.
  static bool store(float value, DType to, std::byte* at) {
    if (to == DType::F32) {
      std::memcpy(at, &value, sizeof value);
      return false;
    }
    const std::uint16_t narrow = to == DType::F16 ? f32_to_f16(value) : f32_to_bf16(value);
    std::memcpy(at, &narrow, sizeof narrow);
    return std::isfinite(value) && to == DType::F16 && (narrow & 0x7FFFU) == 0x7C00U;
  }

  const Weights& weights_;
  std::optional<DType> dtype_;
  std::stop_token stop_;
  std::vector<std::unique_ptr<std::byte[]>> storage_;
  int n_missing_ = 0;
};

/// Removes the folders that were made for the model, unless they are kept.
class FreshFolders {
 public:
  FreshFolders() = default;
  FreshFolders(const FreshFolders&) = delete;
  FreshFolders& operator=(const FreshFolders&) = delete;
  ~FreshFolders() {
    std::error_code ignored;
    for (const fs::path& folder : made_) fs::remove(folder, ignored);  // unless something else was put there
  }
  [[nodiscard]] std::error_code make(const fs::path& folder) {
    std::error_code error;
    for (fs::path at = fs::absolute(folder, error).lexically_normal(); !error && !at.empty() && !fs::exists(at, error);
         at = at.parent_path())
      made_.push_back(at);
    fs::create_directories(folder, error);
    return error;
  }
  void keep() { made_.clear(); }

 private:
  std::vector<fs::path> made_;  ///< the innermost first
};

/// A folder inside the one that the model goes to, where its files are made: those of the old model stay until all are whole.
class NewFiles {
 public:
  explicit NewFiles(const fs::path& folder) : folder_(folder) {}
  NewFiles(const NewFiles&) = delete;
  NewFiles& operator=(const NewFiles&) = delete;
  ~NewFiles() {
    std::error_code ignored;
    if (!made_.empty()) fs::remove_all(made_, ignored);
  }
  Result<void> make() {
    std::string made = (folder_ / "new.part-XXXXXX").string();
    if (::mkdtemp(made.data()) == nullptr) return refused(errno);
    made_ = made;
    return {};
  }
  /// Where the file is made.
  [[nodiscard]] std::string path(const std::string& name) const { return (made_ / name).string(); }
  /// An error names the file that was asked for.
  template <class T>
  [[nodiscard]] Result<T> named(Result<T> result) const {
    if (result) return result;
    std::string& message = result.error().message;
    for (std::size_t at = 0; (at = message.find(made_.string(), at)) != std::string::npos; at += folder_.string().size())
      message.replace(at, made_.string().size(), folder_.string());
    return result;
  }
  /// Puts the files in their place, and removes what was the old model's alone.
  Result<void> swap(const std::vector<std::string>& names) {
    for (const std::string& name : names)
      if (std::error_code error; fs::is_directory(folder_ / name, error)) return refused(EISDIR);
    for (const std::string& name : names)
      if (::rename(path(name).c_str(), (folder_ / name).c_str()) != 0) return refused(errno);
    std::error_code ignored;
    for (const char* stale : kHuggingfaceStale)
      if (std::ranges::find(names, stale) == names.end()) fs::remove(folder_ / stale, ignored);
    sync_folder_of((folder_ / "config.json").string());
    return {};
  }

 private:
  [[nodiscard]] tl::unexpected<Error> refused(int error_number) const {
    return huggingface_write_error(
        ErrorCode::Io, text("Cannot write the model to {0}: {1}; name another folder.", folder_.string(), std::strerror(error_number)));
  }
  fs::path folder_, made_;
};

// An empty folder, or one that may be written over.
Result<void> huggingface_prepare(const Weights& weights, const fs::path& folder, bool overwrite, FreshFolders& fresh) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error))
    return huggingface_write_error(ErrorCode::InvalidArgument, text("{0} is a file; name a folder to write to.", folder.string()));
  if (fs::is_directory(folder, error) && fs::equivalent(folder, model_folder(weights.path), error))
    return huggingface_write_error(ErrorCode::InvalidArgument,
                                   text("{0} is where the model itself lies; name another folder.", folder.string()));
  if (fs::is_directory(folder, error) && !fs::is_empty(folder, error)) {
    if (!overwrite)
      return huggingface_write_error(
          ErrorCode::InvalidArgument,
          text("The folder {0} is not empty; name another one, or allow overwriting (--overwrite).", folder.string()));
    // The model that is read may be links into this folder.
    for (const char* name : kHuggingfaceStale) GF_TRY(check_output((folder / name).string()));
  }
  if (folder.empty()) return huggingface_write_error(ErrorCode::InvalidArgument, text("The folder to write has no name; give it one."));
  error = fresh.make(folder);
  if (error) return huggingface_write_error(ErrorCode::Io, text("Cannot make the folder {0}: {1}.", folder.string(), error.message()));
  return {};
}

Result<HuggingfaceWritten> huggingface_write_all(const Weights& weights, const fs::path& folder, const HuggingfaceWriteOptions& options) {
  HuggingfaceWritten written;
  HuggingfaceTensors maker(weights, options);
  GF_TRY_ASSIGN(auto tensors, maker.make());
  maker.add_missing(tensors);
  GF_TRY_ASSIGN(TokenizerSource source, find_tokenizer(weights.path));
  if (source.kind == TokenizerSource::Kind::None && falls_back_to_gpt2(weights.config.n_vocab)) {
    GF_TRY_ASSIGN(source, gpt2_tokenizer_source());
    written.notes.push_back(text("The model has no tokenizer of its own; GPT-2's is written, with which it is read."));
  } else if (source.kind == TokenizerSource::Kind::None) {
    written.notes.push_back(text("The model has no tokenizer, so none is written; its text is token ids."));
  }
  GF_TRY_ASSIGN(const auto tokenizer, tokenizer_files(source));
  if (maker.n_missing() > 0)
    written.notes.push_back(text("The checkpoint leaves out {0} biases, which are written as zeros.", maker.n_missing()));
  FreshFolders fresh;
  GF_TRY(huggingface_prepare(weights, folder, options.overwrite, fresh));
  NewFiles files(folder);
  GF_TRY(files.make());
  const auto tensor = [&](std::size_t i, const SafetensorsSink& write) -> Result<void> {
    GF_TRY(huggingface_goes_on(options.stop));
    const TensorView& view = tensors[i].view;
    return write({view.data, static_cast<std::size_t>(view.elements()) * size_of(view.dtype)});
  };
  GF_TRY(files.named(write_safetensors(files.path("model.safetensors"), tensors, {{"format", "pt"}}, tensor)));
  written.files.emplace_back("model.safetensors");
  const auto add_text = [&](const std::string& name, const std::string& content) -> Result<void> {
    written.files.push_back(name);
    return files.named(write_whole_file(files.path(name), content));
  };
  GF_TRY(add_text("config.json", huggingface_config(weights.config, options.dtype.value_or(weights.dtype))));
  for (const TokenizerFile& file : tokenizer) GF_TRY(add_text(file.name, file.content));
  if (weights.truncated()) return tl::unexpected(weights.truncation_error());
  GF_TRY(files.swap(written.files));
  fresh.keep();
  return written;
}

}  // namespace

std::string huggingface_config(const ModelConfig& c, DType dtype) {
  const auto token = [](int id) { return id < 0 ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(id); };
  const nlohmann::ordered_json json = {{"architectures", {"GPT2LMHeadModel"}},
                                       {"model_type", "gpt2"},
                                       {"n_layer", c.n_layer},
                                       {"n_head", c.n_head},
                                       {"n_embd", c.d_model},
                                       {"n_inner", c.d_mlp},
                                       {"n_positions", c.n_ctx},
                                       {"n_ctx", c.n_ctx},
                                       {"vocab_size", c.n_vocab},
                                       {"activation_function", name_of(c.activation)},
                                       {"layer_norm_epsilon", numbers::decimal(c.layer_norm_eps)},
                                       {"scale_attn_weights", c.scale_attn},
                                       {"scale_attn_by_inverse_layer_idx", c.scale_attn_by_layer},
                                       {"tie_word_embeddings", c.tied},
                                       {"bos_token_id", token(c.bos_token_id)},
                                       {"eos_token_id", token(c.eos_token_id)},
                                       {"torch_dtype", dtype == DType::F32   ? "float32"
                                                       : dtype == DType::F16 ? "float16"
                                                                             : "bfloat16"}};
  return json.dump(2) + "\n";
}

Result<void> write_huggingface_weights(const Weights& weights, const std::string& file,
                                       const std::map<std::string, std::string>& metadata) {
  HuggingfaceTensors maker(weights, {});
  GF_TRY_ASSIGN(auto tensors, maker.make());
  maker.add_missing(tensors);
  return write_safetensors(file, tensors, metadata);
}

Result<HuggingfaceWritten> write_huggingface(const Weights& weights, const std::string& folder, const HuggingfaceWriteOptions& options) {
  if (!weights.has_values()) return tl::unexpected(weights.no_values_error());
  try {
    return huggingface_write_all(weights, folder, options);
  } catch (const std::bad_alloc&) {
    return huggingface_write_error(ErrorCode::OutOfMemory,
                                   text("There is not enough memory to convert {0}; close other programs.", weights.path));
  }
}

}  // namespace gf
