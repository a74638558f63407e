#include "app/ui/docks/drawn.h"

#include <algorithm>
#include <cmath>

#include "app/ui/docks/next_logits.h"

namespace gf::ui {

std::optional<Drawn> Drawn::of(const Model& model, const Trace& trace, int position, const SamplerOptions& sampler) {
  const std::span<const float> logits = next_logits(trace, position);
  if (sampler.greedy || sampler.beams > 0 || logits.empty()) return std::nullopt;
  Drawn drawn;
  drawn.logits_ = logits;
  drawn.sampler_ = sampler;
  drawn.sampler_.force.clear();
  drawn.sampler_.no_repeat_ngram = 0;
  drawn.n_text_ = std::min(model.tokenizer->n_vocab(), static_cast<int>(logits.size()));
  const DecodingStep step = decide({.logits = logits, .before = trace.ids(), .n_generated = 0, .n_text = drawn.n_text_}, drawn.sampler_);
  if (step.candidates.empty()) return std::nullopt;
  drawn.n_kept_ = step.n_kept;
  drawn.top_logit_ = static_cast<double>(step.candidates.front().logit);
  drawn.top_probability_ = step.candidates.front().prob;
  return drawn;
}

double Drawn::probability(TokenId id) const {
  const auto banned = [&](std::int32_t i) { return std::ranges::find(sampler_.ban, TokenId(i)) != sampler_.ban.end(); };
  if (id.v < 0 || id.v >= n_text_ || banned(id.v)) return 0;
  // Top k and top p keep the largest logits, and among equal ones those with the lower ids.
  const float logit = logits_[id.index()];
  int before = 0;
  for (std::int32_t i = 0; i < n_text_; ++i) {
    const float other = logits_[static_cast<std::size_t>(i)];
    if ((other > logit || (other == logit && i < id.v)) && !banned(i)) ++before;
  }
  if (before >= n_kept_) return 0;
  return top_probability_ * std::exp((static_cast<double>(logit) - top_logit_) / static_cast<double>(sampler_.temperature));
}

}  // namespace gf::ui
