#include "app/scene/compose.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "app/scene/cards/cell_numbers.h"
#include "app/scene/views.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

/// Where the sign at `at` ends: a character, or a byte or mark as visible_text() writes it, which is never taken apart.
std::size_t end_of_sign(const std::string& text, std::size_t at) {
  if (text[at] == '\\' && at + 1 < text.size()) {
    const char mark = text[at + 1];
    return std::min(text.size(), at + (mark == 'x' ? 4 : mark == 'u' ? 6 : 2));
  }
  do ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
  return at;
}

/// What a label measures from here, as place_labels() sizes it. px is 0 where it is left out.
struct SeenLabel {
  float px = 0;
  float px_per_unit = 0;  ///< of the world, at the label's depth
};

SeenLabel seen_label(const render::Label& label, const render::Camera& camera, float height_px) {
  const glm::vec3 eye = camera.eye();
  const float depth = glm::dot(label.anchor - eye, glm::normalize(camera.target - eye));
  if (!(depth > 1e-6F)) return {};
  const float per_unit = height_px / (2 * std::tan(camera.fov_y / 2) * depth), px = label.height * per_unit;
  if (px < label.min_px) return {0, per_unit};
  return {std::min(px, std::max(label.min_px, label.max_px)), per_unit};
}

/// Labels whose words are longer than their room, seen from here, with the words that fit.
std::vector<std::pair<std::size_t, std::string>> cut_words(const MachineScene& scene, const render::Camera& camera, glm::vec2 size) {
  std::vector<std::pair<std::size_t, std::string>> cut;
  for (const auto& [index, room] : scene.rooms) {
    const render::Label& label = scene.scene->labels[index];
    const SeenLabel seen = seen_label(label, camera, size.y);
    if (seen.px <= 0) continue;
    const glm::vec3 at = render::project(camera, label.anchor, size);
    if (at.x < -size.x || at.x > size.x || at.y < 0 || at.y > size.y) continue;
    std::string words = words_that_fit(label.text, room * seen.px_per_unit, seen.px, label.bold);
    if (words != label.text) cut.emplace_back(index, std::move(words));
  }
  return cut;
}

/// Names of rows and columns whose place is beyond the edge, and by how much they move back to it.
std::vector<std::pair<std::size_t, glm::vec2>> stuck_names(const MachineScene& scene, const render::Camera& camera, glm::vec2 size) {
  constexpr float kAir = 3, kLine = 1.3F;  // to the edge, in pixels; a line's height in letters
  std::vector<std::pair<std::size_t, glm::vec2>> stuck;
  for (const std::size_t index : scene.column_names) {
    const render::Label& label = scene.scene->labels[index];
    const float least = kLine * seen_label(label, camera, size.y).px + kAir;  // it stands above its anchor
    const glm::vec3 at = render::project(camera, label.anchor, size);
    const glm::vec3 end = render::project(camera, {label.anchor.x, scene.scene->high.y, label.anchor.z}, size);
    if (at.z > 0 && at.y < least && end.z > 0 && end.y > 2 * least) stuck.emplace_back(index, glm::vec2(0, least - at.y));
  }
  for (const std::size_t index : scene.row_names) {
    const render::Label& label = scene.scene->labels[index];
    const float px = seen_label(label, camera, size.y).px;
    const glm::vec3 at = render::project(camera, label.anchor, size);
    if (px <= 0 || at.z <= 0 || at.y < 0 || at.y > size.y) continue;
    const float least = render::text_width(label.text, px, label.bold) + kAir;  // it ends at its anchor
    const glm::vec3 end = render::project(camera, {scene.scene->high.x, label.anchor.y, label.anchor.z}, size);
    if (at.x < least && end.z > 0 && end.x > 2 * least) stuck.emplace_back(index, glm::vec2(least - at.x, 0));
  }
  return stuck;
}

}  // namespace

std::string words_that_fit(const std::string& text, float room_px, float size_px, bool bold) {
  if (text.empty() || render::text_width(text, size_px, bold) <= room_px) return text;
  std::string best = "…";
  for (std::size_t i = end_of_sign(text, 0); i < text.size(); i = end_of_sign(text, i)) {
    const std::string tried = text.substr(0, i) + "…";
    if (render::text_width(tried, size_px, bold) > room_px) break;
    best = tried;
  }
  return best;
}

void Composer::clear() {
  made_ = {};
  built_ = {};
  fresh_ = true;
  card_.reset();
  near_.clear();
  frame_ = {};
}

const MachineScene& Composer::build(const SceneInput& input, const ViewState& view, const Pane& pane) {
  // Camera and pace of playing may change without a new scene.
  const bool kept =
      built_.scene && made_.settled && made_.input == input && made_.pane == pane && same_scene(made_.view, view, Redraws::Moment);
  made_.view = view;
  if (kept) return built_;
  built_ = machine_.build(input, view, pane);
  made_ = {input, view, pane, machine_.settled()};
  home_ = info_of(view.view).camera({}, built_, pane);
  fresh_ = true;
  return built_;
}

const Frame& Composer::frame(const std::optional<CellRef>& hover) {
  EXPECTS(built_.scene, "a frame is made of a scene");
  const auto& [input, view, pane, settled] = made_;
  const std::optional<CellRef>& pointed = hover ? hover : view.selection;
  const bool same_card = !fresh_ && (card_ ? card_->cell == pointed : !pointed);
  if (!same_card) {
    card_.reset();
    if (pointed) card_ = explain(*pointed, input, view);
  }
  const render::Camera camera = view.camera.value_or(home_);
  const bool same_camera = !fresh_ && camera == frame_.camera;
  if (!same_camera) near_ = cell_labels(built_, camera, pane.size);
  if (same_card && same_camera) return frame_;
  fresh_ = false;
  frame_.camera = camera;
  assemble(input.model->weights->config);
  frame_.legend = legend_rows(built_, camera, pane.size, pointed ? &pointed->tensor : nullptr);
  return frame_;
}

void Composer::assemble(const ModelConfig& config) {
  frame_.scene = built_;
  const auto cut = cut_words(built_, frame_.camera, made_.pane.size);
  const auto stuck = stuck_names(built_, frame_.camera, made_.pane.size);
  if (!card_ && near_.empty() && cut.empty() && stuck.empty()) return;
  // A copy: what was built stays as it is for the next frame.
  frame_.scene.scene = std::make_shared<render::Scene>(*built_.scene);
  if (card_) add_arcs(frame_.scene, *card_, config);
  auto& labels = frame_.scene.scene->labels;
  for (const auto& [index, words] : cut) labels[index].text = words;
  for (const auto& [index, by] : stuck) {
    labels[index].offset_px += by;
    labels[index].background = {glm::vec3(built_.scene->ground), 0.85F};
  }
  labels.insert(labels.end(), near_.begin(), near_.end());
}

}  // namespace gf::scene
