#include "model/tokenizer/bpe.h"

#include <algorithm>
#include <limits>
#include <queue>

#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/tokenizer/split.h"

namespace gf {

namespace {
constexpr std::size_t kBpeCacheWords = 200'000, kBpeCacheWordBytes = 48;
constexpr std::size_t kBpeLongWord = 64;  // from here on a heap beats looking at every pair again

std::string bpe_byte_name(unsigned char byte) {
  const std::string hex = numbers::hex_byte(byte);
  if (byte == ' ') return text("{0} (space)", hex);
  if (byte == '\n') return text("{0} (line end)", hex);
  return byte > 0x20 && byte < 0x7F ? hex + " (" + static_cast<char>(byte) + ")" : hex;
}
}  // namespace

std::size_t BpeTokenizer::slot_of(std::uint64_t pair) const {
  const std::size_t mask = merges_.size() - 1;
  std::size_t slot = static_cast<std::size_t>((pair * 0x9E3779B97F4A7C15U) >> 32) & mask;
  while (merges_[slot].pair != kFreeSlot && merges_[slot].pair != pair) slot = (slot + 1) & mask;
  return slot;
}

const BpeTokenizer::Merge* BpeTokenizer::merge_of(std::int32_t a, std::int32_t b) const {
  const MergeSlot& slot =
      merges_[slot_of((static_cast<std::uint64_t>(static_cast<std::uint32_t>(a)) << 32) | static_cast<std::uint32_t>(b))];
  return slot.pair == kFreeSlot ? nullptr : &slot.merge;
}

// Merges the best-ranked pair, leftmost first, until none is left. Each pair's rank is looked up once.
void BpeTokenizer::merge_word(std::vector<std::int32_t>& ids) const {
  if (ids.size() >= kBpeLongWord) return merge_long_word(ids);
  std::array<Merge, kBpeLongWord> pairs;
  constexpr Merge none{std::numeric_limits<std::int32_t>::max(), -1};
  const auto look = [&](std::size_t i) {
    const Merge* found = i + 1 < ids.size() ? merge_of(ids[i], ids[i + 1]) : nullptr;
    pairs[i] = found ? *found : none;
  };
  std::size_t n = ids.size();
  for (std::size_t i = 0; i + 1 < n; ++i) look(i);
  while (n > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < n; ++i)
      if (pairs[i].rank < pairs[best].rank) best = i;
    if (pairs[best].id < 0) break;
    ids[best] = pairs[best].id;
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    std::copy(pairs.begin() + static_cast<std::ptrdiff_t>(best) + 1, pairs.begin() + static_cast<std::ptrdiff_t>(n) - 1,
              pairs.begin() + static_cast<std::ptrdiff_t>(best));
    --n;
    if (best > 0) look(best - 1);
    if (best + 1 < n) look(best);
  }
}

// The same order by a heap of (rank, place) over a linked list: n log n, for words of any length.
void BpeTokenizer::merge_long_word(std::vector<std::int32_t>& ids) const {
  struct Candidate {
    std::int32_t rank;
    std::size_t left;
    std::int32_t a, b, id;
    bool operator>(const Candidate& o) const { return rank != o.rank ? rank > o.rank : left > o.left; }
  };
  const std::size_t n = ids.size(), none = n;
  std::vector<std::size_t> next(n), before(n);
  for (std::size_t i = 0; i < n; ++i) {
    next[i] = i + 1;
    before[i] = i == 0 ? none : i - 1;
  }
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> heap;
  const auto offer = [&](std::size_t left) {
    if (left == none || next[left] == none) return;
    const std::int32_t a = ids[left], b = ids[next[left]];
    if (const Merge* found = merge_of(a, b)) heap.push({found->rank, left, a, b, found->id});
  };
  for (std::size_t i = 0; i + 1 < n; ++i) offer(i);
  while (!heap.empty()) {
    const Candidate best = heap.top();
    heap.pop();
    const std::size_t left = best.left, right = ids[left] < 0 ? none : next[left];
    if (right == none || ids[left] != best.a || ids[right] != best.b) continue;  // merged meanwhile
    ids[left] = best.id;
    ids[right] = -1;
    next[left] = next[right];
    if (next[left] != none) before[next[left]] = left;
    offer(before[left]);
    offer(left);
  }
  std::erase(ids, -1);
}

