#include "model/training/training_data.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "model/base/text.h"
#include "model/io/files/mapped_file.h"
#include "model/sampling/philox.h"
#include "model/tokenizer/bpe.h"
#include "model/tokenizer/characters.h"
#include "model/tokenizer/tokenizer_json.h"
#include "model/tokenizer/utf8.h"

namespace gf::training {
namespace {

// A token of a text takes 24 bytes while the text is split.
constexpr std::size_t kMostTextBytes = std::size_t{128} << 20, kMostTokenFileBytes = std::size_t{4} << 30;

std::uint64_t fingerprint_of(const std::vector<TokenId>& ids) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a, of ids in the place of bytes
  for (const TokenId id : ids) hash = (hash ^ static_cast<std::uint32_t>(id.v)) * 1099511628211ULL;
  return hash;
}

/// A whole number below n, of the counter.
std::size_t random_below(std::size_t n, std::uint64_t seed, std::int64_t step, std::uint32_t place) {
  const std::array key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  const auto s = static_cast<std::uint64_t>(step);
  const auto bits = philox4x32({static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(s >> 32), place, 0x64617461U}, key);
  const std::uint64_t wide = (std::uint64_t{bits[0]} << 32) | bits[1];
  return static_cast<std::size_t>(wide % n);  // n is far below 2^64: the bias is far below what could be seen
}

}  // namespace

Result<TrainingTokenizer> tokenizer_beside(const std::string& model_path, int n_vocab) {
  TrainingTokenizer result;
  GF_TRY_ASSIGN(TokenizerSource source, find_tokenizer(model_path));
  if (source.kind == TokenizerSource::Kind::None && !falls_back_to_gpt2(n_vocab)) return result;
  if (source.kind == TokenizerSource::Kind::None) {
    GF_TRY_ASSIGN(source, gpt2_tokenizer_source());
  }
  GF_TRY_ASSIGN(result.files, tokenizer_files(source));
  GF_TRY_ASSIGN(result.tokenizer, load_tokenizer(model_path, n_vocab));
  return result;
}

Result<TrainingTokenizer> byte_tokenizer() {
  TrainingTokenizer result;
  result.files = {{"vocab.json", byte_vocabulary()}, {"merges.txt", "#version: 0.2\n"}};
  GF_TRY_ASSIGN(result.tokenizer, BpeTokenizer::make(result.files[0].content, result.files[1].content, "bytes", "bytes"));
  return result;
}

Result<TrainingTokenizer> gpt2_training_tokenizer() {
  TrainingTokenizer result;
  GF_TRY_ASSIGN(const TokenizerSource source, gpt2_tokenizer_source());
  GF_TRY_ASSIGN(result.files, tokenizer_files(source));
  GF_TRY_ASSIGN(result.tokenizer, gpt2_tokenizer());
  return result;
}

Result<TrainingTokenizer> character_tokenizer(std::string_view content, const std::string& path) {
  std::set<std::string_view> characters;  // the order of UTF-8's bytes is that of code points
  for (std::size_t at = 0; at < content.size();) {
    const Utf8Char c = utf8_at(content, at);
    if (!c.valid)
      return fail(ErrorCode::InvalidArgument,
                  text("{0} is not UTF-8 text at byte {1}; save it as UTF-8, or give --tokenizer bytes.", path, at), "character_tokenizer");
    characters.insert(content.substr(at, c.bytes));
    at += c.bytes;
  }
  if (characters.empty())
    return fail(ErrorCode::InvalidArgument, text("{0} is empty; give a text to train on.", path), "character_tokenizer");
  std::vector<std::pair<std::int64_t, std::string_view>> table;
  for (const std::string_view c : characters) table.emplace_back(static_cast<std::int64_t>(table.size()), c);
  TrainingTokenizer result;
  GF_TRY_ASSIGN(const auto tokenizer, CharacterTokenizer::make(table, path, "characters (of the text)"));
  result.files = {{"tokenizer.json", characters_to_json(*tokenizer)}};
  result.tokenizer = tokenizer;
  return result;
}

