// How much of a model a text needs: heads and MLP channels are ranked over one part of it, left out from the least important on,
// and what that costs is measured on the rest.
#include <algorithm>
#include <array>

#include "model/analysis/omission.h"
#include "model/analysis/question.h"
#include "model/analysis/row_states.h"
#include "model/base/text.h"
#include "model/corpus/corpus_index.h"
#include "model/training/training_data.h"

namespace gf {

namespace {

constexpr std::array<std::string_view, 3> kOmittedUnits{"both", "heads", "mlp"};
constexpr std::array<std::string_view, 2> kRankedBy{"attribution", "norm"};
constexpr int kOmissionRates = 20;           // of the curve: 0, 5 %, ... 95 %
constexpr double kHeldOutOfSequences = 0.2;  // of the text, at its end

constexpr std::array kSparsityParams{
    Param{.name = "units",
          .kind = Param::Kind::Choice,
          .doc = phrase("what is left out: heads, MLP channels, or the same share of both"),
          .fallback = "both",
          .choices = kOmittedUnits},
    Param{.name = "by",
          .kind = Param::Kind::Choice,
          .doc = phrase("what they are ranked by: the change of the loss when one is cut, to first order, or the length of what it writes"),
          .fallback = "attribution",
          .choices = kRankedBy},
    Param{.name = "omit",
          .kind = Param::Kind::Number,
          .doc = phrase("the share that the recipe leaves out"),
          .fallback = "0.1",
          .low = 0,
          .high = 1},
    Param{.name = "corpus", .kind = Param::Kind::Text, .doc = phrase("the text, a file (default: the bundled one)")},
    Param{.name = "sequences",
          .kind = Param::Kind::Whole,
          .doc = phrase("sequences of the text that they are ranked over, and as many that are held out"),
          .fallback = "8",
          .low = 1,
          .high = 100000},
    Param{.name = "context",
          .kind = Param::Kind::Whole,
          .doc = phrase("tokens of a sequence, or fewer where the model's context is shorter"),
          .fallback = "128",
          .low = 2},
    Param{.name = "seed", .kind = Param::Kind::Seed, .doc = phrase("of the sequences and of the random order"), .fallback = "0"},
};
constexpr std::array kSparsityParts{
    PartInfo{.name = "importance.heads",
             .axes = "layer,head",
             .title = phrase("importance of a head, over a text"),
             .doc = phrase("how much the loss changes when the head is cut, to first order, or the length of what it writes")},
    PartInfo{.name = "importance.neurons",
             .axes = "layer,neuron",
             .title = phrase("importance of an MLP channel, over a text"),
             .doc = phrase("how much the loss changes when the channel is cut, to first order, or the length of what it writes"),
             .only = PartInfo::Only::Wanted},
    PartInfo{.name = "rates",
             .axes = "rate",
             .title = phrase("omission rates"),
             .doc = phrase("the shares that are left out, of all blocks together")},
    PartInfo{.name = "loss.ranked",
             .axes = "rate",
             .unit = "nats",
             .title = phrase("loss without the least important"),
             .doc = phrase("-ln p of the next token on held-out text, where the least important are left out")},
    PartInfo{.name = "loss.random",
             .axes = "rate",
             .unit = "nats",
             .title = phrase("baseline: loss without as many random ones"),
             .doc = phrase("-ln p of the next token on held-out text, where as many are left out in a random order")},
    PartInfo{.name = "loss.omitted",
             .unit = "nats",
             .title = phrase("loss under the recipe"),
             .doc = phrase("-ln p of the next token on held-out text, with the share left out that was asked for"),
             .kind = PartInfo::Kind::Number},
    PartInfo{.name = "recipe",
             .title = phrase("recipe"),
             .doc = phrase("cuts the share of the least important that was asked for"),
             .kind = PartInfo::Kind::Words,
             .only = PartInfo::Only::Wanted},
};

/// Sequences to rank over and held-out ones.
struct OmissionTexts {
  std::vector<std::vector<TokenId>> ranked, held_out;
};

std::vector<std::vector<TokenId>> sequences_of(const training::Batch& batch) {
  std::vector<std::vector<TokenId>> all;
  for (int i = 0; i < batch.B; ++i) {
    const auto ids = std::span(batch.inputs).subspan(static_cast<std::size_t>(i * batch.T), static_cast<std::size_t>(batch.T));
    all.emplace_back(ids.begin(), ids.end());
  }
  return all;
}

Result<OmissionTexts> texts_of(const Asking& asking) {
  const Model& model = asking.model();
  const ModelConfig& c = model.weights->config;
  const int T = std::min(asking.params.whole("context"), c.n_ctx), count = asking.params.whole("sequences");
  GF_TRY_ASSIGN(const std::string path, corpus::resolve_corpus(asking.params.text("corpus")));
  GF_TRY_ASSIGN(const std::string said, training::read_training_text(path));
  GF_TRY_ASSIGN(auto ids, model.tokenizer->ids_of(said));
  GF_TRY_ASSIGN(const auto data, training::TrainingData::make(std::move(ids), c.n_vocab, T, kHeldOutOfSequences, path));
  OmissionTexts texts;
  training::Batch batch;
  data.batch(0, count, training::Order::Random, asking.params.seed("seed"), batch);
  texts.ranked = sequences_of(batch);
  if (data.held_out_batch(0, count, batch)) texts.held_out = sequences_of(batch);
  EXPECTS(!texts.held_out.empty(), "training data has a sequence in each part");
  return texts;
}

/// The orders of what the parameter `units` names; of the others none are left out.
OfUnits<std::size_t> chosen_orders(OfUnits<std::size_t> orders, std::string_view units) {
  if (units == "heads") orders.neurons.clear();
  if (units == "mlp") orders.heads.clear();
  return orders;
}

Result<Answer> answer_sparsity(const Asking& asking) {
  const ModelConfig& c = asking.model().weights->config;
  GF_TRY_ASSIGN(const OmissionTexts texts, texts_of(asking));
  const bool curve = asking.wants("loss.ranked"), random = asking.wants("loss.random"), asked_rate = asking.wants("loss.omitted");
  const std::size_t passes =
      texts.ranked.size() +
      texts.held_out.size() * static_cast<std::size_t>((curve ? kOmissionRates : 0) + (random ? kOmissionRates : 0) + (asked_rate ? 1 : 0));
  const std::function<void()> told = [&, done = std::size_t{0}]() mutable {
    if (asking.progress) asking.progress(static_cast<double>(++done) / static_cast<double>(passes));
  };
  const auto by = asking.params.text("by") == "norm" ? ImportanceBy::Norm : ImportanceBy::Attribution;
  GF_TRY_ASSIGN(OfUnits<float> importance, importance_over(asking.session, texts.ranked, by, asking.stop, told));
  const std::string units = asking.params.text("units");
  const auto orders = chosen_orders({omission_order(importance.heads), omission_order(importance.neurons)}, units);
  const auto shuffled = chosen_orders({shuffled_order(importance.heads.size(), asking.params.seed("seed"), 0),
                                       shuffled_order(importance.neurons.size(), asking.params.seed("seed"), 1)},
                                      units);
  Answer answer;
  answer.add("importance.heads", Grid{{"layer", "head"}, {c.n_layer, c.n_head}, "", std::move(importance.heads)});
  if (!asking.wanted.empty() && asking.wants("importance.neurons"))
    answer.add("importance.neurons", Grid{{"layer", "neuron"}, {c.n_layer, c.d_mlp}, "", std::move(importance.neurons)});
  Grid rates = Grid::of({"rate"}, {kOmissionRates}, "");
  for (int i = 0; i < kOmissionRates; ++i) rates.at(i) = static_cast<float>(i) / kOmissionRates;
  const auto loss_at = [&](const OfUnits<std::size_t>& order, double rate) {
    const Omission omitted = omit(order, rate, c);
    return loss_over(asking.session, texts.held_out, &omitted, asking.stop, told);
  };
  for (const auto& [name, order, wanted] : {std::tuple{"loss.ranked", &orders, curve}, std::tuple{"loss.random", &shuffled, random}}) {
    if (!wanted) continue;
    Grid losses = Grid::of({"rate"}, {kOmissionRates}, "nats");
    for (int i = 0; i < kOmissionRates; ++i) {
      GF_TRY_ASSIGN(const double loss, loss_at(*order, static_cast<double>(i) / kOmissionRates));
      losses.at(i) = static_cast<float>(loss);
    }
    answer.add(name, std::move(losses));
  }
  answer.add("rates", std::move(rates));
  if (asked_rate) {
    GF_TRY_ASSIGN(const double loss, loss_at(orders, asking.params.number("omit")));
    answer.add("loss.omitted", Answer::Number{loss, "nats"});
  }
  if (!asking.wanted.empty() && asking.wants("recipe"))
    answer.add("recipe", Answer::Words{{}, {}, {to_json(recipe_of_omission(omit(orders, asking.params.number("omit"), c), c))}});
  return answer;
}

constexpr std::array kSparsityFiles{QuestionFile{".json", write_recipe_part}};

}  // namespace

extern constinit const Question kSparsityQuestion{
    .name = "sparsity",
    .title = phrase("Sparsity"),
    .doc = phrase("what leaving out the least important heads and MLP channels costs on a text"),
    .needs = {.prompt = false, .pattern = false, .text = true},
    .params = kSparsityParams,
    .parts = kSparsityParts,
    .answer = answer_sparsity,
    .files = kSparsityFiles};

}  // namespace gf
