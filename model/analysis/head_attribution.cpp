#include <numeric>

#include "model/analysis/analysis.h"
#include "model/analysis/attribution.h"

namespace gf {

namespace attribution {

std::vector<double> direction(const Weights& w, double scale, TokenId a, std::optional<TokenId> b) {
  const int d_model = w.config.d_model;
  std::vector<double> g(static_cast<std::size_t>(d_model));
  for (int i = 0; i < d_model; ++i) {
    double u = static_cast<double>(w.unembed.at(i, a.v));
    if (b) u -= static_cast<double>(w.unembed.at(i, b->v));
    g[static_cast<std::size_t>(i)] = static_cast<double>(w.ln_f.gamma.at(i)) * u / scale;
  }
  const double mean = std::accumulate(g.begin(), g.end(), 0.0) / d_model;
  for (double& x : g) x -= mean;
  return g;
}

std::vector<double> through_output(const Matrix& o, const std::vector<double>& g) {
  const auto n_in = static_cast<std::size_t>(o.n_in()), n_out = static_cast<std::size_t>(o.n_out());
  std::vector<double> per_z(n_in, 0.0);
  std::vector<float> row(o.in_major ? n_out : n_in);
  const std::size_t rows = o.in_major ? n_in : n_out;
  for (std::size_t r = 0; r < rows; ++r) {
    widen(o.view.data + r * row.size() * size_of(o.view.dtype), o.view.dtype, row.data(), row.size());
    for (std::size_t i = 0; i < row.size(); ++i) per_z[o.in_major ? r : i] += static_cast<double>(row[i]) * g[o.in_major ? i : r];
  }
  return per_z;
}

}  // namespace attribution

Result<HeadGrid> head_attribution(const Model& model, const Trace& trace, TokenId a, std::optional<TokenId> b) {
  const Weights& w = *model.weights;
  const ModelConfig& c = w.config;
  for (const TokenId id : {a, b.value_or(a)})
    if (id.v < 0 || id.v >= c.n_vocab)
      return fail(ErrorCode::InvalidArgument,
                  "token id " + std::to_string(id.v) + " is not in the vocabulary, whose ids are 0 to " + std::to_string(c.n_vocab - 1));
  const int last = trace.length() - 1;
  constexpr HookId kScale{HookKind::LnFinalScale, -1};
  if (last < 0 || !trace.has(kScale) || !trace.has({HookKind::Z, 0}))
    return fail(ErrorCode::NotCaptured, "direct attribution needs attn.hook_z and ln_final.hook_scale; capture the default plan");
  const auto g = attribution::direction(w, static_cast<double>(trace.row(kScale, last)[0]), a, b);
  HeadGrid grid{c.n_layer, c.n_head, {}};
  for (int layer = 0; layer < c.n_layer; ++layer) {
    const auto per_z = attribution::through_output(w.blocks[static_cast<std::size_t>(layer)].o, g);
    const auto z = trace.row({HookKind::Z, layer}, last);
    for (int head = 0; head < c.n_head; ++head) {
      double sum = 0;
      for (int i = head * c.d_head; i < (head + 1) * c.d_head; ++i)
        sum += static_cast<double>(z[static_cast<std::size_t>(i)]) * per_z[static_cast<std::size_t>(i)];
      grid.values.push_back(static_cast<float>(sum));
    }
  }
  return grid;
}

}  // namespace gf
