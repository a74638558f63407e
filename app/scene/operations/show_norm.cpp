// LayerNorm: the mean as a line and the spread as a band over the row's values, then the row is shifted and scaled; gamma and
// beta follow, which the next operation reads.
#include <algorithm>
#include <cmath>

#include "app/scene/operations/show_parts.h"
#include "app/scene/sources/scales.h"

namespace gf::scene::showing {
namespace {

using Kind = ShowLine::Kind;

std::vector<double> values_of(std::span<const float> row) { return {row.begin(), row.end()}; }

struct NormOf {
  std::span<const float> row;
  double mean = 0, variance = 0, scale = 0;
  HookId input;
};

std::optional<NormOf> norm_of(const Work& work) {
  NormOf n;
  n.input = source_hooks(work.hook, work.config())[0];
  n.row = row_of(work.pass, n.input.kind, n.input.layer, work.position);
  if (n.row.empty()) return std::nullopt;
  n.mean = mean_of(n.row);
  for (const float v : n.row) n.variance += (static_cast<double>(v) - n.mean) * (static_cast<double>(v) - n.mean);
  n.variance /= static_cast<double>(n.row.size());
  n.scale = std::sqrt(n.variance + static_cast<double>(work.config().layer_norm_eps));
  return n;
}

ShowBars bars_of(std::vector<double> values, const std::string& title) {
  ShowBars bars;
  Binned b = averaged(values);
  bars.title = b.each > 1 ? text("{0}, means of {1}", title, b.each) : title;
  bars.values = std::move(b.values);
  return bars;
}

Show scale_show(const Work& work, const NormOf& n) {
  const double p = work.progress;
  Show show;
  show.title = with_block(work.hook, text("LayerNorm of {0}: mean and spread", work.token(work.position)));
  show.bars = bars_of(values_of(n.row), text("the row"));
  show.bars->shown = eased(p, 0, 0.3) * static_cast<double>(show.bars->values.size());
  if (p >= 0.3) show.bars->line = n.mean;
  if (p >= 0.5) show.bars->spread = n.scale * eased(p, 0.5, 0.7);
  show.bars->reach = std::abs(n.mean) + n.scale;
  for (const double v : show.bars->values) show.bars->reach = std::max(show.bars->reach, std::abs(v));
  show.lines = {{Kind::Step, text("mean of {0} numbers", n.row.size()), n.mean, p >= 0.35},
                {Kind::Step, text("mean of (x - mean)²"), n.variance, p >= 0.6},
                {Kind::Step, text("+ eps"), static_cast<double>(work.config().layer_norm_eps), p >= 0.7},
                {Kind::Result, text("scale: root of both"), n.scale, p >= 0.8}};
  show.result = at_hook(work.hook.kind, work.hook.layer, {work.position, 0, -1});
  show.fills.push_back({-1, p >= 0.9 ? 1.0 : 0.0});
  if (p >= 0.8 && p < 0.9) show.moves.push_back({{}, show.result, 1, 1, static_cast<float>(eased(p, 0.8, 0.9)), 1});
  return show;
}

Show normalise_show(const Work& work, const NormOf& n) {
  const double p = work.progress;
  const int d = static_cast<int>(n.row.size());
  const bool last = work.hook.kind == HookKind::LnFinalNormalized;
  const int number_of_norm = last ? 0 : work.hook.kind == HookKind::Ln1Normalized ? 1 : 2;
  const LayerNormWeights& gain = explaining::norm_weights(number_of_norm, work.hook.layer, work.pass.weights);
  const int dim = work.chosen >= 0 ? work.chosen : largest_of(n.row);
  // An edit may have made another scale: that one divides.
  const HookId scale_hook = source_hooks(work.hook, work.config())[1];
  const auto scale_row = row_of(work.pass, scale_hook.kind, scale_hook.layer, work.position);
  const double scale = scale_row.empty() ? n.scale : static_cast<double>(scale_row[0]);

  const double shift = eased(p, 0.05, 0.25), divide = eased(p, 0.3, 0.5), gained = eased(p, 0.62, 0.78);
  std::vector<double> values;
  double reach = 0;
  for (int i = 0; i < d; ++i) {
    const double x = static_cast<double>(n.row[static_cast<std::size_t>(i)]), out = (x - n.mean) / scale;
    const double shifted = x - n.mean * shift, divided = shifted + (out - shifted) * divide;
    const double beta = gain.beta.empty() ? 0 : static_cast<double>(gain.beta.at(i));
    values.push_back(divided + (static_cast<double>(gain.gamma.at(i)) * out + beta - divided) * gained);
  }
  Show show;
  show.title = with_block(work.hook, text("LayerNorm of {0}: shift and scale", work.token(work.position)));
  show.bars = bars_of(std::move(values), p < 0.25 ? text("- mean") : p < 0.62 ? text("/ scale") : text("× gamma + beta"));
  if (divide <= 0) show.bars->line = n.mean * (1 - shift);
  else show.bars->line = 0;
  for (const double v : show.bars->values) reach = std::max(reach, std::abs(v));
  show.bars->spread = gained > 0 ? std::optional<double>() : n.scale + (n.scale / scale - n.scale) * divide;
  show.bars->reach = std::max(reach, show.bars->spread.value_or(0));

  const double x = static_cast<double>(n.row[static_cast<std::size_t>(dim)]), out = (x - n.mean) / scale;
  const double gamma = static_cast<double>(gain.gamma.at(dim)), beta = gain.beta.empty() ? 0 : static_cast<double>(gain.beta.at(dim));
  show.lines = {{Kind::Step, text("dim {0}", dim), x, true},
                {Kind::Step, text("- mean {0}", number(n.mean)), x - n.mean, p >= 0.25},
                {Kind::Result, text("/ scale {0}", number(scale)), out, p >= 0.5},
                {Kind::Step, "× gamma " + number(gamma), gamma * out, p >= 0.7}};
  if (!gain.beta.empty()) show.lines.push_back({Kind::Step, "+ beta " + number(beta), gamma * out + beta, p >= 0.78});
  show.result = at_hook(work.hook.kind, work.hook.layer, {work.position, dim, -1});
  show.fills.push_back({-1, eased(p, 0.45, 0.6) * d});
  if (p >= 0.3 && p < 0.6)
    show.moves.push_back({at_hook(n.input.kind, n.input.layer, {work.position, 0, -1}),
                          at_hook(work.hook.kind, work.hook.layer, {work.position, 0, -1}), d, d, static_cast<float>(eased(p, 0.3, 0.6)),
                          0.6F});
  const std::string norm = explaining::norm_name(number_of_norm, work.hook.layer);
  if (p >= 0.62) {
    show.marks.push_back({at_weight(norm + ".weight", dim), 1, ShowMark::Kind::Term, 1});
    if (!gain.beta.empty()) show.marks.push_back({at_weight(norm + ".bias", dim), 1, ShowMark::Kind::Term, 1});
  }
  return show;
}

}  // namespace

std::optional<Show> show_layer_norm(const Work& work) {
  const auto n = norm_of(work);
  if (!n) return std::nullopt;
  const bool scale = info_of(work.hook.kind).shape == RowShape::One;
  Show show = scale ? scale_show(work, *n) : normalise_show(work, *n);
  show.hook = work.hook;
  show.position = work.position;
  show.marks.push_back(
      {at_hook(n->input.kind, n->input.layer, {work.position, 0, -1}), static_cast<int>(n->row.size()), ShowMark::Kind::Source, 1});
  show.marks.push_back({show.result, 1, ShowMark::Kind::Result, 1});
  return show;
}

}  // namespace gf::scene::showing
