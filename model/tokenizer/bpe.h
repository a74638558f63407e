// Byte-level BPE: GPT-2's tokenizer, and any other with the same two files.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/tokenizer/added_tokens.h"
#include "model/tokenizer/normalizer.h"
#include "model/tokenizer/tokenizer.h"

namespace gf {

/// The settings of a tokenizer beside its merges.
struct BpeSetup {
  std::vector<AddedToken> added{};
  /// Added tokens that the vocabulary lacks get ids by their order, not those of the file, as in the library tokenizers.
  bool added_in_order = false;
  bool special_by_look = true;  ///< tokens of the vocabulary that are written like <|endoftext|> are special
  Normalizer normalizer{};
  bool add_prefix_space = false;   ///< a space goes before each part between added tokens that does not begin with one
  bool use_regex = true;           ///< cut into words as GPT-2 does; else the text is one word
  int n_vocab = 0;                 ///< of the model: added tokens with larger ids are left out; 0: not known
  std::string* warning = nullptr;  ///< gets a sentence when some are left out
};

/// The text of a vocab.json with the 256 bytes alone, each under its own number. With no merges each byte is a token.
[[nodiscard]] std::string byte_vocabulary();

/// Thread safe: the cache of words has a lock, and a thread that does not get it at once encodes without the cache.
class BpeTokenizer : public Tokenizer {
 public:
  /// From the text of vocab.json (token -> id) and merges.txt (one pair a line, best first). `where` names them in
  /// messages, `kind` is what kind() says. Errors: Corrupt.
  [[nodiscard]] static Result<std::shared_ptr<const BpeTokenizer>> make(std::string_view vocab_json, std::string_view merges,
                                                                        const std::string& where, std::string kind, BpeSetup setup = {});

  [[nodiscard]] Result<std::vector<TokenSpan>> encode(std::string_view text, bool special) const override;
  [[nodiscard]] std::string bytes_of(TokenId id) const override;
  [[nodiscard]] int n_vocab() const override { return static_cast<int>(bytes_.size()); }
  [[nodiscard]] std::string kind() const override { return kind_; }
  [[nodiscard]] std::optional<std::string> special_in(std::string_view text) const override { return added_.special_in(text); }

 private:
  struct Merge {
    std::int32_t rank, id;
  };
  struct MergeSlot {
    std::uint64_t pair;  ///< ids of left and right; all ones: free
    Merge merge;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  using Cache = std::unordered_map<std::string, std::vector<std::int32_t>, TextHash, std::equal_to<>>;

  Result<void> read_vocab(std::string_view json, const std::string& where, std::unordered_map<std::string, std::int32_t>& ids);
  Result<void> read_merges(std::string_view text, const std::string& where, const std::unordered_map<std::string, std::int32_t>& ids);
  static constexpr std::uint64_t kFreeSlot = ~std::uint64_t{0};
  [[nodiscard]] std::size_t slot_of(std::uint64_t pair) const;  ///< the pair's slot, or the free one where it would be put
  [[nodiscard]] const Merge* merge_of(std::int32_t a, std::int32_t b) const;
  /// Applies the merges to byte ids in place.
  void merge_word(std::vector<std::int32_t>& ids) const;
  void merge_long_word(std::vector<std::int32_t>& ids) const;
  using Ids = std::unordered_map<std::string, std::int32_t>;
  Result<void> add_tokens(BpeSetup& setup, Ids& ids, const std::string& where);
  /// Encodes text without added tokens; spans are offsets from its beginning.
  Result<void> encode_plain(std::string_view text, Cache* cache, std::vector<TokenSpan>& out) const;
  Result<void> encode_part(const AlignedText& part, Cache* cache, std::vector<TokenSpan>& out) const;

  std::string kind_;
  std::array<std::int32_t, 256> byte_ids_{};  ///< -1: the vocabulary lacks this byte
  std::vector<std::string> bytes_;            ///< by id
  std::vector<MergeSlot> merges_;             ///< open addressing by pair; a power of two, at most half full
  AddedTokens added_;
  Normalizer normalizer_;
  bool add_prefix_space_ = false, use_regex_ = true;
  mutable std::mutex cache_mutex_;
  mutable Cache cache_;
};

}  // namespace gf
