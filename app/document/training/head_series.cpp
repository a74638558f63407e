#include "app/document/training/head_series.h"

#include <algorithm>
#include <vector>

#include "app/document/background/pipeline.h"
#include "app/document/training.h"
#include "model/analysis/question.h"
#include "model/base/text.h"

namespace gf::doc {

Result<Answer> head_scores_of(Session& session, const std::stop_token& stop) {
  const Question* question = find_question("heads");
  EXPECTS(question, "heads are a question");
  Asking asking{.session = session, .request = {}, .run = {}, .a = {}, .b = {}, .position = -1, .params = Params(question->params)};
  GF_TRY(asking.params.set("repeat-random", std::to_string(std::clamp(session.model().weights->config.n_ctx / 2, 1, kMostScoredTokens))));
  asking.stop = stop;
  return ask(*question, std::move(asking));
}

const HeadSeries::Steps& HeadSeries::of(const std::string& model) const {
  static const Steps kNone;
  const auto at = known_.find(model);
  return at == known_.end() ? kNone : at->second;
}

void HeadSeries::add(const std::string& model, std::int64_t step, Answer answer) {
  known_[model][step] = std::make_shared<const Answer>(std::move(answer));
  changed_();
}

void HeadSeries::want(const std::string& model) {
  if (wanted_ == model && job_.running()) return;
  wanted_ = model;
  std::vector<int> missing;
  if (!model.empty())
    for (const int step : training_steps_of(model))
      if (!of(model).contains(step)) missing.push_back(step);
  if (missing.empty()) {
    job_.drop();
    return;
  }
  job_ = jobs_.start<bool>(
      gf::text("head scores of {0} training steps", missing.size()), jobs_.own_thread(),
      [this, model, missing, post = jobs_.poster()](const JobWork& work) -> Result<bool> {
        for (std::size_t i = 0; i < missing.size(); ++i) {
          if (work.stop().stop_requested()) return fail(ErrorCode::Cancelled, gf::text("The head scores were stopped."));
          GF_TRY_ASSIGN(const OpenModel open, open_by_name(model + "@" + std::to_string(missing[i])));
          GF_TRY_ASSIGN(auto answer, head_scores_of(*open.session, work.stop()));
          work.progress(static_cast<double>(i + 1) / static_cast<double>(missing.size()));
          post([this, model, step = missing[i], answer = std::make_shared<Answer>(std::move(answer))] {
            add(model, step, std::move(*answer));
          });
        }
        return true;
      },
      [this](const Result<bool>&) { changed_(); });
}

}  // namespace gf::doc
