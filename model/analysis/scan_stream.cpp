// What stands out in the residual stream and in the tokens: where the lens turns, neurons, dimensions, surprises.
#include <algorithm>
#include <cmath>

#include "model/analysis/neurons.h"
#include "model/analysis/scan.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::scan {

namespace {

constexpr std::size_t kMostNeurons = 5, kMostDimensions = 3, kMostSurprises = 5;

double probability_of(float logprob) { return std::exp(static_cast<double>(logprob)); }

}  // namespace

Result<void> find_lens_turn(Answers& answers, Findings& findings) {
  GF_TRY_ASSIGN(const bool decided, answers.decided());
  if (!decided) return {};
  GF_TRY_ASSIGN(const Answer* lens, answers.ask("logit-lens", 0.06, {{"top", "1"}}));
  const Grid& by_depth = lens->grid("logprob_of_target");
  int turn = 0;
  double most = 0;
  for (int d = 1; d < by_depth.shape[0]; ++d)
    if (const double rise = probability_of(by_depth.at(d)) - probability_of(by_depth.at(d - 1)); rise > most) most = rise, turn = d;
  constexpr double kHalf = 0.5;
  if (most < kHalf) return {};
  const auto at = [&](int depth) {
    return FoundNumber{"logit-lens", {}, "logprob_of_target", {depth}, static_cast<double>(by_depth.at(depth))};
  };
  Finding f;
  f.kind = "lens";
  f.sentence =
      text("Block {0} decides: the logit lens gives {1} {2} before it and {3} after it.", turn - 1, answers.words(*answers.asking().a),
           numbers::percent(probability_of(by_depth.at(turn - 1))), numbers::percent(probability_of(by_depth.at(turn))));
  f.main = at(turn);
  f.beside = {at(turn - 1)};
  f.strength = most;
  findings.push_back(std::move(f));
  return {};
}

Result<void> find_neurons(Answers& answers, Findings& findings) {
  GF_TRY_ASSIGN(const bool decided, answers.decided());
  if (!decided) return {};
  const Asking& asking = answers.asking();
  GF_TRY_ASSIGN(const auto all, all_neurons(asking.model(), asking.trace(), *asking.a, asking.b, asking.at()));
  std::vector<double> contributions;
  for (const NeuronAttribution& n : all) contributions.push_back(static_cast<double>(n.contribution));
  const double chance = std::max(kOdds, largest_by_chance(std::move(contributions), Tail::Exponential));
  GF_TRY_ASSIGN(const Answer* direct, answers.ask("dla", 0.02));
  const double lead = direct->number("total");
  GF_TRY_ASSIGN(const auto strongest,
                neuron_attribution(asking.model(), asking.trace(), *asking.a, asking.b, static_cast<int>(kMostNeurons), asking.at()));
  for (const NeuronAttribution& n : strongest) {
    const double part = static_cast<double>(n.contribution);
    if (!(std::abs(part) >= chance)) continue;
    Finding f;
    f.kind = "neuron";
    f.sentence = text("Neuron {0} writes {1} to the lead of {2} over {3}, {4}; its activation is {5}.",
                      std::to_string(n.layer) + "." + std::to_string(n.neuron), numbers::with_sign(part, 2), answers.words(*asking.a),
                      answers.words(*asking.b), numbers::fixed(lead, 2), numbers::fixed(static_cast<double>(n.activation), 2));
    f.main = {"neurons", {}, "", {n.layer, n.neuron}, part};
    f.beside = {{"dla", {}, "total", {}, lead},
                {"run", {}, name_of(HookId{HookKind::MlpPost, n.layer}), {asking.at(), n.neuron}, static_cast<double>(n.activation)}};
    f.strength = std::abs(part) / (std::abs(part) + std::abs(lead - std::abs(part)));
    findings.push_back(std::move(f));
  }
  return {};
}

Result<void> find_dimensions(Answers& answers, Findings& findings) {
  GF_TRY_ASSIGN(const Answer* norms, answers.ask("stream-norms", 0.02, {}, {"dimension"}));
  const Grid& shares = norms->grid("dimension");
  const int depths = shares.shape[0], d_model = shares.shape[1];
  const double z = normal_tail(kChance / (2.0 * depths * d_model));
  struct Dimension {
    int depth, index;
    double share;
  };
  std::vector<Dimension> found;
  for (int i = 0; i < d_model; ++i) {
    Dimension most{0, i, 0};
    for (int depth = 0; depth < depths; ++depth)
      if (const double share = static_cast<double>(shares.at(depth, i)); share > most.share) most = {depth, i, share};
    if (most.share > z * z / d_model) found.push_back(most);
  }
  std::ranges::stable_sort(found, [](const Dimension& x, const Dimension& y) { return x.share > y.share; });
  for (const Dimension& d : std::span(found).first(std::min(found.size(), kMostDimensions))) {
    Finding f;
    f.kind = "dimension";
    const std::string share = numbers::percent(d.share);
    f.sentence = d.depth == depths - 1
                     ? text(
                           "Dimension {0} of the residual stream stands out: of {1} dimensions it alone holds {2} of the squared length "
                           "after the last block.",
                           d.index, d_model, share)
                     : text(
                           "Dimension {0} of the residual stream stands out: of {1} dimensions it alone holds {2} of the squared length "
                           "before block {3}.",
                           d.index, d_model, share, d.depth);
    f.main = {"stream-norms", {}, "dimension", {d.depth, d.index}, d.share};
    f.strength = d.share;
    findings.push_back(std::move(f));
  }
  return {};
}

Result<void> find_surprises(Answers& answers, Findings& findings) {
  GF_TRY_ASSIGN(const Answer* tokens, answers.ask("tokens", 0.01));
  const Grid &surprisal = tokens->grid("surprisal"), &entropy = tokens->grid("entropy");
  const double guessing = std::log(static_cast<double>(answers.config().n_vocab));
  const auto* read = tokens->get<Answer::Number>("mean_logprob");
  if (read == nullptr || !(-read->value < guessing)) return {};  // so are a run with NaN and one of a single token
  std::vector<int> found;
  for (int i = 0; i < surprisal.shape[0]; ++i)
    if (static_cast<double>(surprisal.at(i)) > static_cast<double>(entropy.at(i)) - std::log(kChance)) found.push_back(i);
  std::ranges::stable_sort(found, [&](int x, int y) { return surprisal.at(x) > surprisal.at(y); });
  for (const int i : std::span(found).first(std::min(found.size(), kMostSurprises))) {
    const double nats = static_cast<double>(surprisal.at(i)), spread = static_cast<double>(entropy.at(i));
    Finding f;
    f.kind = "surprise";
    f.sentence = text("The model did not expect {0}: its surprisal is {1} nats, where the prediction's entropy is {2}.",
                      answers.place_of(i + 1), numbers::fixed(nats, 2), numbers::fixed(spread, 2));
    f.main = {"tokens", {}, "surprisal", {i}, nats};
    f.beside = {{"tokens", {}, "entropy", {i}, spread}};
    f.strength = std::min(1.0, nats / guessing);
    findings.push_back(std::move(f));
  }
  return {};
}

}  // namespace gf::scan
