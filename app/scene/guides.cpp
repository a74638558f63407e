#include "app/scene/guides.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "app/scene/builder_state.h"
#include "app/scene/legend.h"
#include "app/scene/seen_sheet.h"
#include "app/scene/sheet_in_focus.h"
#include "app/scene/views.h"
#include "model/base/text.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

constexpr float kAllSeen = 0.98F, kMostlySeen = 0.9F, kFillsView = 0.8F, kCentred = 0.08F;
constexpr float kPathWide = 340, kPathHigh = 160, kPathHighOverTiles = 220;  // of a pane with a path; tiles need their rows more
constexpr float kPathLine = 1.3F;                                            // of its letters
constexpr const char* kBetweenSteps = " › ";
constexpr float kMapAir = 5;  // round the places, before it is scaled

/// Where the path's bar begins, and its air round the words, before they are scaled. In a low pane it takes little of the height.
struct PathShape {
  glm::vec2 corner, pad;
};
PathShape path_shape(const Pane& pane) { return pane_is_low(pane) ? PathShape{{4, 2}, {7, 1}} : PathShape{{10, 8}, {9, 4}}; }

bool has_room_for_path(const Pane& pane, bool tiles) {
  return pane.size.x >= kPathWide * pane.presentation && pane.size.y >= (tiles ? kPathHighOverTiles : kPathHigh) * pane.presentation;
}

/// Finds out what of a scene fills a view.
class Whereabouts {
 public:
  Whereabouts(const ViewScene& scene, const render::Camera& camera, const Pane& pane)
      : scene_(scene),
        camera_(camera),
        pane_(pane),
        view_(camera, pane.size),
        free_{glm::vec2(0), {pane.size.x, pane.size.y * (1 - pane.foot)}} {}

  [[nodiscard]] bool shows(const ViewScene::Box& box, float share) const {
    const auto seen = on_screen(box, view_);
    return seen && area(*seen) > 0 && area(in_view(*seen)) >= share * area(*seen);
  }
  /// From the middle of the view to that of a box.
  [[nodiscard]] float away(const ViewScene::Box& box) const {
    const auto seen = on_screen(box, view_);
    return seen ? glm::length(free_.high - seen->low - seen->high) / 2 : std::numeric_limits<float>::max();
  }
  [[nodiscard]] bool shows_all() const { return shows({scene_.scene->low, scene_.scene->high}, kAllSeen); }

  /// Index in ViewScene::blocks of what the middle of the view belongs to.
  [[nodiscard]] std::size_t block() const {
    if (is_of_embedding()) return 0;
    const glm::vec2 middle = (free_.low + free_.high) / 2.0F;
    std::optional<std::size_t> around, end;
    int containing = 0;
    std::size_t nearest = 0;
    float least = std::numeric_limits<float>::max();
    for (std::size_t i = 0; i < scene_.blocks.size(); ++i) {
      const auto box = on_screen(scene_.blocks[i], view_);
      if (!box) continue;
      const float away = glm::length(middle - glm::clamp(middle, box->low, box->high));
      if (away < least) least = away, nearest = i;
      if (box->contains(middle)) around = i, ++containing;
      const glm::vec2 fills = (box->high - box->low) / (free_.high - free_.low);
      const bool is_end = i == 0 || i + 1 == scene_.blocks.size();
      if (is_end && shows(scene_.blocks[i], kMostlySeen) && std::max(fills.x, fills.y) >= kFillsView) end = i;
    }
    // Columns of the Stream overlap: a pattern over a block reaches into the next one's.
    if (containing > 1)
      if (const int sheet = sheet_in_middle(scene_, camera_, pane_); sheet >= 0)
        if (const PanelInfo& info = scene_.panels[static_cast<std::size_t>(sheet)]; info.mapping == PanelInfo::Mapping::Causal)
          return static_cast<std::size_t>(info.tensor.hook.layer) + 1;
    // The camera of an end may stand beside it, so that a wide window shows a block in place of empty ground.
    const bool centred = around && away(scene_.blocks[*around]) < kCentred * (free_.high.x - free_.low.x);
    if (end && !(centred && shows(scene_.blocks[*around], kMostlySeen))) return *end;
    return around.value_or(nearest);
  }
  /// Whether the view is that of the embedding's camera: it stands at the page's left end, so that in a wide window the middle of the
  /// picture belongs to what comes after the embedding.
  [[nodiscard]] bool is_of_embedding() const {
    constexpr float kSame = 0.01F;  // of the distance
    if (scene_.blocks.empty() || scene_.tokens.low.x >= scene_.tokens.high.x) return false;
    const render::Camera own = machine_camera({CameraName::Kind::Embedding}, scene_, pane_);
    const float near = kSame * own.distance;
    return std::abs(own.distance - camera_.distance) < near && glm::length(own.target - camera_.target) < near &&
           std::abs(own.yaw - camera_.yaw) < kSame && std::abs(own.pitch - camera_.pitch) < kSame;
  }
  [[nodiscard]] int sheet() const { return sheet_in_middle(scene_, camera_, pane_); }

