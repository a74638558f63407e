#include "app/scene/operations/show_parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "app/scene/cube/weight_product.h"

namespace gf::scene::showing {

double eased(double t, double from, double to) {
  const double s = std::clamp((t - from) / (to - from), 0.0, 1.0);
  return s * s * (3 - 2 * s);
}

Turn turn_of(double progress, int cells, int first, bool alone) {
  EXPECTS(cells > 0 && first >= 0 && first < cells, "a row has a cell to begin with");
  constexpr double kBefore = 0.04, kHold = 0.1, kFlow = 0.18, kFlowEach = 0.03;
  constexpr std::array<double, 3> kSlow{0.52, 0.2, 0.1};
  const int slow = alone ? 1 : std::min<int>(static_cast<int>(kSlow.size()), cells - first), rest = cells - first - slow;
  double t = progress;
  if (t >= 1 - kHold) return {first, 1, cells, true};
  t /= 1 - kHold;
  const double before = first > 0 ? kBefore : 0, flow = std::min(kFlow, kFlowEach * rest);
  if (t < before) {
    const int made = std::min(first, static_cast<int>(t / before * first));
    return {made, 1, made + 1, false};
  }
  t -= before;
  double sum = 0;
  for (int i = 0; i < slow; ++i) sum += kSlow[static_cast<std::size_t>(i)];
  const double scale = (1 - before - flow) / sum;
  for (int i = 0; i < slow; ++i) {
    const double length = kSlow[static_cast<std::size_t>(i)] * scale;
    if (t < length) {
      const double s = t / length;
      return {first + i, s, first + i + (s >= kDropEnd ? 1 : 0), true};
    }
    t -= length;
  }
  if (rest == 0) return {first + slow - 1, 1, cells, true};
  const int at = std::min(rest - 1, static_cast<int>(t / flow * rest));
  return {first + slow + at, 1, first + slow + at + 1, false};
}

double SumOfProducts::total() const {
  double sum = 0;
  for (const auto& [left, right] : terms) sum += left * right;
  return sum + bias.value_or(0);
}

namespace {

Binned binned(std::span<const double> values, bool mean) {
  Binned out;
  const int n = static_cast<int>(values.size());
  out.each = std::max(1, (n + kMostBars - 1) / kMostBars);
  for (int i = 0; i < n; i += out.each) {
    const auto part = values.subspan(static_cast<std::size_t>(i), static_cast<std::size_t>(std::min(out.each, n - i)));
    const double sum = std::accumulate(part.begin(), part.end(), 0.0);
    out.values.push_back(mean ? sum / static_cast<double>(part.size()) : sum);
  }
  return out;
}

/// Indices of values; the first `count` are those of the largest |value|, in order.
std::vector<int> largest_first(std::span<const double> values, int count) {
  std::vector<int> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  const auto size = [&](int i) { return explaining::size_of_term(values[static_cast<std::size_t>(i)]); };
  std::ranges::partial_sort(order, order.begin() + count, [&](int a, int b) { return size(a) != size(b) ? size(a) > size(b) : a < b; });
  return order;
}

ShowLine term_line(const SumOfProducts& sum, int i, const std::string& name, bool there) {
  const auto& [left, right] = sum.terms[static_cast<std::size_t>(i)];
  return {ShowLine::Kind::Term, name + ":  " + number(left) + " × " + number(right), left * right, there};
}

/// As tell_sum(): the terms of one head or neuron, their sum, and what the others add to it.
void tell_own(Show& show, const SumOfProducts& sum, double s, const std::string& bars, const std::function<std::string(int)>& name,
              const std::string& last, ShowLine::Kind kind) {
  using Kind = ShowLine::Kind;
  const SumOfProducts::Own& own = *sum.own;
  std::vector<double> values;
  for (int i = own.first; i < own.first + own.count; ++i) {
    const auto& [left, right] = sum.terms[static_cast<std::size_t>(i)];
    values.push_back(left * right);
  }
  const double come = std::clamp(s / kTermsEnd, 0.0, 1.0), total = std::accumulate(values.begin(), values.end(), 0.0);
  show.bars = ShowBars{};
  if (own.count > 1) {
    const Binned all = added_up(values);
    show.bars->title = all.each > 1 ? text("{0}, sums of {1}", bars, all.each) : bars;
    show.bars->values = all.values;
    show.bars->shown = come * static_cast<double>(all.values.size());
  } else {
    show.bars->title = text("{0} and the others", own.words);
    show.bars->values = {total, sum.total() - total};
    show.bars->shown = 2 * come;
  }
  const int written = std::min(kWrittenOfHead, own.count);
  const std::vector<int> order = largest_first(values, written);
  double rest = total;
  for (int k = 0; k < written; ++k) {
    const int i = order[static_cast<std::size_t>(k)];
    rest -= values[static_cast<std::size_t>(i)];
    show.lines.push_back(term_line(sum, own.first + i, name(own.first + i), static_cast<double>(i) + 1 <= come * own.count + 1e-9));
  }
  if (own.count > written)
    show.lines.push_back({Kind::Rest, text("{0} more", own.count - written), rest, s >= kTermsEnd, {}, own.count - written});
  if (own.count > 1) show.lines.push_back({Kind::Sum, own.words, total, s >= kTermsEnd});
  show.lines.push_back({Kind::Rest, own.others, sum.total() - total, s >= kTermsEnd});
  show.lines.push_back({kind, last, sum.total(), s >= kSumAt});
}

}  // namespace

Binned added_up(std::span<const double> values) { return binned(values, false); }
Binned averaged(std::span<const double> values) { return binned(values, true); }

void tell_sum(Show& show, const SumOfProducts& sum, double s, const std::string& bars, const std::function<std::string(int)>& name,
              const std::string& last, ShowLine::Kind kind) {
  if (sum.own) return tell_own(show, sum, s, bars, name, last, kind);
  const int n = static_cast<int>(sum.terms.size());
  std::vector<double> values;
  for (const auto& [left, right] : sum.terms) values.push_back(left * right);
  const Binned all = added_up(values);
  const double come = std::clamp(s / kTermsEnd, 0.0, 1.0);  // of the terms
  show.bars = ShowBars{all.each > 1 ? text("{0}, sums of {1}", bars, all.each) : bars, all.values, 1e9, 0, false, -1, {}, {}, {}, {}, {}};
  show.bars->shown = come * static_cast<double>(all.values.size());

  const int written = std::min(kWrittenTerms, n);
  const std::vector<int> order = largest_first(values, written);
  double rest = 0;
  for (int k = written; k < n; ++k) rest += values[static_cast<std::size_t>(order[static_cast<std::size_t>(k)])];
  for (int k = 0; k < written; ++k) {
    const int i = order[static_cast<std::size_t>(k)];
    show.lines.push_back(term_line(sum, i, name(i), static_cast<double>(i) + 1 <= come * n + 1e-9));
  }
  if (n > written) show.lines.push_back({ShowLine::Kind::Rest, text("{0} more", n - written), rest, s >= kTermsEnd, {}, n - written});
  if (sum.bias) show.lines.push_back({ShowLine::Kind::Bias, text("bias"), *sum.bias, s >= kTermsEnd});
  show.lines.push_back({kind, last, sum.total(), s >= kSumAt});
}

CellRef cell_of(HookId hook, int position, int flat, const ModelConfig& config) {
  switch (info_of(hook.kind).shape) {
    case RowShape::Heads: return at_hook(hook.kind, hook.layer, {position, flat / config.d_head, flat % config.d_head});
    case RowShape::Causal: return at_hook(hook.kind, hook.layer, {flat / (position + 1), position, flat % (position + 1)});
    default: return at_hook(hook.kind, hook.layer, {position, flat, -1});
  }
}

namespace {

template <class Number>
int index_of_largest(std::span<const Number> row) {
  int best = 0;
  for (std::size_t i = 0; i < row.size(); ++i)
    if (std::abs(row[i]) > std::abs(row[static_cast<std::size_t>(best)])) best = static_cast<int>(i);
  return best;
}

}  // namespace

int largest_of(std::span<const float> row) { return index_of_largest(row); }
int largest_of(std::span<const double> row) { return index_of_largest(row); }

std::span<const float> head_of(std::span<const float> row, int head, const ModelConfig& config) {
  return row.subspan(static_cast<std::size_t>(head * config.d_head), static_cast<std::size_t>(config.d_head));
}

std::string with_block(HookId hook, const std::string& words) { return hook.layer < 0 ? words : text("block {0}, {1}", hook.layer, words); }

void drop_result(Show& show, const Work& work, const CellRef& cell, const Turn& turn, int columns_before) {
  show.hook = work.hook;
  show.position = work.position;
  show.result = cell;
  show.marks.push_back({cell, 1, ShowMark::Kind::Result, 1});
  if (turn.slow && turn.s >= kDropAt && turn.s < kDropEnd)
    show.moves.push_back({{}, cell, 1, 1, static_cast<float>(eased(turn.s, kDropAt, kDropEnd)), 1});
  show.fills.push_back({-1, static_cast<double>(columns_before + turn.made)});
}

std::optional<OwnPart> own_part(const Work& work, HookId out) {
  const bool of_head = out.kind == HookKind::AttnOut;
  const ModelConfig& c = work.config();
  if (of_head ? !work.of_head || c.n_head < 2 : work.neuron < 0 || c.d_mlp < 2) return std::nullopt;
  const auto product = weight_product(work.pass, out);
  EXPECTS(product, "attention out and MLP out are products with a weight");
  const auto input = row_of(work.pass, product->from, out.layer, work.position);
  if (input.empty()) return std::nullopt;
  OwnPart own;
  own.count = of_head ? c.d_head : 1;
  own.first = of_head ? work.head * c.d_head : work.neuron;
  own.words = of_head ? text("head {0}.{1}", out.layer, work.head) : text("neuron {0}", work.neuron);
  const bool bias = product->bias != nullptr && !product->bias->empty();
  if (of_head) own.others = bias ? text("other heads, bias") : text("other heads");
  else own.others = bias ? text("other neurons, bias") : text("other neurons");
  own.row.assign(static_cast<std::size_t>(c.d_model), 0);
  for (int i = own.first; i < own.first + own.count; ++i)
    for (int dim = 0; dim < c.d_model; ++dim)
      own.row[static_cast<std::size_t>(dim)] +=
          static_cast<double>(input[static_cast<std::size_t>(i)]) * static_cast<double>(product->matrix->at(i, dim));
  return own;
}

void lay_scores(Show& show, const Work& work, int made) {
  constexpr int kMostKeys = 64;  // cells of more keys are too small to be told apart
  const int layer = work.hook.layer, query = work.position;
  if (work.view.one_head) return;  // there the scores have a sheet of their own
  if (work.pass.trace->has({HookKind::AttnScores, layer}) || !work.pass.trace->has({HookKind::Pattern, layer}) || query >= kMostKeys)
    return;
  ShowCells cells{at_hook(HookKind::Pattern, layer, {work.head, query, 0}), {}, 0, {}, {}};
  for (int k = 0; k <= query; ++k) {
    const auto score = explaining::score_read(work.pass, layer, work.head, query, k);
    if (!score) return;
    if (std::isfinite(*score)) cells.scale = std::max(cells.scale, std::abs(*score));
    if (k < made) cells.values.push_back(*score);
  }
  if (!(cells.scale > 0)) cells.scale = 1;
  cells.title = text("scores of {0}, head {1}.{2}", work.token(query), layer, work.head);
  cells.detail = text("until softmax makes shares of them");
  show.name = ShowName{cells.first, text("{0}: scores", work.head)};
  show.cells = std::move(cells);
}

void tell_edit(Show& show, const Work& work) {
  const auto kept = explaining::captured_value(*work.pass.trace, show.result.tensor.hook, show.result.index);
  if (!kept || work.pass.recipe == nullptr) return;
  for (ShowLine& line : show.lines) {
    if (line.kind != ShowLine::Kind::Result) continue;
    const auto now = static_cast<double>(*kept);
    constexpr double kRounding = 1e-3;
    if (std::abs(now - line.value) <= kRounding * (1 + std::abs(line.value))) return;
    const bool named =
        std::ranges::any_of(work.pass.recipe->edits, [&](const Edit& e) { return e.enabled && names_hook(e.hook, show.hook); });
    if (!named) return;
    line.kind = ShowLine::Kind::Step;
    const bool there = line.there;
    show.lines.push_back({ShowLine::Kind::Result, text("an edit makes it"), now, there});
    return;
  }
}

}  // namespace gf::scene::showing
