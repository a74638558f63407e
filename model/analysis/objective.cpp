#include "model/analysis/objective.h"

#include "model/analysis/sweeping.h"
#include "model/base/logits.h"

namespace gf {

double Objective::value(std::span<const float> logits) const {
  if (logprob) return logprob_of(logits, a.index());
  return logit_difference(logits, a, b);
}

LogitSlope Objective::slope(std::span<const float> logits) const {
  LogitSlope slope{position, std::vector<float>(logits.size())};
  if (logprob) {
    slope.values.assign(logits.begin(), logits.end());
    softmax(slope.values);
    for (float& x : slope.values) x = -x;
  }
  slope.values[a.index()] += 1;
  if (b && !logprob) slope.values[b->index()] -= 1;
  return slope;
}

bool is_of_logprob(const Params& params) {
  return params.row(kObjectiveParam.name) != nullptr && params.text(kObjectiveParam.name) == "logprob";
}

Result<Objective> objective_of(const Asking& asking, int T) {
  EXPECTS(asking.a.has_value(), "a token to explain");
  GF_TRY(check_tokens(asking.model().weights->config, *asking.a, asking.b));
  if (asking.position >= T || asking.position < -T)
    return fail(ErrorCode::InvalidArgument,
                text("position {0} is not in the prompt, whose positions are 0 to {1}", asking.position, T - 1));
  return Objective{*asking.a, asking.b, is_of_logprob(asking.params), asking.at(T)};
}

}  // namespace gf
