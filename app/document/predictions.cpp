#include "app/document/predictions.h"

#include <span>

#include "model/analysis/sweeping.h"
#include "model/base/logits.h"

namespace gf::doc {
namespace {

Inquiry<PredictionAt> prediction_at_selection() {
  return {{.key = "prediction", .by_position = true}, [](const Asking& asking) -> Result<PredictionAt> {
            PredictionAt at;
            GF_TRY_ASSIGN(at.edited, logits_at(asking.session, asking.run, asking.at(), asking.stop));
            at.edited_log_sum = log_sum_exp(at.edited);
            at.base = at.edited;
            at.base_log_sum = at.edited_log_sum;
            if (!asking.run.has_edits()) return at;
            GF_TRY_ASSIGN(at.base, logits_at(asking.session, base_of(asking.run), asking.at(), asking.stop));
            at.base_log_sum = log_sum_exp(at.base);
            at.kl = KlFrom(at.base).to(at.edited);
            return at;
          }};
}

}  // namespace

int Predictions::position() const {
  const auto run = lab_.run();
  return run && run->base->length() > 0 ? scene::selected_position_in(lab_.document(), run->base->length()) : -1;
}

bool Predictions::at_the_end() const {
  const auto run = lab_.run();
  return run && position() == run->base->length() - 1;
}

void Predictions::follow() {
  if (position() < 0 || at_the_end()) return let_go();
  if (watching_) return;
  watching_ = true;
  watch_ = lab_.studies().watch(prediction_at_selection());
}

void Predictions::let_go() {
  watching_ = false;
  watch_ = {};
}

std::shared_ptr<const PredictionAt> Predictions::studied() const {
  const auto study = watch_.now();
  return study.state == StudyState::Ready ? study.answer : nullptr;
}

std::optional<double> Predictions::logit(Side side, TokenId id) const {
  const auto run = lab_.run();
  const auto of = [&](std::span<const float> logits) -> std::optional<double> {
    if (id.v < 0 || id.index() >= logits.size()) return std::nullopt;
    return static_cast<double>(logits[id.index()]);
  };
  if (at_the_end()) return of(side == Side::Base ? run->base->last_logits() : run->edited->last_logits());
  const auto at = studied();
  return at ? of(side == Side::Base ? at->base : at->edited) : std::nullopt;
}

std::optional<double> Predictions::logprob(Side side, TokenId id) const {
  const auto at = at_the_end() ? nullptr : studied();
  if (!at || id.v < 0 || id.index() >= at->base.size()) return std::nullopt;
  return side == Side::Base ? logprob_of(at->base, id.index(), at->base_log_sum) : logprob_of(at->edited, id.index(), at->edited_log_sum);
}

std::optional<double> Predictions::kl() const {
  if (at_the_end()) return lab_.run()->kl;
  const auto at = studied();
  return at ? std::optional(at->kl) : std::nullopt;
}

}  // namespace gf::doc
