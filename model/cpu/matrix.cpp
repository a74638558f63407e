#include "model/cpu/matrix.h"

#include <oneapi/dnnl/dnnl.h>

#include <algorithm>
#include <cstring>

namespace gf::cpu {
namespace {

/// Memory of the calling thread for one panel of widened weights.
float* panel_memory(std::size_t floats) {
  thread_local std::vector<float> memory;
  if (memory.size() < floats) memory.resize(floats);
  return memory.data();
}

struct BlockOfMatrix {
  const float* data;
  std::size_t ld;
};

/// W[k0 .. k0+kn, c0 .. c0+cn) in float32: where it is, or widened into the thread's memory.
BlockOfMatrix block_of(const PreparedMatrix& w, std::size_t k0, std::size_t kn, std::size_t c0, std::size_t cn) {
  const std::size_t ld = w.in_major ? w.n_out : w.n_in;
  const std::size_t at = w.in_major ? k0 * ld + c0 : c0 * ld + k0;
  if (w.f32 != nullptr) return {w.f32 + at, ld};
  const std::size_t outer = w.in_major ? kn : cn, inner = w.in_major ? cn : kn;
  float* memory = panel_memory(outer * inner);
  for (std::size_t i = 0; i < outer; ++i)
    widen(w.data + (at + i * ld) * size_of(w.dtype), w.dtype, memory + i * inner, inner);
  return {memory, inner};
}

// Wide enough for oneDNN to pay off its packing, small enough that a panel of 768 rows stays in L2.
constexpr std::size_t kWidestPanel = 384;
constexpr std::size_t kVectorPanel = 384;
constexpr std::size_t kVectorRowsPanel = 256;

std::size_t panel_width(std::size_t n, bool one_row, bool in_major) {
  if (one_row && !in_major) return kVectorRowsPanel;
  const std::size_t widest = one_row ? kVectorPanel : kWidestPanel;
  const std::size_t quarter = (n / 4 + 63) / 64 * 64;
  return std::clamp<std::size_t>(quarter, 64, widest);
}

void one_row_panel(const Kernels& kernels, const Product& p, std::size_t c0, std::size_t cn) {
  const PreparedMatrix& w = *p.w;
  const std::size_t column = p.first_column + c0;
  const float* x = p.x->segments[0];
  float* y = p.y->segments[0] + c0;
  const float* bias = p.bias != nullptr ? p.bias + c0 : nullptr;
  if (w.in_major)
    kernels.gemv_in_major(w.data + column * size_of(w.dtype), w.dtype, w.n_out, x, w.n_in, cn, bias, y);
  else
    kernels.gemv_out_major(w.data + column * w.n_in * size_of(w.dtype), w.dtype, x, w.n_in, cn, bias, y);
}

void many_rows_panel(const Product& p, std::span<const Segment> segments, std::size_t c0, std::size_t cn) {
  const PreparedMatrix& w = *p.w;
  const BlockOfMatrix b = block_of(w, 0, w.n_in, p.first_column + c0, cn);
  for (std::size_t s = 0; s < segments.size(); ++s) {
    const auto rows = static_cast<std::size_t>(segments[s].rows);
    float* y = p.y->segments[s] + c0;
    if (p.bias != nullptr)
      for (std::size_t r = 0; r < rows; ++r) std::memcpy(y + r * p.y->stride, p.bias + c0, cn * sizeof(float));
    gemm(!w.in_major, rows, cn, w.n_in, 1.0F, p.x->segments[s], p.x->stride, b.data, b.ld, p.bias != nullptr, y,
         p.y->stride);
  }
}

void activate_panel(const Kernels& kernels, const Product& p, std::span<const Segment> segments, std::size_t c0,
                    std::size_t cn) {
  for (std::size_t s = 0; s < segments.size(); ++s)
    for (std::size_t r = 0; r < static_cast<std::size_t>(segments[s].rows); ++r)
      kernels.activate(p.activation, p.y->segments[s] + r * p.y->stride + c0, cn,
                       p.activated->segments[s] + r * p.activated->stride + c0);
}

}  // namespace

PreparedMatrix PreparedMatrix::of(const Matrix& matrix) {
  PreparedMatrix w;
  w.data = matrix.view.data;
  w.dtype = matrix.view.dtype;
  w.f32 = w.dtype == DType::F32 ? matrix.view.f32().data() : nullptr;
  w.n_in = static_cast<std::size_t>(matrix.n_in());
  w.n_out = static_cast<std::size_t>(matrix.n_out());
  w.in_major = matrix.in_major;
  return w;
}

void multiply(ThreadPool& pool, const Kernels& kernels, std::span<const Segment> segments,
              std::span<const Product> products) {
  struct Panel {
    const Product* product;
    std::size_t c0, cn;
  };
  const bool one_row = segments.size() == 1 && segments[0].rows == 1;
  std::vector<Panel> panels;
  for (const Product& p : products) {
    const std::size_t width = panel_width(p.n, one_row, p.w->in_major);
    for (std::size_t c = 0; c < p.n; c += width) panels.push_back({&p, c, std::min(width, p.n - c)});
  }
  pool.parallel_for(panels.size(), [&](std::size_t i) {
    const auto [product, c0, cn] = panels[i];
    if (one_row) one_row_panel(kernels, *product, c0, cn);
    else many_rows_panel(*product, segments, c0, cn);
    if (product->activated != nullptr) activate_panel(kernels, *product, segments, c0, cn);
  });
}

void multiply_rows_of(const PreparedMatrix& w, std::size_t first_row, std::size_t k_count, const float* x,
                      std::size_t x_ld, std::size_t rows, float* y, std::size_t y_ld) {
  const BlockOfMatrix b = block_of(w, first_row, k_count, 0, w.n_out);
  gemm(!w.in_major, rows, w.n_out, k_count, 1.0F, x, x_ld, b.data, b.ld, false, y, y_ld);
}

void gemm(bool transposed, std::size_t m, std::size_t n, std::size_t k, float alpha, const float* a, std::size_t lda,
          const float* b, std::size_t ldb, bool accumulate, float* c, std::size_t ldc) {
  const auto dim = [](std::size_t x) { return static_cast<dnnl_dim_t>(x); };
  const dnnl_status_t status = dnnl_sgemm('N', transposed ? 'T' : 'N', dim(m), dim(n), dim(k), alpha, a, dim(lda), b,
                                          dim(ldb), accumulate ? 1.0F : 0.0F, c, dim(ldc));
  EXPECTS(status == dnnl_success, "oneDNN takes these sizes");
}

}  // namespace gf::cpu
