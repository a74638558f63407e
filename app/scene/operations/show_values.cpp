// z: the value rows of all keys, each dimmed to its share, fall into one.
#include <algorithm>
#include <numeric>

#include "app/scene/operations/show_parts.h"

namespace gf::scene::showing {

std::optional<Show> show_values(const Work& work) {
  const int layer = work.hook.layer, query = work.position;
  const ModelConfig& c = work.config();
  const HookId pattern{HookKind::Pattern, layer};
  if (!work.pass.trace->has(pattern)) return std::nullopt;
  const int head = work.chosen >= 0 ? work.chosen / c.d_head : work.head, band = head * c.d_head;
  const auto shares = work.pass.trace->causal_row(pattern, head, query);
  // Without a choice the dimension to which the key with the largest share gives most.
  const auto v_of = [&](int key) { return row_of(work.pass, HookKind::V, layer, key); };
  const auto favourite = v_of(largest_of(shares));
  const int first = work.chosen >= 0 ? work.chosen - band : favourite.empty() ? 0 : largest_of(head_of(favourite, head, c));
  Turn turn = turn_of(work.progress, c.d_head, first);
  const int dim = turn.cell;
  turn.cell += band;
  // The other heads, at once.
  turn.made = std::max(band + turn.made, static_cast<int>(eased(work.progress, 0.82, 0.9) * c.n_head * c.d_head));

  Show show;
  show.title = text("head {0}.{1}: what {2} gets, dim {3}", layer, head, work.token(query), dim);
  SumOfProducts sum;
  for (int k = 0; k <= query; ++k)
    sum.terms.emplace_back(static_cast<double>(shares[static_cast<std::size_t>(k)]),
                           static_cast<double>(v_of(k)[static_cast<std::size_t>(turn.cell)]));
  tell_sum(show, sum, turn.s, text("share × v by key"), [&](int k) { return work.token(k); }, "z", ShowLine::Kind::Result);
  drop_result(show, work, at_hook(HookKind::Z, layer, {query, head, dim}), turn);

  show.marks.push_back({at_hook(HookKind::Pattern, layer, {head, query, 0}), query + 1, ShowMark::Kind::Source, 1});
  std::vector<int> keys(shares.size());
  std::iota(keys.begin(), keys.end(), 0);
  constexpr std::size_t kRows = 6;  // the others are too dim to be seen
  const auto written = static_cast<std::ptrdiff_t>(std::min(kRows, keys.size()));
  std::partial_sort(keys.begin(), keys.begin() + written, keys.end(), [&](int a, int b) {
    const float x = shares[static_cast<std::size_t>(a)], y = shares[static_cast<std::size_t>(b)];
    return x != y ? x > y : a < b;
  });
  keys.resize(static_cast<std::size_t>(written));
  for (const int k : keys) {
    const float share = std::clamp(shares[static_cast<std::size_t>(k)], 0.0F, 1.0F);
    const CellRef row = at_hook(HookKind::V, layer, {k, head, 0});
    show.marks.push_back({row, c.d_head, ShowMark::Kind::Source, std::max(0.15F, share)});
    if (turn.slow && turn.s < kSumAt)
      show.moves.push_back(
          {row, at_hook(HookKind::Z, layer, {query, head, 0}), c.d_head, c.d_head, static_cast<float>(eased(turn.s, 0, kSumAt)), share});
    if (turn.slow && turn.s < kTermsEnd)
      show.marks.push_back({at_hook(HookKind::V, layer, {k, head, dim}), 1, ShowMark::Kind::Term, share});
  }
  return show;
}

}  // namespace gf::scene::showing
