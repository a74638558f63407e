// Small pictures of the attention patterns of all heads, computed away from the window's thread.
#pragma once

#include <vector>

#include "app/document/background/studies.h"

namespace gf::doc {

/// Patterns with at most kSide rows and columns: of a longer prompt each cell has the maximum of the cells that it
/// covers. 0 above the diagonal.
struct HeadPatterns {
  static constexpr int kSide = 40;
  int n_layer = 0, n_head = 0, side = 0;
  std::vector<float> values;  ///< [layer, head, row, column]
  [[nodiscard]] const float* of(int layer, int head) const {
    return values.data() + static_cast<std::size_t>((layer * n_head + head) * side) * static_cast<std::size_t>(side);
  }
};

/// Errors: NotCaptured.
[[nodiscard]] Inquiry<HeadPatterns> head_patterns(Side side);

}  // namespace gf::doc
