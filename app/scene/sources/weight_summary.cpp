#include "app/scene/sources/weight_summary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace gf::scene {
namespace {

constexpr std::uint32_t kMagnitude = 0x7fffffffU;

/// Bits of |v| order as |v| does, so a percentile is two histograms: of the upper bits, then of the lower ones within
/// the bin that holds the rank.
class MagnitudeRank {
 public:
  void count_high(std::span<const float> values) {
    for (const float v : values) ++high_[(std::bit_cast<std::uint32_t>(v) & kMagnitude) >> 16U];
  }
  void choose(double q) {
    std::uint64_t finite = 0;
    for (std::size_t i = 0; i < kInfinite; ++i) finite += high_[i];
    auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(finite)));
    rank = std::max<std::uint64_t>(rank, 1);
    for (std::size_t i = 0; i < kInfinite; ++i) {
      if (rank <= high_[i]) {
        bin_ = static_cast<std::uint32_t>(i);
        break;
      }
      rank -= high_[i];
    }
    rank_ = rank;
    low_.assign(1U << 16U, 0);
  }
  void count_low(std::span<const float> values) {
    for (const float v : values) {
      const std::uint32_t bits = std::bit_cast<std::uint32_t>(v) & kMagnitude;
      if (bits >> 16U == bin_) ++low_[bits & 0xffffU];
    }
  }
  [[nodiscard]] float value() const {
    std::uint64_t rank = rank_;
    for (std::uint32_t i = 0; i < low_.size(); ++i) {
      if (rank <= low_[i]) return std::bit_cast<float>((bin_ << 16U) | i);
      rank -= low_[i];
    }
    return 0;
  }

 private:
  static constexpr std::size_t kInfinite = 0x7f80;  // upper bits of infinity; NaNs lie above
  std::vector<std::uint64_t> high_ = std::vector<std::uint64_t>(1U << 15U, 0);
  std::vector<std::uint64_t> low_;
  std::uint32_t bin_ = 0;
  std::uint64_t rank_ = 0;
};

void add_rows(std::span<const float> values, int rows, int cols, std::span<render::Texel> blocks) {
  constexpr int kB = WeightSummary::kBlock;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const int c0 = static_cast<int>(b) * kB, c1 = std::min(cols, c0 + kB);
    float sum = 0, extreme = 0;
    for (int r = 0; r < rows; ++r) {
      const float* row = values.data() + static_cast<std::size_t>(r) * static_cast<std::size_t>(cols);
      for (int c = c0; c < c1; ++c) {
        sum += row[c];
        if (outranks(row[c], extreme)) extreme = row[c];
      }
    }
    blocks[b] = {sum / static_cast<float>(rows * (c1 - c0)), extreme};
  }
}

}  // namespace

WeightSummary summarise(const TensorView& view) {
  WeightSummary s;
  const bool vector = view.shape.rank() < 2;
  s.rows = vector ? 1 : static_cast<int>(view.shape[0]);
  s.cols = static_cast<int>(vector ? view.elements() : view.shape[1]);
  constexpr int kB = WeightSummary::kBlock;
  s.block_cols = (s.cols + kB - 1) / kB;
  const int block_rows = (s.rows + kB - 1) / kB;
  s.blocks.resize(static_cast<std::size_t>(s.block_cols) * static_cast<std::size_t>(block_rows));
  if (s.blocks.empty()) return s;

  std::vector<float> stripe(static_cast<std::size_t>(kB) * static_cast<std::size_t>(s.cols));
  MagnitudeRank ranks;
  const auto read = [&](int block_row) {
    const int rows = std::min(kB, s.rows - block_row * kB);
    const auto count = static_cast<std::size_t>(rows) * static_cast<std::size_t>(s.cols);
    const auto from = static_cast<std::size_t>(block_row) * kB * static_cast<std::size_t>(s.cols);
    widen(view.data + from * size_of(view.dtype), view.dtype, stripe.data(), count);
    return std::span<const float>(stripe.data(), count);
  };
  for (int i = 0; i < block_rows; ++i) {
    const auto values = read(i);
    ranks.count_high(values);
    add_rows(values, static_cast<int>(values.size()) / s.cols, s.cols,
             std::span(s.blocks).subspan(static_cast<std::size_t>(i) * static_cast<std::size_t>(s.block_cols),
                                         static_cast<std::size_t>(s.block_cols)));
  }
  ranks.choose(0.995);
  for (int i = 0; i < block_rows; ++i) ranks.count_low(read(i));
  s.scale = ranks.value();
  for (const render::Texel& t : s.blocks) s.maximum = std::max(s.maximum, std::abs(t.extreme));
  return s;
}

float percentile_of_magnitude(std::span<const float> values, double q) {
  if (values.empty()) return 0;
  // Near the top, as 99.5 % of a row is, the few largest are kept in order while the rest passes by.
  constexpr std::size_t kFew = 32;
  const auto from_top =
      values.size() - std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size()))));
  if (from_top < kFew) {
    std::array<std::uint32_t, kFew> largest{};  // descending
    for (const float v : values) {
      const std::uint32_t bits = std::bit_cast<std::uint32_t>(v) & kMagnitude;
      if (bits <= largest[from_top]) continue;
      std::size_t i = from_top;
      for (; i > 0 && largest[i - 1] < bits; --i) largest[i] = largest[i - 1];
      largest[i] = bits;
    }
    return std::bit_cast<float>(largest[from_top]);
  }
  std::vector<std::uint32_t> bits(values.size());
  std::transform(values.begin(), values.end(), bits.begin(), [](float v) { return std::bit_cast<std::uint32_t>(v) & kMagnitude; });
  const auto rank = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(q * static_cast<double>(bits.size()))));
  std::nth_element(bits.begin(), bits.begin() + static_cast<std::ptrdiff_t>(rank - 1), bits.end());
  return std::bit_cast<float>(bits[rank - 1]);
}

}  // namespace gf::scene
