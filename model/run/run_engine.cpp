#include "model/run/run_engine.h"

#include <algorithm>
#include <cmath>

#include "model/base/logits.h"
#include "model/base/text.h"
#include "model/base/token_ids.h"
#include "model/edits/sources.h"
#include "model/pass_times.h"
#include "model/sampling/generate.h"

namespace gf {

namespace {

double run_ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

bool acts_in_block(const Edit& edit, int block, int n_layer) {
  return std::ranges::any_of(hooks_named(edit.hook, n_layer), [&](HookId hook) { return block_of(hook, n_layer) == block; });
}

std::vector<Edit> edits_in_block(const Recipe& recipe, int block, int n_layer) {
  std::vector<Edit> edits;
  for (const Edit& e : recipe.edits)
    if (acts_in_block(e, block, n_layer)) edits.push_back(e);
  return edits;
}

/// Whether an edit acts in every block: its receipt does not say how much of it was done before a certain one.
bool spans_blocks(const Recipe& recipe) {
  return std::ranges::any_of(recipe.edits, [](const Edit& e) { return names_every_block(e.hook); });
}

/// The first block that the two recipes treat differently; n_layer where only what follows the blocks differs.
int first_difference(const Recipe& a, const Recipe& b, int n_layer) {
  int block = 0;
  while (block < n_layer && edits_in_block(a, block, n_layer) == edits_in_block(b, block, n_layer)) ++block;
  return block;
}

Receipt sum_of_receipts(const Receipt& a, const Receipt& b) {
  return {a.fired + b.fired, std::hypot(a.norm, b.norm), a.changed || b.changed, a.empty_rows + b.empty_rows, a.attention + b.attention};
}

/// Receipts of the enabled edits among those of all.
std::vector<Receipt> of_active(const std::vector<Receipt>& all, const Recipe& recipe) {
  std::vector<Receipt> active;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (recipe.edits[i].enabled) active.push_back(all[i]);
  return active;
}

bool changed_something(const std::vector<Receipt>& receipts) { return std::ranges::any_of(receipts, &Receipt::changed); }

/// Copies what is known of how the tokens were chosen.
void report_tail(const GeneratedTail& tail, Run& run) {
  run.beyond = tail.beyond;
  run.nothing_left = tail.nothing_left;
  run.stopped_at_nan = tail.stopped_at_nan;
  run.stopped_at_eos = tail.stopped_at_eos;
  run.stopped_at = tail.stopped_at;
  run.log = tail.log;
}

/// The first row to compute so that `row` and all rows after it are new, in a run of `rows`. It is the start of a chunk: each
/// product then has the shape that it has in a pass over everything, so unedited values come out the same to the bit. A last
/// chunk of one row is computed with the chunk before it, because other loops multiply a single row.
int start_of_rows(int row, int rows) {
  const int start = std::min(row, rows - 1) / kChunkRows * kChunkRows;
  return start > 0 && rows - start == 1 ? start - kChunkRows : start;
}

/// A fork of the trace that `active` made, at `block` or before.
Trace fork_before(const Trace& trace, const Recipe& active, int block, const CapturePlan& plan) {
  return fork_before_edits(trace, block, plan, [&](HookId start) {
    return std::ranges::any_of(active.edits, [&](const Edit& e) { return names_hook(e.hook, start); });
  });
}

}  // namespace

Result<RunEngine::Job> RunEngine::check(const RunRequest& request, const Control& control) const {
  const auto wrong = [](std::string what) { return fail(ErrorCode::InvalidArgument, std::move(what)); };
  if (request.prompt.empty()) return wrong(text("the prompt is empty; give at least one token"));
  if (request.n_generate < 0) return wrong(text("the number of tokens to generate must not be negative"));
  Job job{request, control, request.prompt, {}, {}, request.plan, static_cast<int>(request.prompt.size()), 0};
  job.known.insert(job.known.end(), request.forced.begin(), request.forced.end());
  const auto given = static_cast<int>(job.known.size());
  if (given > config().n_ctx)
    return wrong(text("the prompt has {0} tokens, but the model's context is {1}; shorten it", given, config().n_ctx));
  GF_TRY(check_ids(job.known, config().n_vocab));
  GF_TRY(check_sampler(request.sampler, config().n_vocab, n_text()));
  job.n_total = std::min(config().n_ctx, given + request.n_generate);
  GF_TRY_ASSIGN(job.recipe, resolve_sources(request.recipe, *model_->weights, *model_->tokenizer));
  for (const Edit& e : job.recipe.edits)
    if (e.enabled) job.active.edits.push_back(e);
  // Disabled edits are checked too, so that messages number the edits as the user does.
  GF_TRY(compile(job.recipe, {.config = config(), .n_prompt = job.n_prompt, .n_total = job.n_total, .base = nullptr, .sources = {}}));
  for (const HookId hook : base_hooks(request.recipe, config())) job.plan.want(hook.kind);
  return job;
}

Result<std::unique_ptr<CompiledEdits>> RunEngine::compile_for(const Job& job, const Trace* base) {
  std::vector<std::vector<TracePointer>> sources(job.recipe.edits.size());
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Edit& e = job.recipe.edits[i];
    const auto kind = e.enabled ? source_kind(e) : std::nullopt;
    if (!kind) continue;
    // The default plan, so that edits at other hooks find the same run.
    Job source = job;
    source.active = {};
    source.plan = CapturePlan::defaults();
    source.plan.want(*kind);
    const auto add = [&](const RunSource& run) -> Result<void> {
      source.known = run.ids;
      source.n_prompt = source.n_total = static_cast<int>(run.ids.size());
      GF_TRY_ASSIGN(auto trace, base_run(source, source.known));
      sources[i].push_back(std::move(trace));
      return {};
    };
    if (e.source) GF_TRY(add(*e.source));
    for (const RunSource& run : e.over) GF_TRY(add(run));
  }
  GF_TRY_ASSIGN(const auto differences, differences_for(job));
  return compile(
      job.recipe,
      {.config = config(), .n_prompt = job.n_prompt, .n_total = job.n_total, .base = base, .sources = sources, .differences = differences});
}

