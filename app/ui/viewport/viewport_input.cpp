// The pointer in the viewport.
#include <QMouseEvent>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/ui/viewport/orbit.h"
#include "app/ui/viewport/view_window.h"
#include "app/ui/viewport/viewport.h"

namespace gf::ui {
namespace {

glm::vec2 pixel_of(const QPointF& point) { return {static_cast<float>(point.x()), static_cast<float>(point.y())}; }
constexpr float kDragPixels = 4;

}  // namespace

void Viewport::pressed(QMouseEvent* event) {
  rests_at_.reset();
  setFocus(Qt::MouseFocusReason);
  if (flight_.isActive()) {
    flight_.stop();
    request();
  }
  press_ = last_ = pixel_of(event->position());
  button_ = event->button();
  moved_far_ = false;
  drag_ = Drag::None;
  link_.clear();
  if (CardDeck::zone(report_.cards, press_) != CardZone::None) {
    if (button_ == Qt::LeftButton && deck_.press(report_.cards, press_)) request();
    return;
  }
  dragged_ = guides_at(press_);
  link_ = dragged_.link_at(press_);
  if (dragged_.covers(press_)) {
    if (button_ == Qt::LeftButton && dragged_.on_map(press_)) drag_ = Drag::Map;
    return;
  }
  if (button_ == Qt::LeftButton && on_split(press_)) {
    drag_ = Drag::Split;
    return;
  }
  const bool pan = button_ == Qt::RightButton || button_ == Qt::MiddleButton || event->modifiers().testFlag(Qt::ShiftModifier);
  drag_ = pan ? Drag::Pan : button_ == Qt::LeftButton ? Drag::Orbit : Drag::None;
  if (event->type() == QEvent::MouseButtonDblClick && button_ == Qt::LeftButton) {
    drag_ = Drag::None;
    click(press_, true);
  }
}

void Viewport::moved(QMouseEvent* event) {
  if (rests_at_ && drag_ == Drag::None && event->globalPosition().toPoint() == *rests_at_) return;
  rests_at_.reset();
  const glm::vec2 at = pixel_of(event->position());
  pointer_ = at;
  if (!deck_.drag(at) && drag_ == Drag::None) {
    const CardZone zone = CardDeck::zone(report_.cards, at);
    if (zone == CardZone::None && !guides_at(at).link_at(at).empty()) window_->setCursor(Qt::PointingHandCursor);
    else if (zone == CardZone::None && !guides_at(at).covers(at) && on_split(at)) window_->setCursor(Qt::SplitHCursor);
    else shape_pointer(zone);
  }
  if (drag_ == Drag::None) return request();
  if (!moved_far_ && glm::length(at - press_) < kDragPixels) return;
  moved_far_ = true;
  const glm::vec2 by = at - last_;
  last_ = at;
  switch (drag_) {
    case Drag::None: return;
    case Drag::Orbit: return move_camera(orbited(camera(), by), false);
    case Drag::Pan: return move_camera(panned(camera(), by, pane().size), false);
    case Drag::Split: split_ = std::clamp(static_cast<double>(at.x / std::max(1.0F, size_px().x)), 0.0, 1.0); return request();
    case Drag::Map: return move_camera(scene::moved_on_map(dragged_, camera(), by), false);
  }
}

void Viewport::released(QMouseEvent* event) {
  const Drag was = drag_;
  drag_ = Drag::None;
  if (deck_.release(report_.cards, pixel_of(event->position()))) {
    shape_pointer(CardDeck::zone(report_.cards, pixel_of(event->position())));
    return request();
  }
  if (was == Drag::Split) {
    shape_pointer(CardZone::None);
    if (const auto share = std::exchange(split_, std::nullopt)) lab_.execute(doc::set_split(*share));
    return request();
  }
  if (was == Drag::None || (was == Drag::Map && !moved_far_)) {
    const std::string link = std::exchange(link_, {});
    const glm::vec2 at = pixel_of(event->position());
    if (!link.empty() && button_ == Qt::LeftButton && link == guides_at(at).link_at(at)) follow(link);
    return;
  }
  if (moved_far_) {
    set_camera(camera(), true);
    return;
  }
  const glm::vec2 at = pixel_of(event->position());
  if (button_ == Qt::LeftButton) return click(at, false);
  if (button_ != Qt::RightButton) return;
  pump_->pick(at, [this, global = event->globalPosition().toPoint()](const std::optional<Picked>& picked) {
    if (picked && on_context_menu) on_context_menu(*picked, global);
    if (!picked && on_ground_menu) on_ground_menu(global);
  });
}

void Viewport::follow(const std::string& camera_name) { camera_name == "whole" ? home() : fly_to(camera_name); }

void Viewport::click(glm::vec2 at, bool twice) {
  pump_->pick(at, [this, twice](const std::optional<Picked>& picked) {
    if (twice) {
      if (picked) go_to_cell(picked->cell);
      return;
    }
    lab_.execute(doc::select_cell(picked ? std::optional(picked->cell) : std::nullopt));
  });
}

void Viewport::go_to_cell(const scene::CellRef& cell) {
  constexpr float kThere = 1.3F;  // so many times the distance from which its number is read
  ++awaited_;
  pump_->camera_at(cell, [this, cell](const Result<render::Camera>& near) {
    --awaited_;
    if (on_open && near && camera().distance <= kThere * near->distance) on_open(cell);
    else fly_to_cell(cell);
  });
}

void Viewport::wheel(QWheelEvent* event) {
  if (flight_.isActive()) {
    flight_.stop();
    request();  // labels that were fading are there or not, though nothing else may change
  }
  const float steps = static_cast<float>(event->angleDelta().y()) / 120.0F;
  const glm::vec2 at = pixel_of(event->position());
  if (steps == 0 || CardDeck::zone(report_.cards, at) != CardZone::None || guides_at(at).covers(at)) return;
  // The point under the pointer stays there. The pick answers a moment later, and each answer adds its steps.
  pump_->pick(at, [this, at, steps](const std::optional<Picked>& picked) {
    const auto point = picked ? std::optional(picked->point) : std::nullopt;
    move_camera(zoomed(camera(), steps, in_pane(at), pane().size, point), true);
  });
}

bool Viewport::on_split(glm::vec2 at) const {
  constexpr float kNear = 5;
  return report_.split && std::abs(at.x - *report_.split * size_px().x) <= kNear;
}

void Viewport::shape_pointer(CardZone zone) {
  switch (zone) {
    case CardZone::None: return window_->unsetCursor();
    case CardZone::Head: return window_->setCursor(Qt::SizeAllCursor);
    case CardZone::Enlarge:
    case CardZone::Close: return window_->setCursor(Qt::PointingHandCursor);
    case CardZone::Body: return window_->setCursor(Qt::ArrowCursor);
  }
}

}  // namespace gf::ui
