// Which passages of a text excite each neuron and each head most, or each feature of a dictionary: made once for a model and a
// text, stored, and looked up. An index is of neurons and heads, or of the features of one dictionary.
//
// The text's tokens are cut into passages of one length, and each passage is run alone. For each unit the index keeps the
// passages with its largest activations, some of each interval of strength, and a histogram over all tokens. What it keeps does
// not depend on the order of the passages, so the parts that several machines make merge to what one makes, to the last bit.
// A neuron's activation is its hook_post; a head's is the length of what it adds to the stream (z W_O), and the first kHeadContext
// tokens of a passage are left out: there it has hardly a choice where to look. A feature's is that of its dictionary, and
// passages in which it is not active are not kept.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "model/analysis/grid.h"
#include "model/dictionaries/fitted.h"
#include "model/session.h"

namespace gf::corpus {

inline constexpr int kPassageTokens = 64;         ///< or fewer, where context or text are shorter
inline constexpr int kHeadContext = 8;            ///< or half of a shorter passage
inline constexpr int kTop = 16;                   ///< strongest passages that are kept of a unit
inline constexpr int kIntervals = 12;             ///< of strength: each twice as strong as the one before
inline constexpr int kOfInterval = 4;             ///< passages that are kept of an interval: those that a hash puts first
inline constexpr int kFirstInterval = -6;         ///< begins at 2^-6; the first and last are open
inline constexpr int kBins = 2 * kIntervals + 1;  ///< of the histogram: below 2^-6, then two for each doubling

/// The lower end of a bin of the histogram; of bin 0 minus infinity.
[[nodiscard]] double bin_begin(int bin);
[[nodiscard]] int bin_of(float activation);
/// The interval of a passage by its largest activation; nullopt: not above 0.
[[nodiscard]] std::optional<int> interval_of(float activation);

/// A passage, by where the unit is strongest in it. `passage` -1: an empty place.
struct Example {
  int passage = -1, place = 0;  ///< place: token of the passage
  float activation = 0;
  friend bool operator==(const Example&, const Example&) = default;
};

/// What the index keeps of a unit.
struct UnitRecord {
  std::array<Example, kTop> top;  ///< strongest first
  std::array<std::array<Example, kOfInterval>, kIntervals> interval;
  std::array<std::uint32_t, kBins> histogram{};  ///< tokens
  /// Tokens at which it is active: a neuron or a feature above 0, a head with less than half of its attention on the first token.
  std::uint32_t active = 0;
};

/// A neuron, a head or a feature.
struct Unit {
  enum class Kind : std::uint8_t { Neuron, Head, Feature } kind = Kind::Neuron;
  int layer = 0, index = 0;  ///< a feature's layer is 0
};

enum class HeadMeasure : std::uint8_t { Previous, Sink, Duplicate, Induction, Written };
inline constexpr int kHeadMeasures = 5;

/// Identifies the model and the text of an index. Indices merge only if these are equal.
struct Identity {
  std::string model, text;              ///< their names, for people
  std::string model_print, text_print;  ///< of the weights, of the text's bytes
  int n_layer = 0, n_head = 0, d_mlp = 0, passage_tokens = 0;
  std::int64_t tokens = 0;                   ///< of all passages
  std::string dictionary, dictionary_print;  ///< of an index of features: its name for people, and of its numbers and its hook
  int features = 0;                          ///< 0: an index of neurons and heads
  friend bool operator==(const Identity&, const Identity&) = default;
  [[nodiscard]] std::int64_t passages() const { return passage_tokens > 0 ? tokens / passage_tokens : 0; }
  /// The first token of a passage that counts.
  [[nodiscard]] int first_token(Unit::Kind kind) const { return kind == Unit::Kind::Head ? std::min(kHeadContext, passage_tokens / 2) : 0; }
  [[nodiscard]] std::int64_t counted_tokens(Unit::Kind kind) const { return passages() * (passage_tokens - first_token(kind)); }
  [[nodiscard]] std::size_t units() const {
    return features > 0 ? static_cast<std::size_t>(features) : static_cast<std::size_t>(n_layer) * static_cast<std::size_t>(d_mlp + n_head);
  }
  /// Of the sums over queries: none in an index of features.
  [[nodiscard]] std::size_t heads() const {
    return features > 0 ? 0 : static_cast<std::size_t>(n_layer) * static_cast<std::size_t>(n_head);
  }
  [[nodiscard]] std::size_t number_of(const Unit& unit) const;
};
/// Every shard-th passage, beginning with passage `index` - 1; `done` of them are in the index.
struct Progress {
  std::int64_t index = 1, count = 1, done = 0;
  [[nodiscard]] std::int64_t total(std::int64_t passages) const { return (passages - index) / count + 1; }
};

/// A text as a model reads it. Its tokens beyond the last whole passage are left out.
struct Corpus {
  std::string name, print;
  std::vector<TokenId> ids;
  int passage_tokens = 0;
};
/// Errors: NotFound, Io, Unsupported (too large a text), InvalidArgument (fewer than two tokens).
[[nodiscard]] Result<Corpus> read_corpus(const Model& model, const std::string& path);
/// A text that comes with the program, by its name, or a file's path; empty: the bundled one. Errors: NotFound.
[[nodiscard]] Result<std::string> resolve_corpus(const std::string& name);
/// The fingerprint of a text's bytes. Errors: as read_corpus().
[[nodiscard]] Result<std::string> print_of_text(const std::string& path);
/// The fingerprint of shapes, names and samples of every tensor: two checkpoints that differ by training differ in it.
[[nodiscard]] std::string print_of_weights(const Weights& weights);
/// The fingerprint of its numbers, what they mean, and the hook where it reads.
[[nodiscard]] std::string print_of_dictionary(const FittedDictionary& fitted);

/// An index in memory, while it is made.
class CorpusIndex {
 public:
  CorpusIndex(Identity identity, std::vector<TokenId> ids);
  [[nodiscard]] const Identity& identity() const { return identity_; }
  [[nodiscard]] std::span<const TokenId> ids() const { return ids_; }
  [[nodiscard]] std::span<UnitRecord> units() { return units_; }
  [[nodiscard]] std::span<const UnitRecord> units() const { return units_; }
  Progress progress;
  /// Sums over queries in units of 2^-20, so that their order does not count. [measure][layer * n_head + head]
  std::array<std::vector<std::int64_t>, kHeadMeasures> head_sums;
  std::array<std::int64_t, kHeadMeasures> queries{};  ///< that each measure counts