 private:
  [[nodiscard]] ScreenBox in_view(const ScreenBox& box) const {
    return {glm::clamp(box.low, free_.low, free_.high), glm::clamp(box.high, free_.low, free_.high)};
  }
  const ViewScene& scene_;
  const render::Camera& camera_;
  const Pane& pane_;
  render::Projection view_;
  ScreenBox free_;
};

/// The camera of a block, counted as ViewScene::blocks counts them.
PathStep step_of_block(std::size_t index, const ModelConfig& config) {
  const int block = static_cast<int>(index) - 1;
  if (block < 0) return {text("embedding"), "embedding"};
  if (block >= config.n_layer) return {text("logits"), "logits"};
  return {text("block {0}", block), "block " + std::to_string(block)};
}

void add_steps_in_block(std::vector<PathStep>& path, const ViewScene& scene, const Whereabouts& here, const ViewScene::Box& block,
                        const ModelConfig& config) {
  const int sheet = here.sheet();
  if (sheet < 0) return;
  const bool all = here.shows(block, kMostlySeen);
  const PanelInfo& info = scene.panels[static_cast<std::size_t>(sheet)];
  const auto place = place_of(info.tensor);
  if (place && place->layer >= 0 && (place->place == HookPlace::Attention || place->place == HookPlace::Mlp)) {
    const bool attention = place->place == HookPlace::Attention;
    const std::string number = std::to_string(place->layer);
    const ViewScene::Box part = part_of_block(scene, place->layer, attention);
    // A view of a part may reach over the whole block: it is of the one whose middle it has in its own.
    if (all && here.away(block) <= here.away(part)) return;
    path[1] = step_of_block(static_cast<std::size_t>(place->layer) + 1, config);
    path.push_back({attention ? text("attention") : text("MLP"), (attention ? "attention " : "MLP ") + number});
    if (here.shows(part, kMostlySeen)) return;
    const auto is_plate = [&](const PanelInfo& p) {
      return !p.tensor.is_weight() && p.tensor.hook == HookId{HookKind::Pattern, place->layer} && p.head == info.head;
    };
    if (info.head >= 0 && std::ranges::any_of(scene.panels, is_plate))
      path.push_back({text("head {0}", info.head), "head " + number + "." + std::to_string(info.head)});
  } else if (all) {
    return;
  }
  PathStep last{sheet_name(info.tensor, config), camera_name(info.tensor, info.head)};
  if (last.camera != path.back().camera) path.push_back(std::move(last));  // the logits are an end of the model and a tensor
}

void lay_out(Guides& guides, const Pane& pane) {
  const float s = pane.presentation, px = kPathPx * s, gap = render::text_width(kBetweenSteps, px);
  const glm::vec2 corner = path_shape(pane).corner * s, pad = path_shape(pane).pad * s;
  const auto width = [&](const PathStep& step) { return render::text_width(step.text, px, &step == &guides.path.back()); };
  const auto whole = [&] {
    float sum = 2 * pad.x - gap;
    for (const PathStep& step : guides.path) sum += width(step) + gap;
    return sum;
  };
  while (guides.path.size() > 1 && whole() > pane.size.x - 2 * corner.x) guides.path.erase(guides.path.begin());
  guides.bar = {corner, corner + glm::vec2(whole(), kPathLine * px + 2 * pad.y)};
  float x = guides.bar.low.x + pad.x;
  for (PathStep& step : guides.path) {
    const float wide = width(step);
    step.box = {{x, guides.bar.low.y}, {x + wide, guides.bar.high.y}};
    x += wide + gap;
  }
}

void add_places(Guides& guides, const ViewScene& scene, const render::Projection& view, const Pane& pane, const ModelConfig& config) {
  const float s = pane.presentation, air = kMapAir * s, unit = guides.map_unit;
  const glm::vec2 low(scene.scene->low);
  const auto at = [&](glm::vec2 world) { return guides.map.low + air + (world - low) * unit; };
  for (std::size_t i = 0; i < scene.blocks.size(); ++i) {
    MapPlace place;
    place.box = {at(scene.blocks[i].low), at(scene.blocks[i].high)};
    place.camera = step_of_block(i, config).camera;
    place.here = i == guides.block;
    if (i > 0 && i + 1 < scene.blocks.size()) place.number = std::to_string(i - 1);
    const glm::vec2 room = place.box.high - place.box.low;
    if (render::text_width(place.number, kMapPx * s) + 3 * s > room.x || 1.15F * kMapPx * s > room.y) place.number.clear();
    guides.places.push_back(std::move(place));
  }
  const std::array<glm::vec2, 4> corners{glm::vec2(0), {pane.size.x, 0}, pane.size, {0, pane.size.y}};
  for (std::size_t i = 0; i < corners.size(); ++i) {
    constexpr float kFar = 1e4F;  // where the view reaches to the horizon
    const glm::vec3 direction = view.direction(corners[i]);
    const float reach = direction.z > 0 ? -view.eye().z / direction.z : kFar;
    guides.seen[i] = at(glm::vec2(view.eye() + direction * std::clamp(reach, 0.0F, kFar)));
  }
}

}  // namespace

