// What a step of decoding kept, cut and chose, and why.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/base/ids.h"

namespace gf {

/// Why a token could not be chosen.
enum class CutReason : std::uint8_t { NoText, Ban, Ngram, TopK, TopP, MinP, TypicalP, Force };
inline constexpr std::size_t kCutReasons = 8;
/// "no_text", "ban", "no_repeat_ngram", "top_k", "top_p", "min_p", "typical_p", "force"
[[nodiscard]] const char* name_of(CutReason reason);

/// Why the chosen token was.
enum class ChoiceReason : std::uint8_t { Likeliest, Noise, Force, Beam };
[[nodiscard]] const char* name_of(ChoiceReason reason);  ///< "likeliest", "noise", "force", "beam"

/// One hypothesis of a beam search after a step.
struct BeamEntry {
  enum class State : std::uint8_t { Dropped, Live, Chosen };  ///< Chosen: the run in the end went through it
  int parent = 0;                                             ///< index among the live ones of the step before
  TokenId id;
  double logprob = 0, score = 0;  ///< nats: of this token; summed since generation began
  State state = State::Dropped;
};
[[nodiscard]] const char* name_of(BeamEntry::State state);  ///< "dropped", "live", "chosen"

/// One generated token. Probabilities are the model's own, over the whole vocabulary, unless said otherwise.
struct DecodingStep {
  struct Candidate {
    TokenId id;
    float logit = 0;
    double logprob = 0;           ///< nats
    double penalty = 0;           ///< what repetition and presence penalty take from the logit; 0: nothing
    double prob = 0;              ///< within the kept set, less the penalties, at the temperature
    std::optional<double> noise;  ///< Gumbel's, where it decided
    double score = 0;             ///< what was compared: logit - penalty, or that / temperature + noise
  };
  struct CutToken {
    TokenId id;
    float logit = 0;
    double logprob = 0;
    CutReason why = CutReason::Ban;
  };
  int position = 0;               ///< of the new token
  std::optional<TokenId> chosen;  ///< empty: nothing was left
  ChoiceReason why = ChoiceReason::Likeliest;
  int n_kept = 0;
  int n_penalized = 0;                   ///< tokens whose logit a penalty changed
  std::array<int, kCutReasons> n_cut{};  ///< by CutReason; each token counts once, for the first reason
  std::vector<Candidate> candidates;     ///< of the kept ones the best by score, best first
  std::vector<CutToken> cut;             ///< of the others the likeliest, likeliest first
  std::vector<BeamEntry> beams;          ///< beam search: the live ones by score, then the best of the dropped
};

/// How many candidates and cut tokens a step remembers.
inline constexpr std::size_t kLoggedTokens = 10;

}  // namespace gf
