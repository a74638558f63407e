#include "model/arena.h"

#include <cstdint>
#include <cstdlib>
#include <map>
#include <mutex>
#include <sys/mman.h>
#include <vector>

namespace gf {
namespace {

constexpr std::size_t kArenaAlignment = 64;
constexpr std::size_t kArenaPage = 4096;
constexpr std::size_t kArenaHugePage = std::size_t{2} << 20;
constexpr std::size_t kArenaSlab = std::size_t{32} << 20;
constexpr std::size_t kArenaIdleBudget = std::size_t{1} << 30;
// Sanitizers watch what malloc gave, not what lies within one large mapping.
#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kArenaFromSlab = SIZE_MAX;
#else
constexpr std::size_t kArenaFromSlab = std::size_t{64} << 10;
#endif

std::size_t arena_round(std::size_t bytes, std::size_t to) { return (bytes + to - 1) / to * to; }

std::size_t arena_bytes(std::size_t floats) {
  const std::size_t bytes = (floats == 0 ? 1 : floats) * sizeof(float);
  return arena_round(bytes, bytes >= kArenaFromSlab ? kArenaPage : kArenaAlignment);
}

/// Large blocks are cut from mappings of huge pages: the first touch costs a quarter, and rows that are read with strides
/// don't pay for an address translation each. Mappings are never undone: blocks beyond the budget give their pages back to
/// the system and keep their addresses.
class CaptureArena {
 public:
  float* take(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    auto& list = idle_[bytes];
    if (!list.empty()) {
      const Idle block = list.back();
      list.pop_back();
      if (block.resident) idle_bytes_ -= bytes;
      return block.memory;
    }
    if (bytes < kArenaFromSlab) return static_cast<float*>(std::aligned_alloc(kArenaAlignment, bytes));
    if (static_cast<std::size_t>(slab_end_ - slab_) < bytes && !add_slab(bytes)) return nullptr;
    auto* memory = reinterpret_cast<float*>(slab_);
    slab_ += bytes;
    return memory;
  }

  void give_back(float* memory, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    const bool resident = idle_bytes_ + bytes <= kArenaIdleBudget;
    if (resident) {
      idle_bytes_ += bytes;
    } else if (bytes < kArenaFromSlab) {
      std::free(memory);
      return;
    } else {
      madvise(memory, bytes, MADV_DONTNEED);
    }
    idle_[bytes].push_back({memory, resident});
  }

  void trim() {
    const std::lock_guard lock(mutex_);
    for (auto& [bytes, list] : idle_) {
      for (Idle& block : list) {
        if (bytes < kArenaFromSlab) std::free(block.memory);
        else if (block.resident) madvise(block.memory, bytes, MADV_DONTNEED);
        block.resident = false;
      }
      if (bytes < kArenaFromSlab) list.clear();
    }
    idle_bytes_ = 0;
  }

  std::size_t idle_bytes() {
    const std::lock_guard lock(mutex_);
    return idle_bytes_;
  }

 private:
  struct Idle {
    float* memory;
    bool resident;
  };

  bool add_slab(std::size_t bytes) {
    const std::size_t size = arena_round(bytes > kArenaSlab ? bytes : kArenaSlab, kArenaHugePage);
    void* mapped = mmap(nullptr, size + kArenaHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) return false;
    slab_ = reinterpret_cast<std::byte*>(arena_round(reinterpret_cast<std::uintptr_t>(mapped), kArenaHugePage));
    slab_end_ = slab_ + size;
    madvise(slab_, size, MADV_HUGEPAGE);  // only a hint: small pages work too
    return true;
  }

  std::mutex mutex_;
  std::map<std::size_t, std::vector<Idle>> idle_;  ///< by size: chunks of one hook are all alike
  std::size_t idle_bytes_ = 0;
  std::byte *slab_ = nullptr, *slab_end_ = nullptr;
};

// Never destroyed: chunks may be returned by static objects of other files when the program ends.
CaptureArena& capture_arena() {
  static auto* arena = new CaptureArena;
  return *arena;
}

}  // namespace

float* arena_take(std::size_t floats) { return capture_arena().take(arena_bytes(floats)); }

void arena_return(float* memory, std::size_t floats) {
  if (memory != nullptr) capture_arena().give_back(memory, arena_bytes(floats));
}

std::size_t arena_idle_bytes() { return capture_arena().idle_bytes(); }
void arena_trim() { capture_arena().trim(); }

}  // namespace gf