bool pane_is_low(const Pane& pane) {
  constexpr float kLow = 220;
  return pane.size.y < kLow * pane.presentation;
}

bool path_is_shown(const Pane& pane, bool tiles) { return pane.guides && has_room_for_path(pane, tiles); }

float path_height(const Pane& pane) {
  const PathShape shape = path_shape(pane);
  return (shape.corner.y + kPathLine * kPathPx + 2 * shape.pad.y) * pane.presentation;
}

std::vector<ScreenBox> Guides::boxes() const {
  std::vector<ScreenBox> all;
  if (!path.empty()) all.push_back(bar);
  if (!places.empty()) all.push_back(map);
  return all;
}

bool Guides::covers(glm::vec2 at) const {
  return std::ranges::any_of(boxes(), [&](const ScreenBox& box) { return box.contains(at); });
}

std::string Guides::link_at(glm::vec2 at) const {
  const glm::vec2 air(6 * letters, 0);  // a click beside a word means that word
  for (const PathStep& step : path)
    if (ScreenBox{step.box.low - air, step.box.high + air}.contains(at)) return step.camera;
  if (!on_map(at)) return {};
  const auto away = [&](const MapPlace& place) { return glm::length(at - glm::clamp(at, place.box.low, place.box.high)); };
  return std::ranges::min_element(places, {}, away)->camera;
}

Guides Guides::shifted(float by) const {
  Guides moved = *this;
  const auto move = [by](ScreenBox& box) {
    box.low.x += by;
    box.high.x += by;
  };
  move(moved.bar);
  move(moved.map);
  for (PathStep& step : moved.path) move(step.box);
  for (MapPlace& place : moved.places) move(place.box);
  for (glm::vec2& corner : moved.seen) corner.x += by;
  return moved;
}

render::Camera moved_on_map(const Guides& guides, render::Camera camera, glm::vec2 drag_px) {
  camera.target += glm::vec3(drag_px / guides.map_unit, 0);
  return camera;
}

std::vector<PathStep> path_to(const ViewScene& scene, const render::Camera& camera, const Pane& pane, const SceneInput& input, View view) {
  const ModelConfig& config = input.model->weights->config;
  std::vector<PathStep> path{{input.model->weights->name, "whole"}};
  const Whereabouts here(scene, camera, pane);
  if (here.shows_all() || scene.blocks.empty()) return path;
  const std::size_t block = here.block();
  path.push_back(step_of_block(block, config));
  if (!info_of(view).tiles && !here.is_of_embedding()) add_steps_in_block(path, scene, here, scene.blocks[block], config);
  return path;
}

std::size_t block_in_middle(const ViewScene& scene, const render::Camera& camera, const Pane& pane) {
  return Whereabouts(scene, camera, pane).block();
}

Guides path_over(const ViewScene& scene, const render::Camera& camera, const Pane& pane, const SceneInput& input, View view) {
  Guides guides;
  guides.letters = pane.presentation;
  if (!has_room_for_path(pane, info_of(view).tiles)) return guides;
  const Whereabouts here(scene, camera, pane);
  if (here.shows_all() || scene.blocks.empty()) return guides;
  guides.path = path_to(scene, camera, pane, input, view);
  guides.block = here.block();
  for (std::size_t i = 0; i < scene.blocks.size(); ++i)
    if (step_of_block(i, input.model->weights->config) == guides.path[1]) guides.block = i;
  lay_out(guides, pane);
  return guides;
}

void add_map(Guides& guides, const ViewScene& scene, const render::Camera& camera, const Pane& pane, const SceneInput& input,
             const ShownBesides& besides, const std::optional<MapBefore>& before) {
  constexpr glm::vec2 kLeastForMap{520, 300}, kMost{168, 96};
  const float s = pane.presentation;
  if (guides.path.empty() || pane.size.x < kLeastForMap.x * s || pane.size.y < kLeastForMap.y * s) return;
  const glm::vec2 page = glm::vec2(scene.scene->high) - glm::vec2(scene.scene->low);
  if (!(page.x > 0 && page.y > 0)) return;
  const float unit = std::min(kMost.x / page.x, kMost.y / page.y) * s;
  const auto place = place_of_map(page * unit + 2 * kMapAir * s, scene, camera, pane, guides.bar, besides, before);
  if (!place) return;
  guides.map = place->box;
  guides.corner = place->corner;
  guides.map_unit = unit;
  add_places(guides, scene, render::Projection(camera, pane.size), pane, input.model->weights->config);
}

}  // namespace gf::scene
