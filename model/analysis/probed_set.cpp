#include "model/analysis/probed_set.h"

#include "model/analysis/row_states.h"

namespace gf {

ProbedPlace ProbedSet::probed(const RowMatrix& trained_rows, const RowMatrix& untrained_rows) const {
  return {probed_rows(trained_rows, tags, folds), shuffled_score(trained_rows, tags, folds, seed), main_score(untrained_rows, tags, folds)};
}

void ProbedSet::add_baselines(Answer& answer) const {
  answer.add("baselines.position", Answer::Number{position.score, ""});
  answer.add("baselines.length", Answer::Number{length.score, ""});
  if (!tags.is_number()) answer.add("baselines.majority", Answer::Number{majority_of(tags), ""});
}

Result<ProbedSet> probed_set(const Asking& asking, HookKind kind) {
  const int folds = asking.params.whole("folds");
  const std::uint64_t seed = asking.params.seed("seed");
  GF_TRY_ASSIGN(TagColumn tags, tag_column(*asking.set, asking.params.text("tag"), folds));
  GF_TRY_ASSIGN(auto trained, states_of(asking.session, tags.rows, kind, asking.stop, progress_between(asking, 0, kStatesShare / 2)));
  GF_TRY_ASSIGN(const auto other, untrained_session(asking.model(), seed));
  GF_TRY_ASSIGN(auto untrained, states_of(*other, tags.rows, kind, asking.stop, progress_between(asking, kStatesShare / 2, kStatesShare)));
  const MainScore position = main_score(position_rows(*asking.model().weights, tags.rows), tags, folds);
  const MainScore length = main_score(length_rows(tags.rows), tags, folds);
  return ProbedSet{std::move(tags), folds, seed, std::move(trained), std::move(untrained), position, length};
}

std::function<void(double)> progress_between(const Asking& asking, double from, double to) {
  return [&asking, from, to](double fraction) {
    if (asking.progress) asking.progress(from + fraction * (to - from));
  };
}

}  // namespace gf
