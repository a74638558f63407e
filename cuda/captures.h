// Copies what a pass keeps to the host: into pinned memory, on a second stream, while the next block computes.
#pragma once

#include <array>
#include <vector>

#include "cuda/handles.h"

namespace gf::cuda {

/// Buffers of hooks come in two sets that blocks use in turn. A block's set is copied out while the next block fills the
/// other one; before a set is filled again its copies must be done (enter), and before they are overwritten the copies
/// must have been fetched from pinned memory (flush, finish).
class Captures {
 public:
  static constexpr int kSets = 2;
  explicit Captures(Api& api);
  /// Creates stream and events. Errors: Device.
  Result<void> open();
  /// A new step, whose work goes to this queue. Lifetime: until finish() or abandon().
  void begin(Queue& compute) { compute_ = &compute; }

  /// After this call work of the compute stream may write to the set: it waits for the set's copies. Does not synchronise.
  void enter(int set);
  /// Notes that `bytes` at `device` go to `to` with the next flush(). They lie in the set, or do not change during the step.
  void keep(int set, const void* device, std::size_t bytes, void* to);
  /// Queues the copies of what was kept of the set, after the work that the compute stream has so far. Waits for the copies
  /// that the set had before.
  void flush(int set);
  /// Synchronises: the calling thread waits for all copies, and everything that was kept is at its `to`.
  Result<void> finish();
  /// Forgets what has not arrived; waits until no copy is under way.
  void abandon();

 private:
  struct Piece {
    const void* device;
    std::size_t bytes;
    void* to;
  };
  struct Set {
    explicit Set(Api& api) : computed(api), copied(api) {}
    std::vector<Piece> waiting, copying;
    PinnedBuffer pinned;
    Handle<Event> computed, copied;
  };
  void fetch(Set& set);

  Api& api_;
  Queue* compute_ = nullptr;
  Handle<Stream> stream_;
  std::array<Set, kSets> sets_;
};

}  // namespace gf::cuda
