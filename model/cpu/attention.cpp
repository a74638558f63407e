// Scores, pattern and z of one block: oneDNN on tiles of 64 x 64 for many rows, own loops for one.
#include <algorithm>
#include <cstring>

#include "model/cpu/forward.h"
#include "model/edits/compiled.h"

namespace gf::cpu {
namespace {

enum class From { Q, Scores, Pattern };

std::size_t width_of(const ModelConfig& config) { return static_cast<std::size_t>(config.d_model); }

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
  void z_from_pattern() {
    for (std::size_t r = 0; r < rows; ++r) std::fill(s + r * ld + query(r) + 1, s + r * ld + keys, 0.0F);  // keys behind the query
    float* z = step.z.segments[segment] + head * d_head;
    each_key_chunk(step.v, [&](std::size_t k0, std::size_t count, const float* v) {
      gemm(false, rows, d_head, count, 1.0F, s + k0, ld, v, width, k0 > 0, z, width);
    });
  }
};

void many_queries(const AttentionStep& a, std::size_t head, std::size_t segment, From from, bool edit_scores, bool edit_pattern) {
  Tile tile(a, head, segment);
  if (from == From::Q) {
    tile.scores_from_q();
    if (!a.scores.empty()) tile.store(a.scores);
    if (edit_scores) return;
  }
  if (from == From::Scores) tile.load(a.scores);
  if (from == From::Pattern) {
    tile.load(a.pattern);
  } else {
    tile.softmax_rows();
    if (!a.pattern.empty()) tile.store(a.pattern);
    if (edit_pattern) return;
  }
  tile.z_from_pattern();
}

/// One query, heads [first, first + count): the rows of k and v are read in the order they lie in memory.
void one_query(const AttentionStep& a, std::size_t first, std::size_t count, From from, bool edit_scores, bool edit_pattern) {
  const auto d_head = static_cast<std::size_t>(a.config.d_head);
  const std::size_t width = width_of(a.config), at = first * d_head;
  const auto keys = static_cast<std::size_t>(a.segments[0].position) + 1;
  float* pattern = a.pattern.segments[0] + first * keys;
  float* scores = a.scores.empty() ? pattern : a.scores.segments[0] + first * keys;
  const auto chunk_at = [&](std::span<const std::shared_ptr<Chunk>> chunks, std::size_t key) -> const float* {
    return key < keys ? chunks[key / kChunkRows]->data() + at : nullptr;
  };
  if (from == From::Q) {
    for (std::size_t key = 0; key < keys; key += kChunkRows)
      a.kernels.head_dots(a.q.segments[0] + at, chunk_at(a.k, key), chunk_at(a.k, key + kChunkRows), width,
                          std::min<std::size_t>(kChunkRows, keys - key), count, d_head, a.scale, scores + key, keys);
    if (edit_scores) return;
  }
  if (from != From::Pattern) {
    if (scores != pattern) std::memcpy(pattern, scores, count * keys * sizeof(float));
    for (std::size_t h = 0; h < count; ++h) a.kernels.softmax(pattern + h * keys, keys);
    if (edit_pattern) return;
  }
  float* z = a.z.segments[0] + at;
  std::fill(z, z + count * d_head, 0.0F);
  for (std::size_t key = 0; key < keys; key += kChunkRows)
    a.kernels.head_axpys(pattern + key, keys, chunk_at(a.v, key), chunk_at(a.v, key + kChunkRows), width,
                         std::min<std::size_t>(kChunkRows, keys - key), count, d_head, z);
}

void edit_causal(const AttentionStep& a, HookKind kind, const StepRows& rows) {
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
  // Heads are independent: one group for each thread changes no number and reads the longest stretches.
  const auto threads = static_cast<std::size_t>(pool.size());
  const std::size_t group = (n_head + threads - 1) / threads;
  const auto pass = [&](From from) {
    if (one) {
      pool.parallel_for((n_head + group - 1) / group, [&](std::size_t i) {
        one_query(a, i * group, std::min(group, n_head - i * group), from, edit_scores, edit_pattern);
      });
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
