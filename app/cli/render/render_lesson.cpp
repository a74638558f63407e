#include "app/cli/render/render_lesson.h"

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "app/cli/render/render_output.h"
#include "app/document/request.h"
#include "app/export/film/film_plan.h"
#include "app/lessons/facts.h"
#include "app/lessons/markdown.h"
#include "app/lessons/question.h"
#include "app/scene/views.h"
#include "model/io/loaders.h"

namespace gf::cli {
namespace {

/// Makes the shots of a lesson, step by step. Models stay open from one step to the next.
class Director {
 public:
  Director(const LessonFilm& film, scene::SceneBuilder& builder) : film_(film), builder_(builder) {}

  Result<void> add(const lessons::Lesson& lesson) {
    GF_TRY_ASSIGN(const lessons::LessonText* const in_language, lesson.text_in(film_.language));
    const lessons::LessonText& texts = *in_language;
    bool first = true;
    for (const lessons::Step& step : lesson.steps) {
      const auto found = texts.steps.find(step.id);
      GF_TRY(set_up(step));
      if (first) still(texts.title + "\n" + texts.about, kTitle);
      first = false;
      if (found != texts.steps.end()) GF_TRY(speak(step, found->second));
    }
    return {};
  }
  [[nodiscard]] std::vector<exporting::Shot> take() { return std::move(shots_); }

 private:
  static constexpr double kTitle = 3.5, kFlight = 1.2, kPause = 2.5;

  struct Open {
    std::shared_ptr<const Model> model;
    std::unique_ptr<Session> session;
  };
  Result<Open*> opened(const std::string& name) {
    const auto found = models_.find(name);
    if (found != models_.end()) return &found->second;
    GF_TRY_ASSIGN(const std::string path, resolve_model(name));
    Open open;
    GF_TRY_ASSIGN(open.model, open_model(path));
    GF_TRY_ASSIGN(open.session, Session::create(open.model, {}));
    return &models_.emplace(name, std::move(open)).first->second;
  }

  Result<void> set_up(const lessons::Step& step) {
    doc::Document own;
    if (film_.theme) own.theme = *film_.theme;
    const auto before_model = input_.model;
    const auto before = camera_;
    document_ = lessons::document_for(step, own);
    GF_TRY_ASSIGN(Open * open, opened(document_.model));
    GF_TRY_ASSIGN(const RunRequest request, doc::request_of(document_, *open->model));
    GF_TRY_ASSIGN(Run run, open->session->run(request));
    input_ = {open->model, std::make_shared<const Run>(std::move(run))};
    GF_TRY_ASSIGN(input_, scene::read_for(document_.view, std::move(input_)));
    if (!step.camera.empty()) {
      constexpr float kWords = 0.2F;  // share of the height that the captions cover
      GF_TRY_ASSIGN(document_.camera,
                    builder_.camera(step.camera, input_, document_,
                                    exporting::pane_of(exporting::picture_of(film_.options), 1, scene::is_halved(document_, true)),
                                    film_.options.captions ? kWords : 0.0F));
    }
    camera_ = document_.camera;
    // Another model or view has its own world: the film cuts to it in place of flying.
    flight_from_ = before && before_model == input_.model && view_ == document_.view ? before : camera_;
    view_ = document_.view;
    return {};
  }

  exporting::Shot shot(const std::string& caption, double seconds) const {
    return {document_, input_, caption, seconds, 1e18, 1e18, {}, false};
  }
  void still(const std::string& caption, double seconds) { shots_.push_back(shot(caption, seconds)); }

  Result<void> speak(const lessons::Step& step, const lessons::StepText& text) {
    const auto captions = captions_of(lessons::to_plain(text.text));
    const std::string opening = captions.empty() ? std::string() : captions.front();
    if (camera_ && flight_from_ && !(*flight_from_ == *camera_)) {
      exporting::Shot flight = shot(opening, kFlight);
      flight.camera = exporting::CameraMove{*flight_from_, *camera_};
      shots_.push_back(std::move(flight));
    }
    std::optional<double> moment;
    if (document_.cube) {
      // The product plays while one reads what it is.
      moment = document_.cube->time;
      exporting::Shot playing = shot(opening, std::max(lessons::reading_seconds(opening), scene::Cube::kSeconds * std::min(1.0, *moment)));
      playing.from = 0;
      playing.to = *moment;
      shots_.push_back(std::move(playing));
    } else if (step.to) {
      const scene::Timeline timeline(input_.model->weights->config, input_.run->base->length());
      GF_TRY_ASSIGN(moment, lessons::time_of(*step.to, timeline));
      if (step.from) {
        GF_TRY_ASSIGN(const double from, lessons::time_of(*step.from, timeline));
        if (lessons::goes_with_text(from, *moment, timeline)) {
          play_with(captions, from, *moment);
          return step.question ? ask(*step.question, text) : Result<void>();
        }
        play(from, *moment, opening);
      }
    }
    for (std::size_t i = 0; i < captions.size(); ++i) {
      if (i == 0 && (step.from || document_.cube)) continue;  // it was shown while the run played
      still(captions[i], lessons::reading_seconds(captions[i]));
      if (moment) shots_.back().from = shots_.back().to = *moment;
    }
    return step.question ? ask(*step.question, text) : Result<void>();
  }

