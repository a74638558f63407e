#include "model/corpus/corpus_index.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "model/base/text.h"

namespace gf::corpus {

namespace {

/// An order of passages by which few of many are kept, whatever their order: splitmix64 (Steele et al. 2014).
std::uint64_t order_of_passage(std::size_t unit, int passage) {
  std::uint64_t z = (static_cast<std::uint64_t>(unit) << 32U) + static_cast<std::uint64_t>(passage) + 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

/// Keeps the list sorted by `before` with empty places at its end; the last one falls out.
template <std::size_t N, class Before>
void keep_sorted(std::array<Example, N>& list, const Example& example, const Before& before) {
  if (list.back().passage >= 0 && !before(example, list.back())) return;
  const auto at = std::ranges::find_if(list, [&](const Example& old) { return old.passage < 0 || before(example, old); });
  std::move_backward(at, list.end() - 1, list.end());
  *at = example;
}

}  // namespace

double bin_begin(int bin) {
  if (bin <= 0) return -std::numeric_limits<double>::infinity();
  const int half = bin - 1;
  return std::ldexp(half % 2 == 0 ? 1.0 : 1.5, kFirstInterval + half / 2);
}

int bin_of(float activation) {
  if (!(activation > 0)) return 0;
  std::uint32_t bits = 0;
  std::memcpy(&bits, &activation, sizeof bits);
  constexpr std::uint32_t kExponentBias = 127, kMantissaBits = 23;
  const int half = static_cast<int>(bits >> (kMantissaBits - 1)) - 2 * (static_cast<int>(kExponentBias) + kFirstInterval);
  return std::clamp(half + 1, 0, kBins - 1);
}

std::optional<int> interval_of(float activation) {
  if (!(activation > 0)) return std::nullopt;
  return std::max(0, bin_of(activation) - 1) / 2;
}

std::size_t Identity::number_of(const Unit& unit) const {
  if (unit.kind == Unit::Kind::Feature) return static_cast<std::size_t>(unit.index);
  const auto per_layer = static_cast<std::size_t>(unit.kind == Unit::Kind::Neuron ? d_mlp : n_head);
  const std::size_t first = unit.kind == Unit::Kind::Neuron ? 0 : static_cast<std::size_t>(n_layer) * static_cast<std::size_t>(d_mlp);
  return first + static_cast<std::size_t>(unit.layer) * per_layer + static_cast<std::size_t>(unit.index);
}

void put_example(UnitRecord& record, std::size_t unit, const Example& example) {
  keep_sorted(record.top, example, [](const Example& x, const Example& y) {
    return x.activation != y.activation ? x.activation > y.activation : x.passage < y.passage;
  });
  if (const auto interval = interval_of(example.activation))
    keep_sorted(record.interval[static_cast<std::size_t>(*interval)], example, [unit](const Example& x, const Example& y) {
      return order_of_passage(unit, x.passage) < order_of_passage(unit, y.passage);
    });
}

CorpusIndex::CorpusIndex(Identity identity, std::vector<TokenId> ids)
    : identity_(std::move(identity)), ids_(std::move(ids)), units_(identity_.units()) {
  for (auto& sums : head_sums) sums.resize(identity_.heads());
}

void CorpusIndex::add(const CorpusIndex& other) {
  EXPECTS(identity_ == other.identity_, "an index of the same model and text");
  for (std::size_t u = 0; u < units_.size(); ++u) {
    UnitRecord& mine = units_[u];
    const UnitRecord& its = other.units_[u];
    const auto merge = [](auto& list, const auto& more, const auto& before) {
      for (const Example& example : more)
        if (example.passage >= 0) keep_sorted(list, example, before);
    };
    merge(mine.top, its.top, [](const Example& x, const Example& y) {
      return x.activation != y.activation ? x.activation > y.activation : x.passage < y.passage;
    });
    for (std::size_t i = 0; i < mine.interval.size(); ++i)
      merge(mine.interval[i], its.interval[i],
            [u](const Example& x, const Example& y) { return order_of_passage(u, x.passage) < order_of_passage(u, y.passage); });
    for (std::size_t i = 0; i < mine.histogram.size(); ++i) mine.histogram[i] += its.histogram[i];
    mine.active += its.active;
  }
  for (std::size_t m = 0; m < head_sums.size(); ++m) {
    for (std::size_t h = 0; h < head_sums[m].size(); ++h) head_sums[m][h] += other.head_sums[m][h];
    queries[m] += other.queries[m];
  }
}

}  // namespace gf::corpus
