// What is striking about one run, found by asking the other questions and keeping what chance does not give.
//
// A finding has to be large in itself, and larger than what a model of random weights gives:
// - There is an answer to explain: A or B is the likeliest token, and leads the next one by more than chance. Among V logits that
//   are normal with the spread of these, the gap g between the two largest has P(gap > g) = exp(-g sqrt(2 ln V) / spread), which
//   must be below kDecided. (In models of random weights this probability is found to be even from 0 to 1.) Where a model
//   has too few tokens for that law, the others must share less than kDecided. Else nothing about A and B is looked for.
// - Heads and MLPs that matter, and heads that write the answer: at least kOdds (cutting it changes the odds of A against B by
//   two), and beyond the crowd: with the spread that the median of all heads says, fewer than kChance normal numbers are
//   expected there. Neurons too, with tails that fall off as an exponential.
// - Heads of known kinds: more than half of the attention, and beyond what the same rows give when each deals its weights out
//   anew among its keys (normal, one side, kChance over all heads and kinds). The rows are those of the run; where no induction
//   head is among them, those of random tokens said twice. Heads that rest on the first token must also be more than those that
//   rest on any later one let expect (Poisson, kChance).
// - The lens turns where one block raises the probability of A by at least a half.
// - A dimension of the stream: more of its squared length than kChance allows the largest of all dimensions and depths, were
//   they normal and alike at all positions.
// - A token: 1 / kChance times less likely than the typical token of that prediction, whose log-probability is minus its entropy;
//   only where the model reads the prompt better than guessing does.
// - Self-repair: a head that writes the answer as above, and of whose part at least kOdds is made up for.
// Strength is a share of what there is: of the lead of A over B, of attention, of probability, of squared length; for a token its
// surprisal over that of guessing. 0 to 1.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/analysis/question.h"

namespace gf {

/// A number of an answer: ask the question `question` with these options, and take `part` at `indices`. Where `question` is
/// "run", `part` is the name of a hook of the run.
struct FoundNumber {
  std::string question, options, part;  ///< options as Params::key() writes them, without those at their fallbacks
  std::vector<int> indices;             ///< along the part's axes; of neurons {layer, neuron}
  double value = 0;
};

struct Finding {
  std::string kind;      ///< a machine word: "matters", "writes", "previous", "sink", "duplicate", "induction", "mlp", "lens", ...
  std::string sentence;  ///< for people; every number in it is `main` or one of `beside`, a place, or a count
  FoundNumber main;
  std::vector<FoundNumber> beside;
  double strength = 0;
};

/// Strongest first. A and B: the asking's; without them the two likeliest tokens at its position. Cost: the ablation sweep, one
/// backward pass, the logit lens and, where no induction head shows in the run, one short pass: 6 s of processor time for GPT-2
/// small and 64 tokens. Errors: as ask().
[[nodiscard]] Result<std::vector<Finding>> scan_run(const Asking& asking);

namespace scan {

inline constexpr double kChance = 1e-3;
inline constexpr double kDecided = 1e-2;
inline constexpr double kOdds = 0.6931471805599453;  // ln 2

/// Asks questions for the finders, each question once.
class Answers {
 public:
  explicit Answers(const Asking& asking);
  [[nodiscard]] const Asking& asking() const { return asking_; }
  /// Whether there is an answer to explain, by the rule above. Errors: as Session::sweep().
  [[nodiscard]] Result<bool> decided();
  [[nodiscard]] const ModelConfig& config() const { return asking_.model().weights->config; }
  [[nodiscard]] std::string words(TokenId id) const;
  [[nodiscard]] std::string token_at(int position) const;
  /// "\" Mary\" (position 1)"
  [[nodiscard]] std::string place_of(int position) const;
  /// The answer to a question. `share`: how much of the whole scan the question takes, for the progress. Errors: as ask().
  [[nodiscard]] Result<const Answer*> ask(const char* question, double share, std::vector<std::pair<std::string, std::string>> options = {},
                                          std::vector<std::string> parts = {});

 private:
  struct Asked {
    std::string key;
    Answer answer;
  };
  Asking asking_;
  double done_ = 0;
  std::optional<bool> decided_;
  std::vector<std::unique_ptr<Asked>> asked_;
};

using Findings = std::vector<Finding>;

/// The largest magnitude that chance gives among so many numbers, from the median of the finite ones.
enum class Tail : std::uint8_t { Normal, Exponential };
[[nodiscard]] double largest_by_chance(std::vector<double> values, Tail tail);
/// z beyond which a normal number lies with this probability, on one side.
[[nodiscard]] double normal_tail(double probability);

// The finders of scan_heads.cpp, scan_kinds.cpp and scan_stream.cpp. Each adds its findings to the list.
[[nodiscard]] Result<void> find_heads_that_matter(Answers& answers, Findings& findings);
[[nodiscard]] Result<void> find_head_kinds(Answers& answers, Findings& findings);
[[nodiscard]] Result<void> find_lens_turn(Answers& answers, Findings& findings);
[[nodiscard]] Result<void> find_neurons(Answers& answers, Findings& findings);
[[nodiscard]] Result<void> find_dimensions(Answers& answers, Findings& findings);
[[nodiscard]] Result<void> find_surprises(Answers& answers, Findings& findings);

}  // namespace scan
}  // namespace gf
