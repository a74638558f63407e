#include "app/ui/viewport/scene_pump.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/scene/palette.h"
#include "app/ui/viewport/overlay.h"
#include "model/base/text.h"

namespace gf::ui {
namespace {

using namespace std::chrono_literals;
constexpr auto kSettlePoll = 60ms;  // how often the scene is built again while values are still being read

/// -1: of the embedding; n_layer: of the unembedding.
int block_of(const scene::CellRef& cell, const ModelConfig& config) {
  if (!cell.tensor.is_weight()) {
    const HookId hook = cell.tensor.hook;
    if (hook.layer >= 0) return hook.layer;
    const bool start = hook.kind == HookKind::Embed || hook.kind == HookKind::PosEmbed;
    return start ? -1 : config.n_layer;
  }
  // In "h.4.attn.c_attn.weight" the block is the number between the dots.
  const std::string& name = cell.tensor.weight;
  if (name.starts_with("h.")) return std::atoi(name.c_str() + 2);
  return name.starts_with("wte") || name.starts_with("wpe") ? -1 : config.n_layer;
}

tl::unexpected<Error> no_scene() { return fail(ErrorCode::NotFound, gf::text("No model is open yet."), "ScenePump"); }

}  // namespace

ScenePump::ScenePump(doc::Post post, std::function<void(const ViewReport&)> report)
    : post_(std::move(post)), report_(std::move(report)), thread_([this](const std::stop_token& stop) { loop(stop); }) {}

ScenePump::~ScenePump() {
  thread_.request_stop();
  wake_.notify_all();
}

void ScenePump::set_viewer(render::Viewer* viewer) {
  const std::lock_guard lock(viewer_mutex_);
  viewer_ = viewer;
}

void ScenePump::request(ViewRequest request) {
  {
    const std::lock_guard lock(mutex_);
    newest_ = std::move(request);
  }
  wake_.notify_one();
}

void ScenePump::add(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void ScenePump::loop(const std::stop_token& stop) {
  for (;;) {
    std::deque<Job> jobs;
    {
      std::unique_lock lock(mutex_);
      const auto ready = [&] { return newest_.has_value() || !jobs_.empty(); };
      if (!composer_.built().scene || composer_.settled()) wake_.wait(lock, stop, ready);
      else wake_.wait_for(lock, stop, kSettlePoll, ready);
      if (stop.stop_requested()) return;
      jobs.swap(jobs_);
      if (newest_) now_ = std::move(*newest_);
      newest_.reset();
    }
    if (now_.pane.size.x >= 1 && now_.pane.size.y >= 1) now_.input.model ? update() : show_empty();
    for (const Job& job : jobs) job();
  }
}

render::Camera ScenePump::camera_now() const { return now_.view.camera.value_or(composer_.home()); }

ScenePump::Under ScenePump::under(glm::vec2 pixel) {
  scene::Composer* left = composer_.left_half();
  if (left == nullptr) return {&composer_, pixel, glm::vec2(0)};
  const glm::vec2 from{now_.pane.size.x, 0};
  return pixel.x < from.x ? Under{left, pixel, glm::vec2(0)} : Under{&composer_, pixel - from, from};
}

std::optional<Picked> ScenePump::pick_now(const Under& under) const {
  const scene::ViewScene& built = under.composer->built();
  if (!built.scene) return std::nullopt;
  const auto hit = render::pick_panel(*built.scene, render::ray_through(under.composer->camera(), under.pixel, now_.pane.size));
  if (!hit) return std::nullopt;
  const ModelConfig& config = under.composer->input().model->weights->config;
  const auto cell = built.panels[static_cast<std::size_t>(hit->panel)].cell(hit->row, hit->col, config);
  if (!cell) return std::nullopt;
  return picked_in(*under.composer, *cell, hit->point, {});
}

bool ScenePump::is_own(const scene::Composer& composer, const scene::CellRef& cell) const {
  if (&composer == &composer_) return true;
  const scene::SceneInput &there = composer.input(), &here = now_.input;
  const bool alike = there.model == here.model && there.run->edited->length() == here.run->edited->length();
  return alike || composer_.built().find(cell, here.model->weights->config).has_value();
}

Picked ScenePump::picked_in(const scene::Composer& composer, const scene::CellRef& cell, glm::vec3 point, const std::string& words) const {
  const Picked picked{cell, point, block_of(cell, composer.input().model->weights->config), words};
  if (&composer == &composer_ || composer.camera() == camera_now()) return picked;
  // The page beside the document's is another one.
  const auto here = composer_.built().find(cell, now_.input.model->weights->config);
  return {cell, here ? here->center : camera_now().target, picked.block, words};
}

void ScenePump::update() {
  const ModelConfig& config = now_.input.model->weights->config;
  if (!now_.framed && now_.view.camera && now_.view.camera->chosen_in.known()) {
    const scene::Pane there = scene::pane_of(now_.view.camera->chosen_in);
    now_.view.camera->chosen_in = {};
    now_.framed = scene::framed_by(*now_.view.camera, scenes_.build(now_.input, now_.view, there), there, config);
  }
  const scene::ViewScene& built = composer_.build(now_.input, now_.view, now_.pane);
  if (now_.framed) {
    now_.view.camera = scene::camera_for(*now_.framed, built, now_.pane, config);
    composer_.look_from(*now_.view.camera);
  }
  // Cards speak of the scene before arcs and numbers are added: it stays the same object while the pointer moves.
  scene::Composer* const left = composer_.left_half();
  const glm::vec2 from{left != nullptr ? now_.pane.size.x : 0, 0};
  const render::Camera seen_by = camera_now();
  const CardScene told{built, seen_by, now_.input, now_.view, now_.pane, now_.card_depth, from};
  std::vector<ShownCard> cards = board_.pinned(told, now_.pinned);
  const auto lies_below = [&](const ShownCard& card) { return card.box.contains(*now_.pointer); };
  const std::optional<Under> below = now_.pointer ? std::optional(under(*now_.pointer)) : std::nullopt;
  const bool guided = below && below->composer->guides(now_.moving).covers(below->pixel);
  const bool unobstructed = below && !now_.card_held && !guided && std::ranges::none_of(cards, lies_below);
  const auto picked = unobstructed ? pick_now(*below) : std::nullopt;
  const auto hover = picked ? std::optional(picked->cell) : std::nullopt;
  const scene::Frame& frame = composer_.frame(hover, now_.moving);
  ViewReport report;
  report.camera = frame.camera;
  report.framed = scene::framed_by(frame.camera, built, now_.pane, config);
  report.kept = now_.framed;
  report.serial = now_.serial;
  report.frame = ++frames_;
  report.settled = composer_.settled();
  report.panels = frame.scene.panels.size();
  report.hover = hover;
  report.guides = frame.guides.shifted(from.x);
  if (left != nullptr) report.left_guides = left->guides(now_.moving);
  report.split = frame.legend_room.split;
  if (now_.legend) report.legend = frame.legend;
  if (hover) {
    const scene::Card& card = *below->composer->card();
    report.card = scene::to_text(card);
    const HoverCard wanted{*hover, now_.large_cards, now_.card_hint, &card};
    const bool own = below->composer == &composer_;
    auto pointed = own ? board_.pointed(told, wanted, now_.pinned, cards) : pointed_beside(*left, wanted, cards);
    if (pointed) cards.push_back(*std::move(pointed));
  }
  report.cards.assign(cards.begin(), cards.end());
  {
    const std::lock_guard lock(viewer_mutex_);
    if (viewer_ != nullptr) {
      OverlayContent content;
      content.theme = now_.view.theme;
      content.size = now_.pane.size + from;
      content.scale = now_.pane.presentation;
      content.cards = std::move(cards);
      content.pointer = now_.pointer;
      content.legend = report.legend;
      content.legend_room = frame.legend_room;
      content.caption = now_.caption;
      content.guides = report.guides;
      content.left_guides = report.left_guides;
      content.times = now_.times;
      content.reading = !report.settled;
      viewer_->show({frame.scene.scene, frame.camera, make_overlay(std::move(content)), {}, report.frame});
    }
  }
  post_([report = std::move(report), this] { report_(report); });
}

std::optional<ShownCard> ScenePump::pointed_beside(const scene::Composer& left, const HoverCard& hover,
                                                   const std::vector<ShownCard>& others) {
  const render::Camera camera = left.camera();
  const CardScene told{left.built(), camera, left.input(), left.view(), now_.pane, now_.card_depth};
  return left_board_.pointed(told, hover, {}, others);
}

void ScenePump::show_empty() {
  composer_.clear();
  auto empty = std::make_shared<render::Scene>();
  empty->theme = now_.view.theme;
  empty->ground = scene::palette_of(now_.view.theme).ground;
  const std::lock_guard lock(viewer_mutex_);
  if (viewer_ != nullptr) viewer_->show({std::move(empty), {}, {}, {}, ++frames_});
}

void ScenePump::pick(glm::vec2 pixel, std::function<void(std::optional<Picked>)> answer) {
  add([this, pixel, answer = std::move(answer)] {
    // A board lies over the page; words stand beside its sheets, and ribbons behind them.
    const Under below = under(pixel);
    auto pointed = below.composer->on_board(below.pixel);
    auto picked = pointed ? std::nullopt : pick_now(below);
    if (!pointed && !picked) pointed = below.composer->pointed_at(below.pixel);
    if (pointed) picked = picked_in(*below.composer, pointed->cell, pointed->point, pointed->words);
    if (picked && !is_own(*below.composer, picked->cell)) picked.reset();
    post_([picked, answer] { answer(picked); });
  });
}

void ScenePump::camera(std::string name, std::function<void(Result<render::Camera>)> answer) {
  add([this, name = std::move(name), answer = std::move(answer)] {
    if (!now_.input.model) return post_([answer] { answer(no_scene()); });
    post_([found = scenes_.camera(name, now_.input, now_.view, now_.pane), answer] { answer(found); });
  });
}

void ScenePump::with_scenes(Work work) {
  add([this, work = std::move(work)] {
    if (now_.input.model && now_.pane.size.x >= 1 && now_.pane.size.y >= 1) post_(work(scenes_, now_));
  });
}

void ScenePump::camera_at(scene::CellRef cell, std::function<void(Result<render::Camera>)> answer) {
  add([this, cell = std::move(cell), answer = std::move(answer)] {
    const scene::ViewScene& built = composer_.built();
    if (!now_.input.model || !built.scene) return post_([answer] { answer(no_scene()); });
    Result<render::Camera> found = camera_now();
    if (const auto place = built.find(cell, now_.input.model->weights->config)) {
      const render::Panel& panel = built.scene->panels[static_cast<std::size_t>(place->panel)];
      const auto& info = built.panels[static_cast<std::size_t>(place->panel)];
      const float cell_high = glm::length(panel.down) / static_cast<float>(std::max(1, info.rows));
      const float cell_wide = glm::length(panel.across) / static_cast<float>(std::max(1, info.cols));
      // A cell shows its number when its shorter side has about 44 pixels.
      const float shorter = std::max(1e-4F, std::min(cell_high, cell_wide));
      found->target = place->center;
      found->distance = shorter * now_.pane.size.y / 44.0F / (2 * std::tan(found->fov_y / 2));
    }
    post_([found, answer] { answer(found); });
  });
}

void ScenePump::camera_fit(std::function<void(Result<render::Camera>)> answer) {
  add([this, answer = std::move(answer)] {
    const scene::ViewScene& built = composer_.built();
    if (!built.scene) return post_([answer] { answer(no_scene()); });
    Result<render::Camera> found =
        render::fit(camera_now(), built.scene->low, built.scene->high, now_.pane.aspect(), 1.05F, now_.pane.foot);
    post_([found, answer] { answer(found); });
  });
}

}  // namespace gf::ui
