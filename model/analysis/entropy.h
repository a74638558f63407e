// How spread each head's attention is.
#pragma once

#include "model/analysis/grid.h"
#include "model/trace.h"

namespace gf {

struct AttentionEntropy {
  Grid attention;        ///< [layer, head, query], nats: -sum_k a ln a over the causal row
  Grid normalized;       ///< the same divided by ln(query + 1); 0 at query 0
  Grid by_layer;         ///< [layer], nats: mean over heads at the position that is explained
  Grid by_layer_band95;  ///< [layer], nats: 1.96 * sample standard deviation over heads / sqrt(n_head), the spread
                         ///< over heads and nothing else; undefined for one head
};
/// Of the pattern, or of what the pass kept of it (HookKind::PatternEntropy). Errors: NotCaptured.
[[nodiscard]] Result<AttentionEntropy> attention_entropy(const Trace& trace, int position = -1);

/// a_Q / (a_G + lambda): the attention of `q` at query `position` (-1: its last) over that of `g` at its last query, for
/// the positions with which both prompts begin and which both queries see.
/// [layer, head, position]. Errors: NotCaptured, InvalidArgument (nothing is shared).
[[nodiscard]] Result<Grid> attention_contrast(const Trace& q, const Trace& g, double lambda, int position = -1);

}  // namespace gf
