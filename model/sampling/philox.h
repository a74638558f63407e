// The sampler's noise: counter-based, so that it depends on nothing but its arguments.
#pragma once

#include <array>
#include <cstdint>

#include "model/base/ids.h"

namespace gf {

/// Philox 4x32 with 10 rounds. Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
[[nodiscard]] std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// Standard Gumbel noise of one token at one position: -log(-log(u)), u from Philox in (0, 1).
[[nodiscard]] double gumbel(std::uint64_t seed, int position, TokenId id);

}  // namespace gf
