// Scores, pattern and z of one block: oneDNN on tiles of 64 x 64 for many rows, own loops for one.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "model/cpu/forward.h"
#include "model/edits/compiled.h"

namespace gf::cpu {
namespace {

enum class From { Q, Scores, Pattern };

std::size_t width_of(const ModelConfig& config) { return static_cast<std::size_t>(config.d_model); }

/// The entropy that the softmax of a row of scores will have, nats.
float entropy_of_softmax(const Kernels& kernels, std::span<const float> scores) {
  const SoftmaxSums sums = kernels.softmax_sums(scores.data(), scores.size());
  const auto is_nan = [](float x) { return std::isnan(x); };
  if (std::isinf(sums.max) && sums.max < 0 && std::ranges::none_of(scores, is_nan)) return 0;  // all are -inf: the pattern is 0
  return static_cast<float>(std::log(sums.sum) - sums.weighted_sum / sums.sum);
}

/// The entropy of a row of an edited pattern, nats. The row need not add up to 1.
float entropy_of(std::span<const float> pattern) {
  double entropy = 0;
  for (const float a : pattern)
    if (!(a <= 0)) entropy -= static_cast<double>(a) * static_cast<double>(std::log(a));
  return static_cast<float>(entropy);
}

/// One head's queries of one segment. The tile holds a row of scores, then of the pattern, for each query.
struct Tile {
  const AttentionStep& step;
  std::size_t head, segment, d_head, width, rows, keys, ld;
  float* s;

  Tile(const AttentionStep& a, std::size_t h, std::size_t seg) : step(a), head(h), segment(seg) {
    d_head = static_cast<std::size_t>(a.config.d_head);
    width = width_of(a.config);
    rows = static_cast<std::size_t>(a.segments[seg].rows);
    keys = static_cast<std::size_t>(a.segments[seg].position) + rows;
    ld = (keys + 15) / 16 * 16;
    thread_local std::vector<float> memory;
    if (memory.size() < rows * ld) memory.resize(rows * ld);
    s = memory.data();
  }

  [[nodiscard]] int query(std::size_t row) const { return step.segments[segment].position + static_cast<int>(row); }
  [[nodiscard]] float* packed(const StepRows& causal, std::size_t row) const {
    return causal_row_of(causal, step.segments, step.config, segment, query(row)) + head * (static_cast<std::size_t>(query(row)) + 1);
  }

  /// Calls body(first key, count, chunk's data) for the keys that the segment sees.
  template <class Body>
  void each_key_chunk(std::span<const std::shared_ptr<Chunk>> chunks, Body body) const {
    for (std::size_t k = 0; k < keys; k += kChunkRows)
      body(k, std::min<std::size_t>(kChunkRows, keys - k), static_cast<const float*>(chunks[k / kChunkRows]->data()) + head * d_head);
  }

