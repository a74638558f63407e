// What each depth knows of a tag, by linear probes over a set of prompts. Sources: Marks and Tegmark 2023, "The geometry of
// truth"; Gurnee and Tegmark 2023, "Language models represent space and time"; baselines: Hewitt and Liang 2019.
#include <algorithm>
#include <ranges>

#include "model/analysis/probed_set.h"
#include "model/base/parallel.h"
#include "model/base/text.h"
#include "model/io/arrays/arrays.h"

namespace gf {

namespace {

struct DirectionSite {
  std::string_view name;
  HookKind kind;
};
constexpr std::array kDirectionSites{DirectionSite{"resid_pre", HookKind::ResidPre},
                                     DirectionSite{"resid_mid", HookKind::ResidMid},
                                     DirectionSite{"resid_post", HookKind::ResidPost},
                                     DirectionSite{"attn_out", HookKind::AttnOut},
                                     DirectionSite{"mlp_out", HookKind::MlpOut},
                                     DirectionSite{"mlp_post", HookKind::MlpPost},
                                     DirectionSite{"head_z", HookKind::Z}};
constexpr auto kDirectionSiteNames = [] {
  std::array<std::string_view, kDirectionSites.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kDirectionSites[i].name;
  return names;
}();

constexpr std::array kDirectionsParams{
    Param{.name = "site",
          .kind = Param::Kind::Choices,
          .doc = phrase("the hook whose last row is probed"),
          .fallback = "resid_post",
          .choices = kDirectionSiteNames},
    kTagOfProbes,
    kFoldsOfProbes,
    kSeedOfProbes,
};

constexpr std::string_view kProbePart = "probe";

constexpr auto kClasses = PartInfo::Only::WithClasses;
constexpr auto kNumbers = PartInfo::Only::WithNumbers;

constexpr std::array kDirectionsParts{
    PartInfo{.name = "accuracy.difference",
             .axes = "layer",
             .title = phrase("accuracy of the difference of means"),
             .doc = phrase("the share of held-out prompts on the right side of the middle between the classes' means"),
             .only = kClasses},
    PartInfo{.name = "accuracy.logistic",
             .axes = "layer",
             .title = phrase("accuracy of a logistic probe"),
             .doc = phrase("the share of held-out prompts that a logistic probe (L2 1) tells right"),
             .only = kClasses},
    PartInfo{.name = "auc.difference",
             .axes = "layer",
             .title = phrase("AUC of the difference of means"),
             .doc = phrase("the chance that of two held-out prompts the one of the second class lies further along"),
             .only = kClasses},
    PartInfo{.name = "auc.logistic",
             .axes = "layer",
             .title = phrase("AUC of a logistic probe"),
             .doc = phrase("the chance that of two held-out prompts the probe scores the one of the second class higher"),
             .only = kClasses},
    PartInfo{.name = "separation",
             .axes = "layer",
             .title = phrase("separation"),
             .doc = phrase("how far the classes of held-out prompts lie apart along the difference of means, in standard deviations"),
             .only = kClasses},
    PartInfo{.name = "r2",
             .axes = "layer",
             .title = phrase("R² of a ridge probe"),
             .doc = phrase("how much of the tag's variance a ridge probe (L2 1) predicts on held-out prompts; below 0 it is worse than "
                           "their mean"),
             .scale = PartInfo::Scale::Signed,
             .only = kNumbers},
    PartInfo{.name = "spearman",
             .axes = "layer",
             .title = phrase("rank correlation of a ridge probe"),
             .doc = phrase("Spearman's correlation of what a ridge probe predicts on held-out prompts with the tag"),
             .scale = PartInfo::Scale::Signed,
             .only = kNumbers},
    kPositionBaseline,
    kLengthBaseline,
    kMajorityBaseline,
    shuffled_baseline("layer"),
    untrained_baseline("layer"),
    PartInfo{.name = "baselines_spearman.position",
             .title = phrase("rank correlation: position"),
             .doc = phrase("of a probe that sees the embedding of the last position alone"),
             .kind = PartInfo::Kind::Number,
             .only = kNumbers},
    PartInfo{.name = "baselines_spearman.length",
             .title = phrase("rank correlation: length"),
             .doc = phrase("of a probe that sees the prompt's number of characters alone"),
             .kind = PartInfo::Kind::Number,
             .only = kNumbers},
    PartInfo{.name = "baselines_spearman.shuffled",
             .axes = "layer",
             .title = phrase("rank correlation: shuffled tags"),
             .doc = phrase("with the tags dealt out at random, the mean of four times"),
             .scale = PartInfo::Scale::Signed,
             .only = kNumbers},
    PartInfo{.name = "baselines_spearman.untrained",
             .axes = "layer",
             .title = phrase("rank correlation: untrained model"),
             .doc = phrase("in a model of the same architecture with random weights"),
             .scale = PartInfo::Scale::Signed,
             .only = kNumbers},
    PartInfo{.name = "classes",
             .axes = "class",
             .title = phrase("classes"),
             .doc = phrase("the tag's two values; directions point to the second"),
             .kind = PartInfo::Kind::Words,
             .only = kClasses},
    PartInfo{.name = "values",
             .axes = "row",
             .title = phrase("tags"),
             .doc = phrase("the tag of each prompt: its class, 0 or 1, or its number"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "prompts",
             .axes = "row",
             .title = phrase("prompts"),
             .doc = phrase("the text of each prompt"),
             .kind = PartInfo::Kind::Words,
             .only = PartInfo::Only::Wanted},
    PartInfo{.name = "held_out",
             .axes = "layer,row",
             .title = phrase("scores while held out"),
             .doc = phrase("what the logistic or ridge probe says of each prompt while it is held out"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "pca",
             .axes = "layer,row,component",
             .title = phrase("first two components"),
             .doc = phrase("where each prompt lies along the first two principal components"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "explained_variance",
             .axes = "layer,component",
             .title = phrase("explained variance"),
             .doc = phrase("the share of the whole variance along each of the two components")},
    PartInfo{.name = "direction",
             .axes = "layer,dim",
             .title = phrase("direction"),
             .doc = phrase("the second class's mean less the first's over all prompts; of a number, the step along a ridge probe that "
                           "raises what it predicts by a standard deviation"),
             .scale = PartInfo::Scale::Signed,
             .only = PartInfo::Only::Wanted},
    PartInfo{.name = "probe",
             .axes = "layer,dim",
             .title = phrase("direction of the probe"),
             .doc = phrase("the step along a logistic probe's weights that brings the one class's mean to where the other's is along them"),
             .scale = PartInfo::Scale::Signed,
             .only = PartInfo::Only::Wanted},
    PartInfo{.name = "mean",
             .axes = "layer,dim",
             .title = phrase("mean"),
             .doc = phrase("the mean over all prompts"),
             .scale = PartInfo::Scale::Signed,
             .only = PartInfo::Only::Wanted},
    PartInfo{.name = "component.1",
             .axes = "layer,dim",
             .title = phrase("direction of the first component"),
             .doc = phrase("along the first principal component of the prompts, one standard deviation of them long"),
             .scale = PartInfo::Scale::Signed,
             .only = PartInfo::Only::Wanted},
    PartInfo{.name = "component.2",
             .axes = "layer,dim",
             .title = phrase("direction of the second component"),
             .doc = phrase("along the second principal component of the prompts, one standard deviation of them long"),
             .scale = PartInfo::Scale::Signed,
             .only = PartInfo::Only::Wanted},
};

/// The parts that are vectors of the stream, one for each block.
struct VectorPart {
  std::string_view name;
  const std::vector<double>& (*of)(const ProbedRows& rows);
};
constexpr VectorPart kVectorParts[] = {
    {"direction", [](const ProbedRows& rows) -> const std::vector<double>& { return rows.direction; }},
    {kProbePart, [](const ProbedRows& rows) -> const std::vector<double>& { return rows.probe; }},
    {"mean", [](const ProbedRows& rows) -> const std::vector<double>& { return rows.mean; }},
    {"component.1", [](const ProbedRows& rows) -> const std::vector<double>& { return rows.components.directions[0]; }},
    {"component.2", [](const ProbedRows& rows) -> const std::vector<double>& { return rows.components.directions[1]; }},
};

class DirectionsAnswer {
 public:
  /// `places`: one for each block.
  DirectionsAnswer(const Asking& asking, const ProbedSet& set, std::vector<ProbedPlace> places)
      : asking_(asking), set_(set), tags_(set.tags), places_(std::move(places)), n_layer_(static_cast<int>(places_.size())) {}

  Answer answer() && {
    if (!tags_.is_number()) {
      by_layer("accuracy.difference", [](const ProbedPlace& d) { return d.rows.difference.accuracy; });
      by_layer("accuracy.logistic", [](const ProbedPlace& d) { return d.rows.logistic.accuracy; });
      by_layer("auc.difference", [](const ProbedPlace& d) { return d.rows.difference.auc; });
      by_layer("auc.logistic", [](const ProbedPlace& d) { return d.rows.logistic.auc; });
      by_layer("separation", [](const ProbedPlace& d) { return d.rows.separation; });
    } else {
      by_layer("r2", [](const ProbedPlace& d) { return d.rows.r2; });
      by_layer("spearman", [](const ProbedPlace& d) { return d.rows.spearman; });
    }
    set_.add_baselines(answer_);
    by_layer("baselines.shuffled", [](const ProbedPlace& d) { return d.shuffled.score; });
    by_layer("baselines.untrained", [](const ProbedPlace& d) { return d.untrained.score; });
    if (tags_.is_number()) {
      number("baselines_spearman.position", set_.position.spearman);
      number("baselines_spearman.length", set_.length.spearman);
      by_layer("baselines_spearman.shuffled", [](const ProbedPlace& d) { return d.shuffled.spearman; });
      by_layer("baselines_spearman.untrained", [](const ProbedPlace& d) { return d.untrained.spearman; });
    } else {
      answer_.add("classes", Answer::Words{{"class"}, {2}, {tags_.zero, tags_.one}});
    }
    rows();
    const auto wanted = [&](std::string_view name) { return std::ranges::find(asking_.wanted, name) != asking_.wanted.end(); };
    if (wanted("prompts")) prompts();
    for (const VectorPart& part : kVectorParts)
      if ((part.name != kProbePart || !tags_.is_number()) && wanted(part.name)) vectors(part);
    return std::move(answer_);
  }

 private:
  void by_layer(const char* name, double (*of)(const ProbedPlace&)) {
    Grid grid = Grid::of({"layer"}, {n_layer_}, "");
    for (int layer = 0; layer < n_layer_; ++layer) grid.at(layer) = static_cast<float>(of(places_[static_cast<std::size_t>(layer)]));
    answer_.add(name, std::move(grid));
  }
  void number(const char* name, double value) { answer_.add(name, Answer::Number{value, ""}); }
  void rows() {
    const auto n = static_cast<int>(tags_.rows.size());
    Grid values = Grid::of({"row"}, {n}, ""), scores = Grid::of({"layer", "row"}, {n_layer_, n}, "");
    Grid pca = Grid::of({"layer", "row", "component"}, {n_layer_, n, 2}, ""),
         explained = Grid::of({"layer", "component"}, {n_layer_, 2}, "");
    for (int i = 0; i < n; ++i) {
      const auto at = static_cast<std::size_t>(i);
      values.at(i) = static_cast<float>(tags_.is_number() ? tags_.targets[at] : tags_.labels[at]);
    }
    for (int layer = 0; layer < n_layer_; ++layer) {
      const ProbedRows& one = places_[static_cast<std::size_t>(layer)].rows;
      for (int i = 0; i < n; ++i) scores.at(layer, i) = static_cast<float>(one.held_out[static_cast<std::size_t>(i)]);
      for (int i = 0; i < 2 * n; ++i) pca.at(layer, i / 2, i % 2) = static_cast<float>(one.components.places[static_cast<std::size_t>(i)]);
      for (int c = 0; c < 2; ++c) explained.at(layer, c) = static_cast<float>(one.components.explained[static_cast<std::size_t>(c)]);
    }
    answer_.add("values", std::move(values));
    answer_.add("held_out", std::move(scores));
    answer_.add("pca", std::move(pca));
    answer_.add("explained_variance", std::move(explained));
  }
  void prompts() {
    Answer::Words words{{"row"}, {static_cast<int>(tags_.rows.size())}, {}};
    for (const TaggedPrompt* row : tags_.rows)
      words.words.push_back(row->text.empty() ? valid_utf8(asking_.model().tokenizer->decode(row->ids)) : row->text);
    answer_.add("prompts", std::move(words));
  }
  void vectors(const VectorPart& part) {
    const auto of = [&](const ProbedPlace& d) -> const std::vector<double>& { return part.of(d.rows); };
    const auto width = static_cast<int>(of(places_.front()).size());
    Grid grid = Grid::of({"layer", "dim"}, {n_layer_, width}, "");
    for (int layer = 0; layer < n_layer_; ++layer)
      for (int i = 0; i < width; ++i)
        grid.at(layer, i) = static_cast<float>(of(places_[static_cast<std::size_t>(layer)])[static_cast<std::size_t>(i)]);
    answer_.add(std::string(part.name), std::move(grid));
  }

  const Asking& asking_;
  const ProbedSet& set_;
  const TagColumn& tags_;
  std::vector<ProbedPlace> places_;
  int n_layer_;
  Answer answer_;
};

Result<Answer> answer_directions(const Asking& asking) {
  const auto sites = asking.params.choices("site");
  if (sites.size() != 1) return fail(ErrorCode::InvalidArgument, text("directions reads one site at a time; ask for each in turn"));
  const auto* site = std::ranges::find(kDirectionSites, sites.front(), &DirectionSite::name);
  GF_TRY_ASSIGN(const ProbedSet set, probed_set(asking, site->kind));
  std::vector<ProbedPlace> places(set.trained.size());
  ThreadPool pool(0);
  const auto at_once = static_cast<std::size_t>(pool.size());
  const auto progress = progress_between(asking, kStatesShare, 1);
  for (std::size_t first = 0; first < places.size(); first += at_once) {
    if (asking.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the probes were cancelled"));
    pool.parallel_for(std::min(at_once, places.size() - first), [&](std::size_t i) {
      const std::size_t layer = first + i;
      places[layer] = set.probed(set.trained[layer], set.untrained[layer]);
    });
    progress(static_cast<double>(std::min(first + at_once, places.size())) / static_cast<double>(places.size()));
  }
  return DirectionsAnswer(asking, set, std::move(places)).answer();
}

/// A vector for each block under the name of its hook, as a recipe's {"file", "tensor"} takes it.
Result<void> write_directions(const Answer& answer, const Params& params, const std::string& path) {
  const auto* site = std::ranges::find(kDirectionSites, params.choices("site").front(), &DirectionSite::name);
  std::vector<NamedArray> arrays;
  std::vector<std::span<const float>> values;
  for (const std::string_view name : kVectorParts | std::views::transform(&VectorPart::name)) {
    if (answer.find(name) == nullptr) continue;  // of a number there is no logistic probe
    const Grid& grid = answer.grid(name);
    const auto width = static_cast<std::size_t>(grid.shape[1]);
    for (int layer = 0; layer < grid.shape[0]; ++layer) {
      arrays.push_back({name_of(HookId{site->kind, layer}) + "." + std::string(name), {{"dim", grid.shape[1]}}});
      values.push_back(std::span(grid.values).subspan(static_cast<std::size_t>(layer) * width, width));
    }
  }
  return write_arrays(path, arrays, {{"tag", params.text("tag")}}, [&](std::size_t i, const ArraySink& write) { return write(values[i]); });
}

constexpr std::array kDirectionsFiles{QuestionFile{".safetensors", write_directions}};

}  // namespace

extern constinit const Question kDirectionsQuestion{.name = "directions",
                                                    .title = phrase("Directions"),
                                                    .doc = phrase("how well each depth tells a tag of the prompts along a straight line"),
                                                    .needs = {.prompt = false, .pattern = false, .set = true},
                                                    .params = kDirectionsParams,
                                                    .parts = kDirectionsParts,
                                                    .answer = answer_directions,
                                                    .files = kDirectionsFiles};

}  // namespace gf
