// What launches share: how many threads a block has, how work becomes blocks, and scratch memory by name.
#pragma once

#include <cstddef>

#include "cuda/args.h"
#include "cuda/cuda_api.h"

namespace gf::cuda {

/// Keys of ForwardPass::scratch, beyond those of the hooks (HookKind and set).
struct ScratchKey {
  enum : int { kQkv = 1000, kNormOut, kPartial, kWide, kHeadCopy, kHeadRows };
};

inline constexpr unsigned kThreads = 256;
inline constexpr std::size_t kWarps = kThreads / 32;

[[nodiscard]] inline unsigned thread_blocks(int n) { return static_cast<unsigned>(n); }
[[nodiscard]] inline unsigned tiles(int n) { return static_cast<unsigned>((n + kTile - 1) / kTile); }
/// Bytes of n floats.
[[nodiscard]] inline std::size_t float_bytes(std::size_t n) { return n * sizeof(float); }
/// Floats of a tile whose rows are one apart more than they are wide.
[[nodiscard]] inline std::size_t tile_floats(int width) { return static_cast<std::size_t>(kTile) * (static_cast<std::size_t>(width) + 1); }

/// How Kernel::product is launched for a product.
struct ProductLaunch {
  explicit ProductLaunch(const Gemm& g)
      : args{g.a, g.b, g.c, g.transpose_a ? 1 : 0, g.transpose_b ? 1 : 0, g.m, g.n, g.k, g.lda, g.ldb, g.ldc, g.alpha, g.beta},
        grid{(static_cast<unsigned>(g.m) + kProductSide - 1) / kProductSide,
             (static_cast<unsigned>(g.n) + kProductSide - 1) / kProductSide} {}
  ProductArgs args;
  Grid grid;
  static constexpr std::size_t kSharedBytes = 2 * kProductDepth * (kProductSide + 1) * sizeof(float);
};

}  // namespace gf::cuda