  void scores_from_q() {
    const float* q = step.q.segments[segment] + head * d_head;
    each_key_chunk(step.k, [&](std::size_t k0, std::size_t count, const float* k) {
      gemm(true, rows, count, d_head, step.scale, q, width, k, width, false, s + k0, ld);
    });
  }
  void load(const StepRows& causal) {
    for (std::size_t r = 0; r < rows; ++r)
      std::memcpy(s + r * ld, packed(causal, r), (static_cast<std::size_t>(query(r)) + 1) * sizeof(float));
  }
  void store(const StepRows& causal) const {
    for (std::size_t r = 0; r < rows; ++r)
      std::memcpy(packed(causal, r), s + r * ld, (static_cast<std::size_t>(query(r)) + 1) * sizeof(float));
  }
  void softmax_rows() {
    for (std::size_t r = 0; r < rows; ++r) step.kernels.softmax(s + r * ld, static_cast<std::size_t>(query(r)) + 1);
  }
  template <class EntropyOf>
  void keep_entropy(EntropyOf entropy_of_row) const {
    const Part part(step.clock, Operation::Entropy);
    const StepRows& to = step.entropy;
    for (std::size_t r = 0; r < rows; ++r)
      to.segments[segment][r * to.stride + head] =
          entropy_of_row(std::span<const float>(s + r * ld, static_cast<std::size_t>(query(r)) + 1));
  }
  void z_from_pattern() {
    for (std::size_t r = 0; r < rows; ++r) std::fill(s + r * ld + query(r) + 1, s + r * ld + keys, 0.0F);  // keys behind the query
    float* z = step.z.segments[segment] + head * d_head;
    each_key_chunk(step.v, [&](std::size_t k0, std::size_t count, const float* v) {
      gemm(false, rows, d_head, count, 1.0F, s + k0, ld, v, width, k0 > 0, z, width);
    });
    mend_z(z);
  }
  /// Keys after a query have the weight 0, but 0 times NaN or infinity is NaN: a row with a NaN is summed again, over the
  /// keys that its query sees.
  void mend_z(float* z) const {
    for (std::size_t r = 0; r < rows; ++r) {
      const std::span<float> row(z + r * width, d_head);
      if (std::ranges::none_of(row, [](float x) { return std::isnan(x); })) continue;
      std::ranges::fill(row, 0.0F);
      const auto own_keys = static_cast<std::size_t>(query(r)) + 1;
      each_key_chunk(step.v, [&](std::size_t k0, std::size_t count, const float* v) {
        for (std::size_t k = k0; k < std::min(k0 + count, own_keys); ++k)
          for (std::size_t i = 0; i < d_head; ++i) row[i] += s[r * ld + k] * v[(k - k0) * width + i];
      });
    }
  }
};

void many_queries(const AttentionStep& a, std::size_t head, std::size_t segment, From from, bool edit_scores, bool edit_pattern) {
  Tile tile(a, head, segment);
  if (from == From::Q) {
    const Part part(a.clock, Operation::Scores);
    tile.scores_from_q();
    if (!a.scores.empty()) tile.store(a.scores);
    if (edit_scores) return;
  }
  if (from == From::Scores) tile.load(a.scores);
  if (from == From::Pattern) {
    tile.load(a.pattern);
    if (!a.entropy.empty()) tile.keep_entropy(entropy_of);
  } else {
    if (!a.entropy.empty() && !edit_pattern)
      tile.keep_entropy([&](std::span<const float> scores) { return entropy_of_softmax(a.kernels, scores); });
    const Part part(a.clock, Operation::Softmax);
    tile.softmax_rows();
    if (!a.pattern.empty()) tile.store(a.pattern);
    if (edit_pattern) return;
  }
  const Part part(a.clock, Operation::Values);
  tile.z_from_pattern();
}

/// One query. Keys are cut into parts whose size depends on their number alone; a part's rows of k and v are whole and
/// lie one after the other, which one core reads three times as fast as some heads' stretches of each row.
class OneQuery {
 public:
  explicit OneQuery(const AttentionStep& a)
      : a_(a),
        n_head_(static_cast<std::size_t>(a.config.n_head)),
        d_head_(static_cast<std::size_t>(a.config.d_head)),
        width_(width_of(a.config)),
        keys_(static_cast<std::size_t>(a.segments[0].position) + 1),
        part_rows_(keys_ > 4 * kChunkRows ? kChunkRows : kChunkRows / 2),
        parts_((keys_ + part_rows_ - 1) / part_rows_),
        pattern_(a.pattern.segments[0]),
        scores_(a.scores.empty() ? pattern_ : a.scores.segments[0]) {}

  void scores_from_q(ThreadPool& pool) const {
    pool.parallel_for(parts_, [this](std::size_t part) {
      const std::size_t key = part * part_rows_;
      a_.kernels.head_dots(a_.q.segments[0], row_of(a_.k, key), width_, rows_of(part), n_head_, d_head_, a_.scale, scores_ + key, keys_);
    });
  }

  void pattern_from_scores(ThreadPool& pool) const {
    const auto one_head = [this](std::size_t h) {
      if (scores_ != pattern_) std::memcpy(pattern_ + h * keys_, scores_ + h * keys_, keys_ * sizeof(float));
      a_.kernels.softmax(pattern_ + h * keys_, keys_);
    };
    constexpr std::size_t kWorthSharing = 4096;  // below, waking another thread costs more than it saves
    if (n_head_ * keys_ >= kWorthSharing) return pool.parallel_for(n_head_, one_head);
    for (std::size_t h = 0; h < n_head_; ++h) one_head(h);
  }

