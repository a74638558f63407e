// What each head's z at the last row knows of a tag, and the best heads as a recipe that pushes along it. Source: Li et al. 2023,
// "Inference-time intervention".
#include <algorithm>
#include <numeric>

#include "model/analysis/probed_set.h"
#include "model/analysis/row_states.h"
#include "model/base/parallel.h"
#include "model/base/text.h"
#include "model/edits/recipe.h"

namespace gf {

namespace {

constexpr auto kHeadClasses = PartInfo::Only::WithClasses;
constexpr auto kHeadNumbers = PartInfo::Only::WithNumbers;

constexpr std::array kHeadProbesParams{
    kTagOfProbes,
    kFoldsOfProbes,
    kSeedOfProbes,
    Param{.name = "top", .kind = Param::Kind::Whole, .doc = phrase("heads that are listed and pushed"), .fallback = "8", .low = 1},
    Param{.name = "alpha",
          .kind = Param::Kind::Number,
          .doc = phrase("how many standard deviations each head is pushed by"),
          .fallback = "15",
          .low = -1e6,
          .high = 1e6},
};

constexpr std::array kHeadProbesParts{
    PartInfo{.name = "accuracy",
             .axes = "layer,head",
             .title = phrase("accuracy of a probe of a head"),
             .doc = phrase("the share of held-out prompts that a logistic probe (L2 1) of the head's z tells right"),
             .only = kHeadClasses},
    PartInfo{.name = "accuracy_difference",
             .axes = "layer,head",
             .title = phrase("accuracy of a head's difference of means"),
             .doc = phrase("the share of held-out prompts on the right side of the middle between the classes' means"),
             .only = kHeadClasses},
    PartInfo{.name = "auc",
             .axes = "layer,head",
             .title = phrase("AUC of a probe of a head"),
             .doc = phrase("the chance that of two held-out prompts the probe scores the one of the second class higher"),
             .only = kHeadClasses},
    PartInfo{.name = "separation",
             .axes = "layer,head",
             .title = phrase("separation in a head"),
             .doc = phrase("how far the classes of held-out prompts lie apart along the difference of means, in standard deviations"),
             .only = kHeadClasses},
    PartInfo{.name = "r2",
             .axes = "layer,head",
             .title = phrase("R² of a ridge probe of a head"),
             .doc = phrase("how much of the tag's variance a ridge probe (L2 1) of the head's z predicts on held-out prompts"),
             .scale = PartInfo::Scale::Signed,
             .only = kHeadNumbers},
    PartInfo{.name = "spearman",
             .axes = "layer,head",
             .title = phrase("rank correlation of a ridge probe of a head"),
             .doc = phrase("Spearman's correlation of what a ridge probe predicts on held-out prompts with the tag"),
             .scale = PartInfo::Scale::Signed,
             .only = kHeadNumbers},
    kPositionBaseline,
    kLengthBaseline,
    kMajorityBaseline,
    shuffled_baseline("layer,head"),
    untrained_baseline("layer,head"),
    PartInfo{.name = "sigma",
             .axes = "layer,head",
             .title = phrase("spread along a head's direction"),
             .doc = phrase("the standard deviation of all prompts along the direction")},
    PartInfo{
        .name = "top", .title = phrase("best heads"), .doc = phrase("the heads whose probes score highest"), .kind = PartInfo::Kind::Table},
    PartInfo{.name = "recipe",
             .title = phrase("recipe"),
             .doc = phrase("adds alpha standard deviations along the direction, made unit length, to each of the best heads"),
             .kind = PartInfo::Kind::Words,
             .only = PartInfo::Only::Wanted},
};

/// Head after head, block after block.
using ProbedHeads = std::vector<ProbedPlace>;

double score_of(const ProbedPlace& head, bool is_number) { return is_number ? head.rows.r2 : head.rows.logistic.accuracy; }

Edit push_of(int layer, int head, const ProbedRows& rows, double alpha) {
  double squares = 0;
  for (const double x : rows.direction) squares += x * x;
  Edit edit = edit_of_head(layer, head, EditOp::Add);
  edit.positions = Selector{Selector::Kind::Last, {}, {}, {}};
  edit.vector.emplace();
  for (const double x : rows.direction) edit.vector->values.push_back(static_cast<float>(x / std::sqrt(squares)));
  edit.factor = static_cast<float>(alpha * rows.deviation);
  return edit;
}

Answer answer_of_heads(const Asking& asking, const ProbedSet& set, const ProbedHeads& heads) {
  const ModelConfig& c = asking.model().weights->config;
  const bool is_number = set.tags.is_number();
  Answer answer;
  const auto by_head = [&](const char* name, double (*of)(const ProbedPlace&)) {
    Grid grid = Grid::of({"layer", "head"}, {c.n_layer, c.n_head}, "");
    std::ranges::transform(heads, grid.values.begin(), [&](const ProbedPlace& head) { return static_cast<float>(of(head)); });
    answer.add(name, std::move(grid));
  };
  if (is_number) {
    by_head("r2", [](const ProbedPlace& h) { return h.rows.r2; });
    by_head("spearman", [](const ProbedPlace& h) { return h.rows.spearman; });
  } else {
    by_head("accuracy", [](const ProbedPlace& h) { return h.rows.logistic.accuracy; });
    by_head("accuracy_difference", [](const ProbedPlace& h) { return h.rows.difference.accuracy; });
    by_head("auc", [](const ProbedPlace& h) { return h.rows.logistic.auc; });
    by_head("separation", [](const ProbedPlace& h) { return h.rows.separation; });
  }
  set.add_baselines(answer);
  by_head("baselines.shuffled", [](const ProbedPlace& h) { return h.shuffled.score; });
  by_head("baselines.untrained", [](const ProbedPlace& h) { return h.untrained.score; });
  by_head("sigma", [](const ProbedPlace& h) { return h.rows.deviation; });

  std::vector<int> order(heads.size());
  std::iota(order.begin(), order.end(), 0);
  const auto score_at = [&](int i) {
    const double score = score_of(heads[static_cast<std::size_t>(i)], is_number);
    return std::isnan(score) ? -std::numeric_limits<double>::infinity() : score;
  };
  std::ranges::stable_sort(order, std::greater{}, score_at);
  std::erase_if(order, [&](int i) { return !(heads[static_cast<std::size_t>(i)].rows.deviation > 0); });  // nothing to push along
  order.resize(std::min(order.size(), static_cast<std::size_t>(asking.params.whole("top"))));
  std::vector<int> layers, numbers;
  std::vector<float> scores, sigmas;
  Recipe recipe;
  for (const int i : order) {
    const ProbedPlace& head = heads[static_cast<std::size_t>(i)];
    layers.push_back(i / c.n_head);
    numbers.push_back(i % c.n_head);
    scores.push_back(static_cast<float>(score_of(head, is_number)));
    sigmas.push_back(static_cast<float>(head.rows.deviation));
    recipe.edits.push_back(push_of(layers.back(), numbers.back(), head.rows, asking.params.number("alpha")));
  }
  answer.add("top", Answer::Table{{{"layer", "", std::move(layers)},
                                   {"head", "", std::move(numbers)},
                                   {is_number ? "r2" : "accuracy", "", std::move(scores)},
                                   {"sigma", "", std::move(sigmas)}}});
  if (!asking.wanted.empty() && asking.wants("recipe")) answer.add("recipe", Answer::Words{{}, {}, {to_json(recipe)}});
  return answer;
}

Result<Answer> answer_head_probes(const Asking& asking) {
  const ModelConfig& c = asking.model().weights->config;
  GF_TRY_ASSIGN(const ProbedSet set, probed_set(asking, HookKind::Z));
  ProbedHeads heads(static_cast<std::size_t>(c.n_layer) * static_cast<std::size_t>(c.n_head));
  ThreadPool pool(0);
  const auto in_block = static_cast<std::size_t>(c.n_head);
  const auto progress = progress_between(asking, kStatesShare, 1);
  for (std::size_t layer = 0; layer < set.trained.size(); ++layer) {
    if (asking.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the probes were cancelled"));
    pool.parallel_for(in_block, [&](std::size_t head) {
      const auto own = [&](const RowMatrix& all) { return head_columns(all, static_cast<int>(head), c.d_head); };
      heads[layer * in_block + head] = set.probed(own(set.trained[layer]), own(set.untrained[layer]));
    });
    progress(static_cast<double>(layer + 1) / static_cast<double>(set.trained.size()));
  }
  return answer_of_heads(asking, set, heads);
}

constexpr std::array kHeadProbesFiles{QuestionFile{".json", write_recipe_part}};

}  // namespace

extern constinit const Question kHeadProbesQuestion{.name = "head-probes",
                                                    .title = phrase("Probes of heads"),
                                                    .doc = phrase("how well each head tells a tag of the prompts along a straight line"),
                                                    .needs = {.prompt = false, .pattern = false, .set = true},
                                                    .params = kHeadProbesParams,
                                                    .parts = kHeadProbesParts,
                                                    .answer = answer_head_probes,
                                                    .files = kHeadProbesFiles};

}  // namespace gf
