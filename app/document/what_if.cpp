#include "app/document/what_if.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "app/document/request.h"
#include "model/base/text.h"
#include "model/sampling/sampler_json.h"

namespace gf::doc {
namespace {

struct Writing {
  Recipe recipe;
  std::vector<TokenId> ids = {};  ///< after the prompt
  bool ended = false;
};

/// One more token.
Result<void> write_on(const Asking& asking, const SamplerOptions& sampler, Writing& writing) {
  RunRequest request = request_under(asking.request, writing.recipe, writing.ids, 1);
  request.sampler = sampler;
  GF_TRY_ASSIGN(const Run run, asking.session.run(request, asking.stop));
  const auto all = run.edited->ids();
  const std::size_t before = asking.request.prompt.size() + writing.ids.size();
  if (all.size() > before) writing.ids.push_back(all[before]);
  else if (run.beyond) writing.ids.push_back(*run.beyond);
  else writing.ended = true;
  writing.ended = writing.ended || run.stopped_at_eos || run.stopped_at;
  return {};
}

}  // namespace

Inquiry<TextPair> texts_of_two(StudyTraits traits, std::function<Recipe(const Recipe&)> without, int n, TellTexts tell,
                               std::optional<SamplerOptions> sampler) {
  return {
      std::move(traits),
      [without = std::move(without), n, tell = std::move(tell), sampler = std::move(sampler)](const Asking& asking) -> Result<TextPair> {
        std::array<Writing, 2> both{Writing{without(asking.request.recipe)}, Writing{asking.request.recipe}};
        auto& [base, edited] = both;
        TextPair pair;
        for (int i = 0; i < n && !(base.ended && edited.ended); ++i) {
          for (Writing& writing : both)
            if (!writing.ended) GF_TRY(write_on(asking, sampler ? *sampler : asking.request.sampler, writing));
          pair.base = valid_utf8(asking.model().tokenizer->decode(base.ids));
          pair.edited = valid_utf8(asking.model().tokenizer->decode(edited.ids));
          pair.n = static_cast<int>(std::max(base.ids.size(), edited.ids.size()));
          pair.same = static_cast<int>(std::ranges::mismatch(base.ids, edited.ids).in1 - base.ids.begin());
          pair.parted = pair.same < pair.n;
          if (tell) tell(pair);
          if (asking.progress) asking.progress(static_cast<double>(i + 1) / n);
        }
        return pair;
      }};
}

Inquiry<TextPair> what_if(const SamplerOptions& options, int n, TellTexts tell) {
  SamplerOptions sampler = options;
  sampler.beams = 0;  // a beam weighs whole continuations, and here they are written token by token
  return texts_of_two(
      {.key = "what if " + std::to_string(n) + " " + sampler_text(sampler), .title = text("What if")},
      [](const Recipe&) { return Recipe(); }, n, std::move(tell), sampler);
}

}  // namespace gf::doc
