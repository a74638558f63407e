// Gradients of scores, pattern, q, k and v of one block: oneDNN on tiles of 64 queries, one head after the other.
#include <algorithm>
#include <cstring>

#include "model/cpu/backward.h"

namespace gf::cpu {
namespace {

/// Where a pass over the heads begins: edits of pattern or scores act on all heads of a row between two passes.
enum class SlopesFrom { Z, Pattern, Scores };

/// One head's queries of one segment: its pattern, and dm/dpattern, then dm/dscores.
struct SlopeTile {
  const AttentionSlopes& step;
  std::size_t head, segment, d_head, width, rows, keys, ld;
  float *p, *s;

  SlopeTile(const AttentionSlopes& a, std::size_t h, std::size_t seg)
      : step(a),
        head(h),
        segment(seg),
        d_head(static_cast<std::size_t>(a.config.d_head)),
        width(static_cast<std::size_t>(a.config.d_model)) {
    rows = static_cast<std::size_t>(a.segments[seg].rows);
    keys = static_cast<std::size_t>(a.segments[seg].position) + rows;
    ld = (keys + 15) / 16 * 16;
    thread_local std::vector<float> memory;
    if (memory.size() < 2 * rows * ld) memory.resize(2 * rows * ld);
    p = memory.data();
    s = p + rows * ld;
  }

  [[nodiscard]] int query(std::size_t row) const { return step.segments[segment].position + static_cast<int>(row); }
  [[nodiscard]] std::size_t keys_of(std::size_t row) const { return static_cast<std::size_t>(query(row)) + 1; }
  [[nodiscard]] float* packed(const StepRows& causal, std::size_t row) const {
    return causal_row_of(causal, step.segments, step.config, segment, query(row)) + head * keys_of(row);
  }
  void load(const StepRows& causal) {
    for (std::size_t r = 0; r < rows; ++r) std::memcpy(s + r * ld, packed(causal, r), keys_of(r) * sizeof(float));
  }
  void store(const StepRows& causal) const {
    for (std::size_t r = 0; r < rows; ++r) std::memcpy(packed(causal, r), s + r * ld, keys_of(r) * sizeof(float));
  }
  /// 0 at keys behind their query.
  void clear_behind(float* tile) const {
    for (std::size_t r = 0; r < rows; ++r) std::fill(tile + r * ld + keys_of(r), tile + r * ld + keys, 0.0F);
  }
  /// The pattern that z was made of, or the softmax as it was before edits of the pattern.
  void load_pattern(bool before_edits) {
    const HookId hook{HookKind::Pattern, step.block};
    for (std::size_t r = 0; r < rows; ++r) {
      const std::span<const float> row = before_edits ? step.before->row(hook, query(r)) : step.values.row(hook, query(r));
      std::memcpy(p + r * ld, row.data() + head * keys_of(r), keys_of(r) * sizeof(float));
    }
    clear_behind(p);
  }

  /// body(chunk, first key, count)
  template <class Body>
  void each_key_chunk(Body body) const {
    for (std::size_t k = 0; k < keys; k += kChunkRows) body(k / kChunkRows, k, std::min<std::size_t>(kChunkRows, keys - k));
  }
  [[nodiscard]] const float* value(HookKind kind, std::size_t chunk) const {
    return step.values.row({kind, step.block}, static_cast<int>(chunk) * kChunkRows).data() + head * d_head;
  }
  [[nodiscard]] float* slope(std::size_t third, std::size_t chunk) const {
    return step.qkv.segments[chunk] + third * width + head * d_head;
  }
  // A segment of queries is the first to add to the chunk of keys at its own place.
  [[nodiscard]] bool adds_to(std::size_t chunk) const { return chunk != segment; }

  void pattern_and_v_from_z() {
    const float* z = step.z.segments[segment] + head * d_head;
    each_key_chunk([&](std::size_t chunk, std::size_t k, std::size_t count) {
      gemm(true, rows, count, d_head, 1.0F, z, step.z.stride, value(HookKind::V, chunk), width, false, s + k, ld);
      gemm_of_transpose(count, d_head, rows, 1.0F, p + k, ld, z, step.z.stride, adds_to(chunk), slope(2, chunk), step.qkv.stride);
    });
  }
  void scores_from_pattern() {
    for (std::size_t r = 0; r < rows; ++r) step.kernels.softmax_slope(p + r * ld, keys_of(r), s + r * ld);
  }
  void q_and_k_from_scores() {
    clear_behind(s);
    const float* q = value(HookKind::Q, segment);
    each_key_chunk([&](std::size_t chunk, std::size_t k, std::size_t count) {
      gemm(false, rows, d_head, count, step.scale, s + k, ld, value(HookKind::K, chunk), width, k > 0, slope(0, segment), step.qkv.stride);
      gemm_of_transpose(count, d_head, rows, step.scale, s + k, ld, q, width, adds_to(chunk), slope(1, chunk), step.qkv.stride);
    });
  }
};

void one_head_backward(const AttentionSlopes& a, std::size_t head, SlopesFrom from, bool edit_pattern, bool edit_scores) {
  for (std::size_t segment = 0; segment < a.segments.size(); ++segment) {
    SlopeTile tile(a, head, segment);
    if (from == SlopesFrom::Z) {
      tile.load_pattern(false);
      tile.pattern_and_v_from_z();
      if (!a.pattern.empty()) tile.store(a.pattern);
      if (edit_pattern) continue;
    }
    if (from == SlopesFrom::Pattern) {
      tile.load_pattern(true);
      tile.load(a.pattern_before);
    }
    if (from == SlopesFrom::Scores) {
      tile.load(a.scores_before);
    } else {
      tile.scores_from_pattern();
      if (!a.scores.empty()) tile.store(a.scores);
      if (edit_scores) continue;
    }
    tile.q_and_k_from_scores();
  }
}

/// Takes gradients of all heads' rows back through the edits of the hook.
void causal_before_edits(const AttentionSlopes& a, HookKind kind, const StepRows& after, const StepRows& before) {
  const HookId hook{kind, a.block};
  for (std::size_t s = 0; s < a.segments.size(); ++s)
    for (int r = 0; r < a.segments[s].rows; ++r) {
      const int query = a.segments[s].position + r;
      const std::size_t width = row_size(RowShape::Causal, a.config, query);
      float* to = causal_row_of(before, a.segments, a.config, s, query);
      std::memcpy(to, causal_row_of(after, a.segments, a.config, s, query), width * sizeof(float));
      a.edits->apply_slope(hook, query, a.before->row(hook, query), {to, width});
    }
}

}  // namespace

void attend_backward(ThreadPool& pool, const AttentionSlopes& a) {
  const bool edit_pattern = !a.pattern_before.empty(), edit_scores = !a.scores_before.empty();
  const auto pass = [&](SlopesFrom from) {
    pool.parallel_for(static_cast<std::size_t>(a.config.n_head),
                      [&](std::size_t head) { one_head_backward(a, head, from, edit_pattern, edit_scores); });
  };
  pass(SlopesFrom::Z);
  if (edit_pattern) {
    causal_before_edits(a, HookKind::Pattern, a.pattern, a.pattern_before);
    pass(SlopesFrom::Pattern);
  }
  if (edit_scores) {
    causal_before_edits(a, HookKind::AttnScores, a.scores, a.scores_before);
    pass(SlopesFrom::Scores);
  }
}

}  // namespace gf::cpu
