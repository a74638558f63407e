#include "app/document/neuron_rows.h"

#include <cmath>
#include <string>

#include "model/base/text.h"

namespace gf::doc {

double NeuronRows::dot(int key) const {
  double sum = 0;
  for (int i = 0; i < d_head; ++i) sum += static_cast<double>(q[static_cast<std::size_t>(i)]) * static_cast<double>(k_at(key, i));
  return sum;
}

bool NeuronRows::score_is_edited(int key) const {
  constexpr double kRounding = 1e-3;
  const auto score = static_cast<double>(scores[static_cast<std::size_t>(key)]);
  const double sum = dot(key) * static_cast<double>(scale);
  if (std::isnan(sum) && std::isnan(score)) return false;
  return !(std::abs(sum - score) <= kRounding * (1 + std::abs(sum)));
}

Inquiry<NeuronRows> neuron_rows(int layer, int head, int query, Side side) {
  const std::string name = std::to_string(layer) + "." + std::to_string(head) + " " + std::to_string(query);
  return {{.key = "neuron rows " + name, .side = side}, [layer, head, query](const Asking& asking) -> Result<NeuronRows> {
            const Trace& run = asking.trace();
            const ModelConfig& c = run.config();
            if (layer >= c.n_layer || head >= c.n_head || query >= run.length())
              return fail(ErrorCode::InvalidArgument,
                          text("position {0} is not in the run, whose positions are 0 to {1}", query, run.length() - 1));
            const HookId hook_q{HookKind::Q, layer}, hook_k{HookKind::K, layer}, hook_scores{HookKind::AttnScores, layer},
                hook_pattern{HookKind::Pattern, layer};
            for (const HookId hook : {hook_q, hook_pattern})
              if (!run.has(hook)) return fail(ErrorCode::NotCaptured, text("The run does not hold {0}.", name_of(hook)));
            const auto of_head = [&](HookId hook, int position) {
              return run.row(hook, position)
                  .subspan(static_cast<std::size_t>(head) * static_cast<std::size_t>(c.d_head), static_cast<std::size_t>(c.d_head));
            };
            NeuronRows rows;
            rows.layer = layer, rows.head = head, rows.query = query;
            rows.d_head = c.d_head;
            rows.scale = c.score_scale(layer);
            const auto q = of_head(hook_q, query);
            rows.q.assign(q.begin(), q.end());
            for (int key = 0; key <= query; ++key) {
              const auto k = of_head(hook_k, key);
              rows.k.insert(rows.k.end(), k.begin(), k.end());
            }
            const auto weights = run.causal_row(hook_pattern, head, query);
            rows.weights.assign(weights.begin(), weights.end());
            std::shared_ptr<const Trace> replayed;
            if (!run.has(hook_scores)) {
              GF_TRY_ASSIGN(replayed, asking.session.replay(run, hook_scores, asking.request));
            }
            const auto scores = (replayed ? *replayed : run).causal_row(hook_scores, head, query);
            rows.scores.assign(scores.begin(), scores.end());
            return rows;
          }};
}

}  // namespace gf::doc