  /// Adds the records of another index of the same identity, made from other passages.
  void add(const CorpusIndex& other);
  /// Of the same text by the same model. Errors: Io.
  [[nodiscard]] Result<void> write(const std::string& path) const;
  /// Untrusted; unfinished ones too. Errors: NotFound, Io, Corrupt.
  [[nodiscard]] static Result<CorpusIndex> read(const std::string& path);

 private:
  Identity identity_;
  std::vector<TokenId> ids_;
  std::vector<UnitRecord> units_;
};

/// Puts a passage into a unit's record. `unit`: its number, for the hash.
void put_example(UnitRecord& record, std::size_t unit, const Example& example);

struct BuildOptions {
  std::string path;  ///< the index's file; if it holds an unfinished index, the build goes on from there
  std::shared_ptr<const FittedDictionary> dictionary = nullptr;  ///< whose features it is of; nullptr: neurons and heads
  std::int64_t shard = 1, shards = 1;
  double seconds_between_saves = 10;
  std::stop_token stop = {};
  std::function<void(double)> progress = {};
};
/// Runs the passages that are missing. It stores the index now and then, at the end, and when it is stopped. It replaces an index
/// of another model or text at `path`. Errors: Cancelled, Io, those of Session::pass().
[[nodiscard]] Result<void> build_index(Session& session, const Corpus& corpus, const BuildOptions& options);
/// `dictionary`: nullptr for neurons and heads.
[[nodiscard]] Identity identity_of(const Model& model, const Corpus& corpus, const FittedDictionary* dictionary = nullptr);

/// Where the index of a model and a text is found: MODEL/corpus-index/NAME.safetensors beside the model's files, if that is there,
/// else in the cache directory ($XDG_CACHE_HOME, ~/.cache). That of features is looked for beside the dictionary's files, and is
/// taken there where it is of this model and this text. Errors: NotFound (no such directory is known).
[[nodiscard]] Result<std::string> index_path(const Model& model, const std::string& text_path, const std::string& text_print,
                                             const FittedDictionary* dictionary = nullptr);
/// Merges all shards of an index. Errors: those of read(); InvalidArgument (a shard is of another index, missing, doubled, unfinished).
[[nodiscard]] Result<void> merge_indexes(const std::vector<std::string>& paths, const std::string& output);
/// Whether the file begins as an index does, by its content.
[[nodiscard]] bool is_corpus_index(const std::string& path);

/// A unit's activation at each token of a passage, which is run again for it. [passage_tokens]. `dictionary`: of a feature.
/// Errors: as Session::pass() and encode().
[[nodiscard]] Result<std::vector<float>> activations_in(Session& session, std::span<const TokenId> passage, const Unit& unit,
                                                        const FittedDictionary* dictionary = nullptr, std::stop_token stop = {});

}  // namespace gf::corpus
