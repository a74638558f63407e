// LoFiT: a few heads get a gain and an offset with which the model answers a list of prompts as it should. Source: see head_fit.h.
#include <algorithm>
#include <numeric>

#include "model/analysis/head_fit.h"
#include "model/analysis/probed_set.h"
#include "model/analysis/row_states.h"
#include "model/base/text.h"

namespace gf {

namespace {

constexpr std::array<std::string_view, 2> kLofitFits{"gain-and-offset", "offset"};
constexpr std::array kLofitParams{
    Param{.name = "top", .kind = Param::Kind::Whole, .doc = phrase("heads that are fitted"), .fallback = "8", .low = 1},
    Param{.name = "heads",
          .kind = Param::Kind::Text,
          .doc = phrase("these heads instead of the most important ones: 4.3,5.1, or a recipe file whose heads are taken")},
    Param{.name = "fit",
          .kind = Param::Kind::Choice,
          .doc = phrase("what a chosen head learns: one gain and an offset, or as in the paper an offset alone"),
          .fallback = "gain-and-offset",
          .choices = kLofitFits},
    Param{.name = "opposite", .kind = Param::Kind::Flag, .doc = phrase("teach the word that stands against the target")},
    Param{.name = "epochs",
          .kind = Param::Kind::Whole,
          .doc = phrase("times that each phase goes through the prompts"),
          .fallback = "5",
          .low = 1,
          .high = 10000},
    Param{.name = "batch", .kind = Param::Kind::Whole, .doc = phrase("prompts of a step"), .fallback = "8", .low = 1, .high = 100000},
    Param{.name = "learning-rate",
          .kind = Param::Kind::Number,
          .doc = phrase("learning rate, which falls to 0"),
          .fallback = "0.05",
          .low = Param::kAboveZero,
          .high = 100},
    Param{.name = "l1",
          .kind = Param::Kind::Number,
          .doc = phrase("weight of the magnitudes of what is fitted"),
          .fallback = "0.001",
          .low = 0,
          .high = 100},
    Param{.name = "folds",
          .kind = Param::Kind::Whole,
          .doc = phrase("stretches of rows, of which the last is held out"),
          .fallback = "5",
          .low = 2,
          .high = 1000},
    Param{.name = "seed", .kind = Param::Kind::Seed, .doc = phrase("of the order of the prompts and of the random heads"), .fallback = "0"},
};

[[nodiscard]] constexpr PartInfo lofit_number(const char* name, const char* title, const char* doc, const char* unit = "") {
  return {.name = name, .unit = unit, .title = title, .doc = doc, .kind = PartInfo::Kind::Number};
}
constexpr std::array kLofitParts{
    PartInfo{.name = "importance",
             .axes = "layer,head",
             .title = phrase("importance of a head, by its scaling"),
             .doc = phrase("the length of the scaling that the head learns for these prompts, one number for each dimension of z"),
             .only = PartInfo::Only::ByParams},
    lofit_number("accuracy.before", phrase("accuracy before"),
                 phrase("the share of held-out prompts whose target the model finds likelier than what stands against it, or likeliest")),
    lofit_number("accuracy.after", phrase("accuracy after"), phrase("the same with the fitted heads")),
    lofit_number("accuracy.random_heads", phrase("accuracy with random heads"),
                 phrase("the same where as many heads, chosen at random, are fitted instead")),
    lofit_number("logprob.before", phrase("log-probability before"), phrase("of the target, mean over held-out prompts"), "nats"),
    lofit_number("logprob.after", phrase("log-probability after"), phrase("the same with the fitted heads"), "nats"),
    lofit_number("logprob.random_heads", phrase("log-probability with random heads"),
                 phrase("the same where as many heads, chosen at random, are fitted instead"), "nats"),
    PartInfo{.name = "loss.scale",
             .axes = "step",
             .unit = "nats",
             .title = phrase("loss while all heads are scaled"),
             .doc = phrase("-ln p of the target, mean over the prompts of a step, before that step"),
             .only = PartInfo::Only::Wanted},
    PartInfo{.name = "loss.offset",
             .axes = "step",
             .unit = "nats",
             .title = phrase("loss while the chosen heads are fitted"),
             .doc = phrase("-ln p of the target, mean over the prompts of a step, before that step"),
             .only = PartInfo::Only::Wanted},
    PartInfo{.name = "top",
             .title = phrase("chosen heads"),
             .doc = phrase(
                 "the heads that are fitted, with their gain, the length of their offset and, where they were not named, their importance"),
             .kind = PartInfo::Kind::Table},
    PartInfo{.name = "recipe",
             .title = phrase("recipe"),
             .doc = phrase("scales each of the chosen heads by its gain and adds its offset"),
             .kind = PartInfo::Kind::Words,
             .only = PartInfo::Only::Wanted},
};

/// "4.3,5.1", or the heads of a recipe file.
Result<std::vector<UnitRef>> heads_named(const std::string& said, const ModelConfig& c) {
  if (said.ends_with(".json")) {
    GF_TRY_ASSIGN(const Recipe recipe, read_recipe(said));
    GF_TRY_ASSIGN(auto heads, heads_of_recipe(recipe, c));
    if (heads.empty()) return fail(ErrorCode::InvalidArgument, text("{0} has no edit of single heads at {1}.", said, "attn.hook_z"));
    return heads;
  }
  std::vector<UnitRef> heads;
  for (std::size_t begin = 0; begin <= said.size();) {
    const std::size_t end = std::min(said.find(',', begin), said.size());
    GF_TRY_ASSIGN(const UnitRef head, parse_unit(std::string_view(said).substr(begin, end - begin)));
    if (head.layer >= c.n_layer || head.index >= c.n_head)
      return fail(ErrorCode::InvalidArgument,
                  text("There is no head {0}.{1}: the model has {2} blocks of {3} heads.", head.layer, head.index, c.n_layer, c.n_head));
    if (std::ranges::find(heads, head) == heads.end()) heads.push_back(head);
    begin = end + 1;
  }
  return heads;
}

std::vector<UnitRef> heads_in_order(std::span<const std::size_t> order, std::size_t count, const ModelConfig& c) {
  std::vector<UnitRef> heads;
  for (const std::size_t i : order.first(std::min(count, order.size())))
    heads.push_back({static_cast<int>(i) / c.n_head, static_cast<int>(i) % c.n_head});
  return heads;
}

Answer::Table table_of_heads(std::span<const UnitRef> heads, const HeadValues& values, std::span<const float> importance,
                             const ModelConfig& c) {
  std::vector<int> layers, numbers;
  std::vector<float> important, gains, lengths;
  for (const UnitRef& head : heads) {
    const auto at = static_cast<std::size_t>(head.layer * c.n_head + head.index), width = static_cast<std::size_t>(c.d_head);
    layers.push_back(head.layer);
    numbers.push_back(head.index);
    if (!importance.empty()) important.push_back(importance[at]);
    gains.push_back(values.gain[at * width]);
    double squares = 0;
    for (const float x : std::span(values.offset).subspan(at * width, width)) squares += static_cast<double>(x) * static_cast<double>(x);
    lengths.push_back(static_cast<float>(std::sqrt(squares)));
  }
  Answer::Table table{{{"layer", "", std::move(layers)}, {"head", "", std::move(numbers)}}};
  // Heads that the user names are not ranked: there is no importance of them.
  if (!importance.empty()) table.columns.push_back({"importance", "", std::move(important)});
  table.columns.push_back({"gain", "", std::move(gains)});
  table.columns.push_back({"offset", "", std::move(lengths)});
  return table;
}

Grid curve_of(std::vector<float> losses) { return {{"step"}, {static_cast<int>(losses.size())}, "nats", std::move(losses)}; }

Result<Answer> answer_lofit(const Asking& asking) {
  const ModelConfig& c = asking.model().weights->config;
  const Params& params = asking.params;
  GF_TRY_ASSIGN(const auto all, taught_prompts(*asking.set, asking.model(), params.flag("opposite")));
  const std::size_t held_out = all.size() / static_cast<std::size_t>(params.whole("folds"));
  if (held_out == 0)
    return fail(ErrorCode::InvalidArgument,
                text("{0} prompts have a word that should follow, too few for {1} folds; give more prompts or fewer folds.", all.size(),
                     params.whole("folds")));
  const auto taught = std::span(all).first(all.size() - held_out), unseen = std::span(all).last(held_out);
  std::vector<UnitRef> heads;
  if (params.given("heads")) {
    GF_TRY_ASSIGN(heads, heads_named(params.text("heads"), c));
  }
  HeadFitOptions options;
  options.rate = params.number("learning-rate");
  options.l1 = params.number("l1");
  options.epochs = params.whole("epochs");
  options.batch = params.whole("batch");
  options.seed = params.seed("seed");
  HeadFit fit(asking.session, taught, options, asking.stop);
  const bool compares = asking.wants("accuracy.random_heads") || asking.wants("logprob.random_heads");
  const int phases = (heads.empty() ? 2 : 1) + (compares ? 1 : 0);
  fit.on_step = [&, done = 0]() mutable {
    if (asking.progress) asking.progress(static_cast<double>(++done) / (phases * fit.steps()));
  };

  Answer answer;
  std::vector<float> importance;
  if (heads.empty()) {
    GF_TRY_ASSIGN(HeadFit::Fitted scaled, fit.scales());
    importance = scaling_norms(scaled.values, c);
    std::vector<std::size_t> order(importance.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return importance[i]; });
    heads = heads_in_order(order, static_cast<std::size_t>(params.whole("top")), c);
    answer.add("importance", Grid{{"layer", "head"}, {c.n_layer, c.n_head}, "", importance});
    if (!asking.wanted.empty() && asking.wants("loss.scale")) answer.add("loss.scale", curve_of(std::move(scaled.losses)));
  }
  const bool with_gain = params.text("fit") == kLofitFits[0];
  GF_TRY_ASSIGN(HeadFit::Fitted fitted, fit.offsets(heads, with_gain));
  const auto add_score = [&](const std::string& name, const HeadValues& values) -> Result<void> {
    GF_TRY_ASSIGN(const TaughtScore score, taught_score(asking.session, unseen, values, asking.stop));
    answer.add("accuracy." + name, Answer::Number{score.accuracy, ""});
    answer.add("logprob." + name, Answer::Number{score.logprob, "nats"});
    return {};
  };
  GF_TRY(add_score("before", HeadValues(c)));
  GF_TRY(add_score("after", fitted.values));
  if (compares) {
    const auto count = static_cast<std::size_t>(c.n_layer) * static_cast<std::size_t>(c.n_head);
    const auto random = heads_in_order(shuffled_order(count, options.seed, std::numeric_limits<std::uint32_t>::max()), heads.size(), c);
    GF_TRY_ASSIGN(const HeadFit::Fitted others, fit.offsets(random, with_gain));
    GF_TRY(add_score("random_heads", others.values));
  }
  if (!asking.wanted.empty() && asking.wants("loss.offset")) answer.add("loss.offset", curve_of(std::move(fitted.losses)));
  answer.add("top", table_of_heads(heads, fitted.values, importance, c));
  if (!asking.wanted.empty() && asking.wants("recipe"))
    answer.add("recipe", Answer::Words{{}, {}, {to_json(recipe_of_heads(fitted.values, heads, c))}});
  return answer;
}

constexpr std::array kLofitFiles{QuestionFile{".json", write_recipe_part}};

}  // namespace

extern constinit const Question kLofitQuestion{.name = "lofit",
                                               .title = phrase("LoFiT"),
                                               .doc = phrase("heads whose gain and offset are fitted to the words that should follow"),
                                               .needs = {.prompt = false, .pattern = false, .set = true},
                                               .params = kLofitParams,
                                               .parts = kLofitParts,
                                               .answer = answer_lofit,
                                               .files = kLofitFiles};

}  // namespace gf
