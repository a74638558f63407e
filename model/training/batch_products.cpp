#include "model/training/batch_products.h"

namespace gf::training {
namespace {

constexpr std::size_t kGradientTileRows = 256, kGradientTileColumns = 384, kBiasColumns = 128;

}  // namespace

Stretches::Stretches(std::size_t length, std::size_t most) : n(length), width(length), count(1) {
  constexpr std::size_t kLeast = 32, kStep = 16;
  if (length >= 2 * kLeast) {
    const std::size_t parts = 2 * ((length + 2 * most - 1) / (2 * most));
    width = (length + parts - 1) / parts;
    width = (width + kStep - 1) / kStep * kStep;
  }
  count = (length + width - 1) / std::max<std::size_t>(width, 1);
}

void weight_gradient(ThreadPool& pool, std::size_t rows, std::size_t k, std::size_t n, ConstBatchRows x, ConstBatchRows of_y,
                     bool accumulate, float* of_w, float factor) {
  each_tile(pool, k, n, kGradientTileRows, kGradientTileColumns, [&](const TilePlace& t) {
    cpu::gemm_of_transpose(t.rows, t.columns, rows, factor, x.data + t.r, x.stride, of_y.data + t.c, of_y.stride, accumulate,
                           of_w + t.r * n + t.c, n);
  });
}

void bias_gradient(ThreadPool& pool, const cpu::Kernels& kernels, std::size_t rows, std::size_t n, ConstBatchRows of_y, float* of_bias) {
  if (of_bias == nullptr) return;
  const Stretches across(n, kBiasColumns);
  pool.parallel_for(across.count, [&](std::size_t i) {
    const std::size_t c = across.begin(i), columns = across.size(i);
    std::fill_n(of_bias + c, columns, 0.0F);
    for (std::size_t r = 0; r < rows; ++r) kernels.add(of_bias + c, of_y.data + r * of_y.stride + c, columns, of_bias + c);
  });
}

}  // namespace gf::training