  void keep_entropy(bool of_pattern) const {
    if (a_.entropy.empty()) return;
    const Part part(a_.clock, Operation::Entropy);
    for (std::size_t h = 0; h < n_head_; ++h)
      a_.entropy.segments[0][h] =
          of_pattern ? entropy_of({pattern_ + h * keys_, keys_}) : entropy_of_softmax(a_.kernels, {scores_ + h * keys_, keys_});
  }

  void z_from_pattern(ThreadPool& pool) const {
    thread_local std::vector<float> memory;
    memory.assign(parts_ * width_, 0.0F);
    float* sums = memory.data();  // the workers must not see their own thread's
    pool.parallel_for(parts_, [this, sums](std::size_t part) {
      const std::size_t key = part * part_rows_;
      a_.kernels.head_axpys(pattern_ + key, keys_, row_of(a_.v, key), width_, rows_of(part), n_head_, d_head_, sums + part * width_);
    });
    float* z = a_.z.segments[0];
    std::memcpy(z, sums, width_ * sizeof(float));
    for (std::size_t part = 1; part < parts_; ++part) a_.kernels.add(z, sums + part * width_, width_, z);
  }

 private:
  [[nodiscard]] std::size_t rows_of(std::size_t part) const { return std::min(part_rows_, keys_ - part * part_rows_); }
  [[nodiscard]] const float* row_of(std::span<const std::shared_ptr<Chunk>> chunks, std::size_t key) const {
    return std::as_const(*chunks[key / kChunkRows]).data() + key % kChunkRows * width_;
  }

  const AttentionStep& a_;
  std::size_t n_head_, d_head_, width_, keys_, part_rows_, parts_;
  float *pattern_, *scores_;
};

void one_query(ThreadPool& pool, const AttentionStep& a, From from, bool edit_scores, bool edit_pattern) {
  const OneQuery query(a);
  if (from == From::Q) {
    const Part part(a.clock, Operation::Scores);
    query.scores_from_q(pool);
    if (edit_scores) return;
  }
  if (from == From::Pattern) {
    query.keep_entropy(true);
  } else {
    if (!edit_pattern) query.keep_entropy(false);
    const Part part(a.clock, Operation::Softmax);
    query.pattern_from_scores(pool);
    if (edit_pattern) return;
  }
  const Part part(a.clock, Operation::Values);
  query.z_from_pattern(pool);
}

void edit_causal(const AttentionStep& a, HookKind kind, const StepRows& rows) {
  const Timed timed(a.clock, Operation::Edits);
  for (std::size_t s = 0; s < a.segments.size(); ++s)
    for (int r = 0; r < a.segments[s].rows; ++r) {
      const int query = a.segments[s].position + r;
      a.edits->apply_causal({kind, a.block}, query, causal_row_of(rows, a.segments, a.config, s, query));
    }
}

}  // namespace

float* causal_row_of(const StepRows& rows, std::span<const Segment> segments, const ModelConfig& config, std::size_t segment, int query) {
  return rows.segments[segment] + chunk_offset(RowShape::Causal, config, query) -
         chunk_offset(RowShape::Causal, config, segments[segment].position);
}

void attend(ThreadPool& pool, AttentionStep& a) {
  const bool edit_scores = a.edits != nullptr && a.edits->touches({HookKind::AttnScores, a.block});
  const bool edit_pattern = a.edits != nullptr && a.edits->touches({HookKind::Pattern, a.block});
  const auto n_head = static_cast<std::size_t>(a.config.n_head);
  const bool one = a.segments.size() == 1 && a.segments[0].rows == 1;
  const auto pass = [&](From from) {
    if (one) {
      one_query(pool, a, from, edit_scores, edit_pattern);
    } else {  // the last segments see the most keys: they go first
      const std::size_t n = a.segments.size();
      pool.parallel_for(n_head * n,
                        [&](std::size_t i) { many_queries(a, i % n_head, n - 1 - i / n_head, from, edit_scores, edit_pattern); });
    }
  };
  pass(From::Q);
  if (edit_scores) {
    edit_causal(a, HookKind::AttnScores, a.scores);
    pass(From::Scores);
  }
  if (edit_pattern) {
    edit_causal(a, HookKind::Pattern, a.pattern);
    pass(From::Pattern);
  }
}

}  // namespace gf::cpu
