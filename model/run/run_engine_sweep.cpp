// Sweeps of RunEngine: compiles the recipe once and each cut alone, and gives them to the backend.
#include <algorithm>

#include "model/run/run_engine.h"
#include "model/sweep.h"

namespace gf {

namespace {

/// In batches, or one after the other where the backend has no batches.
Result<std::uint64_t> compute_sweep(Backend& backend, const Sweep& sweep) {
  auto work = backend.sweep(sweep);
  if (!work && work.error().code == ErrorCode::Unsupported) return sweep_one_by_one(backend, sweep);
  return work;
}

}  // namespace

std::size_t RunEngine::together(std::span<const Edit> cuts) {
  // A group's edits are compiled at once, and the session is free for others between groups.
  constexpr std::size_t kMost = 64;
  std::size_t count = 0;
  while (count < std::min(cuts.size(), kMost) && cuts[count].hook == cuts[0].hook) ++count;
  return count;
}

Result<std::uint64_t> RunEngine::sweep(const Run& run, std::span<const Edit> cuts, const Session::EachLogits& each, std::stop_token stop,
                                       int position) {
  EXPECTS(run.edited != nullptr && run.edited->length() > 0, "a run");
  EXPECTS(position < run.edited->length(), "a position of the run");
  if (cuts.empty()) return 0;
  EXPECTS(together(cuts) == cuts.size(), "cuts at one hook");
  const Trace& edited = *run.edited;
  RunRequest request = run.request;
  request.prompt.assign(edited.ids().begin(), edited.ids().begin() + edited.n_prompt());
  request.forced.assign(edited.ids().begin() + edited.n_prompt(), edited.ids().end());
  request.plan = CapturePlan::none();
  request.n_generate = 0;
  const Control control{stop, nullptr};
  // The base run has to hold the hooks over which an edit or a cut takes its mean.
  RunRequest with_all = request;
  with_all.recipe.edits.insert(with_all.recipe.edits.end(), cuts.begin(), cuts.end());
  TracePointer base = run.base;
  if (!std::ranges::all_of(base_hooks(with_all.recipe, config()), [&](HookId hook) { return base->has(hook); })) {
    GF_TRY_ASSIGN(const Job job, check(with_all, control));
    GF_TRY_ASSIGN(base, base_run(job, job.known));
  }
  std::unique_ptr<CompiledEdits> recipe;
  if (std::ranges::any_of(request.recipe.edits, &Edit::enabled)) {
    GF_TRY_ASSIGN(const Job job, check(request, control));
    GF_TRY_ASSIGN(recipe, compile_for(job, base.get()));
  }
  // In messages a cut has the number that follows the recipe's edits.
  for (Edit& e : request.recipe.edits) e.enabled = false;
  request.recipe.edits.emplace_back();
  std::vector<std::unique_ptr<CompiledEdits>> compiled;
  for (const Edit& cut : cuts) {
    request.recipe.edits.back() = cut;
    GF_TRY_ASSIGN(const Job job, check(request, control));
    GF_TRY_ASSIGN(compiled.emplace_back(), compile_for(job, base.get()));
  }
  Sweep sweep;
  sweep.trace = &edited;
  sweep.edits = recipe.get();
  const auto hook = parse_hook(cuts[0].hook, config().n_layer);
  EXPECTS(hook.has_value(), "a cut stands at one hook");
  sweep.hook = *hook;
  sweep.cuts = compiled;
  sweep.position = position;
  sweep.stop = std::move(stop);
  sweep.done = each;
  return compute_sweep(*backend_, sweep);
}

Result<std::uint64_t> RunEngine::sweep_prompts(const Run& run, std::span<const std::vector<TokenId>> prompts,
                                               const Session::EachLogits& each, std::stop_token stop) {
  EXPECTS(run.base != nullptr && run.base->length() > 0, "a run");
  const Control control{stop, nullptr};
  for (const std::vector<TokenId>& ids : prompts) {
    RunRequest request;
    request.prompt = ids;
    GF_TRY(check(request, control));
  }
  Sweep sweep;
  sweep.trace = run.base.get();
  sweep.prompts = prompts;
  sweep.stop = std::move(stop);
  sweep.done = each;
  return compute_sweep(*backend_, sweep);
}

}  // namespace gf
