// Every claim of a lesson on the models that it names.
#include <algorithm>
#include <map>
#include <utility>

#include "app/document/background/pipeline.h"
#include "app/document/request.h"
#include "app/lessons/check.h"
#include "app/lessons/facts.h"
#include "app/lessons/question.h"
#include "app/scene/cards/explain.h"
#include "app/scene/compose.h"
#include "app/scene/operations/board.h"
#include "app/scene/views.h"
#include "model/base/text.h"
#include "renderer/camera.h"

namespace gf::lessons {
namespace {

constexpr float kCheckedWidth = 1280, kCheckedHeight = 720;
constexpr float kFilmWords = 0.2F;  // share of the height that the captions of a lesson's film cover

struct CheckedModel {
  std::shared_ptr<const Model> model;
  std::shared_ptr<Session> session;
  std::unique_ptr<scene::SceneBuilder> builder;
};

/// A panel's bounds on the screen.
struct SeenPanel {
  float area = 0;   ///< pixels that are on the screen
  float share = 0;  ///< of its own bounds
};
SeenPanel seen_of(const render::Panel& panel, const render::Projection& view) {
  glm::vec2 low(1e9F), high(-1e9F);
  for (const glm::vec3 corner :
       {panel.origin, panel.origin + panel.across, panel.origin + panel.down, panel.origin + panel.across + panel.down}) {
    const glm::vec3 at = view.pixel(corner);
    if (at.z <= 0) return {};
    low = glm::min(low, glm::vec2(at));
    high = glm::max(high, glm::vec2(at));
  }
  const auto area = [](glm::vec2 from, glm::vec2 to) { return std::max(0.0F, to.x - from.x) * std::max(0.0F, to.y - from.y); };
  const float whole = area(low, high);
  const float on = area(glm::max(low, glm::vec2(0)), glm::min(high, glm::vec2(kCheckedWidth, kCheckedHeight)));
  return {on, whole > 0 ? on / whole : 0};
}

/// Checks one lesson step by step; models stay open.
class LessonExaminer {
 public:
  explicit LessonExaminer(std::vector<Fault>& faults) : faults_(faults) {}

  void examine(const Step& step) {
    step_ = &step;
    CheckedModel* opened = model_of(step.document.model);
    if (opened == nullptr) return;
    const auto request = doc::request_of(step.document, *opened->model);
    if (!request) return fault(request.error().message);
    // The prompt has to be one that the model can read: the window would replace another one.
    const auto facts = Facts::of(*opened->session, *request);
    if (!facts) return fault(facts.error().message);
    claims(**facts);
    places(*opened, (*facts)->run());
    if (step.question) question(*opened, *request, **facts);
  }

 private:
  void fault(std::string message) { faults_.push_back({step_->id, {}, std::move(message)}); }

  CheckedModel* model_of(const std::string& name) {
    const auto found = models_.find(name);
    if (found != models_.end()) return &found->second;
    auto opened = doc::open_by_name(name);
    if (!opened) {
      fault(opened.error().message);
      return nullptr;
    }
    CheckedModel here{std::move(opened->model), std::move(opened->session), std::make_unique<scene::SceneBuilder>()};
    return &models_.emplace(name, std::move(here)).first->second;
  }

  void claims(Facts& facts) {
    for (const Expression& claim : step_->expect) {
      std::string why;
      const auto held = claim.holds(facts, &why);
      if (!held) fault(gf::text("the claim {0} cannot be evaluated: {1}", claim.text(), held.error().message));
      else if (!*held) fault(gf::text("the model does not bear out {0}", claim.text()) + (why.empty() ? "" : " (" + why + ")"));
    }
  }

