#include "app/ui/docks/train_lines.h"

#include <algorithm>
#include <cmath>

#include "app/scene/palette.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/analysis/question.h"

namespace gf::ui {
namespace {

constexpr std::size_t kNamedHeads = 3;
constexpr double kFormed = 0.5;  ///< a head that gives half of its attention there does that

}  // namespace

LinesOf loss_lines(const doc::TrainingState& state) {
  LinesOf all;
  all.x_name = gf::text("step");
  all.y_name = gf::text("nats");
  all.x_low = all.y_low = 0;
  all.x_high = static_cast<double>(state.call.steps);
  LinesOf::Line training{.name = gf::text("training"), .points = {}, .dots = false};
  const auto each = static_cast<double>(state.losses.each());
  for (std::size_t i = 0; i < state.losses.points().size(); ++i)
    training.points.emplace_back((static_cast<double>(i) + 0.5) * each, state.losses.points()[i]);
  all.lines.push_back(std::move(training));
  LinesOf::Line held{.name = gf::text("held out"), .points = {}};
  for (const training::CurvePoint& point : state.held_out)
    if (point.held_out) held.points.emplace_back(static_cast<double>(point.step), *point.held_out);
  if (!held.points.empty()) all.lines.push_back(std::move(held));
  return all;
}

std::span<const HeadScore> head_scores_to_plot() {
  static const std::vector<HeadScore> kScores = [] {
    std::vector<HeadScore> scores;
    const Question* heads = find_question("heads");
    EXPECTS(heads, "heads are a question");
    for (const PartInfo& part : heads->parts)
      if (std::string_view(part.axes) == "layer,head") scores.push_back({part.name, part.title, part.doc});
    // Induction is what a training is watched for.
    std::ranges::stable_partition(scores, [](const HeadScore& s) { return std::string_view(s.part) == "induction"; });
    return scores;
  }();
  return kScores;
}

HeadLinesOf head_lines(const doc::HeadSeries::Steps& steps, const std::string& part, std::int64_t last_step) {
  HeadLinesOf result;
  LinesOf& all = result.lines;
  all.x_name = gf::text("step");
  all.y_name = part;
  all.x_low = all.y_low = 0;
  all.y_high = 1;
  if (last_step > 0) all.x_high = static_cast<double>(last_step);
  struct HeadLine {
    int layer, head;
    std::vector<std::pair<double, double>> points;
    double most = 0, most_at = 0, formed_at = -1;
  };
  std::vector<HeadLine> lines;
  for (const auto& [step, answer] : steps) {
    const Grid* grid = answer->get<Grid>(part);
    if (grid == nullptr || grid->shape.size() != 2) continue;
    const int n_head = grid->shape[1];
    if (lines.empty())
      for (int i = 0; i < grid->shape[0] * n_head; ++i) lines.push_back({.layer = i / n_head, .head = i % n_head, .points = {}});
    for (HeadLine& line : lines) {
      const auto value = static_cast<double>(grid->at(line.layer, line.head));
      line.points.emplace_back(static_cast<double>(step), value);
      if (std::isfinite(value) && value > line.most) line.most = value, line.most_at = static_cast<double>(step);
      if (value >= kFormed && line.formed_at < 0) line.formed_at = static_cast<double>(step);
    }
  }
  std::ranges::stable_sort(lines, {}, &HeadLine::most);
  const std::size_t quiet = lines.size() - std::min(lines.size(), kNamedHeads);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const HeadLine& line = lines[i];
    const auto c = scene::head_color(line.layer * 5 + line.head, worn_theme());
    const QColor colour = i < quiet ? mix(skin().panel, skin().dim, 0.55) : QColor::fromRgbF(c.r, c.g, c.b);
    all.lines.push_back({.name = std::to_string(line.layer) + "." + std::to_string(line.head),
                         .points = line.points,
                         .named = i >= quiet,
                         .dots = i >= quiet,
                         .colour = colour});
  }
  if (lines.empty()) return result;
  const HeadLine& first = lines.back();
  const QString head = QStringLiteral("%1.%2").arg(first.layer).arg(first.head), most = percent(first.most);
  result.formed = first.formed_at >= 0;
  result.words = result.formed ? text("Head {0} does it most: {1} at step {2}, more than half from step {3} on.", head, most,
                                      count(std::lround(first.most_at)), count(std::lround(first.formed_at)))
                               : text("Head {0} does it most: {1} at step {2}. None does it with more than half of its attention yet.",
                                      head, most, count(std::lround(first.most_at)));
  return result;
}

}  // namespace gf::ui
