// The file of an index: safetensors of float32, in which whole numbers up to 2^24 are exact, so that any tool can read it.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "model/base/text.h"
#include "model/corpus/corpus_index.h"
#include "model/io/files/safetensors.h"

namespace gf::corpus {

namespace {

constexpr const char* kIndexKind = "glassformer corpus index";
constexpr const char* kIndexVersion = "1";
constexpr std::int64_t kExampleNumbers = 3, kSumPieces = 3;
constexpr double kPiece = 1 << 22;
constexpr std::int64_t kMostUnits = std::int64_t{1} << 24, kMostIds = std::int64_t{1} << 24, kMostShards = 1'000'000;

struct IndexTensor {
  const char* name;
  std::vector<std::int64_t> shape;
};
std::vector<IndexTensor> tensors_of(const Identity& identity) {
  const auto units = static_cast<std::int64_t>(identity.units()), heads = static_cast<std::int64_t>(identity.heads());
  std::vector<IndexTensor> all{{"ids", {identity.tokens}},
                               {"top", {units, kTop, kExampleNumbers}},
                               {"intervals", {units, kIntervals, kOfInterval * kExampleNumbers}},
                               {"histogram", {units, kBins}},
                               {"active", {units}}};
  if (heads == 0) return all;
  all.push_back({"head_sums", {kHeadMeasures, heads, kSumPieces}});
  all.push_back({"queries", {kHeadMeasures, kSumPieces}});
  return all;
}

void push_example(std::vector<float>& to, const Example& e) {
  to.insert(to.end(), {static_cast<float>(e.passage), static_cast<float>(e.place), e.activation});
}
/// A whole number in three pieces, the first with the sign.
void push_sum(std::vector<float>& to, std::int64_t sum) {
  const auto piece = static_cast<std::int64_t>(kPiece);
  const std::int64_t low = ((sum % piece) + piece) % piece, rest = (sum - low) / piece;
  const std::int64_t middle = ((rest % piece) + piece) % piece;
  to.insert(to.end(), {static_cast<float>((rest - middle) / piece), static_cast<float>(middle), static_cast<float>(low)});
}

std::vector<float> numbers_of(const CorpusIndex& index, std::string_view tensor) {
  std::vector<float> all;
  if (tensor == "ids")
    for (const TokenId id : index.ids()) all.push_back(static_cast<float>(id.v));
  for (const UnitRecord& unit : index.units()) {
    if (tensor == "top")
      for (const Example& e : unit.top) push_example(all, e);
    if (tensor == "intervals")
      for (const auto& interval : unit.interval)
        for (const Example& e : interval) push_example(all, e);
    if (tensor == "histogram")
      for (const std::uint32_t n : unit.histogram) all.push_back(static_cast<float>(n));
    if (tensor == "active") all.push_back(static_cast<float>(unit.active));
  }
  if (tensor == "head_sums")
    for (const auto& sums : index.head_sums)
      for (const std::int64_t sum : sums) push_sum(all, sum);
  if (tensor == "queries")
    for (const std::int64_t n : index.queries) push_sum(all, n);
  return all;
}

tl::unexpected<Error> not_an_index(const std::string& path) {
  return fail(ErrorCode::Corrupt,
              text("{0} is not an index that 'glassformer corpus index' wrote, or it is damaged; make it again.", path));
}

/// Reads numbers one after the other; what is not a whole number within its bounds makes the file wrong.
class NumberReader {
 public:
  explicit NumberReader(const TensorView& view) : data_(view.data) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::int64_t whole(std::int64_t low, std::int64_t high) {
    const double x = static_cast<double>(next());
    if (!(x >= static_cast<double>(low) && x <= static_cast<double>(high)) || x != std::floor(x)) {
      ok_ = false;
      return low;
    }
    return static_cast<std::int64_t>(x);
  }
  [[nodiscard]] Example example(const Identity& identity) {
    Example e;
    e.passage = static_cast<int>(whole(-1, identity.passages() - 1));
    e.place = static_cast<int>(whole(0, identity.passage_tokens - 1));
    e.activation = next();
    ok_ = ok_ && std::isfinite(e.activation);
    return e;
  }
  [[nodiscard]] std::int64_t sum() {
    const auto piece = static_cast<std::int64_t>(kPiece);
    const std::int64_t high = whole(-(piece / 8), piece / 8), middle = whole(0, piece - 1), low = whole(0, piece - 1);
    return (high * piece + middle) * piece + low;
  }

 private:
  float next() {
    float x = 0;
    std::memcpy(&x, data_, sizeof x);
    data_ += sizeof x;
    return x;
  }
  const std::byte* data_;
  bool ok_ = true;
};

/// Texts and numbers about an index.
class IndexNotes {
 public:
  explicit IndexNotes(const std::map<std::string, std::string>& notes) : notes_(notes) {}
  [[nodiscard]] std::string text(const char* key) const {
    const auto at = notes_.find(key);
    return at == notes_.end() ? std::string() : at->second;
  }
  /// -1: missing, or not a whole number from 0 to `most`.
  [[nodiscard]] std::int64_t number(const char* key, std::int64_t most) const {
    const std::string word = text(key);
    std::int64_t value = -1;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc() && end == word.data() + word.size() && value >= 0 && value <= most ? value : -1;
  }