  void places(CheckedModel& opened, const Run& run) {
    const ModelConfig& config = opened.model->weights->config;
    const int length = run.edited->length();
    const doc::Document& d = step_->document;
    if (d.selected_position >= length)
      fault(gf::text("position {0} is not in the prompt, whose positions are 0 to {1}", d.selected_position, length - 1));
    for (const auto& moment : {step_->from, step_->to}) {
      if (!moment || moment->kind != Moment::Kind::At) continue;
      if (moment->position >= length)
        fault(gf::text("'time' names position {0}, but the positions are 0 to {1}", moment->position, length - 1));
      if (moment->hook && moment->hook->layer >= config.n_layer) fault(gf::text("'time' has the unknown hook {0}", name_of(*moment->hook)));
    }
    for (const auto& [text, name] : {std::pair{&d.target, "target"}, std::pair{&d.rival, "rival"}})
      if (const auto token = doc::token_of(*text, *opened.model); !token) fault(std::string("'") + name + "': " + token.error().message);

    const auto input_read = scene::read_for(d.view, {opened.model, std::make_shared<const Run>(run)});
    if (!input_read) return fault(input_read.error().message);
    const scene::SceneInput& input = *input_read;
    scene::ViewState view;
    view.view = d.view;
    view.one_head = d.one_head;
    if (d.one_head && !scene::is_in(*d.one_head, config))
      fault(gf::text("'one_head' names head {0}, which the model does not have", scene::one_head_name(*d.one_head)));
    const scene::Pane pane{{kCheckedWidth, kCheckedHeight}};
    auto camera = step_->camera.empty() ? Result<render::Camera>(d.camera.value_or(render::Camera()))
                                        : opened.builder->camera(step_->camera, input, view, pane);
    if (!camera) return fault(camera.error().message);
    const scene::ViewScene scene = opened.builder->build(input, view, pane);
    if (d.selection && !scene::explain(*d.selection, input, view).value)
      fault(gf::text("the selection {0} has no such cell in this run", d.selection->tensor.name()));
    const render::Projection seen(*camera, pane.size);
    constexpr float kSeen = 60;
    float most = 0;
    for (const render::Panel& panel : scene.scene->panels) most = std::max(most, seen_of(panel, seen).area);
    if (most < kSeen) return fault(gf::text("its camera frames nothing"));
    for (const scene::CellRef& cell : d.highlights) shown(cell, scene, seen);
    if (d.selection) selected(*d.selection, scene, seen, config);
    if (!step_->to) return;
    work(opened, input, view, pane, *camera);
    // A film stands farther back, so that its captions cover nothing.
    if (step_->camera.empty()) return;
    if (const auto in_film = opened.builder->camera(step_->camera, input, view, pane, kFilmWords))
      work(opened, input, view, pane, *in_film);
  }

  /// The selected cell is in the picture, as a cell.
  void selected(const scene::CellRef& cell, const scene::ViewScene& scene, const render::Projection& view, const ModelConfig& config) {
    constexpr float kCell = 3;  // pixels from which cells appear as cells
    const auto place = scene.find(cell, config);
    if (!place) return;  // another view shows it
    const render::Panel& panel = scene.scene->panels[static_cast<std::size_t>(place->panel)];
    const scene::PanelInfo& info = scene.panels[static_cast<std::size_t>(place->panel)];
    const glm::vec3 middle = view.pixel(place->center),
                    next = view.pixel(place->center + panel.across / static_cast<float>(std::max(1, info.cols)) +
                                      panel.down / static_cast<float>(std::max(1, info.rows)));
    const glm::vec2 size = glm::abs(glm::vec2(next) - glm::vec2(middle));
    const bool in_picture = middle.z > 0 && middle.x >= 0 && middle.y >= 0 && middle.x < kCheckedWidth && middle.y < kCheckedHeight;
    if (!in_picture || std::max(size.x, size.y) < kCell)
      fault(gf::text("its camera does not show the cell of {0} that it selects", cell.tensor.name()));
  }

  /// What a step plays with its text is seen as what it computes, with words that can be read.
  void work(CheckedModel& opened, const scene::SceneInput& input, scene::ViewState view, const scene::Pane& pane,
            const render::Camera& camera) {
    constexpr float kLetter = 11;  // pixels
    const scene::Timeline timeline(input.model->weights->config, input.run->base->length());
    const auto to = time_of(*step_->to, timeline);
    if (!to) return fault(to.error().message);
    const auto from = step_->from ? time_of(*step_->from, timeline) : to;
    if (!from || view.view != scene::View::Machine) return;
    // A moment without a hook is one of the whole pass.
    if (step_->from ? !goes_with_text(*from, *to, timeline) : !step_->to->hook) return;
    if (*to <= 0 || *to >= timeline.end()) return;
    view.selection = step_->document.selection;
    view.highlights = step_->document.highlights;
    scene::Composer composer(*opened.builder);
    for (double time = step_->from ? std::floor(*from) + 0.9 : *to; time <= *to; time += 1) {
      view.time = time;
      view.camera = camera;
      composer.build(input, view, pane);
      const auto focus = composer.frame().scene.focus;
      const scene::Op& op = timeline.ops()[static_cast<std::size_t>(timeline.at(time - 0.05).op)];
      const std::string what = op.choose ? gf::text("the choice of the token") : name_of(op.hook);
      const render::Projection seen(camera, pane.size);
      if (!focus || !scene::reads(*focus, seen)) {
        fault(gf::text("its camera does not show what happens at its time: {0}", what));
        continue;
      }
      const float depth = seen.depth((focus->board.low + focus->board.high) * 0.5F);
      if (focus->letters * seen.focal_px() / depth < kLetter)
        fault(gf::text("its camera is too far to read what happens at its time: {0}", what));
    }
  }

