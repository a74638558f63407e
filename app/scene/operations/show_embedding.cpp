// Embedding: the token's row leaves its table, and so does the position's. Their sum is a + like others.
#include "app/scene/operations/show_parts.h"

namespace gf::scene::showing {

std::optional<Show> show_embedding(const Work& work) {
  if (info_of(work.hook.kind).place == HookPlace::Stream) return show_sum(work);
  const bool token = work.hook.kind == HookKind::Embed;
  const TensorView& table = token ? work.pass.weights.wte : work.pass.weights.wpe;
  const int d = work.config().d_model;
  const int row = token ? work.pass.trace->ids()[static_cast<std::size_t>(work.position)].v : work.position;
  const double p = work.progress;
  std::vector<double> values;
  std::vector<float> exact;
  for (int i = 0; i < d; ++i) exact.push_back(table.at(std::int64_t{row} * d + i));
  values.assign(exact.begin(), exact.end());
  const int dim = work.chosen >= 0 ? work.chosen : largest_of(exact);

  Show show;
  show.hook = work.hook;
  show.position = work.position;
  show.title = token ? text("{0} is row {1} of the table of tokens", work.token(work.position), row)
                     : text("position {0} has a row of its own", row);
  const Binned bars = averaged(values);
  show.bars = ShowBars{};
  show.bars->title = bars.each > 1 ? text("{0}, means of {1}", text("the row"), bars.each) : text("the row");
  show.bars->values = bars.values;
  show.bars->shown = eased(p, 0, 0.5) * static_cast<double>(bars.values.size());
  if (bars.each == 1) show.bars->marked = dim;
  show.lines = {{ShowLine::Kind::Result, text("dim {0}", dim), static_cast<double>(exact[static_cast<std::size_t>(dim)]), p >= 0.5}};

  show.result = at_hook(work.hook.kind, -1, {work.position, dim, -1});
  const CellRef from = at_weight(token ? "wte.weight" : "wpe.weight", row, 0), to = at_hook(work.hook.kind, -1, {work.position, 0, -1});
  show.marks.push_back({from, d, ShowMark::Kind::Source, 1});
  show.marks.push_back({show.result, 1, ShowMark::Kind::Result, 1});
  if (p < 0.85) show.moves.push_back({from, to, d, d, static_cast<float>(eased(p, 0.15, 0.8)), 0.8F});
  show.fills.push_back({-1, eased(p, 0.7, 0.9) * d});
  return show;
}

}  // namespace gf::scene::showing
