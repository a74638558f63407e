// What a pass keeps, on its way to the host: copied to pinned memory on a second stream while the next block computes.
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

  /// Later work of the compute stream may write to the set.
  void enter(int set);
  /// `floats` at `device`, which lies in the set (or stays as it is for the whole step), go to `to`.
  void keep(int set, const void* device, std::size_t bytes, void* to);
  /// What was kept of the set is copied behind what the compute stream has been given so far.
  void flush(int set);
  /// The calling thread waits for all copies, and everything that was kept is where it belongs.
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
