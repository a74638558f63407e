// Softmax: the row's scores as bars, the largest, exp of the distances to it, their sum; divided by it they are shares of one.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "app/scene/operations/show_parts.h"
#include "model/base/numbers.h"

namespace gf::scene::showing {
namespace {

constexpr double kMaxAt = 0.2, kExpFrom = 0.3, kExpTo = 0.5, kSumFrom = 0.56, kDivideFrom = 0.68, kDivideTo = 0.86;

}  // namespace

std::optional<Show> show_softmax(const Work& work) {
  const int layer = work.hook.layer, query = work.position, h = work.head, keys = query + 1;
  std::vector<double> scores;
  for (int k = 0; k < keys; ++k) {
    const auto s = explaining::score_read(work.pass, layer, h, query, k);
    if (!s || std::isnan(*s)) return std::nullopt;
    scores.push_back(*s);
  }
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  const int top = static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  const double high = scores[at(top)];
  if (std::isinf(high)) return std::nullopt;  // every key is knocked out
  std::vector<double> exps;
  for (const double s : scores) exps.push_back(std::exp(s - high));
  const double sum = std::accumulate(exps.begin(), exps.end(), 0.0);
  const int key = work.chosen >= 0 ? work.chosen % keys : top;
  const double p = work.progress;

  Show show;
  show.hook = work.hook;
  show.position = query;
  show.title = text("head {0}.{1}: shares of the attention of {2}", layer, h, work.token(query));
  ShowBars bars;
  const double to_exp = eased(p, kExpFrom, kExpTo), divided = eased(p, kDivideFrom, kDivideTo);
  double reach = 1e-9;
  for (const double s : scores)
    if (std::isfinite(s)) reach = std::max(reach, std::abs(s));
  // First scores on their own axis, then exp and shares on one that ends at 1.
  for (int k = 0; k < keys; ++k) {
    const double before = std::isfinite(scores[at(k)]) ? scores[at(k)] / reach : -1, after = exps[at(k)] * (1 + (1 / sum - 1) * divided);
    bars.values.push_back(before + (after - before) * to_exp);
  }
  bars.title = p < kExpFrom ? text("scores") : p < kDivideFrom ? text("exp(score - largest)") : text("shares of one");
  bars.shares = to_exp >= 1;
  bars.shown = std::clamp(p / kMaxAt, 0.0, 1.0) * keys;
  if (keys > kMostBars) {
    bars.values = bars.shares ? added_up(bars.values).values : averaged(bars.values).values;
    bars.shown *= static_cast<double>(bars.values.size()) / keys;
  } else {
    bars.marked = p < kMaxAt ? -1 : p < kDivideFrom ? top : key;
    if (bars.marked >= 0) bars.mark = work.token(bars.marked);
  }
  bars.reach = std::max(1.0, *std::ranges::max_element(bars.values));
  show.bars = std::move(bars);

  using Kind = ShowLine::Kind;
  show.lines.push_back({Kind::Step, text("largest score, {0}", work.token(top)), high, p >= kMaxAt});
  std::vector<int> order(at(keys));
  std::iota(order.begin(), order.end(), 0);
  const int written = std::min(3, keys);
  std::partial_sort(order.begin(), order.begin() + written, order.end(),
                    [&](int a, int b) { return exps[at(a)] != exps[at(b)] ? exps[at(a)] > exps[at(b)] : a < b; });
  double rest = sum;
  for (int i = 0; i < written; ++i) {
    const int k = order[at(i)];
    rest -= exps[at(k)];
    show.lines.push_back({Kind::Term, work.token(k) + ":  exp(" + number(scores[at(k)] - high) + ")", exps[at(k)], p >= kExpTo});
  }
  if (keys > written) show.lines.push_back({Kind::Rest, text("{0} more", keys - written), rest, p >= kExpTo, {}, keys - written});
  show.lines.push_back({Kind::Sum, text("sum"), sum, p >= kSumFrom});
  const double share = exps[at(key)] / sum;
  show.lines.push_back({Kind::Result, work.token(key) + ":  " + number(exps[at(key)]) + " / " + number(sum), share, p >= kDivideTo,
                        numbers::percent(share)});

  show.result = at_hook(HookKind::Pattern, layer, {h, query, key});
  if (divided <= 0) lay_scores(show, work, keys);
  else if (!work.view.one_head) show.name = ShowName{show.result, text("{0}: pattern", h)};
  show.marks.push_back({at_hook(HookKind::AttnScores, layer, {h, query, 0}), keys, ShowMark::Kind::Source, 1});
  show.marks.push_back({show.result, 1, ShowMark::Kind::Result, 1});
  show.fills.push_back({-1, divided * keys});
  return show;
}

}  // namespace gf::scene::showing
