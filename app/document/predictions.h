// What the base run and the edited run predict after the selected position. Docks that compare the two read it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "app/document/lab.h"

namespace gf::doc {

/// The logits of both runs after one position.
struct PredictionAt {
  std::vector<float> base, edited;
  double base_log_sum = 0, edited_log_sum = 0;  ///< log_sum_exp() of each
  double kl = 0;                                ///< KL(base || edited), nats
};

/// At the last position, the run has the answers. At any other, a study computes them: until it is ready there are none.
class Predictions {
 public:
  explicit Predictions(Lab& lab) : lab_(lab) {}
  /// To be called after each change of the Lab. Watches the study where it is needed.
  void follow();
  /// Ends the watch, until follow().
  void let_go();
  /// The selected position; -1 without a run.
  [[nodiscard]] int position() const;
  [[nodiscard]] std::optional<double> logit(Side side, TokenId id) const;
  /// Nats. Where a study gives the logits; at the end of the run, the run has them itself (next_logprob()).
  [[nodiscard]] std::optional<double> logprob(Side side, TokenId id) const;
  /// KL(base || edited), nats.
  [[nodiscard]] std::optional<double> kl() const;

 private:
  [[nodiscard]] bool at_the_end() const;
  /// null: it is not there yet.
  [[nodiscard]] std::shared_ptr<const PredictionAt> studied() const;

  Lab& lab_;
  bool watching_ = false;
  Watch<PredictionAt> watch_;
};

}  // namespace gf::doc