Result<void> RunEngine::forward(Trace& trace, std::span<const TokenId> ids, const Job& job, CompiledEdits* edits) {
  ForwardStep step;
  step.ids = ids;
  step.first_position = trace.length();
  step.first_block = trace.length() < trace.seeded_rows() ? trace.seeded_block() : 0;
  step.n_prompt = job.n_prompt;
  step.edits = edits;
  step.stop = job.control.stop;
  if (job.control.progress != nullptr && *job.control.progress)
    step.progress = [this, &job, done = trace.length()](int block) {
      (*job.control.progress)({done, job.n_total, block, config().n_layer});
    };
  auto times = timed_ ? std::make_shared<PassTimes>() : nullptr;
  step.times = times.get();
  GF_TRY(backend_->forward(trace, step));
  if (times != nullptr && !times->operations.empty()) {
    const std::scoped_lock lock(times_mutex_);
    newest_times_ = std::move(times);
  }
  return {};
}

Result<void> RunEngine::time_again(const Run& run, std::stop_token stop) {
  const auto ids = run.base->ids();
  RunRequest request;
  request.prompt.assign(ids.begin(), ids.end());
  request.plan = run.request.plan;
  const Control control{std::move(stop), nullptr};
  GF_TRY_ASSIGN(const Job job, check(request, control));
  constexpr int kMost = 5;
  constexpr double kLongMs = 250;
  std::shared_ptr<const PassTimes> quickest;
  const auto started = std::chrono::steady_clock::now();
  for (int i = 0; i < kMost && run_ms_since(started) < kLongMs; ++i) {
    Trace trace(config(), job.plan);
    GF_TRY(forward(trace, job.known, job, nullptr));
    const auto times = newest_times();
    if (times != nullptr && (quickest == nullptr || times->ms < quickest->ms)) quickest = times;
  }
  const std::scoped_lock lock(times_mutex_);
  newest_times_ = std::move(quickest);
  return {};
}

