// Generation token by token, in one line or as a beam search. What a run is made of is the caller's affair.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "model/edits/recipe.h"
#include "model/sampling/sampler.h"
#include "model/trace.h"

namespace gf {

/// A run that goes on, with what its edits have done.
struct Continuation {
  Trace trace;
  std::vector<Receipt> receipts;
};

struct GenerateOptions {
  int n = 0;  ///< tokens to generate
  const SamplerOptions& sampler;
  int n_text = 0;
  int eos = -1;                                    ///< the model's end-of-text token; -1: it has none
  std::function<std::string(TokenId)> bytes_of{};  ///< of a token; needed where there are texts to stop at
  /// One more token: runs its row onto the trace and adds what the edits did to the receipts.
  std::function<Result<void>(Continuation&, TokenId)> extend;
};

struct Generated {
  Continuation run;
  std::vector<DecodingStep> log{};          ///< one for each token, and one more where nothing was left to choose from
  std::optional<TokenId> beyond{};          ///< chosen where n_ctx is full: it has no row
  bool nothing_left = false;                ///< every token was cut: generation stopped
  bool stopped_at_nan = false;              ///< a logit was NaN: generation stopped, as probabilities are NaN then
  bool stopped_at_eos = false;              ///< the newest token is the end-of-text token
  std::optional<std::string> stopped_at{};  ///< the text to stop at that the newest token completes
};

/// Goes on from a run of at least one position. Stops early where n_ctx is full, every token is cut, the next one would be chosen
/// by logits with a NaN among them, or, once all forced tokens stand, behind the end-of-text token or a text to stop at. Such a
/// text may begin in tokens that were generated before, but not in the prompt.
///
/// A beam search keeps the `beams` likeliest continuations by the sum of their log-probabilities (the model's own, over
/// the whole vocabulary; no length penalty, as all are of one length; ties to the earlier beam, then to the lower id).
/// Beams share the rows that they have in common, each row is run once, and the winner is a run like any other.
/// Errors: as extend.
[[nodiscard]] Result<Generated> generate(Continuation start, const GenerateOptions& options);

}  // namespace gf
