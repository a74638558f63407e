#include "model/cpu/matrix.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <omp.h>
#include <utility>

#ifdef GLASSFORMER_ONEDNN
#include <oneapi/dnnl/dnnl.h>
#else
#include "model/cpu/plain_gemm.h"
#endif

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
  for (std::size_t i = 0; i < outer; ++i) widen(w.data + (at + i * ld) * size_of(w.dtype), w.dtype, memory + i * inner, inner);
  return {memory, inner};
}

/// Columns c0 .. c0 + cn of a product.
struct Panel {
  const Product* product;
  std::size_t c0, cn;
};

// Wide enough for oneDNN to pay off its packing, small enough that a panel of 768 rows stays in L2.
std::size_t panel_width(std::size_t n) { return std::clamp<std::size_t>((n / 4 + 63) / 64 * 64, 64, 384); }

// One row, weights stored by output: each output is a dot product with one stretch of memory.
constexpr std::size_t kOutputsOfATask = 256;

// One row, weights stored by input: whole rows of W are read as they lie, because panels of columns reach 20 GB/s
// where whole rows reach 40. So the sum is cut, at places that depend on the matrix alone, and its parts are added up
// in order: the numbers still don't depend on the number of threads. Many parts, so that no thread waits long for
// another one's last; few where a part's sums are long.
struct PartsOfSum {
  std::size_t count, height;
  explicit PartsOfSum(const PreparedMatrix& w) {
    constexpr std::size_t kLeastElements = std::size_t{64} << 10, kLeastRows = 32, kWide = 2048;
    const std::size_t most = w.n_out >= kWide ? 8 : 16;
    count = std::clamp<std::size_t>(std::min(w.n_in * w.n_out / kLeastElements, w.n_in / kLeastRows), 1, most);
    height = (w.n_in / count + 3) / 4 * 4;
  }
  /// The parts that one of `threads` threads begins with: neighbours, because a part fetches the next one's beginning.
  [[nodiscard]] std::size_t run(std::size_t threads) const { return (count + threads - 1) / threads; }
};

/// Where thread `thread` of `threads` begins to read for a product of one row.
const std::byte* beginning_of(const PreparedMatrix& w, std::size_t thread, std::size_t threads) {
  if (!w.in_major) return w.data + std::min(thread * kOutputsOfATask, w.n_out) * w.n_in * size_of(w.dtype);
  const PartsOfSum parts(w);
  return w.data + std::min(thread * parts.run(threads) * parts.height, w.n_in) * w.n_out * size_of(w.dtype);
}

// Parts of the sum are added up in columns of this width.
constexpr std::size_t kColumnsOfATask = 384;

void one_row_in_major(ThreadPool& pool, const Kernels& kernels, std::span<const Product> products) {
  const PreparedMatrix& w = *products.front().w;
  const std::size_t first = products.front().first_column;
  const std::size_t n = products.back().first_column + products.back().n - first;
  const PartsOfSum parts(w);
  thread_local std::vector<float> memory;
  if (memory.size() < parts.count * n) memory.resize(parts.count * n);
  float* sums = memory.data();  // the workers must not see their own thread's
  const float* x = products.front().x->segments[0];

  const std::size_t threads = std::min(parts.count, static_cast<std::size_t>(pool.size())), run = parts.run(threads);
  const PreparedMatrix* next = products.back().next;
  PassClock* const clock = products.front().clock;
  const Operation operation = products.front().operation;
  const auto sum_part = [&](std::size_t p) {
    const Part part(clock, operation);
    const std::size_t k = std::min(p * parts.height, w.n_in), k_end = p + 1 == parts.count ? w.n_in : std::min(k + parts.height, w.n_in);
    const bool last_of_run = (p + 1) % run == 0 || p + 1 == parts.count;
    const std::byte* then =
        last_of_run && next != nullptr ? beginning_of(*next, p / run, threads) : w.data + k_end * w.n_out * size_of(w.dtype);
    kernels.gemv_in_major(w.data + (k * w.n_out + first) * size_of(w.dtype), w.dtype, w.n_out, x + k, k_end - k, n, nullptr, sums + p * n,
                          then);
  };
  std::vector<std::atomic<std::size_t>> taken(threads);
  const auto sum_run = [&](std::size_t own) {
    for (std::size_t i = 0; i < threads; ++i) {  // its own first, then what others have left
      const std::size_t r = (own + i) % threads, begin = r * run, end = std::min(begin + run, parts.count);
      for (std::size_t p = begin + taken[r]++; p < end; p = begin + taken[r]++) sum_part(p);
    }
  };
  std::vector<Panel> columns;
  for (const Product& product : products)
    for (std::size_t c = 0; c < product.n; c += kColumnsOfATask) columns.push_back({&product, c, std::min(kColumnsOfATask, product.n - c)});
  pool.parallel_for_then(threads, sum_run, columns.size(), [&](std::size_t i) {
    const auto [product, c0, cn] = columns[i];
    float* y = product->y->segments[0] + c0;
    {
      const Part adding(clock, operation);
      const float* part = sums + product->first_column - first + c0;
      std::memcpy(y, part, cn * sizeof(float));
      for (std::size_t p = 1; p < parts.count; ++p) kernels.add(y, part + p * n, cn, y);
      if (product->bias != nullptr) kernels.add(y, product->bias + c0, cn, y);
    }
    if (product->activated == nullptr) return;
    const Part activating(clock, Operation::Activate);
    kernels.activate(product->activation, y, cn, product->activated->segments[0] + c0);
  });
}

