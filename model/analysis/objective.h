// The number whose gradients are asked for: a logit, the difference of two, or a log-probability.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "model/analysis/question.h"
#include "model/backend.h"
#include "model/base/text.h"

namespace gf {

/// m at one position of a run.
struct Objective {
  TokenId a;
  std::optional<TokenId> b;
  bool logprob = false;  ///< m is the log-probability of A, and B does not count
  int position = 0;

  [[nodiscard]] double value(std::span<const float> logits) const;
  [[nodiscard]] LogitSlope slope(std::span<const float> logits) const;
  [[nodiscard]] const char* unit() const { return logprob ? "nats" : "logit"; }
};
/// Whether a question's parameters ask for the log-probability of A, in which B has no part.
[[nodiscard]] bool is_of_logprob(const Params& params);
/// Of a question that has kObjectiveParam, for a run of T tokens. Errors: InvalidArgument (tokens or position not there).
[[nodiscard]] Result<Objective> objective_of(const Asking& asking, int T);

inline constexpr std::array<std::string_view, 2> kObjectives{"logit", "logprob"};
inline constexpr Param kObjectiveParam{.name = "objective",
                                       .kind = Param::Kind::Choice,
                                       .doc = phrase("what is differentiated: a logit (difference), or the log-probability of A"),
                                       .fallback = "logit",
                                       .choices = kObjectives};

}  // namespace gf
