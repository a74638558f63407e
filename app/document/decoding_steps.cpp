#include "app/document/decoding_steps.h"

#include <algorithm>

#include "model/analysis/sweeping.h"
#include "model/base/text.h"
#include "model/sampling/sampler_json.h"

namespace gf::doc {
Inquiry<DecodingSteps> decoding_steps(const SamplerOptions& sampler) {
  EXPECTS(sampler.beams == 0, "a sampler without beams");
  return {{.key = "decoding " + sampler_text(sampler), .title = text("Decoding")},
          [sampler](const Asking& asking) -> Result<DecodingSteps> {
            const Trace& run = asking.trace();
            const int n_vocab = run.config().n_vocab;
            DecodingSteps found{sampler, {}, run.n_prompt()};
            for (int position = run.n_prompt(); position <= run.length(); ++position) {
              GF_TRY_ASSIGN(const auto logits, logits_at(asking.session, asking.run, position - 1, asking.stop));
              DecodingStep step = decide({.logits = logits,
                                          .before = run.ids().first(static_cast<std::size_t>(position)),
                                          .n_generated = position - run.n_prompt(),
                                          .n_text = std::min(asking.model().tokenizer->n_vocab(), n_vocab),
                                          .n_prompt = run.n_prompt()},
                                         sampler);
              step.position = position;
              found.steps.push_back(std::move(step));
              if (asking.progress)
                asking.progress(static_cast<double>(found.steps.size()) / static_cast<double>(run.length() - run.n_prompt() + 1));
            }
            return found;
          }};
}

}  // namespace gf::doc
