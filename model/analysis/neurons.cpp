#include "model/analysis/neurons.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "model/analysis/logit_direction.h"
#include "model/analysis/question.h"
#include "model/analysis/ranked.h"
#include "model/base/text.h"

namespace gf {

Result<std::vector<NeuronAttribution>> all_neurons(const Model& model, const Trace& trace, TokenId a, std::optional<TokenId> b,
                                                   int position) {
  const Weights& w = *model.weights;
  GF_TRY_ASSIGN(const auto from, direction_at(w, trace, a, b, position));
  std::vector<NeuronAttribution> all;
  for (int layer = 0; layer < w.config.n_layer; ++layer) {
    const auto per_unit = through_output(w.blocks[static_cast<std::size_t>(layer)].out, from.g);
    const auto activation = trace.row({HookKind::MlpPost, layer}, from.position);
    for (std::size_t n = 0; n < per_unit.size(); ++n)
      all.push_back({layer, static_cast<int>(n), activation[n], static_cast<float>(static_cast<double>(activation[n]) * per_unit[n])});
  }
  return all;
}

Result<std::vector<NeuronAttribution>> neuron_attribution(const Model& model, const Trace& trace, TokenId a, std::optional<TokenId> b,
                                                          int count, int position) {
  GF_TRY_ASSIGN(auto all, all_neurons(model, trace, a, b, position));
  const auto kept = std::min(all.size(), static_cast<std::size_t>(std::max(count, 0)));
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(kept),
                            [](const NeuronAttribution& x, const NeuronAttribution& y) {
                              const float p = std::abs(x.contribution), q = std::abs(y.contribution);
                              if (ranks_before(p, q) || ranks_before(q, p)) return ranks_before(p, q);
                              return x.layer != y.layer ? x.layer < y.layer : x.neuron < y.neuron;
                            });
  all.resize(kept);
  return all;
}

NeuronVocabulary vocabulary_of(const Weights& w, std::span<const double> written, int count) {
  const ModelConfig& c = w.config;
  EXPECTS(written.size() == static_cast<std::size_t>(c.d_model), "a vector of the residual stream");
  std::vector<double> g(written.begin(), written.end());
  double mean = 0;
  for (const double x : written) mean += x / c.d_model;
  for (int i = 0; i < c.d_model; ++i) {
    double& x = g[static_cast<std::size_t>(i)];
    x = (x - mean) * static_cast<double>(w.ln_f.gamma.at(i));
  }
  std::vector<NeuronVocabulary::Token> all;
  for (int id = 0; id < c.n_vocab; ++id) {
    double sum = 0;
    for (int i = 0; i < c.d_model; ++i) sum += g[static_cast<std::size_t>(i)] * static_cast<double>(w.unembed.at(i, id));
    all.push_back({TokenId(id), static_cast<float>(sum)});
  }
  const auto kept = static_cast<std::ptrdiff_t>(std::clamp(count, 0, c.n_vocab));
  NeuronVocabulary out;
  const auto take = [&](float sign) {
    std::ranges::partial_sort(all, all.begin() + kept, [sign](const auto& x, const auto& y) {
      const float p = sign * x.logit, q = sign * y.logit;
      return ranks_before(p, q) || (!ranks_before(q, p) && x.id < y.id);
    });
    return std::vector<NeuronVocabulary::Token>(all.begin(), all.begin() + kept);
  };
  out.writes_for = take(1);
  out.writes_against = take(-1);
  return out;
}

Result<NeuronVocabulary> neuron_vocabulary(const Weights& w, int layer, int neuron, int count) {
  const ModelConfig& c = w.config;
  if (layer < 0 || layer >= c.n_layer || neuron < 0 || neuron >= c.d_mlp)
    return fail(ErrorCode::InvalidArgument,
                text("there is no neuron {0}.{1}; blocks are 0 to {2} and neurons 0 to {3}", layer, neuron, c.n_layer - 1, c.d_mlp - 1));
  std::vector<double> written;
  for (int i = 0; i < c.d_model; ++i) written.push_back(static_cast<double>(w.blocks[static_cast<std::size_t>(layer)].out.at(neuron, i)));
  return vocabulary_of(w, written, count);
}

