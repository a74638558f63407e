// Vectorised loops of the CPU backend, one table for each instruction set, chosen at run time.
#pragma once

#include <cstddef>

#include "model/config.h"
#include "model/tensor.h"

namespace gf::cpu {

/// What the loops over one row of logits give.
struct SoftmaxSums {
  float max = 0;            ///< of those that are not NaN. The sums are NaN if an x is NaN or inf, or if all are -inf
  double sum = 0;           ///< of exp(x - max)
  double weighted_sum = 0;  ///< of (x - max) exp(x - max)
};

/// One step of AdamW over a stretch of parameters that share these numbers. Source: Loshchilov and Hutter 2019, algorithm 2,
/// in the order of operations of torch.optim.AdamW.
struct AdamWStep {
  float of_gradient = 1;  ///< each gradient is multiplied with this first: it was clipped
  float keep = 1;         ///< 1 - learning rate * weight decay
  float beta1 = 0, beta2 = 0;
  float step_size = 0;        ///< learning rate / (1 - beta1^t)
  float root_correction = 1;  ///< sqrt(1 - beta2^t)
  float eps = 0;
};

/// No function allocates or looks beyond the counts given. Every output element is summed in an order that depends
/// on the counts along the summed axis alone, so results do not depend on how columns are split among threads.
struct Kernels {
  const char* name;  ///< "AVX-512", "AVX2", "plain"

  /// y[j] = bias[j] + sum_k x[k] w[k][j] for j < n; w begins at the first column wanted, `ld` elements a row. Memory at
  /// `then`, which the caller reads next, is fetched towards the end; any address will do.
  void (*gemv_in_major)(const std::byte* w, DType dtype, std::size_t ld, const float* x, std::size_t k_count, std::size_t n,
                        const float* bias, float* y, const std::byte* then);
  /// y[j] = bias[j] + sum_k x[k] w[j][k] for j < n; rows of k_count elements, one after the other.
  void (*gemv_out_major)(const std::byte* w, DType dtype, const float* x, std::size_t k_count, std::size_t n, const float* bias, float* y);

  /// sqrt(mean((x - mean)^2) + eps); the mean through `mean`.
  float (*norm_scale)(const float* x, std::size_t n, float eps, float* mean);
  /// out = (x - mean) / scale
  void (*normalize)(const float* x, std::size_t n, float mean, float scale, float* out);
  /// out = x gamma + beta; beta may be nullptr
  void (*affine)(const float* x, const float* gamma, const float* beta, std::size_t n, float* out);
  void (*add)(const float* a, const float* b, std::size_t n, float* out);
  void (*activate)(Activation kind, const float* x, std::size_t n, float* out);

  /// In place. A row in which all are -inf becomes 0, a row with a NaN becomes NaN.
  void (*softmax)(float* x, std::size_t n);
  /// out[h * out_stride + r] = factor * q_h . k_rh for each of `rows` rows (row_stride floats apart) and each head of
  /// `d` floats, one after the other in q and in a row of k.
  void (*head_dots)(const float* q, const float* k, std::size_t row_stride, std::size_t rows, std::size_t heads, std::size_t d,
                    float factor, float* out, std::size_t out_stride);
  /// z_h += sum over r of p[h * p_stride + r] v_rh, in the order of r.
  void (*head_axpys)(const float* p, std::size_t p_stride, const float* v, std::size_t row_stride, std::size_t rows, std::size_t heads,
                     std::size_t d, float* z);

  // Slopes, for gradients: dm/dy of what a loop above gave becomes dm/dx of what it was given.
  /// slope = slope act'(x)
  void (*activate_slope)(Activation kind, const float* x, std::size_t n, float* slope);
  /// slope = p (slope - sum of p slope), with p = softmax(x)
  void (*softmax_slope)(const float* p, std::size_t n, float* slope);
  /// Sum of slope (x - mean); the sum of slope through `sum`.
  float (*norm_slope_sums)(const float* x, const float* slope, std::size_t n, float mean, float* sum);
  /// out = stream + a slope + b (x - mean) + c
  void (*norm_slope)(const float* stream, const float* slope, const float* x, std::size_t n, float mean, float a, float b, float c,
                     float* out);

  /// p, and its moments m and v, after a step against the gradient g.
  void (*adamw)(const AdamWStep& step, const float* g, std::size_t n, float* p, float* m, float* v);

  SoftmaxSums (*softmax_sums)(const float* x, std::size_t n);
  std::size_t (*count_greater)(const float* x, std::size_t n, float than);
  /// First index >= from whose x is > than; n if none.
  std::size_t (*find_greater)(const float* x, std::size_t from, std::size_t n, float than);

  /// The sum of n floats, read as so many equal stretches beside each other: how fast memory can be read. n is a multiple of
  /// 64 streams.
  float (*sum_streams)(const float* x, std::size_t n, std::size_t streams);
};

/// The best table for this machine. Thread safe. GLASSFORMER_ISA=plain, avx2 or avx512 in the environment asks for
/// one; what the machine lacks is never given.
[[nodiscard]] const Kernels& best_kernels();
/// nullptr where the machine lacks it.
[[nodiscard]] const Kernels* kernels_plain();
[[nodiscard]] const Kernels* kernels_avx2();
[[nodiscard]] const Kernels* kernels_avx512();

}  // namespace gf::cpu
