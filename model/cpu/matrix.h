// Matrix products of the CPU backend: oneDNN for many rows (plain_gemm.h where it is built without), own loops for one.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "model/base/parallel.h"
#include "model/cpu/kernels.h"
#include "model/cpu/pass_clock.h"
#include "model/trace_writer.h"
#include "model/weights.h"

namespace gf::cpu {

/// A matrix as the backend reads it. Views: the Weights (and the owner of `f32`) outlive it.
struct PreparedMatrix {
  const std::byte* data = nullptr;  ///< as the checkpoint has it
  DType dtype = DType::F32;
  const float* f32 = nullptr;  ///< the same in float32; nullptr where only panels are widened when they are used
  std::size_t n_in = 0, n_out = 0;
  bool in_major = true;

  static PreparedMatrix of(const Matrix& matrix);
  /// The same memory read as the transpose: gradients go from outputs to inputs.
  [[nodiscard]] PreparedMatrix transposed() const;
};

/// Part of a product: y[:, 0 .. n) = x W[:, first_column .. first_column + n) + bias.
struct Product {
  const StepRows* x = nullptr;
  const PreparedMatrix* w = nullptr;
  std::size_t first_column = 0, n = 0;
  const float* bias = nullptr;  ///< of the first column wanted; nullptr: none
  const StepRows* y = nullptr;
  /// Applied to each panel of y while it is in cache; the result goes to `activated` (which may be y).
  const StepRows* activated = nullptr;
  Activation activation = Activation::GeluTanh;
  /// Gets the times of the product and of the activation, each for itself; null: the pass is not timed.
  PassClock* clock = nullptr;
  Operation operation = Operation::Rest;
  /// The matrix of the next product: its beginnings are fetched while this one's last rows are read. nullptr: unknown.
  const PreparedMatrix* next = nullptr;
};

/// Computes products with the same x and w, over neighbouring columns, in one go on the pool. Where the work is cut
/// depends on the matrix and the number of rows alone, so the numbers don't depend on the number of threads.
void multiply(ThreadPool& pool, const Kernels& kernels, std::span<const Segment> segments, std::span<const Product> products);

/// y (rows, ld y_ld) = x[:, 0..k_count) W[first_row .. first_row + k_count, :], on the calling thread.
void multiply_rows_of(const PreparedMatrix& w, std::size_t first_row, std::size_t k_count, const float* x, std::size_t x_ld,
                      std::size_t rows, float* y, std::size_t y_ld);

/// C = alpha A B (+ C where `accumulate`), row-major float32; B^T where `transposed`. oneDNN, on the calling thread.
/// A is [m, k], and C [m, n].
void gemm(bool transposed, std::size_t m, std::size_t n, std::size_t k, float alpha, const float* a, std::size_t lda, const float* b,
          std::size_t ldb, bool accumulate, float* c, std::size_t ldc);
/// C = alpha A^T B (+ C where `accumulate`), with A [k, m].
void gemm_of_transpose(std::size_t m, std::size_t n, std::size_t k, float alpha, const float* a, std::size_t lda, const float* b,
                       std::size_t ldb, bool accumulate, float* c, std::size_t ldc);

}  // namespace gf::cpu
