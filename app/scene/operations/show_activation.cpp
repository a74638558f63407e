// The activation function as a curve beside the sheet. Each neuron's point slides along it to where its input stands.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "app/scene/operations/show_parts.h"

namespace gf::scene::showing {
namespace {

double activated(Activation activation, double x) {
  switch (activation) {
    case Activation::GeluTanh: return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    case Activation::GeluErf: return 0.5 * x * (1 + std::erf(x / std::numbers::sqrt2));
    case Activation::Relu: return x <= 0 ? 0.0 : x;
  }
  return x;
}

}  // namespace

std::optional<Show> show_activation(const Work& work) {
  const int layer = work.hook.layer;
  const auto pre = row_of(work.pass, HookKind::MlpPre, layer, work.position);
  if (pre.empty()) return std::nullopt;
  const auto f = [&](double x) { return activated(work.config().activation, x); };
  const int n = static_cast<int>(pre.size());
  const double p = work.progress;

  // Half of the points are the most active neurons; the others are spread over all, so that the quiet side is seen too.
  std::vector<int> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  const auto size = [&](int i) { return std::abs(f(static_cast<double>(pre[static_cast<std::size_t>(i)]))); };
  const auto active = static_cast<std::ptrdiff_t>(std::min(kMostBars / 2, n));
  std::partial_sort(order.begin(), order.begin() + active, order.end(),
                    [&](int a, int b) { return size(a) != size(b) ? size(a) > size(b) : a < b; });
  order.resize(static_cast<std::size_t>(active));
  const auto add = [&](int i) {
    if (std::ranges::find(order, i) == order.end()) order.push_back(i);
  };
  for (int k = 0; k < kMostBars / 2; ++k) add(static_cast<int>(static_cast<long long>(k) * n / (kMostBars / 2)));
  if (work.chosen >= 0) {
    std::erase(order, work.chosen);
    order.insert(order.begin(), work.chosen);
  }
  const bool relu = work.config().activation == Activation::Relu;
  Show show;
  show.hook = work.hook;
  show.position = work.position;
  show.title = with_block(work.hook, text("what the neurons of {0} let through", work.token(work.position)));
  ShowCurve curve;
  curve.title = relu ? text("ReLU, {0} neurons", order.size()) : text("GELU, {0} neurons", order.size());
  double reach = 3;
  for (const int i : order) reach = std::max(reach, std::abs(static_cast<double>(pre[static_cast<std::size_t>(i)])));
  constexpr int kSteps = 48;
  for (int i = 0; i <= kSteps; ++i) {
    const double x = reach * (2.0 * i / kSteps - 1);
    curve.points.emplace_back(x, f(x));
  }
  for (std::size_t k = 0; k < order.size(); ++k) {
    // One after the other: the first one slides alone.
    const double start = k == 0 ? 0.05 : 0.4 + 0.2 * static_cast<double>(k) / static_cast<double>(order.size());
    const double x = static_cast<double>(pre[static_cast<std::size_t>(order[k])]) * eased(p, start, start + (k == 0 ? 0.35 : 0.15));
    curve.dots.emplace_back(x, f(x));
  }
  show.curve = std::move(curve);

  const int neuron = order.front();
  const double x = static_cast<double>(pre[static_cast<std::size_t>(neuron)]);
  show.lines = {{ShowLine::Kind::Step, text("neuron {0}, before", neuron), x, true},
                {ShowLine::Kind::Result, relu ? text("after ReLU") : text("after GELU"), f(x), p >= 0.4}};
  int open = 0;
  for (const float v : pre) open += v > 0 ? 1 : 0;
  show.lines.push_back({ShowLine::Kind::Note, text("{0} of {1} neurons have a positive input", open, n), 0, p >= 0.75});
  show.result = at_hook(work.hook.kind, layer, {work.position, neuron, -1});
  show.marks.push_back({at_hook(HookKind::MlpPre, layer, {work.position, neuron, -1}), 1, ShowMark::Kind::Term, 1});
  show.marks.push_back({show.result, 1, ShowMark::Kind::Result, 1});
  show.fills.push_back({-1, eased(p, 0.4, 0.85) * n});
  return show;
}

}  // namespace gf::scene::showing