void one_row_out_major(ThreadPool& pool, const Kernels& kernels, const Product& p) {
  const PreparedMatrix& w = *p.w;
  const float* x = p.x->segments[0];
  pool.parallel_for((p.n + kOutputsOfATask - 1) / kOutputsOfATask, [&](std::size_t i) {
    const std::size_t c = i * kOutputsOfATask, n = std::min(kOutputsOfATask, p.n - c);
    float* y = p.y->segments[0] + c;
    {
      const Part part(p.clock, p.operation);
      kernels.gemv_out_major(w.data + (p.first_column + c) * w.n_in * size_of(w.dtype), w.dtype, x, w.n_in, n,
                             p.bias != nullptr ? p.bias + c : nullptr, y);
    }
    if (p.activated == nullptr) return;
    const Part part(p.clock, Operation::Activate);
    kernels.activate(p.activation, y, n, p.activated->segments[0] + c);
  });
}

void many_rows_panel(const Product& p, std::span<const Segment> segments, std::size_t c0, std::size_t cn) {
  const Part part(p.clock, p.operation);
  const PreparedMatrix& w = *p.w;
  const BlockOfMatrix b = block_of(w, 0, w.n_in, p.first_column + c0, cn);
  for (std::size_t s = 0; s < segments.size(); ++s) {
    const auto rows = static_cast<std::size_t>(segments[s].rows);
    float* y = p.y->segments[s] + c0;
    if (p.bias != nullptr)
      for (std::size_t r = 0; r < rows; ++r) std::memcpy(y + r * p.y->stride, p.bias + c0, cn * sizeof(float));
    gemm(!w.in_major, rows, cn, w.n_in, 1.0F, p.x->segments[s], p.x->stride, b.data, b.ld, p.bias != nullptr, y, p.y->stride);
  }
}

void activate_panel(const Kernels& kernels, const Product& p, std::span<const Segment> segments, std::size_t c0, std::size_t cn) {
  const Part part(p.clock, Operation::Activate);
  for (std::size_t s = 0; s < segments.size(); ++s)
    for (std::size_t r = 0; r < static_cast<std::size_t>(segments[s].rows); ++r)
      kernels.activate(p.activation, p.y->segments[s] + r * p.y->stride + c0, cn, p.activated->segments[s] + r * p.activated->stride + c0);
}

struct GemmSizes {
  std::size_t m, n, k;
};
void sgemm(char of_a, char of_b, GemmSizes sizes, float alpha, const float* a, std::size_t lda, const float* b, std::size_t ldb,
           bool accumulate, float* c, std::size_t ldc) {
#ifdef GLASSFORMER_ONEDNN
  const auto dim = [](std::size_t x) { return static_cast<dnnl_dim_t>(x); };
  const dnnl_status_t status = dnnl_sgemm(of_a, of_b, dim(sizes.m), dim(sizes.n), dim(sizes.k), alpha, a, dim(lda), b, dim(ldb),
                                          accumulate ? 1.0F : 0.0F, c, dim(ldc));
  EXPECTS(status == dnnl_success, "oneDNN takes these sizes");
#else
  plain_gemm(of_a, of_b, sizes.m, sizes.n, sizes.k, alpha, a, lda, b, ldb, accumulate, c, ldc);
#endif
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

PreparedMatrix PreparedMatrix::transposed() const {
  PreparedMatrix t = *this;
  std::swap(t.n_in, t.n_out);
  t.in_major = !in_major;
  return t;
}

void multiply(ThreadPool& pool, const Kernels& kernels, std::span<const Segment> segments, std::span<const Product> products) {
  if (segments.size() == 1 && segments[0].rows == 1) {
    if (products.front().w->in_major) return one_row_in_major(pool, kernels, products);
    for (const Product& p : products) one_row_out_major(pool, kernels, p);
    return;
  }
  std::vector<Panel> panels;
  for (const Product& p : products)
    for (std::size_t c = 0, width = panel_width(p.n); c < p.n; c += width) panels.push_back({&p, c, std::min(width, p.n - c)});
  pool.parallel_for(panels.size(), [&](std::size_t i) {
    const auto [product, c0, cn] = panels[i];
    many_rows_panel(*product, segments, c0, cn);
    if (product->activated != nullptr) activate_panel(kernels, *product, segments, c0, cn);
  });
}

void multiply_rows_of(const PreparedMatrix& w, std::size_t first_row, std::size_t k_count, const float* x, std::size_t x_ld,
                      std::size_t rows, float* y, std::size_t y_ld) {
  const BlockOfMatrix b = block_of(w, first_row, k_count, 0, w.n_out);
  omp_set_num_threads(1);  // on the calling thread, and on no other
  gemm(!w.in_major, rows, w.n_out, k_count, 1.0F, x, x_ld, b.data, b.ld, false, y, y_ld);
}

void gemm(bool transposed, std::size_t m, std::size_t n, std::size_t k, float alpha, const float* a, std::size_t lda, const float* b,
          std::size_t ldb, bool accumulate, float* c, std::size_t ldc) {
  sgemm('N', transposed ? 'T' : 'N', {m, n, k}, alpha, a, lda, b, ldb, accumulate, c, ldc);
}

void gemm_of_transpose(std::size_t m, std::size_t n, std::size_t k, float alpha, const float* a, std::size_t lda, const float* b,
                       std::size_t ldb, bool accumulate, float* c, std::size_t ldc) {
  sgemm('T', 'N', {m, n, k}, alpha, a, lda, b, ldb, accumulate, c, ldc);
}

}  // namespace gf::cpu
