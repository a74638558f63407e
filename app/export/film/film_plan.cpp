#include "app/export/film/film_plan.h"

#include <algorithm>
#include <cmath>

#include "app/scene/operations/tempo.h"
#include "app/scene/operations/timeline.h"
#include "app/scene/views.h"

namespace gf::exporting {

std::vector<Shot> plan_film(const doc::Document& document, const scene::SceneInput& input, const FilmPlan& plan,
                            const std::string& caption) {
  constexpr double kHold = 1, kFlight = 0.5;  // seconds, of a film that is long enough
  if (document.cube) {
    // A product plays once, in its own time; its words stand in the picture.
    const double hold = std::min(kHold, plan.seconds / 3);
    const double begin = std::clamp(plan.from.value_or(0), 0.0, scene::Cube::kEnd);
    const double end = std::clamp(plan.to.value_or(scene::Cube::kEnd), begin, scene::Cube::kEnd);
    return {{document, input, caption, plan.seconds - hold, begin, end, {}, false}, {document, input, caption, hold, end, end, {}, false}};
  }
  const int positions = input.run ? input.run->base->length() : 0;
  const scene::Timeline timeline(input.model->weights->config, positions);
  const double from = std::clamp(plan.from.value_or(0), 0.0, timeline.end());
  const double to = std::clamp(plan.to.value_or(timeline.end()), from, timeline.end());
  Shot shot{document, input, caption, 0, from, to, {}, positions > 0};
  std::vector<Shot> shots;
  double played = 0;
  const auto play = [&](double begin, double end, double seconds) {
    const double a = std::max(begin, from), b = std::min(end, to);
    if (!(b > a)) return;
    shot.from = a;
    shot.to = b;
    shot.seconds = seconds * (b - a) / (end - begin);
    played += shot.seconds;
    shots.push_back(shot);
  };
  const int last_op = static_cast<int>(timeline.ops().size()) - 1;
  const int first = timeline.at(from).position;
  // Each operation for itself, where each is to be followed.
  const bool by_operation = document.pace == scene::Pace::Term || document.pace == scene::Pace::Operation;
  for (double t = std::floor(from); by_operation && positions > 0 && t < to; t += 1)
    play(t, t + 1, 1 / scene::operations_a_second(document.pace, timeline, t, from));
  for (int p = first; p < positions && !by_operation; ++p) {
    const double seconds = document.pace == scene::Pace::Pass ? 1 : scene::seconds_of_token(p - first);
    // The tokens of the prompt are not chosen, so none of them flies.
    const bool flies = p >= input.run->base->n_prompt() - 1;
    const double end = timeline.start_of(p + 1), choice = flies ? timeline.start_of(p, last_op) : end;
    play(timeline.start_of(p), choice, seconds);
    if (flies) play(choice, end, kFlight);
  }
  // The hold takes at most a third of a short film.
  const double hold = shots.empty() ? plan.seconds : std::min(kHold, plan.seconds / 3);
  for (Shot& s : shots) s.seconds *= (plan.seconds - hold) / played;
  shot.from = shot.to = to;
  shot.seconds = hold;
  shots.push_back(shot);
  return shots;
}

Result<void> let_follow(std::vector<Shot>& shots, scene::SceneBuilder& builder, const FilmOptions& options) {
  if (shots.empty() || !shots.front().input.run) return {};
  const Shot& first = shots.front();
  const scene::Timeline timeline(first.input.model->weights->config, first.input.run->base->length());
  // When each operation begins in the film; those before and after it take no time.
  std::vector<double> seconds{0};
  for (double t = 0; t < timeline.end(); t += 1) {
    double takes = 0;
    for (const Shot& shot : shots) {
      const double part = std::min(t + 1, shot.to) - std::max(t, shot.from);
      if (part > 0) takes += shot.seconds * part / (shot.to - shot.from);
    }
    seconds.push_back(seconds.back() + takes);
  }
  GF_TRY_ASSIGN(const scene::SceneInput input, scene::read_for(first.document.view, first.input));
  scene::ViewState view = first.document;
  view.time = timeline.end();
  const scene::Pane pane = pane_of(picture_of(options), 1, scene::is_halved(view, true));
  const auto path = std::make_shared<const scene::FollowPath>(scene::follow_path(builder, input, view, pane, std::move(seconds)));
  for (Shot& shot : shots) shot.follow = path;
  return {};
}

}  // namespace gf::exporting
