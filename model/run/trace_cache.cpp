#include "model/run/trace_cache.h"

#include <algorithm>

namespace gf {

bool covers(const CapturePlan& have, const CapturePlan& want) {
  if (want.all_logits && !have.all_logits) return false;
  if (keeps_all_stats(want) && !keeps_all_stats(have)) return false;
  for (std::size_t i = 0; i < want.kinds.size(); ++i)
    if (want.kinds[i] && !have.kinds[i]) return false;
  return true;
}

int common_prefix(std::span<const TokenId> a, std::span<const TokenId> b) {
  return static_cast<int>(std::ranges::mismatch(a, b).in1 - a.begin());
}

void TraceCache::count(const Trace& trace, bool add) {
  for (const HookId hook : all_rows(trace.config().n_layer))
    for (const auto& chunk : trace.chunks(hook)) {
      int& uses = uses_[chunk.get()];
      const std::size_t size = chunk->size() * sizeof(float);
      if (add && uses++ == 0) bytes_ += size;
      if (!add && --uses == 0) bytes_ -= size;
      if (uses == 0) uses_.erase(chunk.get());
    }
  const std::size_t logits = trace.last_logits().size_bytes();
  bytes_ = add ? bytes_ + logits : bytes_ - logits;
}

void TraceCache::touch(const CachedRun& run) {
  const auto at = std::ranges::find_if(runs_, [&](const CachedRun& r) { return &r == &run; });
  EXPECTS(at != runs_.end(), "the run is one of runs()");
  runs_.splice(runs_.begin(), runs_, at);
}

void TraceCache::clear() {
  runs_.clear();
  uses_.clear();
  bytes_ = 0;
}

void TraceCache::insert(CachedRun run) {
  const auto replaced = std::ranges::find_if(runs_, [&](const CachedRun& r) {
    return r.recipe == run.recipe && r.trace->n_prompt() == run.trace->n_prompt() && (!r.tail || r.tail == run.tail) &&
           std::ranges::equal(r.trace->ids(), run.trace->ids()) && covers(run.trace->plan(), r.trace->plan());
  });
  if (replaced != runs_.end()) {
    count(*replaced->trace, false);
    runs_.erase(replaced);
  }
  count(*run.trace, true);
  runs_.push_front(std::move(run));
  while ((bytes_ > budget_ || runs_.size() > kMostRuns) && runs_.size() > 1) {
    count(*runs_.back().trace, false);
    runs_.pop_back();
  }
}

}  // namespace gf
