#include "app/scene/pointed.h"

#include <algorithm>

#include "app/scene/operations/show.h"
#include "app/scene/seen_sheet.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

std::optional<CellRef> meaning_of(const ViewScene& scene, int means) {
  if (means < 0 || static_cast<std::size_t>(means) >= scene.meanings.size()) return std::nullopt;
  return scene.meanings[static_cast<std::size_t>(means)];
}

std::optional<Pointed> word_at(const ViewScene& shown, const render::Camera& camera, glm::vec2 size, glm::vec2 pixel) {
  constexpr float kLeastAlpha = 0.3F;  // paler ones are about to go
  std::optional<Pointed> found;
  for (const render::PlacedLabel& placed : render::place_labels(*shown.scene, camera, size)) {
    const bool inside = pixel.x >= placed.low.x && pixel.y >= placed.low.y && pixel.x <= placed.high.x && pixel.y <= placed.high.y;
    if (!inside || placed.alpha < kLeastAlpha) continue;
    const render::Label& label = shown.scene->labels[static_cast<std::size_t>(placed.index)];
    if (const auto cell = meaning_of(shown, label.means)) found = Pointed{*cell, label.anchor, label.text};
  }
  return found;
}

/// How far a pixel is from a stretch of a line.
float distance_to(glm::vec2 pixel, glm::vec2 from, glm::vec2 to) {
  const glm::vec2 along = to - from;
  const float length2 = glm::dot(along, along), s = length2 > 0 ? std::clamp(glm::dot(pixel - from, along) / length2, 0.0F, 1.0F) : 0;
  return glm::length(pixel - (from + s * along));
}

std::optional<Pointed> ribbon_at(const ViewScene& shown, const render::Projection& seen, glm::vec2 pixel) {
  constexpr int kStretches = 24;
  constexpr float kReachPx = 4, kLeastAlpha = 0.12F;  // how far from a thin one; those that are paler were set aside
  std::optional<Pointed> found;
  float best = 1;  // of the half width; of several the one whose middle is the nearest
  for (const render::Ribbon& r : shown.scene->ribbons) {
    const auto cell = meaning_of(shown, r.means);
    if (!cell || r.color.a < kLeastAlpha) continue;
    glm::vec3 before{0};
    for (int i = 0; i <= kStretches; ++i) {
      const float s = static_cast<float>(i) / kStretches;
      if (s > r.shown) break;
      const glm::vec3 a = seen.pixel(ribbon_point(r, s, false)), b = seen.pixel(ribbon_point(r, s, true)), middle = (a + b) * 0.5F;
      const float half = std::max(kReachPx, 0.5F * glm::length(glm::vec2(b - a)));
      if (i > 0 && before.z > 0 && middle.z > 0)
        if (const float share = distance_to(pixel, glm::vec2(before), glm::vec2(middle)) / half; share < best) {
          best = share;
          found = Pointed{*cell, (ribbon_point(r, s, false) + ribbon_point(r, s, true)) * 0.5F};
        }
      before = middle;
    }
  }
  return found;
}

}  // namespace

CellRef first_cell(HookId hook, int position, int head) {
  switch (info_of(hook.kind).shape) {
    case RowShape::One: return {{hook, {}}, {position, -1, -1}};
    case RowShape::Causal: return {{hook, {}}, {head, position, 0}};
    case RowShape::PerHead: return {{hook, {}}, {position, head, -1}};
    case RowShape::Heads:
    case RowShape::HeadsDModel: return {{hook, {}}, {position, head, 0}};
    case RowShape::DModel:
    case RowShape::DMlp:
    case RowShape::NVocab: break;
  }
  return {{hook, {}}, {position, 0, -1}};
}

glm::vec3 ribbon_point(const render::Ribbon& r, float s, bool second) {
  const glm::vec3 from = second ? r.a1 : r.a0, to = second ? r.b1 : r.b0;
  const float s2 = s * s, s3 = s2 * s;
  return from * (2 * s3 - 3 * s2 + 1) + r.a_out * (s3 - 2 * s2 + s) + to * (3 * s2 - 2 * s3) + r.b_in * (s3 - s2);
}

std::optional<Pointed> pointed_at(const ViewScene& shown, const render::Camera& camera, glm::vec2 size, glm::vec2 pixel) {
  if (const auto word = word_at(shown, camera, size, pixel)) return word;
  return ribbon_at(shown, render::Projection(camera, size), pixel);
}

std::optional<Pointed> on_board(const ViewScene::Focus& board, const render::Camera& camera, glm::vec2 size, glm::vec2 pixel) {
  const auto box = on_screen(board.board, render::Projection(camera, size), board.board.low.z);
  if (!board.show || !box || !box->contains(pixel)) return std::nullopt;
  return Pointed{board.show->result, (board.board.low + board.board.high) * 0.5F};
}

}  // namespace gf::scene
