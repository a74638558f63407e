#include "app/scene/operations/board_room.h"

#include <algorithm>

#include "renderer/labels.h"

namespace gf::scene {
namespace {

/// A rectangle of the page.
struct PageBox {
  glm::vec2 low{1e9F}, high{-1e9F};
  void add(glm::vec2 at) {
    low = glm::min(low, at);
    high = glm::max(high, at);
  }
  [[nodiscard]] float shared(const PageBox& other) const {
    const glm::vec2 size = glm::min(high, other.high) - glm::max(low, other.low);
    return size.x > 0 && size.y > 0 ? size.x * size.y : 0;
  }
};

/// The part of the plane at depth z that lies in a part of the picture. nullopt: part of it is sky.
std::optional<PageBox> page_in(const ScreenBox& part, const render::Projection& view, float z) {
  PageBox seen{glm::vec2(-1e9F), glm::vec2(1e9F)};
  const auto at = [&](glm::vec2 pixel) -> std::optional<glm::vec2> {
    const glm::vec3 ray = view.direction(pixel);
    const float way = (z - view.eye().z) / ray.z;
    if (!(way > 0)) return std::nullopt;
    return glm::vec2(view.eye() + ray * way);
  };
  const auto a = at(part.low), b = at({part.high.x, part.low.y}), c = at({part.low.x, part.high.y}), d = at(part.high);
  if (!a || !b || !c || !d) return std::nullopt;
  // The largest upright rectangle inside the four corners.
  seen.low = {std::max(a->x, c->x), std::max(a->y, b->y)};
  seen.high = {std::min(b->x, d->x), std::min(c->y, d->y)};
  return seen;
}

/// Words that stand on the page, as large as the picture shows them.
std::vector<PageBox> words_on(const render::Scene& scene, const render::Projection& view) {
  constexpr float kLetter = 0.55F;  // its width in heights
  std::vector<PageBox> words;
  for (const render::Label& label : scene.labels) {
    const float px = label.alpha > 0 ? render::label_px(label, view) : 0;
    const float depth = view.depth(label.anchor);
    if (!(px > 0) || !(depth > 0)) continue;
    const float height = px * depth / view.focal_px(), width = kLetter * height * static_cast<float>(label.text.size());
    const float left = label.horizontal == render::Align::Begin ? 0 : label.horizontal == render::Align::End ? width : width / 2;
    const glm::vec2 low(label.anchor.x - left, label.anchor.y - height / 2);
    words.push_back({low, low + glm::vec2(width, height)});
  }
  return words;
}

/// The cells that are lit.
std::vector<PageBox> lit_by(const ViewScene::Focus& focus) {
  std::vector<PageBox> lit;
  for (const render::Line& line : focus.lines) {
    if (!line.on_top) continue;
    PageBox box;
    for (const glm::vec3& point : line.points) box.add(point);
    lit.push_back(box);
  }
  return lit;
}

}  // namespace

std::optional<ViewScene::Box> board_to_read(const ViewScene::Focus& focus, const ViewScene& scene, const render::Projection& view,
                                            const ScreenBox& free, const std::optional<glm::vec2>& before) {
  constexpr float kRead = 12.2F;  // pixels of letters: the least of a label, and what a tilted page takes
  const ViewScene::Box& board = focus.board;
  const float depth = view.depth((board.low + board.high) * 0.5F);
  const float px = depth > 0 ? focus.letters * view.focal_px() / depth : 0;
  if (!(px > 0) || px >= kRead) return std::nullopt;
  const glm::vec2 low(board.low), size = glm::vec2(board.high) - low, wanted = size * (kRead / px);
  // It stands before the page, so that nothing of the page lies over it, and above the captions and the legend at the picture's foot.
  constexpr float kBefore = -0.25F, kAboveFoot = 0.76F, kMargin = 6;
  ScreenBox part{free.low + kMargin, free.high - kMargin};
  part.high.y = std::min(part.high.y, kAboveFoot * view.size().y);
  const auto page = page_in(part, view, kBefore);
  if (!page) return std::nullopt;
  const glm::vec2 room = page->high - page->low;
  if (wanted.x > room.x || wanted.y > room.y) return std::nullopt;

  // The sheets that a step speaks of have a frame of their own.
  constexpr float kBeside = 0.04F, kMarkedFrame = 2.5F;
  std::vector<PageBox> sheets, marked;
  for (const render::Panel& panel : scene.scene->panels) {
    const glm::vec3 end = panel.origin + panel.across + panel.down;
    PageBox sheet;
    sheet.add(panel.origin);
    sheet.add(end);
    sheets.push_back(sheet);
    if (panel.frame_px >= kMarkedFrame) marked.push_back({sheet.low - kBeside, sheet.high + kBeside});
  }
  const std::vector<PageBox> lit = lit_by(focus), words = words_on(*scene.scene, view);
  constexpr float kLit = 50, kMarked = 20, kWords = 6;  // a lit cell is small, and what one looks at
  constexpr float kAway = 0.2F;
  constexpr int kSteps = 8;  // of each side of the room
  std::optional<glm::vec2> best;
  float least = 0;
  const auto consider = [&](glm::vec2 at) {
    at = glm::clamp(at, page->low, page->high - wanted);
    const PageBox here{at, at + wanted};
    float cost = kAway * glm::length(at + wanted / 2.0F - (low + size / 2.0F));  // near to where it stood
    for (const PageBox& sheet : sheets) cost += here.shared(sheet);
    for (const PageBox& word : words) cost += here.shared(word) * kWords;
    for (const PageBox& sheet : marked) cost += here.shared(sheet) * kMarked;
    for (const PageBox& cells : lit) cost += here.shared({cells.low - 0.02F, cells.high + 0.02F}) * kLit;
    if (!best || cost < least) {
      best = at;
      least = cost;
    }
  };
  for (int i = 0; i <= 2; ++i)
    for (int j = 0; j <= 2; ++j) consider(low - (wanted - size) * glm::vec2(i, j) / 2.0F);
  for (int i = 0; i <= kSteps; ++i)
    for (int j = 0; j <= kSteps; ++j) consider(page->low + (room - wanted) * glm::vec2(i, j) / static_cast<float>(kSteps));
  if (before) {
    constexpr float kMuchWorse = 1.5F, kALittle = 0.3F;
    least = kMuchWorse * least + kALittle;
    consider(*before - wanted / 2.0F);
  }
  return ViewScene::Box{{*best, kBefore}, {*best + wanted, kBefore}};
}

}  // namespace gf::scene
