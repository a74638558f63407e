// The rows that the scores of one query of a head are products of, and what the head made of them.
#pragma once

#include <span>
#include <vector>

#include "app/document/background/studies.h"

namespace gf::doc {

/// All values are the run's own: those of its hooks, after the edits that act there.
struct NeuronRows {
  int layer = 0, head = 0, query = 0, d_head = 0;
  float scale = 1;             ///< of q.k, see ModelConfig::score_scale()
  std::vector<float> q;        ///< [d_head], hook_q of the query
  std::vector<float> k;        ///< [query + 1, d_head], hook_k of each key
  std::vector<float> scores;   ///< [query + 1], hook_attn_scores
  std::vector<float> weights;  ///< [query + 1], hook_pattern
  [[nodiscard]] int keys() const { return query + 1; }
  [[nodiscard]] float k_at(int key, int element) const { return k[static_cast<std::size_t>(key * d_head + element)]; }
  /// q * k of one element.
  [[nodiscard]] float product(int key, int element) const { return q[static_cast<std::size_t>(element)] * k_at(key, element); }
  /// The sum of the products over the elements, before the scale.
  [[nodiscard]] double dot(int key) const;
  /// Whether the score is another number than the scaled sum, beyond rounding: an edit acts on the scores.
  [[nodiscard]] bool score_is_edited(int key) const;
};

/// The scores, which runs do not keep, are replayed at one block's cost. Errors: InvalidArgument (the run is shorter), NotCaptured.
[[nodiscard]] Inquiry<NeuronRows> neuron_rows(int layer, int head, int query, Side side);

}  // namespace gf::doc
