#include "app/cli/render/render_story.h"

#include <algorithm>
#include <cmath>

#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/document/request.h"
#include "app/export/film/film.h"
#include "app/scene/views.h"
#include "app/story/way.h"
#include "model/base/text.h"

namespace gf::cli {
namespace {

Result<story::Story> story_of(const Shown& shown, std::span<const std::string> chapters) {
  const Model& model = *shown.input.model;
  GF_TRY_ASSIGN(const auto session, Session::create(shown.input.model, {}));
  Asking about{.session = *session, .request = shown.input.run->request, .run = *shown.input.run, .a = {}, .b = {}, .params = {}};
  about.position = scene::selected_position_in(shown.document, about.trace().length());
  GF_TRY_ASSIGN(about.a, doc::token_of(shown.document.target, model));
  GF_TRY_ASSIGN(about.b, doc::token_of(shown.document.rival, model));
  const Interrupt interrupt;
  about.stop = interrupt.token();
  ProgressBar bar("telling");
  about.progress = [&bar](double share) { bar.set(share); };
  return story::tell(about, chapters);
}

Json facts_json(const story::Step& step) {
  Json all = Json::array();
  for (const story::Fact& fact : step.facts) {
    Json row;
    row["said"] = fact.said;
    row["value"] = number(fact.value);
    row["question"] = fact.question->name;
    if (!fact.part.empty()) row["part"] = fact.part;
    if (!fact.column.empty()) row["column"] = fact.column;
    if (fact.axis) row["extent_of_axis"] = *fact.axis;
    else if (!fact.index.empty()) row["index"] = fact.index;
    row["position"] = fact.position;
    if (fact.a) row["target"] = fact.a->v;
    if (fact.b) row["against"] = fact.b->v;
    if (const std::string params = fact.params.key(); !params.empty()) row["parameters"] = params;
    all.push_back(std::move(row));
  }
  return all;
}

exporting::FilmOptions options_of_story(const Shown& shown) {
  exporting::FilmOptions options = exporting::film_options(shown.picture, shown.film);
  options.legend = false;  // the sentence stands at the foot, and says what the colours mean
  return options;
}

Result<void> write_moment(render::Offscreen& target, scene::SceneBuilder& builder, std::span<const exporting::Shot> shots,
                          const exporting::FilmOptions& options, const std::string& path, double at) {
  const int last = exporting::frames_of(shots, options) - 1;
  const int frame = std::clamp(static_cast<int>(std::lround(at * options.fps)), 0, last);
  GF_TRY_ASSIGN(const render::Image image, exporting::draw_frame(target, builder, shots, options, frame));
  return exporting::write_png(image, path);
}

}  // namespace

Result<std::vector<exporting::Shot>> story_shots(const story::Story& story, const Shown& shown, const exporting::FilmOptions& options,
                                                 scene::SceneBuilder& builder) {
  const scene::Pane pane = exporting::pane_of(exporting::picture_of(options));
  std::vector<exporting::Shot> shots;
  std::optional<story::Place> before;
  for (std::size_t i = 0; i < story.steps.size(); ++i) {
    const story::Step& step = story.steps[i];
    exporting::Shot shot;
    shot.document = shown.document;
    static_cast<scene::ViewState&>(shot.document) = story::view_of(step, 0, shown.document);
    GF_TRY_ASSIGN(shot.input, scene::read_for(step.view, shown.input));
    shot.spoken = true;
    shot.spoken_share = story::foot_of(step.sentence, pane);
    GF_TRY_ASSIGN(const story::Place place, story::place_of(step, builder, shot.input, shot.document, pane));
    if (before) {
      const story::Step& left = story.steps[i - 1];
      for (const story::Leg& leg : story::way_between(left, step, *before, place)) {
        exporting::Shot way = shot;
        static_cast<scene::ViewState&>(way.document) = story::view_of(leg, left, step, shown.document);
        if (leg.before) {
          GF_TRY_ASSIGN(way.input, scene::read_for(left.view, shown.input));
        }
        way.from = leg.time;
        way.to = leg.until;
        way.camera = exporting::CameraMove{leg.from, leg.to};
        way.veil = leg.veil;
        way.unveil = leg.unveil;
        way.seconds = leg.seconds;
        shots.push_back(std::move(way));
      }
    }
    shot.document.camera = place.camera;
    shot.caption = step.sentence;
    if (step.work > 0) {
      shot.from = step.from;
      shot.to = step.to;
      shot.seconds = step.work;
      shots.push_back(shot);
    }
    shot.from = shot.to = step.to;
    shot.seconds = step.seconds - step.work;
    shots.push_back(shot);
    before = place;
  }
  return shots;
}

Result<Json> write_story(const Shown& shown, scene::SceneBuilder& builder, const StoryOutput& output) {
  const auto& [path, at, chapters] = output;
  const exporting::FilmOptions options = options_of_story(shown);
  if (!at) GF_TRY(exporting::check_film(path, options));
  GF_TRY_ASSIGN(const story::Story story, story_of(shown, chapters));
  if (story.steps.empty())
    return fail(ErrorCode::InvalidArgument, text("This pass has nothing to tell in these chapters; leave --chapters out."));
  GF_TRY_ASSIGN(const auto target, open_target());
  GF_TRY_ASSIGN(const auto shots, story_shots(story, shown, options, builder));
  Json reply;
  reply["file"] = path;
  reply["steps"] = Json::array();
  double begins = 0;
  std::size_t shot = 0;
  for (const story::Step& step : story.steps) {
    while (shot < shots.size() && shots[shot].caption != step.sentence) begins += shots[shot++].seconds;
    reply["steps"].push_back({{"at", begins}, {"sentence", step.sentence}, {"facts", facts_json(step)}});
    while (shot < shots.size() && shots[shot].caption == step.sentence) begins += shots[shot++].seconds;
  }
  if (at) {
    GF_TRY(write_moment(*target, builder, shots, options, path, *at));
    return reply;
  }
  return film_shots(*target, builder, shots, options, path, "filming", std::move(reply));
}

}  // namespace gf::cli
