// What a recipe's vectors of two lists of runs are, and what its edits take of the unedited run while tokens are generated.
#include <algorithm>

#include "model/run/run_engine.h"

namespace gf {

namespace {
/// Kept from one recipe to the next. A vector of many blocks has one for each; the oldest go.
constexpr std::size_t kMostDifferences = 512;
}  // namespace

Result<void> RunEngine::find_differences(const Job& job, const VectorSource& vector, std::span<const HookId> hooks) {
  const auto is_known = [&](HookId hook) {
    return std::ranges::any_of(differences_, [&](const RunDifference& d) { return d.hook == hook && d.vector == vector; });
  };
  if (std::ranges::all_of(hooks, is_known)) return {};
  Job source = job;
  source.recipe = source.active = {};
  source.plan = CapturePlan::none();
  source.plan.want(hooks.front().kind);
  std::vector<std::vector<double>> sums(hooks.size());
  const auto add = [&](const std::vector<RunSource>& runs, double weight) -> Result<void> {
    for (const RunSource& run : runs) {
      source.n_prompt = source.n_total = static_cast<int>(run.ids.size());
      Trace trace(config(), source.plan);
      GF_TRY(forward(trace, run.ids, source, nullptr));
      for (std::size_t h = 0; h < hooks.size(); ++h) {
        const auto row = trace.row(hooks[h], trace.length() - 1);
        sums[h].resize(row.size());
        for (std::size_t i = 0; i < row.size(); ++i) sums[h][i] += weight * static_cast<double>(row[i]);
      }
    }
    return {};
  };
  GF_TRY(add(vector.runs, 1 / static_cast<double>(vector.runs.size())));
  GF_TRY(add(vector.other_runs, -1 / static_cast<double>(vector.other_runs.size())));
  for (std::size_t h = 0; h < hooks.size(); ++h)
    if (!is_known(hooks[h])) differences_.push_back({vector, hooks[h], std::vector<float>(sums[h].begin(), sums[h].end())});
  return {};
}

Result<std::span<const RunDifference>> RunEngine::differences_for(const Job& job) {
  if (differences_.size() > kMostDifferences)
    differences_.erase(differences_.begin(), differences_.end() - static_cast<std::ptrdiff_t>(kMostDifferences));
  for (const Edit& e : job.recipe.edits)
    for (const auto* vector : vectors_of(e))
      if (e.enabled && *vector && !(*vector)->runs.empty()) GF_TRY(find_differences(job, **vector, hooks_named(e.hook, config().n_layer)));
  return differences_;
}

Result<void> RunEngine::follow(Trace& unedited, std::span<const TokenId> ids, const Job& job, CompiledEdits& edits) {
  // Beams take turns: what they share stays.
  const int shared = std::min(common_prefix(unedited.ids(), ids), static_cast<int>(ids.size()) - 1);
  if (shared < unedited.length()) unedited = unedited.prefix(shared);
  GF_TRY(forward(unedited, ids.subspan(static_cast<std::size_t>(shared)), job, nullptr));
  edits.follow(unedited, shared);
  return {};
}

}  // namespace gf
