#include "model/arena.h"

#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

namespace gf {
namespace {

constexpr std::size_t kArenaAlignment = 64;
constexpr std::size_t kArenaIdleBudget = std::size_t{1} << 30;

std::size_t arena_bytes(std::size_t floats) {
  return (floats * sizeof(float) + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment;
}

struct CaptureArena {
  std::mutex mutex;
  std::map<std::size_t, std::vector<float*>> idle;  ///< by size: chunks of one hook are all alike
  std::size_t idle_bytes = 0;
};

// Never destroyed: chunks may be returned by static objects of other files when the program ends.
CaptureArena& capture_arena() {
  static auto* arena = new CaptureArena;
  return *arena;
}

}  // namespace

float* arena_take(std::size_t floats) {
  const std::size_t bytes = arena_bytes(floats == 0 ? 1 : floats);
  {
    CaptureArena& arena = capture_arena();
    const std::lock_guard lock(arena.mutex);
    const auto found = arena.idle.find(bytes);
    if (found != arena.idle.end() && !found->second.empty()) {
      float* memory = found->second.back();
      found->second.pop_back();
      arena.idle_bytes -= bytes;
      return memory;
    }
  }
  return static_cast<float*>(std::aligned_alloc(kArenaAlignment, bytes));
}

void arena_return(float* memory, std::size_t floats) {
  if (memory == nullptr) return;
  const std::size_t bytes = arena_bytes(floats == 0 ? 1 : floats);
  {
    CaptureArena& arena = capture_arena();
    const std::lock_guard lock(arena.mutex);
    if (arena.idle_bytes + bytes <= kArenaIdleBudget) {
      arena.idle[bytes].push_back(memory);
      arena.idle_bytes += bytes;
      return;
    }
  }
  std::free(memory);
}

std::size_t arena_idle_bytes() {
  CaptureArena& arena = capture_arena();
  const std::lock_guard lock(arena.mutex);
  return arena.idle_bytes;
}

void arena_trim() {
  CaptureArena& arena = capture_arena();
  const std::lock_guard lock(arena.mutex);
  for (auto& [bytes, list] : arena.idle)
    for (float* memory : list) std::free(memory);
  arena.idle.clear();
  arena.idle_bytes = 0;
}

}  // namespace gf
