// Matrix products over all rows of a batch: oneDNN on tiles of the outputs, on the pool. Where tiles are cut depends on the
// sizes alone and no sum is cut, so the numbers don't depend on the number of threads.
#pragma once

#include <algorithm>
#include <cstddef>

#include "model/base/parallel.h"
#include "model/cpu/matrix.h"

namespace gf::training {

/// An axis cut into `count` stretches of `width`, the last of which may be shorter.
struct Stretches {
  std::size_t n, width, count;
  /// Of at most `most` and an even number of them where that is possible: two threads then end together.
  Stretches(std::size_t length, std::size_t most);
  [[nodiscard]] std::size_t begin(std::size_t i) const { return i * width; }
  [[nodiscard]] std::size_t size(std::size_t i) const { return std::min(width, n - begin(i)); }
};

/// Rows of floats, `stride` apart.
struct BatchRows {
  float* data = nullptr;
  std::size_t stride = 0;
};
struct ConstBatchRows {
  const float* data = nullptr;
  std::size_t stride = 0;
  ConstBatchRows(const float* d, std::size_t s) : data(d), stride(s) {}
  ConstBatchRows(BatchRows rows) : data(rows.data), stride(rows.stride) {}  // NOLINT: a view of the same
};

/// What is done with a tile of y while it is in cache: rows [r, r + rows), columns [c, c + columns).
struct TilePlace {
  std::size_t r, rows, c, columns;
};

constexpr std::size_t kTileRows = 512, kTileColumns = 384;

/// Calls body(tile) for each tile of [rows, columns].
template <class Body>
void each_tile(ThreadPool& pool, std::size_t rows, std::size_t columns, std::size_t most_rows, std::size_t most_columns, Body body) {
  const Stretches down(rows, most_rows), across(columns, most_columns);
  pool.parallel_for(down.count * across.count, [&](std::size_t i) {
    const std::size_t r = i % down.count, c = i / down.count;
    body(TilePlace{down.begin(r), down.size(r), across.begin(c), across.size(c)});
  });
}

/// y = factor x W + bias, with W [k, n] (or [n, k] where `turned`), x [rows, k]. bias may be nullptr. then(tile) follows each tile.
template <class Then>
void product(ThreadPool& pool, std::size_t rows, std::size_t k, std::size_t n, ConstBatchRows x, const float* w, bool turned,
             const float* bias, BatchRows y, Then then, float factor = 1) {
  each_tile(pool, rows, n, kTileRows, kTileColumns, [&](const TilePlace& t) {
    float* to = y.data + t.r * y.stride + t.c;
    if (bias != nullptr)
      for (std::size_t r = 0; r < t.rows; ++r) std::copy_n(bias + t.c, t.columns, to + r * y.stride);
    cpu::gemm(turned, t.rows, t.columns, k, factor, x.data + t.r * x.stride, x.stride, turned ? w + t.c * k : w + t.c, turned ? k : n,
              bias != nullptr, to, y.stride);
    then(t);
  });
}
inline void product(ThreadPool& pool, std::size_t rows, std::size_t k, std::size_t n, ConstBatchRows x, const float* w, bool turned,
                    const float* bias, BatchRows y) {
  product(pool, rows, k, n, x, w, turned, bias, y, [](const TilePlace&) {});
}

/// of_w = factor x^T of_y (+ of_w where `accumulate`): the gradient of W [k, n], summed over all rows in oneDNN's own order.
void weight_gradient(ThreadPool& pool, std::size_t rows, std::size_t k, std::size_t n, ConstBatchRows x, ConstBatchRows of_y,
                     bool accumulate, float* of_w, float factor = 1);

/// of_bias = sum over rows of of_y; nothing where of_bias is nullptr.
void bias_gradient(ThreadPool& pool, const cpu::Kernels& kernels, std::size_t rows, std::size_t n, ConstBatchRows of_y, float* of_bias);

/// body(row) for each row, in fixed groups.
template <class Body>
void each_batch_row(ThreadPool& pool, std::size_t rows, Body body) {
  constexpr std::size_t kRowsOfATask = 32;
  pool.parallel_for((rows + kRowsOfATask - 1) / kRowsOfATask, [&](std::size_t group) {
    const std::size_t end = std::min(rows, (group + 1) * kRowsOfATask);
    for (std::size_t r = group * kRowsOfATask; r < end; ++r) body(r);
  });
}

}  // namespace gf::training
