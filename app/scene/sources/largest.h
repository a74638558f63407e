// The largest |value| of what a view shows of a hook, for the legend, which names it where colour saturates.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "model/trace.h"

namespace gf::scene {

/// Over all rows of a run, or of the differences of two. Keeps the result of each chunk of rows, so that a run that grew, and
/// one that shares its first blocks with the one before, is read where it is new.
class LargestBook {
 public:
  /// The largest |shown|, or |shown - *minus| where `minus` is given: over the rows that both have. Infinities and NaN are
  /// left out. Logits: of the last position. 0 where the hook was not captured. Reads what is new: up to the whole hook.
  [[nodiscard]] float of(const Trace& shown, const Trace* minus, HookId hook);

 private:
  struct OfChunk {
    std::shared_ptr<const Chunk> shown, minus;
    int rows = 0;
    float largest = 0;
  };
  std::map<std::pair<HookId, bool>, std::vector<OfChunk>> known_;  ///< by hook and whether it is a difference
};

}  // namespace gf::scene
