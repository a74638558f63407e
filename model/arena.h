// Memory for captures: blocks of floats that are kept for reuse, because the first touch of fresh memory is dear.
#pragma once

#include <cstddef>

namespace gf {

/// 64-byte aligned, not initialised; nullptr when the system has none. Thread safe.
[[nodiscard]] float* arena_take(std::size_t floats);
/// Gives a block back. `floats` as it was taken. Keeps it for the next taker within the arena's budget.
void arena_return(float* memory, std::size_t floats);

/// Bytes that wait for reuse.
[[nodiscard]] std::size_t arena_idle_bytes();
/// Lets go of everything that waits for reuse.
void arena_trim();

}  // namespace gf