 private:
  const std::map<std::string, std::string>& notes_;
};

std::optional<std::pair<Identity, Progress>> header_of(const std::map<std::string, std::string>& metadata) {
  const IndexNotes notes(metadata);
  if (notes.text("kind") != kIndexKind || notes.text("version") != kIndexVersion) return std::nullopt;
  constexpr std::int64_t kMostLayers = 10'000, kMostWidth = 10'000'000;
  Identity identity{.model = notes.text("model"),
                    .text = notes.text("text"),
                    .model_print = notes.text("model_print"),
                    .text_print = notes.text("text_print"),
                    .n_layer = static_cast<int>(notes.number("n_layer", kMostLayers)),
                    .n_head = static_cast<int>(notes.number("n_head", kMostLayers)),
                    .d_mlp = static_cast<int>(notes.number("d_mlp", kMostWidth)),
                    .passage_tokens = static_cast<int>(notes.number("passage_tokens", kMostWidth)),
                    .tokens = notes.number("tokens", kMostIds),
                    .dictionary = notes.text("dictionary"),
                    .dictionary_print = notes.text("dictionary_print"),
                    .features = static_cast<int>(std::max<std::int64_t>(0, notes.number("features", kMostUnits)))};
  Progress progress{notes.number("shard", kMostIds), notes.number("shards", kMostShards), notes.number("done", kMostIds)};
  const bool usual = identity.n_layer > 0 && identity.n_head > 0 && identity.d_mlp > 0 && identity.passage_tokens > 0 &&
                     identity.tokens > 0 && identity.tokens % identity.passage_tokens == 0 &&
                     identity.units() <= static_cast<std::size_t>(kMostUnits) && progress.index >= 1 && progress.index <= progress.count &&
                     progress.done >= 0 && progress.done <= progress.total(identity.passages());
  if (!usual) return std::nullopt;
  return std::pair{identity, progress};
}

}  // namespace

Result<void> CorpusIndex::write(const std::string& path) const {
  const std::vector<IndexTensor> tensors = tensors_of(identity_);
  std::vector<SafetensorsTensor> views;
  for (const IndexTensor& tensor : tensors) views.push_back({tensor.name, {nullptr, DType::F32, Shape(std::span(tensor.shape))}});
  const auto n = [](std::int64_t number) { return std::to_string(number); };
  std::map<std::string, std::string> metadata{{"kind", kIndexKind},
                                              {"version", kIndexVersion},
                                              {"model", identity_.model},
                                              {"text", identity_.text},
                                              {"model_print", identity_.model_print},
                                              {"text_print", identity_.text_print},
                                              {"n_layer", n(identity_.n_layer)},
                                              {"n_head", n(identity_.n_head)},
                                              {"d_mlp", n(identity_.d_mlp)},
                                              {"passage_tokens", n(identity_.passage_tokens)},
                                              {"tokens", n(identity_.tokens)},
                                              {"shard", n(progress.index)},
                                              {"shards", n(progress.count)},
                                              {"done", n(progress.done)}};
  if (identity_.features > 0) {
    metadata["dictionary"] = identity_.dictionary;
    metadata["dictionary_print"] = identity_.dictionary_print;
    metadata["features"] = n(identity_.features);
  }
  return write_safetensors(path, views, metadata, [&](std::size_t i, const SafetensorsSink& write) {
    const std::vector<float> numbers = numbers_of(*this, tensors[i].name);
    return write(std::as_bytes(std::span(numbers)));
  });
}

bool is_corpus_index(const std::string& path) {
  const auto file = SafetensorsFile::open(path);
  return file && IndexNotes(file->metadata()).text("kind") == kIndexKind;
}

Result<CorpusIndex> CorpusIndex::read(const std::string& path) {
  GF_TRY_ASSIGN(const SafetensorsFile file, SafetensorsFile::open(path));
  const auto header = header_of(file.metadata());
  if (!header) return not_an_index(path);
  const auto& [identity, progress] = *header;
  std::vector<std::shared_ptr<const void>> storage;
  std::map<std::string, TensorView> views;
  for (const IndexTensor& tensor : tensors_of(identity)) {
    const SafetensorsEntry* entry = file.find(tensor.name);
    if (entry == nullptr || entry->dtype != "F32" || entry->shape != tensor.shape) return not_an_index(path);
    GF_TRY_ASSIGN(views[tensor.name], file.view(*entry, storage));
  }
  std::vector<TokenId> ids;
  bool ok = true;
  const auto all = [&](const char* name, const auto& take) {
    NumberReader numbers(views.at(name));
    take(numbers);
    ok = ok && numbers.ok();
  };
  all("ids", [&](NumberReader& r) {
    for (std::int64_t i = 0; i < identity.tokens; ++i) ids.emplace_back(static_cast<int>(r.whole(0, kMostIds)));
  });
  CorpusIndex index(identity, std::move(ids));
  index.progress = progress;
  all("top", [&](NumberReader& r) {
    for (UnitRecord& unit : index.units_)
      for (Example& e : unit.top) e = r.example(identity);
  });
  all("intervals", [&](NumberReader& r) {
    for (UnitRecord& unit : index.units_)
      for (auto& interval : unit.interval)
        for (Example& e : interval) e = r.example(identity);
  });
  all("histogram", [&](NumberReader& r) {
    for (UnitRecord& unit : index.units_)
      for (std::uint32_t& n : unit.histogram) n = static_cast<std::uint32_t>(r.whole(0, identity.tokens));
  });
  all("active", [&](NumberReader& r) {
    for (UnitRecord& unit : index.units_) unit.active = static_cast<std::uint32_t>(r.whole(0, identity.tokens));
  });
  if (identity.heads() > 0) {
    all("head_sums", [&](NumberReader& r) {
      for (auto& sums : index.head_sums)
        for (std::int64_t& sum : sums) sum = r.sum();
    });
    all("queries", [&](NumberReader& r) {
      for (std::int64_t& n : index.queries) n = r.sum();
    });
  }
  if (!ok || file.file()->truncated()) return not_an_index(path);
  return index;
}

}  // namespace gf::corpus
