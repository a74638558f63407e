// The text of an index, what it and a model are recognised by, and where indexes are stored.
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "model/base/files/text_file.h"
#include "model/base/text.h"
#include "model/corpus/corpus_index.h"
#include "model/io/files/mapped_file.h"
#include "model/io/loaders.h"

namespace gf::corpus {

namespace {

namespace fs = std::filesystem;

constexpr const char* kBundledCorpus = "tales";
constexpr std::size_t kMostCorpusTokens = std::size_t{1} << 24;  // numbers up to it are exact in the index's float32 tensors

/// FNV-1a over 64-bit words, and the bytes behind them.
class Fingerprint {
 public:
  void add(const void* data, std::size_t n) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (; n >= 8; n -= 8, bytes += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes, 8);
      mix(word);
    }
    for (std::size_t i = 0; i < n; ++i) mix(bytes[i]);
  }
  void add(std::string_view word) { add(word.data(), word.size()); }
  /// Pieces from all over a tensor.
  void add_samples(const TensorView& view) {
    constexpr std::size_t kSample = 512, kSamples = 64;
    const auto bytes = static_cast<std::size_t>(view.shape.elements()) * size_of(view.dtype);
    const std::size_t step = std::max(kSample, bytes / kSamples / kSample * kSample);
    for (std::size_t at = 0; at < bytes; at += step) add(view.data + at, std::min(kSample, bytes - at));
  }
  [[nodiscard]] std::string hex() const {
    std::string text(16, '0');
    for (std::size_t i = 0; i < 16; ++i) text[i] = "0123456789abcdef"[(hash_ >> (60 - 4 * i)) & 15U];
    return text;
  }

 private:
  void mix(std::uint64_t word) {
    hash_ = (hash_ ^ word) * 0x100000001b3ULL;
    hash_ ^= hash_ >> 29U;
  }
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

std::string name_for_file(const std::string& name) {
  std::string safe;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    safe += plain ? c : '_';
  }
  constexpr std::size_t kLongest = 60;
  return safe.substr(0, kLongest);
}

fs::path cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') return fs::path(cache) / "glassformer";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') return fs::path(home) / ".cache" / "glassformer";
  return {};
}

}  // namespace

std::string print_of_weights(const Weights& w) {
  Fingerprint print;
  for (const NamedTensor& tensor : w.table()) {
    print.add(tensor.name);
    print.add(tensor.view.shape.text());
    print.add_samples(tensor.view);
  }
  const ModelConfig& c = w.config;
  print.add(std::to_string(c.n_head) + name_of(c.activation) + (c.scale_attn ? "s" : "") + (c.scale_attn_by_layer ? "l" : ""));
  return print.hex();
}

std::string print_of_dictionary(const FittedDictionary& fitted) {
  const Dictionary& dictionary = *fitted.dictionary;
  const DictionaryConfig& c = dictionary.config;
  Fingerprint print;
  for (const Matrix* matrix : {&dictionary.encoder, &dictionary.decoder}) {
    print.add(matrix->view.shape.text() + (matrix->in_major ? "i" : "o"));
    print.add_samples(matrix->view);
  }
  for (const auto* numbers : {&dictionary.bias, &dictionary.gate, &dictionary.gain, &dictionary.threshold, &dictionary.bias_in})
    print.add(numbers->data(), numbers->size() * sizeof(float));
  print.add(name_of(fitted.in) + name_of(c.activation) + std::to_string(c.k) + std::to_string(static_cast<int>(c.normalisation)) +
            (c.keeps_negative ? "n" : "") + (c.rescaled ? "r" : "") + (c.centred ? "c" : "") + (fitted.offset.empty() ? "" : "o") +
            (fitted.head < 0 ? "" : "h" + std::to_string(fitted.head)) + (fitted.factor.empty() ? "" : "g"));
  return print.hex();
}

Result<std::string> print_of_text(const std::string& path) {
  GF_TRY_ASSIGN(const std::string text, read_file(path, kMostTextBytes));
  Fingerprint print;
  print.add(text);
  return print.hex();
}

Result<std::string> resolve_corpus(const std::string& name) {
  std::error_code ignored;
  if (!name.empty() && fs::exists(name, ignored)) return name;
  auto bundled = asset_path("corpus/" + (name.empty() ? std::string(kBundledCorpus) : name) + ".txt");
  if (bundled) return bundled;
  if (name.empty()) return fail(ErrorCode::NotFound, text("the text that comes with the program was not found; name a file"));
  return fail(ErrorCode::NotFound, text("there is no text {0}; name a file, or {1}, which comes with the program", name, kBundledCorpus));
}

Result<Corpus> read_corpus(const Model& model, const std::string& path) {
  GF_TRY_ASSIGN(const std::string words, read_file(path, kMostTextBytes));
  Corpus corpus;
  Fingerprint print;
  print.add(words);
  corpus.print = print.hex();
  corpus.name = fs::path(path).filename().string();
  GF_TRY_ASSIGN(corpus.ids, model.tokenizer->ids_of(words));
  if (corpus.ids.size() < 2) return fail(ErrorCode::InvalidArgument, text("{0} has fewer than two tokens; give a longer text", path));
  if (corpus.ids.size() > kMostCorpusTokens)
    return fail(ErrorCode::Unsupported,
                text("{0} has {1} tokens, and an index takes {2} at most; give a part of it", path, corpus.ids.size(), kMostCorpusTokens));
  corpus.passage_tokens = static_cast<int>(
      std::min<std::size_t>(corpus.ids.size(), static_cast<std::size_t>(std::min(kPassageTokens, model.weights->config.n_ctx))));
  if (corpus.passage_tokens < 2) return fail(ErrorCode::InvalidArgument, text("{0} reads one token at a time", model.weights->name));
  const auto length = static_cast<std::size_t>(corpus.passage_tokens);
  corpus.ids.resize(corpus.ids.size() / length * length, TokenId(0));
  return corpus;
}

Result<std::string> index_path(const Model& model, const std::string& text_path, const std::string& text_print,
                               const FittedDictionary* dictionary) {
  std::error_code ignored;
  const std::string text_name = name_for_file(fs::path(text_path).stem().string());
  const std::string place = dictionary != nullptr ? dictionary->dictionary->config.path : model.weights->path;
  const fs::path beside = fs::path(place) / "corpus-index" / (text_name + ".safetensors");
  if (!place.empty() && fs::exists(beside, ignored)) {
    if (dictionary == nullptr) return beside.string();
    const auto index = CorpusIndex::read(beside.string());
    const bool fits = index && index->identity().model_print == print_of_weights(*model.weights) &&
                      index->identity().text_print == text_print && index->identity().dictionary_print == print_of_dictionary(*dictionary);
    if (fits) return beside.string();
  }
  const fs::path cache = cache_folder();
  if (cache.empty())
    return fail(ErrorCode::NotFound, text("the system names no folder for what is computed once; set HOME or XDG_CACHE_HOME"));
  const std::string model_name = fs::path(model.weights->name).filename().string();
  return (cache / "corpus-index" /
          (name_for_file(model_name) + "-" + print_of_weights(*model.weights) + "-" + text_name + "-" + text_print +
           (dictionary != nullptr ? "-" + print_of_dictionary(*dictionary) : std::string()) + ".safetensors"))
      .string();
}

}  // namespace gf::corpus