  void shown(const scene::CellRef& cell, const scene::ViewScene& scene, const render::Projection& view) {
    // Half of the panel, or from close by a good part of the picture.
    constexpr float kArea = 20, kShare = 0.5F, kClose = 0.1F * kCheckedWidth * kCheckedHeight;
    bool exists = false, seen = false;
    for (std::size_t i = 0; i < scene.panels.size(); ++i) {
      const scene::PanelInfo& info = scene.panels[i];
      if (info.tensor != cell.tensor || (info.head >= 0 && cell.index[0] >= 0 && info.head != cell.index[0])) continue;
      exists = true;
      const SeenPanel s = seen_of(scene.scene->panels[i], view);
      seen = seen || (s.area >= kArea && s.share >= kShare) || s.area >= kClose;
    }
    if (!exists) fault(gf::text("the scene has no {0} to highlight", cell.tensor.name()));
    else if (!seen) fault(gf::text("its camera does not show {0}, which it highlights", cell.tensor.name()));
  }

  /// Whether an answer is right; a fault where it cannot be judged.
  std::optional<bool> judged(const Answer& answer, Facts& facts, const Model& model) {
    const auto right = judge(*step_->question, answer, facts, model);
    if (right) return right->has_value();
    fault(gf::text("the question cannot be judged: {0}", right.error().message));
    return std::nullopt;
  }

  void question(CheckedModel& opened, const RunRequest& request, Facts& facts) {
    const Question& q = *step_->question;
    const auto all = possible_answers(q, facts.run(), *opened.model);
    std::size_t right = 0;
    for (const Answer& answer : all) {
      const auto good = judged(answer, facts, *opened.model);
      if (!good) return;
      right += *good ? 1 : 0;
    }
    switch (q.kind) {
      case Question::Kind::Head:
        if (right == 0 || right == all.size())
          fault(gf::text(right == 0 ? "the question has no right answer among the heads"
                                    : "the question has no wrong answer among the heads"));
        return;
      case Question::Kind::Token:
        if (right == 0 || right == all.size())
          fault(gf::text(right == 0 ? "the question has no right answer among the likeliest tokens"
                                    : "the question has no wrong answer among the likeliest tokens"));
        return;
      case Question::Kind::Choice:
        if (right != 1) fault(gf::text("the question has {0} right options, and should have one", right));
        return;
      case Question::Kind::Until: break;
    }
    if (right != 0) fault(gf::text("the question is answered before anything is done"));
    RunRequest solved = request;
    solved.recipe = q.solution;
    const auto after = Facts::of(*opened.session, solved);
    if (!after) return fault(gf::text("the solution does not run: {0}", after.error().message));
    const auto good = judged({}, **after, *opened.model);
    if (good && !*good) fault(gf::text("the solution does not make {0} true", q.holds.front().text()));
  }

  std::vector<Fault>& faults_;
  const Step* step_ = nullptr;
  std::map<std::string, CheckedModel> models_;
};

}  // namespace

std::vector<Fault> live_faults(const Lesson& lesson, const std::function<void(double)>& progress) {
  std::vector<Fault> faults;
  LessonExaminer examiner(faults);
  for (std::size_t i = 0; i < lesson.steps.size(); ++i) {
    if (progress) progress(static_cast<double>(i) / static_cast<double>(lesson.steps.size()));
    examiner.examine(lesson.steps[i]);
  }
  return faults;
}

}  // namespace gf::lessons
