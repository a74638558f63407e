// The rows of a step, on all threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "model/base/parallel.h"
#include "model/trace_writer.h"

namespace gf::cpu {

/// Calls body(segment, row) for each row of the segments, in groups of rows on the pool's threads. `row` counts from the
/// segment's first.
template <class Body>
void for_each_row(ThreadPool& pool, std::span<const Segment> segments, const Body& body) {
  constexpr int kGroup = 8;
  struct Rows {
    std::size_t segment;
    int first, count;
  };
  std::vector<Rows> groups;
  for (std::size_t s = 0; s < segments.size(); ++s)
    for (int r = 0; r < segments[s].rows; r += kGroup) groups.push_back({s, r, std::min(kGroup, segments[s].rows - r)});
  pool.parallel_for(groups.size(), [&](std::size_t i) {
    for (int r = 0; r < groups[i].count; ++r) body(groups[i].segment, static_cast<std::size_t>(groups[i].first + r));
  });
}

}  // namespace gf::cpu