bool is_token_file(const std::string& path) { return std::filesystem::path(path).extension() == ".bin"; }

Result<std::vector<TokenId>> read_token_file(const std::string& path) {
  GF_TRY_ASSIGN(const std::string bytes, read_file(path, kMostTokenFileBytes));
  if (bytes.size() % 2 != 0)
    return fail(ErrorCode::Corrupt, text("{0} has {1} bytes, which are not whole uint16 token ids.", path, bytes.size()),
                "read_token_file");
  std::vector<TokenId> ids;
  ids.reserve(bytes.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); i += 2)
    ids.emplace_back(static_cast<std::int32_t>(static_cast<unsigned char>(bytes[i]) | (static_cast<unsigned char>(bytes[i + 1]) << 8)));
  return ids;
}

Result<std::string> read_training_text(const std::string& path) { return read_file(path, kMostTextBytes); }

Result<TrainingData> TrainingData::make(std::vector<TokenId> ids, int n_vocab, int T, double held_out, const std::string& path) {
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (ids[i].v < 0 || ids[i].v >= n_vocab)
      return fail(ErrorCode::InvalidArgument,
                  text("Token {0} of {1} has the id {2}, but the model has {3} tokens; give data that was made with its tokenizer.", i,
                       path, ids[i].v, n_vocab),
                  "TrainingData");
  TrainingData data;
  data.T_ = T;
  const auto held = static_cast<std::size_t>(held_out * static_cast<double>(ids.size()));
  data.n_training_ = ids.size() - held;
  const auto need = static_cast<std::size_t>(T) + 1;
  if (data.n_training_ < need + 1)
    return fail(ErrorCode::InvalidArgument,
                text("{0} has {1} tokens to train on, but sequences of {2} need at least {3}; give a longer text or a smaller --context.",
                     path, data.n_training_, T, need + 1),
                "TrainingData");
  if (held > 0 && held < need)
    return fail(ErrorCode::InvalidArgument,
                text("The held-out part of {0} has {1} tokens, but a sequence needs {2}; give a longer text, or a larger --held-out, or 0.",
                     path, held, need),
                "TrainingData");
  data.fingerprint_ = fingerprint_of(ids);
  data.ids_ = std::move(ids);
  return data;
}

void TrainingData::put(std::size_t start, std::size_t place, Batch& batch) const {
  const auto T = static_cast<std::size_t>(T_);
  const auto from = ids_.begin() + static_cast<std::ptrdiff_t>(start);
  const auto to = static_cast<std::ptrdiff_t>(place * T);
  std::copy_n(from, T, batch.inputs.begin() + to);
  std::copy_n(from + 1, T, batch.targets.begin() + to);
}

void TrainingData::batch(std::int64_t step, int B, Order order, std::uint64_t seed, Batch& batch) const {
  const auto rows = static_cast<std::size_t>(B), T = static_cast<std::size_t>(T_), places = n_training_ - T;
  batch.B = B;
  batch.T = T_;
  batch.inputs.resize(rows * T);
  batch.targets.resize(rows * T);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t sequence = (static_cast<std::size_t>(step) % places * rows + i) % places;
    put(order == Order::Sequential ? sequence * T % places : random_below(places, seed, step, static_cast<std::uint32_t>(i)), i, batch);
  }
}

bool TrainingData::held_out_batch(int i, int B, Batch& batch) const {
  const auto T = static_cast<std::size_t>(T_), most = static_cast<std::size_t>(B), first = static_cast<std::size_t>(i) * most;
  const std::size_t sequences = held_out_tokens() == 0 ? 0 : (held_out_tokens() - 1) / T;
  if (first >= sequences) return false;
  const std::size_t rows = std::min(most, sequences - first);
  batch.B = static_cast<int>(rows);
  batch.T = T_;
  batch.inputs.resize(rows * T);
  batch.targets.resize(rows * T);
  for (std::size_t r = 0; r < rows; ++r) put(n_training_ + (first + r) * T, r, batch);
  return true;
}

}  // namespace gf::training
