#include "app/ui/docks/drawn.h"

#include <algorithm>

#include "app/ui/docks/next_logits.h"

namespace gf::ui {

std::optional<Drawn> Drawn::of(const Model& model, const Trace& trace, int position, const SamplerOptions& sampler) {
  const std::span<const float> logits = next_logits(trace, position);
  if (sampler.greedy || sampler.beams > 0 || logits.empty()) return std::nullopt;
  SamplerOptions options = sampler;
  options.force.clear();
  options.no_repeat_ngram = 0;
  Drawn drawn;
  drawn.shares_ = drawing({.logits = logits,
                           .before = trace.ids().first(static_cast<std::size_t>(position) + 1),
                           .n_text = std::min(model.tokenizer->n_vocab(), static_cast<int>(logits.size())),
                           .n_prompt = trace.n_prompt()},
                          options);
  return drawn;
}

}  // namespace gf::ui