  Result<void> ask(const lessons::Question& question, const lessons::StepText& text) {
    std::string asked = lessons::to_plain(text.question);
    for (const std::string& option : text.options) asked += "\n\u2022 " + lessons::to_plain(option);
    still(asked, lessons::reading_seconds(asked) + kPause);
    GF_TRY_ASSIGN(const Open* open, opened(document_.model));
    GF_TRY_ASSIGN(const auto facts, lessons::Facts::of(*open->session, input_.run->request));
    GF_TRY_ASSIGN(const auto answer, lessons::right_answer(question, *facts, *input_.model));
    std::string right = lessons::to_plain(text.right);
    if (answer) {
      lessons::reveal(question, *answer, *input_.model, document_);
      const auto option = static_cast<std::size_t>(answer->option);
      if (answer->option >= 0 && option < text.options.size()) right = "\u2713 " + lessons::to_plain(text.options[option]) + "\n" + right;
    }
    still(right, lessons::reading_seconds(right));
    return {};
  }

  /// A few operations, each part of them under the caption that is read meanwhile. They end before the text does.
  void play_with(const std::vector<std::string>& captions, double from, double to) {
    constexpr double kWorking = 0.85;
    double whole = 0, read = 0;
    for (const std::string& caption : captions) whole += lessons::reading_seconds(caption);
    const double working = kWorking * whole;
    const auto at = [&](double seconds) { return from + (to - from) * std::clamp(seconds / working, 0.0, 1.0); };
    for (const std::string& caption : captions) {
      const double seconds = lessons::reading_seconds(caption), moving = std::clamp(working - read, 0.0, seconds);
      for (const auto& [begin, end] : {std::pair(read, read + moving), std::pair(read + moving, read + seconds)}) {
        if (!(end > begin)) continue;
        still(caption, end - begin);
        shots_.back().from = at(begin);
        shots_.back().to = at(end);
      }
      read += seconds;
    }
  }

  void play(double from, double to, const std::string& caption) {
    constexpr double kToken = 0.9, kLeast = 4, kMost = 14;
    const double seconds = std::clamp(kToken * input_.run->base->length(), kLeast, kMost);
    exporting::FilmPlan plan;
    plan.seconds = std::max(seconds, lessons::reading_seconds(caption));
    plan.from = from;
    plan.to = to;
    for (auto& s : exporting::plan_film(document_, input_, plan, caption)) shots_.push_back(std::move(s));
  }

  const LessonFilm& film_;
  scene::SceneBuilder& builder_;
  std::map<std::string, Open> models_;
  std::vector<exporting::Shot> shots_;
  doc::Document document_;
  scene::SceneInput input_;
  scene::View view_ = scene::View::Machine;
  std::optional<render::Camera> camera_, flight_from_;
};

}  // namespace

std::vector<std::string> captions_of(const std::string& plain) {
  std::vector<std::string> all;
  std::size_t at = 0;
  while (at < plain.size()) {
    const std::size_t end = std::min(plain.find("\n\n", at), plain.size());
    const std::string part = plain.substr(at, end - at);
    if (part.starts_with("\u2022") && !all.empty()) all.back() += "\n" + part;
    else all.push_back(part);
    at = std::min(end + 2, plain.size());
  }
  return all;
}

Result<std::vector<exporting::Shot>> lesson_shots(const lessons::Lesson& lesson, const LessonFilm& film, scene::SceneBuilder& builder) {
  Director director(film, builder);
  GF_TRY(director.add(lesson));
  return director.take();
}

Result<Json> write_lesson_film(const LessonFilm& film) {
  GF_TRY(exporting::check_film(film.path, film.options));
  GF_TRY_ASSIGN(const std::string folder, lessons::resolve_lesson(film.lesson));
  GF_TRY_ASSIGN(const lessons::Lesson lesson, lessons::read_lesson(folder));
  GF_TRY_ASSIGN(const auto target, open_target());
  scene::SceneBuilder builder;
  GF_TRY_ASSIGN(const auto shots, lesson_shots(lesson, film, builder));
  Json reply;
  reply["file"] = film.path;
  reply["lesson"] = lesson.name;
  return film_shots(*target, builder, shots, film.options, film.path, "filming " + lesson.name, std::move(reply));
}

}  // namespace gf::cli
