// Products of many rows where the program is built without oneDNN.
#pragma once

#include <cstddef>

namespace gf::cpu {

/// C = alpha op(A) op(B) (+ C where `accumulate`), row-major float32, on the calling thread: 'T' says that the memory holds
/// the transposed matrix, which is k x m, or n x k. An element of C is summed in the order of k, whatever m and n are.
void plain_gemm(char of_a, char of_b, std::size_t m, std::size_t n, std::size_t k, float alpha, const float* a, std::size_t lda,
                const float* b, std::size_t ldb, bool accumulate, float* c, std::size_t ldc);

}  // namespace gf::cpu
