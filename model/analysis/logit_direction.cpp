#include "model/analysis/logit_direction.h"

#include <numeric>

#include "model/analysis/sweeping.h"
#include "model/base/text.h"

namespace gf {

std::vector<double> logit_direction(const Weights& w, double scale, TokenId a, std::optional<TokenId> b) {
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

double dot_with(std::span<const float> x, const std::vector<double>& g) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += static_cast<double>(x[i]) * g[i];
  return sum;
}

double dot_with(const TensorView& x, const std::vector<double>& g) {
  double sum = 0;
  if (!x.empty())
    for (std::size_t i = 0; i < g.size(); ++i) sum += static_cast<double>(x.at(static_cast<std::int64_t>(i))) * g[i];
  return sum;
}

Result<DirectionAt> direction_at(const Weights& w, const Trace& trace, TokenId a, std::optional<TokenId> b, int position) {
  GF_TRY(check_tokens(w.config, a, b));
  for (const HookId hook :
       {HookId{HookKind::LnFinalScale, -1}, HookId{HookKind::Embed, -1}, HookId{HookKind::Z, 0}, HookId{HookKind::AttnOut, 0},
        HookId{HookKind::MlpPost, 0}, HookId{HookKind::MlpOut, 0}, HookId{HookKind::ResidMid, 0}, HookId{HookKind::ResidPost, 0}})
    if (trace.length() == 0 || !trace.has(hook))
      return fail(ErrorCode::NotCaptured, text("direct attribution needs {0}; capture the default plan", name_of(hook)));
  const int at = position < 0 ? trace.length() - 1 : position;
  EXPECTS(at < trace.length(), "a position of the run");
  return DirectionAt{at, logit_direction(w, static_cast<double>(trace.row({HookKind::LnFinalScale, -1}, at)[0]), a, b)};
}

}  // namespace gf
