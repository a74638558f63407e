// Runs a kernel on the CPU: one fiber for each CUDA thread, lanes in seeded random order, so that what holds here does
// not hold by luck. Shared memory starts poisoned and every access to it is checked for races; global memory is checked
// for bounds and counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "cuda/cuda_api.h"

namespace gf::cuda::host {

/// Bytes and operations of one launch. A sector is 32 bytes, the unit of device memory's traffic; each counts once.
struct Traffic {
  std::uint64_t sectors_read = 0, sectors_written = 0, flops = 0;
};

/// The device's memory: one reserved range, known sector by sector.
class Memory {
 public:
  explicit Memory(std::size_t bytes);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// 256-byte aligned and poisoned; nullptr when none is left.
  std::byte* take(std::size_t bytes);
  /// Poisons it. False when it was never taken.
  bool give_back(void* memory);
  [[nodiscard]] std::size_t size() const { return bytes_; }
  [[nodiscard]] std::size_t free_bytes() const { return bytes_ - used_; }
  /// Whether all of [at, at + bytes) was taken and not given back.
  [[nodiscard]] bool owns(const void* at, std::size_t bytes) const;

  void begin_launch() { ++launch_, traffic_ = {}; }
  /// False: outside of what was taken.
  bool touch(const void* at, std::size_t bytes, bool writes) {
    const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(at) - base_);
    if (offset >= bytes_) return false;
    for (std::size_t s = offset / 32; s <= (offset + bytes - 1) / 32; ++s) {
      Sector& sector = sectors_[s];
      if (!sector.taken) return false;
      std::uint32_t& last = writes ? sector.written : sector.read;
      if (last == launch_) continue;
      last = launch_;
      ++(writes ? traffic_.sectors_written : traffic_.sectors_read);
    }
    return true;
  }
  void count_flops(std::uint64_t n) { traffic_.flops += n; }
  [[nodiscard]] const Traffic& traffic() const { return traffic_; }

 private:
  struct Sector {
    std::uint32_t read, written;  ///< the launch that touched it last
    bool taken;
  };
  struct Range {
    std::size_t offset, bytes;
    bool free;
  };
  std::byte* base_ = nullptr;
  std::size_t bytes_, used_ = 0;
  Sector* sectors_ = nullptr;
  std::vector<Range> ranges_;  ///< in the order of their offsets
  std::uint32_t launch_ = 0;
  Traffic traffic_;
};

/// A place in a kernel's text where all threads of a block meet.
struct Barrier {
  std::string file;
  unsigned line = 0;
  auto operator<=>(const Barrier&) const = default;
};

class Executor {
 public:
  explicit Executor(Memory& memory, unsigned seed);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// Runs `body` once for every thread of every block. Returns an empty string, or what went wrong: a race, an access out
  /// of bounds, threads of a block that wait at different barriers.
  std::string run(Grid grid, unsigned threads, std::size_t shared_bytes, const std::function<void()>& body);

  /// Threads run through this barrier as if it were not in the text. For tests of the tests.
  void remove_barrier(Barrier barrier) { removed_ = std::move(barrier); }
  [[nodiscard]] const std::set<Barrier>& barriers_seen() const { return seen_; }
  void check_races(bool on) { check_races_ = on; }

  // What the shim calls, in a lane:
  void barrier(const char* file, unsigned line);
  /// Gives `bits` and takes those of lane (own ^ mask) of the same warp.
  std::uint64_t exchange(std::uint64_t bits, unsigned lane_mask);
  void shared_access(std::size_t offset, std::size_t bytes, bool writes) {
    if (offset + bytes > shared_bytes_) give_up("an access outside of shared memory");
    if (check_races_) check_race(offset, bytes, writes);
  }
  [[nodiscard]] std::byte* shared_memory() { return shared_.data(); }
  Memory& memory() { return memory_; }
  /// Ends the launch: this lane is not resumed. Not [[noreturn]]: AddressSanitizer would take it for the end of the
  /// thread's own stack.
  void give_up(std::string why);

 private:
  struct Lane;
  struct Word {
    std::uint32_t write_epoch, read_epoch;
    std::uint16_t writer, reader;  ///< lanes; reader kMany: more than one
  };
  void check_race(std::size_t offset, std::size_t bytes, bool writes);
  void run_block(unsigned threads);
  void suspend();

  Memory& memory_;
  std::mt19937 random_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<unsigned> ready_;
  std::vector<std::byte> shared_;
  std::size_t shared_bytes_ = 0;
  std::vector<Word> words_;
  std::uint32_t epoch_ = 0;
  Barrier removed_;
  std::set<Barrier> seen_;
  bool check_races_ = true;
  Lane* current_ = nullptr;
  void* scheduler_ = nullptr;
  const std::function<void()>* body_ = nullptr;
  unsigned finished_ = 0, at_barrier_ = 0, threads_ = 0;
  const char* barrier_file_ = nullptr;
  unsigned barrier_line_ = 0;
  std::vector<unsigned> warp_arrived_;
  std::string failure_;
};

/// Where the calling lane is. One executor runs at a time in a thread.
struct Place {
  struct Index {
    unsigned x = 0, y = 0, z = 0;
  };
  Index thread, block, block_size;
  Executor* executor = nullptr;
};
inline thread_local Place place;

}  // namespace gf::cuda::host
