// Passes and gradients of RunEngine, for analyses that no recipe can say.
#include "model/base/token_ids.h"
#include "model/run/run_engine.h"

namespace gf {

RunRequest RunEngine::request_for(const Trace& trace, const RunRequest& request) {
  RunRequest same = request;
  same.prompt.assign(trace.ids().begin(), trace.ids().begin() + trace.n_prompt());
  same.forced.assign(trace.ids().begin() + trace.n_prompt(), trace.ids().end());
  same.n_generate = 0;
  same.plan = CapturePlan::none();
  return same;
}

Result<std::unique_ptr<CompiledEdits>> RunEngine::active_edits(const Job& job) {
  if (job.active.empty()) return nullptr;
  TracePointer base;
  if (!base_hooks(job.recipe, config()).empty()) {
    GF_TRY_ASSIGN(base, base_run(job, job.known));
  }
  return compile_for(job, base.get());
}

Result<std::unique_ptr<CompiledEdits>> RunEngine::edits_of(const Trace& trace, const RunRequest& request) {
  const RunRequest same = request_for(trace, request);
  const Control control;
  GF_TRY_ASSIGN(const Job job, check(same, control));
  return active_edits(job);
}

Result<Trace> RunEngine::pass(std::span<const TokenId> ids, int n_prompt, const CapturePlan& plan, CompiledEdits* edits,
                              std::stop_token stop) {
  EXPECTS(!ids.empty() && static_cast<int>(ids.size()) <= config().n_ctx, "tokens that fit into the context");
  GF_TRY(check_ids(ids, config().n_vocab));
  Trace trace(config(), plan);
  ForwardStep step;
  step.ids = ids;
  step.n_prompt = std::min(n_prompt, static_cast<int>(ids.size()));
  step.edits = edits;
  step.stop = std::move(stop);
  GF_TRY(backend_->forward(trace, step));
  return trace;
}

Result<Trace> RunEngine::gradients(const Trace& trace, std::span<const LogitSlope> slopes, const CapturePlan& plan, CompiledEdits* edits,
                                   std::stop_token stop) {
  Trace found(config(), plan);
  BackwardStep step;
  step.run = &trace;
  step.edits = edits;
  step.slopes = slopes;
  step.stop = std::move(stop);
  auto done = cpu_ ? cpu_->backward(found, step) : backend_->backward(found, step);
  if (!done && done.error().code == ErrorCode::Unsupported && !cpu_) {
    auto cpu = make_cpu_backend(0);
    GF_TRY(cpu->load(model_->weights));
    cpu_ = std::move(cpu);
    done = cpu_->backward(found, step);
  }
  GF_TRY(done);
  return found;
}

}  // namespace gf
