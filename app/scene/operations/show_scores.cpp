// Scores: the query's row against each key's row, term by term, then the division; the mask closes what is to come.
#include <cmath>

#include "app/scene/operations/show_parts.h"

namespace gf::scene::showing {
namespace {

std::string root_words(const ModelConfig& c, int layer) {
  std::string words;
  if (c.scale_attn) words += "/ √" + std::to_string(c.d_head);
  if (c.scale_attn_by_layer) words += (words.empty() ? "" : " ") + std::string("/ ") + std::to_string(layer + 1);
  return words;
}

}  // namespace

std::optional<Show> show_scores(const Work& work) {
  const int layer = work.hook.layer, query = work.position, h = work.head;
  const ModelConfig& c = work.config();
  const auto q_row = row_of(work.pass, HookKind::Q, layer, query);
  if (q_row.empty()) return std::nullopt;
  const Trace& trace = *work.pass.trace;
  const HookId pattern{HookKind::Pattern, layer};
  // Without a choice the key that gets most of the attention is the one to look at.
  const int favourite = trace.has(pattern) ? largest_of(trace.causal_row(pattern, h, query)) : 0;
  const int first = work.chosen >= 0 ? work.chosen % (query + 1) : favourite;
  const Turn turn = turn_of(work.progress, query + 1, first);
  const auto k_row = row_of(work.pass, HookKind::K, layer, turn.cell);
  if (k_row.empty()) return std::nullopt;

  Show show;
  show.title = text("head {0}.{1}: how much does {2} look at {3}?", layer, h, work.token(query), work.token(turn.cell));
  const auto q = head_of(q_row, h, c), k = head_of(k_row, h, c);
  SumOfProducts sum;
  for (std::size_t i = 0; i < q.size(); ++i) sum.terms.emplace_back(static_cast<double>(q[i]), static_cast<double>(k[i]));
  const std::string root = root_words(c, layer);
  const auto kind = root.empty() ? ShowLine::Kind::Result : ShowLine::Kind::Sum;
  tell_sum(show, sum, turn.s, text("q × k by dim"), [](int i) { return text("dim {0}", i); }, "q · k", kind);
  const double score = sum.total() * static_cast<double>(c.score_scale(layer));
  if (!root.empty()) show.lines.push_back({ShowLine::Kind::Result, root, score, turn.s >= kDropAt});
  // Where the run did not keep scores, and no sheet of their own shows them, they go straight into the plate of the pattern.
  const HookId plate = trace.has(work.hook) || work.view.one_head ? work.hook : pattern;
  drop_result(show, work, at_hook(plate.kind, layer, {h, query, turn.cell}), turn);
  show.result.tensor.hook = work.hook;
  show.fills.clear();
  show.fills.push_back({-1, eased(work.progress, 0.82, 0.9) * (query + 1)});  // the other heads, at once
  show.fills.push_back({h, static_cast<double>(turn.made)});
  lay_scores(show, work, turn.made);
  show.marks.push_back({at_hook(HookKind::Q, layer, {query, h, 0}), c.d_head, ShowMark::Kind::Source, 1});
  show.marks.push_back({at_hook(HookKind::K, layer, {turn.cell, h, 0}), c.d_head, ShowMark::Kind::Source, 1});
  if (turn.s < kTermsEnd) {
    const int dim = std::min(c.d_head - 1, static_cast<int>(turn.s / kTermsEnd * c.d_head));
    show.marks.push_back({at_hook(HookKind::Q, layer, {query, h, dim}), 1, ShowMark::Kind::Term, 1});
    show.marks.push_back({at_hook(HookKind::K, layer, {turn.cell, h, dim}), 1, ShowMark::Kind::Term, 1});
  }
  const int to_come = trace.length() - query - 1;
  constexpr double kMaskAt = 0.86;
  if (to_come > 0 && work.progress >= kMaskAt)
    show.marks.push_back({at_hook(plate.kind, layer, {h, query, query}), to_come, ShowMark::Kind::Masked,
                          static_cast<float>(eased(work.progress, kMaskAt, 0.92))});
  return show;
}

}  // namespace gf::scene::showing