Result<void> BpeTokenizer::encode_plain(std::string_view part, Cache* cache, std::vector<TokenSpan>& out) const {
  std::vector<std::int32_t> ids;
  std::size_t missing = part.size();
  const auto emit = [&](const std::vector<std::int32_t>& tokens, std::size_t at) {
    for (const std::int32_t id : tokens) {
      const std::size_t length = bytes_[static_cast<std::size_t>(id)].size();
      out.push_back({TokenId(id), at, at + length});
      at += length;
    }
  };
  const auto encode_word = [&](std::size_t from, std::size_t to) {
    const std::string_view word = part.substr(from, to - from);
    const bool keeps = cache != nullptr && word.size() <= kBpeCacheWordBytes;
    if (keeps) {
      if (const auto it = cache->find(word); it != cache->end()) {
        emit(it->second, from);
        return true;
      }
    }
    ids.clear();
    for (std::size_t i = 0; i < word.size(); ++i) {
      ids.push_back(byte_ids_[static_cast<unsigned char>(word[i])]);
      if (ids.back() < 0) {
        missing = from + i;
        return false;
      }
    }
    merge_word(ids);
    if (keeps) {
      if (cache->size() >= kBpeCacheWords) cache->clear();
      cache->emplace(word, ids);
    }
    emit(ids, from);
    return true;
  };
  if (use_regex_) {
    GF_TRY(split_words(part, encode_word));
  } else if (!part.empty()) {
    encode_word(0, part.size());
  }
  if (missing < part.size())
    return fail(ErrorCode::InvalidArgument,
                text("The model's vocabulary has no token for the byte {0} at byte {1} of the text; leave it out.",
                     bpe_byte_name(static_cast<unsigned char>(part[missing])), missing),
                "BpeTokenizer::encode");
  return {};
}

// Encodes the changed text, and gives spans of the original.
Result<void> BpeTokenizer::encode_part(const AlignedText& part, Cache* cache, std::vector<TokenSpan>& out) const {
  const std::size_t first = out.size();
  if (auto encoded = encode_plain(part.text(), cache, out); !encoded) return encoded;
  for (std::size_t i = first; i < out.size(); ++i) {
    TokenSpan& span = out[i];
    span = {span.id, part.origin_begin(span.begin), part.origin_end(span.end)};
  }
  return {};
}

Result<std::vector<TokenSpan>> BpeTokenizer::encode(std::string_view text, bool special) const {
  std::unique_lock lock(cache_mutex_, std::try_to_lock);
  Cache* cache = lock.owns_lock() ? &cache_ : nullptr;
  std::vector<TokenSpan> out;
  out.reserve(text.size() / 4 + 1);
  for (const AddedPiece& outer : added_.cut(text, false, special)) {
    if (outer.id >= 0) {
      out.push_back({TokenId(outer.id), outer.begin, outer.end});
      continue;
    }
    AlignedText normal(text.substr(outer.begin, outer.end - outer.begin), outer.begin);
    if (!normalizer_.empty()) {
      GF_TRY_ASSIGN(normal, normalizer_.apply(std::move(normal)));
    }
    for (const AddedPiece& inner : added_.cut(normal.text(), true, special)) {
      if (inner.id >= 0) {
        out.push_back({TokenId(inner.id), normal.origin_begin(inner.begin), normal.origin_end(inner.end)});
        continue;
      }
      const bool spaced = add_prefix_space_ && normal.text()[inner.begin] != ' ';
      if (!spaced && inner.begin == 0 && inner.end == normal.text().size()) {
        GF_TRY(encode_part(normal, cache, out));
        continue;
      }
      AlignedText part;
      if (spaced) part.append(" ", normal.origin_begin(inner.begin), normal.origin_begin(inner.begin));
      part.append(normal, inner.begin, inner.end);
      GF_TRY(encode_part(part, cache, out));
    }
  }
  // Two added tokens may share the spaces between them: the first one has them.
  std::size_t last = 0;
  for (TokenSpan& span : out) {
    span.begin = std::max(span.begin, last);
    last = span.end = std::max(span.begin, span.end);
  }
  return out;
}

std::string BpeTokenizer::bytes_of(TokenId id) const {
  return id.v >= 0 && id.index() < bytes_.size() ? bytes_[id.index()] : std::string();
}

}  // namespace gf