Result<RunEngine::TracePointer> RunEngine::base_run(const Job& job, std::span<const TokenId> ids) {
  const CachedRun* best = nullptr;
  int shared = 0;
  for (const CachedRun& run : cache_.runs()) {
    if (!run.recipe.empty() || !covers(run.trace->plan(), job.plan)) continue;
    const int common = common_prefix(run.trace->ids(), ids);
    const bool same = static_cast<std::size_t>(common) == ids.size() && run.trace->length() == common;
    if (same && run.trace->n_prompt() == job.n_prompt && !run.trace->last_logits().empty()) {
      cache_.touch(run);
      return run.trace;
    }
    if (common > shared) {
      shared = common;
      best = &run;
    }
  }
  shared = std::min(shared, static_cast<int>(ids.size()) - 1);  // the last row's logits have to be computed
  Trace trace = best != nullptr && shared > 0 ? best->trace->prefix(shared) : Trace(config(), job.plan);
  GF_TRY(forward(trace, ids.subspan(static_cast<std::size_t>(trace.length())), job, nullptr));
  auto done = std::make_shared<const Trace>(std::move(trace));
  cache_.insert({{}, {}, done, {}});
  return done;
}

Result<RunEngine::Edited> RunEngine::edited_run(const Job& job, const TracePointer& base, CompiledEdits& edits) {
  const int n_layer = config().n_layer;
  const CachedRun* from = nullptr;
  int block = edits.first_block();
  for (const CachedRun& run : cache_.runs()) {
    const Trace& t = *run.trace;
    if (run.recipe.empty() || t.n_prompt() != job.n_prompt || !covers(t.plan(), job.plan)) continue;
    const int common = common_prefix(t.ids(), job.known);
    if (common != t.length()) continue;  // receipts are known for whole runs alone
    const bool same_tokens = static_cast<std::size_t>(common) == job.known.size();
    if (run.recipe == job.active) {
      if (same_tokens) {
        cache_.touch(run);
        return Edited{run.trace, run.receipts};
      }
      Trace longer = t;  // one more step of the same run
      GF_TRY(forward(longer, std::span(job.known).subspan(static_cast<std::size_t>(common)), job, &edits));
      Edited edited{std::make_shared<const Trace>(std::move(longer)), of_active(edits.receipts(), job.recipe)};
      for (std::size_t i = 0; i < edited.receipts.size(); ++i) edited.receipts[i] = sum_of_receipts(edited.receipts[i], run.receipts[i]);
      cache_.insert({job.active, edited.receipts, edited.trace, {}});
      return edited;
    }
    if (spans_blocks(run.recipe) || spans_blocks(job.active)) continue;
    const int differs = first_difference(run.recipe, job.active, n_layer);
    if (same_tokens && differs > block) {
      block = differs;
      from = &run;
    }
  }
  Trace trace = from != nullptr
                    ? fork_before(*from->trace, from->recipe, std::min(block, n_layer), job.plan)
                    : base->fork_at(std::min(block, n_layer), job.plan, start_of_rows(edits.first_row(base->length()), base->length()));
  block = trace.seeded_block();
  GF_TRY(forward(trace, std::span(job.known).subspan(static_cast<std::size_t>(trace.length())), job, &edits));
  Edited edited{std::make_shared<const Trace>(std::move(trace)), of_active(edits.receipts(), job.recipe)};
  // Edits before the fork did not act again, so their receipts are those of the run that was forked.
  for (int b = 0; from != nullptr && b < block; ++b)
    for (std::size_t i = 0, j = 0; i < job.active.edits.size(); ++i) {
      if (!acts_in_block(job.active.edits[i], b, n_layer)) continue;
      while (!acts_in_block(from->recipe.edits[j], b, n_layer)) ++j;
      edited.receipts[i] = from->receipts[j++];
    }
  cache_.insert({job.active, edited.receipts, edited.trace, {}});
  return edited;
}

