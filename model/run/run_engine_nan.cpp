// Finds the first NaN of a run.
#include <algorithm>
#include <cmath>

#include "model/run/run_engine.h"

namespace gf {

namespace {

bool has_nan(std::span<const float> row) {
  return std::ranges::any_of(row, [](float x) { return std::isnan(x); });
}

/// Whether the final stream of a row is NaN, as far as the plan tells. Reads one number of each position.
bool ends_in_nan(const Trace& trace) {
  if (last_logits_have_nan(trace, trace.last_logits().size())) return true;
  constexpr HookId kScale{HookKind::LnFinalScale, -1};
  if (!trace.has(kScale)) return false;
  for (int p = 0; p < trace.length(); ++p)
    if (has_nan(trace.row(kScale, p))) return true;
  return false;
}

std::optional<NanPlace> first_captured_nan(const Trace& trace) {
  for (const HookId hook : all_hooks(trace.config().n_layer)) {
    if (!trace.has(hook)) continue;
    for (int p = 0; p < trace.length(); ++p)
      if (has_nan(trace.row(hook, p))) return NanPlace{hook, p};
  }
  return std::nullopt;
}

}  // namespace

Result<void> RunEngine::find_nan(const Job& job, Run& run) {
  if (!ends_in_nan(*run.edited)) return {};
  const Trace& trace = *run.edited;
  run.first_nan = first_captured_nan(trace);
  // The NaN may come from a hook of the same block that was not captured.
  HookId again{HookKind::Logits, -1};
  if (run.first_nan) again = run.first_nan->hook;
  if (again.kind == HookKind::ResidPre)
    again = again.layer > 0 ? HookId{HookKind::ResidPost, again.layer - 1} : HookId{HookKind::Embed, -1};
  Job whole = job;
  whole.known.assign(trace.ids().begin(), trace.ids().end());
  whole.n_total = trace.length();
  if (!run.has_edits()) whole.recipe = whole.active = {};
  GF_TRY_ASSIGN(const TracePointer copy, pass_again(trace, again, whole, CapturePlan::full()));
  if (const auto found = first_captured_nan(*copy)) run.first_nan = found;
  return {};
}

}  // namespace gf