namespace {

constexpr std::array kNeuronsParams{
    Param{.name = "top", .kind = Param::Kind::Whole, .doc = phrase("neurons that are listed"), .fallback = "5", .low = 1, .high = 1000},
};
constexpr std::array kNeuronsParts{
    PartInfo{.title = phrase("strongest neurons"),
             .doc = phrase("the neurons that write most towards or against {0}"),
             .kind = PartInfo::Kind::Table,
             .scale = PartInfo::Scale::Signed},
};

Result<Answer> answer_neurons(const Asking& asking) {
  GF_TRY_ASSIGN(const auto list,
                neuron_attribution(asking.model(), asking.trace(), *asking.a, asking.b, asking.params.whole("top"), asking.at()));
  std::vector<int> layer, neuron;
  std::vector<float> activation, contribution;
  for (const NeuronAttribution& n : list) {
    layer.push_back(n.layer);
    neuron.push_back(n.neuron);
    activation.push_back(n.activation);
    contribution.push_back(n.contribution);
  }
  return Answer(Answer::Table{{{"layer", "", std::move(layer)},
                               {"neuron", "", std::move(neuron)},
                               {"activation", "", std::move(activation)},
                               {"contribution", "logit", std::move(contribution)}}});
}

constexpr std::array kVocabularyParams{
    Param{.name = "neuron", .kind = Param::Kind::Neuron, .doc = phrase("BLOCK.INDEX"), .required = true},
    Param{.name = "top", .kind = Param::Kind::Whole, .doc = phrase("tokens that are listed"), .fallback = "5", .low = 1, .high = 1000},
};
constexpr std::array kVocabularyParts{
    PartInfo{.name = "for",
             .title = phrase("writes for"),
             .doc = phrase("the tokens that the neuron raises most"),
             .kind = PartInfo::Kind::Table},
    PartInfo{.name = "against",
             .title = phrase("writes against"),
             .doc = phrase("the tokens that the neuron lowers most"),
             .kind = PartInfo::Kind::Table},
};

Result<Answer> answer_vocabulary(const Asking& asking) {
  const UnitRef neuron = asking.params.unit("neuron");
  GF_TRY_ASSIGN(const auto v, neuron_vocabulary(*asking.model().weights, neuron.layer, neuron.index, asking.params.whole("top")));
  const auto table = [](const std::vector<NeuronVocabulary::Token>& tokens) {
    std::vector<TokenId> ids;
    std::vector<float> logits;
    for (const auto& t : tokens) ids.push_back(t.id), logits.push_back(t.logit);
    return Answer::Table{{{"token", "", std::move(ids)}, {"logit", "logit", std::move(logits)}}};
  };
  Answer answer;
  answer.add("for", table(v.writes_for));
  answer.add("against", table(v.writes_against));
  return answer;
}

}  // namespace

extern constinit const Question kNeuronsQuestion{.name = "neurons",
                                                 .title = phrase("Neurons"),
                                                 .doc = phrase("the neurons that write most towards a token"),
                                                 .needs = {.a = TokenNeed::Required, .b = TokenNeed::Optional, .position = true},
                                                 .params = kNeuronsParams,
                                                 .parts = kNeuronsParts,
                                                 .answer = answer_neurons};

extern constinit const Question kNeuronVocabularyQuestion{.name = "neuron-vocab",
                                                          .title = phrase("Vocabulary of a neuron"),
                                                          .doc = phrase("the tokens that a neuron writes for and against"),
                                                          .needs = {.prompt = false},
                                                          .params = kVocabularyParams,
                                                          .parts = kVocabularyParts,
                                                          .answer = answer_vocabulary};

}  // namespace gf
