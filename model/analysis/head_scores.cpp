#include <algorithm>
#include <cmath>
#include <limits>

#include "model/analysis/analysis.h"

namespace gf {

namespace head_scoring {

/// Earlier positions whose token is the query's, shifted by `offset` (0: the copy itself, 1: what followed it).
std::vector<std::size_t> earlier(std::span<const TokenId> ids, std::size_t query, std::size_t offset) {
  std::vector<std::size_t> keys;
  for (std::size_t s = 0; s + offset < query; ++s)
    if (ids[s] == ids[query]) keys.push_back(s + offset);
  return keys;
}

float mean(double sum, int count) { return count > 0 ? static_cast<float>(sum / count) : std::numeric_limits<float>::quiet_NaN(); }

}  // namespace head_scoring

HeadScores head_scores(const Trace& trace, int first_query) {
  const auto first = static_cast<std::size_t>(std::max(first_query, 1));
  const ModelConfig& c = trace.config();
  const auto ids = trace.ids();
  const auto grid = [&] {
    return HeadGrid{c.n_layer, c.n_head, std::vector<float>(static_cast<std::size_t>(c.n_layer) * static_cast<std::size_t>(c.n_head))};
  };
  HeadScores scores{grid(), grid(), grid(), grid()};
  std::vector<std::vector<std::size_t>> same(ids.size()), after(ids.size());
  for (std::size_t t = 0; t < ids.size(); ++t) {
    same[t] = head_scoring::earlier(ids, t, 0);
    after[t] = head_scoring::earlier(ids, t, 1);
  }
  for (int layer = 0; layer < c.n_layer; ++layer)
    for (int head = 0; head < c.n_head; ++head) {
      double previous = 0, sink = 0, duplicate = 0, induction = 0;
      int n_duplicate = 0, n_induction = 0;
      for (std::size_t t = first; t < ids.size(); ++t) {
        const auto a = trace.causal_row({HookKind::Pattern, layer}, head, static_cast<int>(t));
        previous += static_cast<double>(a[t - 1]);
        sink += static_cast<double>(a[0]);
        for (const auto s : same[t]) duplicate += static_cast<double>(a[s]);
        for (const auto s : after[t]) induction += static_cast<double>(a[s]);
        n_duplicate += same[t].empty() ? 0 : 1;
        n_induction += after[t].empty() ? 0 : 1;
      }
      const auto at = static_cast<std::size_t>(layer * c.n_head + head);
      const int later = static_cast<int>(ids.size()) - static_cast<int>(first);
      scores.previous.values[at] = head_scoring::mean(previous, later);
      scores.sink.values[at] = head_scoring::mean(sink, later);
      scores.duplicate.values[at] = head_scoring::mean(duplicate, n_duplicate);
      scores.induction.values[at] = head_scoring::mean(induction, n_induction);
    }
  return scores;
}

}  // namespace gf
