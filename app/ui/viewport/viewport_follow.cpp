// The camera that is not the user's: that of the pass that is followed, or of a story.
#include <utility>

#include "app/scene/glide.h"
#include "app/ui/viewport/viewport.h"

namespace gf::ui {
namespace {

constexpr int kLeadMs = 600;

}  // namespace

Viewport::PathKey Viewport::path_key() const {
  const doc::Document& d = lab_.document();
  return {lab_.run(), d.view, pane(), d.pace, d.speed};
}

bool Viewport::following() const {
  const doc::Document& d = lab_.document();
  return d.follow && scene::alone_name(d).empty() && !let_go_ && !in_story_ && lab_.run() && lab_.model();
}

void Viewport::let_go() {
  if (in_story_ || lab_.document().follow) let_go_ = true;
  if (on_own_move) on_own_move();
}

void Viewport::hold_on_again() {
  if (!std::exchange(let_go_, false)) return;
  lead();
  request();
}

void Viewport::lead() {
  led_from_ = camera();
  led_clock_.start();
  led_.start();
}

render::Camera Viewport::led_to(const render::Camera& camera) {
  if (!led_from_) return camera;
  const auto gone = static_cast<float>(led_clock_.elapsed()) / kLeadMs;
  if (gone < 1) return scene::glide(*led_from_, camera, gone);
  led_from_.reset();
  return camera;
}

void Viewport::follow_pass() {
  const PathKey key = path_key();
  if (!(key == path_asked_)) {
    path_asked_ = key;
    path_ = nullptr;
    pump_->with_scenes([this, key](scene::SceneBuilder& scenes, const ViewRequest& newest) -> std::function<void()> {
      if (newest.input.run != key.run || newest.view.view != key.view) return [] {};
      const scene::Timeline timeline(newest.input.model->weights->config, key.run->base->length());
      auto path = std::make_shared<const scene::FollowPath>(
          scene::follow_path(scenes, newest.input, newest.view, key.pane, scene::seconds_of_pass(key.pace, key.speed, timeline)));
      return [this, key, path] {
        if (!(key == path_asked_)) return;
        path_ = path;
        if (framing_.camera != path->at(lab_.document().time)) lead();
        request();
      };
    });
  }
  if (!path_) return;
  framing_.again = nullptr;
  look_from(led_to(path_->at(lab_.document().time)));
}

void Viewport::look_with_story(const render::Camera& camera) {
  if (!in_story_ || let_go_) return;
  land();
  framing_.again = nullptr;
  set_camera(led_to(camera), false);
}

void Viewport::set_story(bool on) {
  if (in_story_ == on) return;
  in_story_ = on;
  let_go_ = false;
  led_from_.reset();
  request();
}

void Viewport::set_caption(const std::string& sentence) {
  if (caption_ == sentence) return;
  caption_ = sentence;
  request();
}

void Viewport::set_spoken(float share) {
  if (spoken_ == share) return;
  spoken_ = share;
  request();
}

void Viewport::set_veil(float share) {
  if (veil_ == share) return;
  veil_ = share;
  request();
}

}  // namespace gf::ui
