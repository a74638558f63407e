// Gains and offsets of heads, fitted to the words that should follow a list of prompts.
// Source: Yin, Ye and Durrett 2024, "LoFiT: Localized Fine-tuning on LLM Representations". All weights stay as they are. First a
// scaling of every head's z is learnt, number by number, with an L1 penalty; the heads whose scaling is longest matter most. Then
// these heads alone learn what is added to their z. Here both start from the unedited model, not from noise of 0.001.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "model/analysis/params.h"
#include "model/analysis/tagged_set.h"
#include "model/edits/recipe.h"
#include "model/session.h"

namespace gf {

/// A prompt, the token that should follow it, and one that should not.
struct TaughtPrompt {
  std::vector<TokenId> ids;
  TokenId target;
  std::optional<TokenId> against;
};
/// The rows of a set that have a target. `opposite`: what each row has as "against" is its target, and the other way round.
/// Errors: InvalidArgument (no row has what is needed, or a word is not one token; the row is named).
[[nodiscard]] Result<std::vector<TaughtPrompt>> taught_prompts(const TaggedSet& set, const Model& model, bool opposite);

/// z' = gain z + offset of every head, number by number. Row-major [layer, head, d_head].
struct HeadValues {
  explicit HeadValues(const ModelConfig& config);  ///< gains 1, offsets 0: the model as it is
  std::vector<float> gain, offset;
};
/// The loss by each of them.
struct HeadSlopes {
  std::vector<double> gain, offset;
};

/// Mean of -ln p(target) over the prompts, nats; `slopes`: where not nullptr, its gradient. Errors: those of Session::pass().
[[nodiscard]] Result<double> taught_loss(Session& session, std::span<const TaughtPrompt* const> prompts, const HeadValues& values,
                                         HeadSlopes* slopes, const std::stop_token& stop);

/// How well the model answers under the values. A prompt is right where its target has a larger logit than what stands against
/// it, or than every other token where nothing does.
struct TaughtScore {
  double accuracy = 0, logprob = 0;  ///< shares of prompts; mean ln p(target), nats
};
[[nodiscard]] Result<TaughtScore> taught_score(Session& session, std::span<const TaughtPrompt> prompts, const HeadValues& values,
                                               const std::stop_token& stop);

struct HeadFitOptions {
  double rate = 0.05;  ///< of AdamW without weight decay; it falls to 0 linearly
  double l1 = 0.001;   ///< times the sum of the magnitudes of what is fitted
  int epochs = 5, batch = 8;
  std::uint64_t seed = 0;  ///< of the order of the prompts
};

/// Fits to a list of prompts, which outlives it, as the session does.
class HeadFit {
 public:
  HeadFit(Session& session, std::span<const TaughtPrompt> prompts, const HeadFitOptions& options, std::stop_token stop);
  /// Steps of one phase.
  [[nodiscard]] int steps() const;
  std::function<void()> on_step;  ///< after each step, on the calling thread

  /// Values and the loss of each step, nats, before it and without the penalty.
  struct Fitted {
    HeadValues values;
    std::vector<float> losses;
  };
  /// The scale phase: a gain for each number of every head. Errors: Cancelled, InvalidArgument (it diverges).
  [[nodiscard]] Result<Fitted> scales();
  /// The offset phase of these heads; `with_gain`: each also learns one gain for all its numbers. Errors: as scales().
  [[nodiscard]] Result<Fitted> offsets(std::span<const UnitRef> heads, bool with_gain);

 private:
  using ToValues = std::function<void(std::span<const float> parameters, HeadValues& values)>;
  using ToGradient = std::function<void(const HeadSlopes& slopes, std::span<float> gradient)>;
  /// Moves `count` parameters that begin at 0.
  [[nodiscard]] Result<Fitted> descend(std::size_t count, const ToValues& to_values, const ToGradient& to_gradient);

  Session& session_;
  std::span<const TaughtPrompt> prompts_;
  HeadFitOptions options_;
  std::stop_token stop_;
};

/// The length of each head's scaling, gain - 1. [layer, head]
[[nodiscard]] std::vector<float> scaling_norms(const HeadValues& values, const ModelConfig& config);

/// The edits that make z' of a head: `scale` where its gain is not 1, then `add`. Expects one gain for all numbers of a head.
[[nodiscard]] Recipe recipe_of_heads(const HeadValues& values, std::span<const UnitRef> heads, const ModelConfig& config);

/// Heads that a recipe's edits of hook_z name, each once, in their order. Errors: InvalidArgument where one is not in the model.
[[nodiscard]] Result<std::vector<UnitRef>> heads_of_recipe(const Recipe& recipe, const ModelConfig& config);

}  // namespace gf
