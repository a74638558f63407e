// What each kernel is given: plain structs, read alike by nvcc and by the host's compiler. Pointers are to device
// memory; matrices are row-major. T: rows of the step.
#pragma once

#include <cstdint>

namespace gf::cuda {

inline constexpr int kTop = 20;              ///< likeliest tokens that are kept of a row
inline constexpr int kTile = 32;             ///< queries and keys of an attention tile
inline constexpr int kMaxHead = 128;         ///< largest d_head of the attention kernels
inline constexpr int kSplitKeys = 128;       ///< keys that one block of attend_one looks at
inline constexpr int kProductSide = 64;      ///< rows and columns of a product that one block computes
inline constexpr int kProductDepth = 16;     ///< terms of their sums that lie in shared memory at a time
inline constexpr int kProductThreads = 256;  ///< of such a block

/// Element type of weights, as model/tensor.h's DType.
enum WeightType : int { kF32, kF16, kBF16 };
/// As model/config.h's Activation.
enum ActivationType : int { kGeluTanh, kGeluErf, kRelu };

/// Packed causal rows of a step: row r (position first + r) holds for each head its first + r + 1 keys.
struct CausalRows {
  int first = 0, n_head = 0;
};

struct EmbedArgs {
  const int* ids;  ///< [T]
  const void* wte;
  const void* wpe;
  int type, wpe_type, wte_ld, wpe_ld, width, first;
  float *token, *position, *sum;  ///< [T, width] each; may be null
};

/// x = a + (b + bias); then scale = sqrt(var x + eps), normalized = (x - mean) / scale, out = gamma normalized + beta.
struct NormArgs {
  const float *a = nullptr, *b = nullptr, *bias = nullptr;        ///< b and bias may be null
  float *branch = nullptr, *sum = nullptr;                        ///< b + bias; x; may be null; branch may be b
  const float *gamma = nullptr, *beta = nullptr;                  ///< beta may be null
  const float* given_scale = nullptr;                             ///< [T]: divide by these; may be null
  float *scale = nullptr, *normalized = nullptr, *out = nullptr;  ///< [T], [T, width], [T, width]; may be null
  int width = 0;
  float eps = 0;
};

struct AffineArgs {
  const float *x, *gamma, *beta;
  float* out;
  int width;
};

/// x += bias, [T, width]
struct BiasArgs {
  float* x;
  const float* bias;
  int width;
};

/// Columns of rows that lie `from_ld` floats apart, + bias, to rows that lie `to_ld` apart.
struct CopyColumnsArgs {
  const float *from, *bias;  ///< bias may be null
  float* to;
  int width, from_ld, to_ld;
};

/// qkv [T, 3 width] + bias to q [T, width] and to rows of the caches.
struct SplitArgs {
  const float *qkv, *bias;  ///< bias may be null
  float *q, *k, *v;         ///< k and v: the cache's row of the step's first position
  int width;
};

/// Causal attention with online softmax; no score reaches memory. Source: Dao et al. 2022, algorithm 1.
struct AttendArgs {
  const float *q, *k, *v;  ///< q [T, width]; k, v: caches [n, width] from position 0
  float* z;                ///< [T, width]
  float* entropy;          ///< [T, n_head], nats, of each row of the pattern; may be null
  int T, first, width, d_head;
  float scale;
};

/// One query; block (head, split) looks at kSplitKeys keys and leaves {max, sum of exp(score - max), sum of
/// (score - max) exp(score - max), weighted values}.
inline constexpr int kPartialHead = 3;  ///< floats before the values
struct AttendOneArgs {
  const float *q, *k, *v;
  float* partial;  ///< [n_head, splits, kPartialHead + d_head]
  int keys, splits, width, d_head;
  float scale;
};
struct CombineArgs {
  const float* partial;
  float *z, *entropy;  ///< [width], [n_head]; entropy may be null
  int splits, d_head;
};

struct ScoresArgs {
  const float *q, *k;
  float* scores;  ///< packed causal rows
  CausalRows rows;
  int T, width, d_head;
  float scale;
};
struct SoftmaxArgs {
  const float* scores;
  float* pattern;  ///< may be scores
  CausalRows rows;
};
/// Of a pattern that lies in memory, edited or not.
struct EntropyArgs {
  const float* pattern;
  float* entropy;  ///< [T, n_head], nats
  CausalRows rows;
};
struct WeighArgs {
  const float *pattern, *v;
  float* z;
  CausalRows rows;
  int T, width, d_head;
};

/// out = sum over heads of result [T, n_head, width] + bias
struct SumHeadsArgs {
  const float *result, *bias;
  float* out;
  int n_head, width;
};

/// pre += bias; post = activation(pre)
struct ActivateArgs {
  const float *x, *bias;  ///< bias may be null
  float *pre, *post;      ///< pre may be null, or x
  int width, kind;
};

/// y = W x, W [n_out, n_in] with rows ld elements apart, each row 16-byte aligned.
struct GemvArgs {
  const void* w;
  const float* x;
  float* y;
  int type, n_in, n_out, ld;
};

struct RowStats {
  double log_sum;  ///< log of the sum of exp(logit - max)
  float max, entropy;
  float next_logprob;  ///< of the token that follows
  int next_rank;
  int top_id[kTop];
  float top_logit[kTop];
};
struct RowStatsArgs {
  const float* logits;  ///< [rows, n_vocab]
  const int* next;      ///< [rows]: the token that follows, -1: none
  RowStats* out;        ///< [rows]
  int n_vocab;
};

/// Gemm of cuda_api.h, where no library multiplies matrices.
struct ProductArgs {
  const float *a, *b;
  float* c;
  int transpose_a, transpose_b, m, n, k, lda, ldb, ldc;
  float alpha, beta;
};

/// f32 [rows, columns] from 16-bit weights whose rows are ld apart.
struct WidenArgs {
  const void* from;
  float* to;
  int type, rows, columns, from_ld, to_ld;
};

/// to [columns, to_ld] from `from` [rows, columns]; elements of 2 or 4 bytes.
struct TransposeArgs {
  const void* from;
  void* to;
  int element_bytes, rows, columns, to_ld;
};

enum EditKind : int { kAssign, kScale, kAdd, kAlong, kAddNorm, kRound };
/// What an edit did to one line.
struct EditTally {
  double squares, attention;
  int changed, empty;
};
struct EditRowsArgs {
  float* data;
  std::int64_t stride;
  const int* rows;      ///< block i edits row rows[i]
  const int* elements;  ///< places within the row
  const float* values;  ///< [elements], or [rows, elements] if by_row; null: value
  EditTally* tally;     ///< one for each block
  int n_elements, kind, by_row;
  float factor, value;
};
struct EditCausalArgs {
  float* data;  ///< packed causal rows
  CausalRows packed;
  const int *rows, *heads;       ///< block (i, j) edits row rows[i] of head heads[j]
  const unsigned char* written;  ///< [rows, keys]: 1 where the edit writes
  const float* values;           ///< [rows, heads, keys]; null: value
  EditTally* tally;              ///< [rows, heads]
  int n_heads, keys, kind, renormalize;
  int attention;  ///< 1: the rows are scores, and the tally says how much attention moves
  float factor, value;
};
struct EditAlongArgs {
  float* data;
  std::int64_t stride;
  const int* rows;      ///< block (i, j) edits group j of row rows[i]
  const int* elements;  ///< [groups, group]: places within the row
  const float* values;  ///< [groups, group]: of each group a vector of unit length
  EditTally* tally;     ///< [rows, groups]
  int group, groups, kind;
  float value;  ///< kAlong: the coefficient; kAddNorm: the share of the group's norm
};
struct EditRoundArgs {
  float* data;
  std::int64_t stride;
  const int* rows;      ///< block (i, j) edits group j of row rows[i]
  const int* elements;  ///< [groups, group]: places within the row
  EditTally* tally;     ///< [rows, groups]
  int group, groups, levels;
  float outliers;  ///< larger magnitudes stay, and are not measured
};

}  // namespace gf::cuda
