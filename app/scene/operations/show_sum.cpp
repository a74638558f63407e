// +: what was made slides into the band and adds. The sum of the two embeddings is one, too.
#include <algorithm>
#include <cmath>

#include "app/scene/operations/show_parts.h"

namespace gf::scene::showing {

std::optional<Show> show_sum(const Work& work) {
  const std::vector<HookId> addends = source_hooks(work.hook, work.config());
  std::vector<std::span<const float>> rows;
  for (const HookId from : addends) {
    rows.push_back(row_of(work.pass, from.kind, from.layer, work.position));
    if (rows.back().empty()) return std::nullopt;
  }
  const double p = work.progress;
  const int d = static_cast<int>(rows[0].size());
  // The band's row comes first; what is added comes after it.
  const auto added = rows.size() > 1 ? rows[1] : std::span<const float>();
  // A head or neuron that is spoken of is told apart from the others of its block.
  const HookId out = addends.size() > 1 ? addends[1] : HookId{};
  const auto own = out.kind == HookKind::AttnOut || out.kind == HookKind::MlpOut ? own_part(work, out) : std::nullopt;
  const int dim = work.chosen >= 0 ? work.chosen : own ? largest_of(own->row) : largest_of(added.empty() ? rows[0] : added);
  const double way = eased(p, 0.1, 0.5), adds = eased(p, 0.5, 0.8);
  std::vector<double> values;
  double reach = 0;
  for (int i = 0; i < d; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double before = static_cast<double>(rows[0][at]), more = added.empty() ? 0 : static_cast<double>(added[at]);
    values.push_back(before + more * adds);
    reach = std::max({reach, std::abs(before), std::abs(before + more)});
  }
  const auto title = [](HookId hook) { return text(info_of(hook.kind).title); };
  Show show;
  show.hook = work.hook;
  show.position = work.position;
  const bool embeddings = work.hook.kind == HookKind::ResidPre;
  const std::string made = own ? "+ " + own->words : addends.size() > 1 ? "+ " + title(addends[1]) : title(addends[0]);
  show.title = text("{0}, {1}", embeddings ? text("sum of the embeddings") : with_block(work.hook, made), text("dim {0}", dim));
  const Binned bars = averaged(own ? std::span<const double>(own->row) : values);
  show.bars = ShowBars{};
  const std::string words = own ? own->words : adds > 0 ? text("the sum") : embeddings ? title(addends[0]) : text("the stream");
  show.bars->title = bars.each > 1 ? text("{0}, means of {1}", words, bars.each) : words;
  show.bars->values = bars.values;
  if (bars.each == 1) show.bars->reach = own ? 0 : reach, show.bars->marked = dim;

  double total = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto v = static_cast<double>(rows[i][static_cast<std::size_t>(dim)]);
    total += v;
    if (i == 1 && own) {
      const double of_it = own->row[static_cast<std::size_t>(dim)];
      show.lines.push_back({ShowLine::Kind::Term, own->words, of_it, p >= 0.5});
      show.lines.push_back({ShowLine::Kind::Rest, own->others, v - of_it, p >= 0.5});
    } else {
      show.lines.push_back({ShowLine::Kind::Term, title(addends[i]), v, i == 0 || p >= 0.5});
    }
  }
  show.lines.push_back({ShowLine::Kind::Result, title(work.hook), total, p >= 0.7});
  show.result = at_hook(work.hook.kind, work.hook.layer, {work.position, dim, -1});
  for (std::size_t i = 0; i < addends.size(); ++i) {
    const CellRef row = at_hook(addends[i].kind, addends[i].layer, {work.position, 0, -1});
    show.marks.push_back({row, d, ShowMark::Kind::Source, 1});
    if (p < 0.8)
      show.moves.push_back({row, at_hook(work.hook.kind, work.hook.layer, {work.position, 0, -1}), d, d,
                            static_cast<float>(i == 0 ? eased(p, 0.45, 0.8) : way), i == 0 ? 0.35F : 0.7F});
  }
  show.marks.push_back({show.result, 1, ShowMark::Kind::Result, 1});
  show.fills.push_back({-1, adds * d});
  return show;
}

}  // namespace gf::scene::showing