const CachedRun* RunEngine::find_generated(const Job& job) const {
  for (const CachedRun& run : cache_.runs())
    if (run.tail && run.tail->n_asked == job.request.n_generate && run.tail->sampler == job.request.sampler &&
        run.tail->n_given == static_cast<int>(job.known.size()) && run.recipe == job.active && run.trace->n_prompt() == job.n_prompt &&
        covers(run.trace->plan(), job.plan) && common_prefix(run.trace->ids(), job.known) == static_cast<int>(job.known.size()))
      return &run;
  return nullptr;
}

Result<RunEngine::Edited> RunEngine::continue_run(const Job& job, const Edited& start, CompiledEdits* edits, Run& run) {
  const auto started = std::chrono::steady_clock::now();
  const bool follows = edits != nullptr && edits->follows_base();
  Trace unedited = follows ? *run.base : Trace();
  GenerateOptions options{.n = job.request.n_generate,
                          .sampler = job.request.sampler,
                          .n_text = n_text(),
                          .eos = config().eos_token_id,
                          .bytes_of = [this](TokenId id) { return model_->tokenizer->bytes_of(id); },
                          .extend = {}};
  options.extend = [&](Continuation& to, TokenId next) -> Result<void> {
    // `edits` counts since it was compiled, in all beams together: what this row added is the difference.
    const auto before = edits != nullptr ? of_active(edits->receipts(), job.recipe) : std::vector<Receipt>{};
    if (follows) {
      std::vector<TokenId> ids(to.trace.ids().begin(), to.trace.ids().end());
      ids.push_back(next);
      GF_TRY(follow(unedited, ids, job, *edits));
    }
    GF_TRY(forward(to.trace, std::span(&next, 1), job, edits));
    if (edits == nullptr) return {};
    const auto after = of_active(edits->receipts(), job.recipe);
    for (std::size_t i = 0; i < after.size(); ++i) {
      const double squares = after[i].norm * after[i].norm - before[i].norm * before[i].norm;
      to.receipts[i] =
          sum_of_receipts(to.receipts[i], {after[i].fired - before[i].fired, std::sqrt(std::max(squares, 0.0)), after[i].changed,
                                           after[i].empty_rows - before[i].empty_rows, after[i].attention - before[i].attention});
    }
    return {};
  };
  GF_TRY_ASSIGN(Generated made, generate({*start.trace, start.receipts}, options));
  run.decode_ms_per_token = run_ms_since(started) / std::max<double>(static_cast<double>(made.log.size()), 1);
  GeneratedTail tail{.n_given = static_cast<int>(job.known.size()),
                     .n_asked = job.request.n_generate,
                     .sampler = job.request.sampler,
                     .beyond = made.beyond,
                     .nothing_left = made.nothing_left,
                     .stopped_at_nan = made.stopped_at_nan,
                     .stopped_at_eos = made.stopped_at_eos,
                     .stopped_at = std::move(made.stopped_at),
                     .log = std::make_shared<const std::vector<DecodingStep>>(std::move(made.log))};
  report_tail(tail, run);
  Edited result{std::make_shared<const Trace>(std::move(made.run.trace)), std::move(made.run.receipts)};
  cache_.insert({job.active, result.receipts, result.trace, std::move(tail)});
  return result;
}

Result<RunEngine::TracePointer> RunEngine::base_of(const Job& job, const Edited& edited, Run& run) {
  if (job.active.empty()) return edited.trace;
  if (changed_something(edited.receipts)) return base_run(job, edited.trace->ids());
  // No edit changed anything, so the answer is the run without a recipe, to the bit: its rows are made one by one too,
  // which one pass over all of them is not, and no edit's hook makes a sum in another order.
  Job plain = job;
  plain.recipe = plain.active = {};
  if (const CachedRun* found = find_generated(plain)) {
    report_tail(*found->tail, run);
    cache_.touch(*found);
    return found->trace;
  }
  GF_TRY_ASSIGN(auto start, base_run(plain, plain.known));
  GF_TRY_ASSIGN(Edited made, continue_run(plain, {std::move(start), {}}, nullptr, run));
  return made.trace;
}

