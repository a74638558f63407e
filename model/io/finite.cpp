#include "model/io/finite.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "model/base/text.h"

namespace gf {

namespace {

// A number is not finite where its exponent is all ones. Blocks of a fixed size let the compiler vectorise.
template <class Bits>
std::int64_t finite_count(const std::byte* data, std::size_t count, Bits exponent) {
  constexpr std::size_t kBlock = 4096;
  std::int64_t found = 0;
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    const Bits* block = reinterpret_cast<const Bits*>(data) + i;
    Bits hits = 0;
    for (std::size_t j = 0; j < kBlock; ++j) hits = static_cast<Bits>(hits + ((block[j] & exponent) == exponent ? 1 : 0));
    found += static_cast<std::int64_t>(hits);
  }
  for (; i < count; ++i) {
    Bits bits = 0;
    std::memcpy(&bits, data + i * sizeof(Bits), sizeof(Bits));
    found += (bits & exponent) == exponent ? 1 : 0;
  }
  return found;
}

struct FiniteShare {
  const std::byte* data;
  DType dtype;
  std::size_t count;
};

}  // namespace

std::int64_t count_not_finite(const std::byte* data, DType t, std::size_t count) {
  switch (t) {
    case DType::F32: return finite_count<std::uint32_t>(data, count, 0x7F800000U);
    case DType::F16: return finite_count<std::uint16_t>(data, count, std::uint16_t{0x7C00U});
    case DType::BF16: return finite_count<std::uint16_t>(data, count, std::uint16_t{0x7F80U});
  }
  return 0;
}

Result<std::int64_t> count_not_finite(std::span<const TensorView> tensors, const std::function<bool(double)>& progress) {
  constexpr std::size_t kShare = std::size_t{1} << 20;  // elements: small enough for progress and cancelling
  std::vector<FiniteShare> shares;
  for (const TensorView& view : tensors) {
    const auto count = static_cast<std::size_t>(view.elements());
    for (std::size_t at = 0; at < count; at += kShare)
      shares.push_back({view.data + at * size_of(view.dtype), view.dtype, std::min(kShare, count - at)});
  }
  std::atomic<std::size_t> next{0};
  std::atomic<std::int64_t> found{0};
  std::atomic<bool> cancelled{false};
  const auto work = [&](bool asks) {
    for (std::size_t i = next.fetch_add(1); i < shares.size() && !cancelled; i = next.fetch_add(1)) {
      found += count_not_finite(shares[i].data, shares[i].dtype, shares[i].count);
      if (asks && progress && !progress(static_cast<double>(i + 1) / static_cast<double>(shares.size()))) cancelled = true;
    }
  };
  // Small models are read faster than a thread starts.
  std::vector<std::jthread> helpers;
  if (shares.size() >= 16)
    for (unsigned t = 1; t < std::clamp(std::thread::hardware_concurrency(), 1U, 8U); ++t) helpers.emplace_back([&] { work(false); });
  work(true);
  helpers.clear();
  // The helpers may have taken every share. The caller is asked all the same.
  if (!cancelled && progress && !progress(1.0)) cancelled = true;
  if (cancelled) return fail(ErrorCode::Cancelled, text("Loading was cancelled."));
  return found.load();
}

}  // namespace gf
