#include "app/document/head_patterns.h"

#include <algorithm>

#include "model/base/text.h"

namespace gf::doc {

Inquiry<HeadPatterns> head_patterns(Side side) {
  return {{.key = "head patterns", .side = side}, [](const Asking& asking) -> Result<HeadPatterns> {
            const Trace& run = asking.trace();
            const ModelConfig& c = run.config();
            const int T = run.length();
            HeadPatterns all{c.n_layer, c.n_head, std::min(T, HeadPatterns::kSide), {}};
            const auto side_cells = static_cast<std::size_t>(all.side);
            all.values.assign(static_cast<std::size_t>(c.n_layer * c.n_head) * side_cells * side_cells, 0.0F);
            float* picture = all.values.data();
            for (int layer = 0; layer < c.n_layer; ++layer) {
              const HookId hook{HookKind::Pattern, layer};
              if (!run.has(hook)) return fail(ErrorCode::NotCaptured, text("The run does not hold {0}.", name_of(hook)));
              if (asking.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("cancelled"));
              for (int head = 0; head < c.n_head; ++head, picture += side_cells * side_cells)
                for (int query = 0; query < T; ++query) {
                  const auto row = run.causal_row(hook, head, query);
                  float* to = picture + static_cast<std::size_t>(query * all.side / T) * side_cells;
                  for (int key = 0; key <= query; ++key) {
                    float& cell = to[key * all.side / T];
                    cell = std::max(cell, row[static_cast<std::size_t>(key)]);
                  }
                }
            }
            return all;
          }};
}

}  // namespace gf::doc