Result<void> RunEngine::finish(const Job& job, Edited edited, Run& run) {
  run.edited = std::move(edited.trace);
  run.stopped_at_n_ctx = run.beyond.has_value();
  if (job.request.recipe.empty()) return find_nan(job, run);
  run.receipts.resize(job.request.recipe.edits.size());
  for (std::size_t i = 0, active = 0; i < run.receipts.size(); ++i)
    if (job.request.recipe.edits[i].enabled) run.receipts[i] = edited.receipts[active++];
  if (!changed_something(edited.receipts)) run.edited = run.base;
  run.kl = run.has_edits() ? KlFrom(run.base->last_logits()).to(run.edited->last_logits()) : 0.0;
  return find_nan(job, run);
}

Result<Run> RunEngine::run(const RunRequest& request, const Control& control) {
  GF_TRY_ASSIGN(const Job job, check(request, control));
  Run run;
  run.request = request;
  const bool edits_act = !job.active.empty();
  const auto started = std::chrono::steady_clock::now();
  if (request.n_generate > 0) {
    if (const CachedRun* found = find_generated(job)) {
      Edited edited{found->trace, found->receipts};
      report_tail(*found->tail, run);
      cache_.touch(*found);
      GF_TRY_ASSIGN(run.base, base_of(job, edited, run));
      GF_TRY(finish(job, std::move(edited), run));
      return run;
    }
  }
  GF_TRY_ASSIGN(run.base, base_run(job, job.known));
  run.prefill_ms = run_ms_since(started);
  Edited edited{run.base, {}};
  std::unique_ptr<CompiledEdits> edits;
  if (edits_act) {
    GF_TRY_ASSIGN(edits, compile_for(job, run.base.get()));
    const auto edited_from = std::chrono::steady_clock::now();
    GF_TRY_ASSIGN(edited, edited_run(job, run.base, *edits));
    run.prefill_ms = run_ms_since(edited_from);
  }
  if (request.n_generate > 0) {
    GF_TRY_ASSIGN(edited, continue_run(job, edited, edits.get(), run));
    GF_TRY_ASSIGN(run.base, base_of(job, edited, run));
  }
  GF_TRY(finish(job, std::move(edited), run));
  return run;
}

Result<std::shared_ptr<const Trace>> RunEngine::replay(const Trace& trace, HookId hook, const RunRequest& request) {
  EXPECTS(trace.length() > 0, "a trace that has been run");
  const RunRequest same = request_for(trace, request);
  const Control control;
  GF_TRY_ASSIGN(const Job job, check(same, control));
  CapturePlan plan = CapturePlan::none();
  plan.want(hook.kind);
  return pass_again(trace, hook, job, plan);
}

Result<RunEngine::TracePointer> RunEngine::pass_again(const Trace& trace, HookId hook, const Job& job, const CapturePlan& plan) {
  GF_TRY_ASSIGN(const auto edits, active_edits(job));
  const bool before_blocks = info_of(hook.kind).stage == HookStage::Before;
  Trace copy = before_blocks ? Trace(config(), plan) : fork_before(trace, job.active, block_of(hook, config().n_layer), plan);
  ForwardStep step;
  step.ids = job.known;
  step.first_block = copy.seeded_block();
  step.end_block = hook.layer >= 0 ? hook.layer + 1 : before_blocks ? 1 : -1;
  step.n_prompt = job.n_prompt;
  step.edits = edits.get();
  GF_TRY(backend_->forward(copy, step));
  return std::make_shared<const Trace>(std::move(copy));
}

}  // namespace gf
