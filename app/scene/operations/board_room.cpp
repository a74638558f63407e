#include "app/scene/operations/board_room.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "app/scene/operations/board.h"
#include "app/scene/pointed.h"
#include "app/scene/seen_sheet.h"
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

/// Where the rays to points of the scene meet the plane at depth z: what a board there would hide of them.
PageBox shadow(std::span<const glm::vec3> points, const render::Projection& view, float z) {
  PageBox box;
  for (const glm::vec3& point : points) {
    const float share = (z - view.eye().z) / (point.z - view.eye().z);
    if (share > 0 && std::isfinite(share)) box.add(glm::vec2(glm::mix(view.eye(), point, share)));
  }
  return box;
}

/// Words that stand on the page, as large as the picture shows them.
std::vector<PageBox> words_on(const render::Scene& scene, const render::Projection& view, float z, const std::optional<Subject>& subject) {
  constexpr float kLetter = 0.55F;  // its width in heights
  std::vector<PageBox> words;
  for (const render::Label& label : scene.labels) {
    if (subject && !subject->has(label.anchor)) continue;
    const float px = label.alpha > 0 ? render::label_px(label, view) : 0;
    const PageBox anchor = shadow({&label.anchor, 1}, view, z);
    if (!(px > 0) || anchor.low.x > anchor.high.x) continue;
    const float height = px * view.depth({anchor.low, z}) / view.focal_px();
    const float width = kLetter * height * static_cast<float>(label.text.size());
    const float left = label.horizontal == render::Align::Begin ? 0 : label.horizontal == render::Align::End ? width : width / 2;
    const float above = label.vertical == render::Align::Begin ? 0 : label.vertical == render::Align::End ? height : height / 2;
    const glm::vec2 low = anchor.low - glm::vec2(left, above);
    words.push_back({low, low + glm::vec2(width, height)});
  }
  return words;
}

/// The cells that are lit.
std::vector<PageBox> lit_by(const ViewScene::Focus& focus, const render::Projection& view, float z) {
  std::vector<PageBox> lit;
  for (const render::Line& line : focus.lines)
    if (line.on_top) lit.push_back(shadow(line.points, view, z));
  return lit;
}

/// Pieces of the ribbons that lie in a part of the page.
std::vector<PageBox> ribbons_in(const PageBox& page, const render::Scene& scene, const render::Projection& view, float z,
                                const std::optional<Subject>& subject) {
  constexpr int kPieces = 6;
  constexpr float kLeastAlpha = 0.1F;
  std::vector<PageBox> pieces;
  for (const render::Ribbon& r : scene.ribbons) {
    const std::array ends{r.a0, r.a1, r.b0, r.b1};
    if (r.color.a < kLeastAlpha || shadow(ends, view, z).shared(page) <= 0) continue;
    if (subject && !subject->has((r.a0 + r.b1) * 0.5F)) continue;
    for (int i = 0; i < kPieces; ++i) {
      const float s = static_cast<float>(i) / kPieces, t = static_cast<float>(i + 1) / kPieces;
      const std::array piece{ribbon_point(r, s, false), ribbon_point(r, s, true), ribbon_point(r, t, false), ribbon_point(r, t, true)};
      pieces.push_back(shadow(piece, view, z));
    }
  }
  return pieces;
}

}  // namespace

std::optional<ViewScene::Box> board_to_read(const ViewScene::Focus& focus, const ViewScene& scene, const render::Projection& view,
                                            const BoardRoom& given, const std::optional<glm::vec2>& before) {
  constexpr float kRead = 12.2F;  // pixels of letters: the least of a label, and what a tilted page takes
  const ViewScene::Box& board = focus.board;
  const ScreenBox& free = given.free;
  const float depth = view.depth((board.low + board.high) * 0.5F);
  const float px = depth > 0 ? focus.letters * view.focal_px() / depth : 0;
  const auto stands = on_screen(board, view, board.low.z);
  const bool whole = stands && stands->low.x >= free.low.x && stands->low.y >= free.low.y && stands->high.x <= free.high.x &&
                     stands->high.y <= free.high.y;
  if (!(px > 0) || (px >= kRead * given.letters && whole)) return std::nullopt;
  // It stands before the page, so that nothing of the page lies over it.
  constexpr float kBefore = -0.25F, kMargin = 6;
  const ScreenBox part{free.low + kMargin, free.high - kMargin};
  const auto page = page_in(part, view, kBefore);
  if (!page) return std::nullopt;
  // Letters of the usual size there: larger than those of a far board, smaller than those of one whose place is not in the picture.
  const float there = view.depth(glm::vec3((page->low + page->high) * 0.5F, kBefore));
  const glm::vec2 low(board.low), size = glm::vec2(board.high) - low;
  const glm::vec2 room = page->high - page->low;
  const auto world = [&](float letters) { return letters * kRead * there / view.focal_px(); };
  const auto extent = [&](float letters) { return size * (world(letters) / focus.letters); };
  if (const glm::vec2 smallest = extent(1); smallest.x > room.x || smallest.y > room.y) return std::nullopt;

  // The sheets that a step speaks of have a frame of their own.
  constexpr float kBeside = 0.04F, kMarkedFrame = 2.5F;
  std::vector<PageBox> sheets, marked;
  for (const render::Panel& panel : scene.scene->panels) {
    if (given.subject && !given.subject->has(panel)) continue;
    // A shelf lies behind its sheet, and is seen above it.
    const std::array corners{panel.origin, panel.origin + panel.across, panel.origin + panel.down,
                             panel.origin + panel.across + panel.down};
    const PageBox sheet = shadow(corners, view, kBefore);
    if (sheet.shared(*page) <= 0) continue;
    sheets.push_back(sheet);
    if (panel.frame_px >= kMarkedFrame) marked.push_back({sheet.low - kBeside, sheet.high + kBeside});
  }
  const std::vector<PageBox> lit = lit_by(focus, view, kBefore), words = words_on(*scene.scene, view, kBefore, given.subject);
  const std::vector<PageBox> ribbons = ribbons_in(*page, *scene.scene, view, kBefore, given.subject);
  std::vector<PageBox> names;
  for (const ScreenBox& name : given.names)
    if (const auto there = page_in(name, view, kBefore)) names.push_back(*there);
  constexpr float kLit = 50, kNames = 40, kMarked = 20, kWords = 12;  // lit cells are small, but the user looks at them
  constexpr float kAway = 0.1F, kRibbons = 0.4F;
  constexpr int kSteps = 8;  // of each side of the room
  std::optional<PageBox> best;
  float least = 0;
  const auto consider = [&](glm::vec2 at, glm::vec2 wanted, float smaller) {
    at = glm::clamp(at, page->low, page->high - wanted);
    const PageBox here{at, at + wanted};
    float cost = kAway * glm::length(at + wanted / 2.0F - (low + size / 2.0F)) + smaller;  // near to where it stood
    for (const PageBox& sheet : sheets) cost += here.shared(sheet);
    for (const PageBox& piece : ribbons) cost += here.shared(piece) * kRibbons;
    for (const PageBox& word : words) cost += here.shared(word) * kWords;
    for (const PageBox& name : names) cost += here.shared(name) * kNames;
    for (const PageBox& sheet : marked) cost += here.shared(sheet) * kMarked;
    for (const PageBox& cells : lit) cost += here.shared({cells.low - 0.02F, cells.high + 0.02F}) * kLit;
    if (!best || cost < least) {
      best = here;
      least = cost;
    }
  };
  // Large letters are rather a little smaller than over a sheet.
  constexpr float kSmaller = 0.5F;
  constexpr int kSizes = 3;
  for (int k = 0; k < (given.letters > 1 ? kSizes : 1); ++k) {
    const float letters = std::lerp(given.letters, 1.0F, static_cast<float>(k) / (kSizes - 1));
    const float smaller = kSmaller * (given.letters - letters);
    // Large letters may find room where lines stand below the bars.
    for (const glm::vec2 wanted : {extent(letters), given.letters > 1 ? tall_board(world(letters)) : extent(letters)}) {
      if (wanted.x > room.x || wanted.y > room.y) continue;
      for (int i = 0; i <= 2; ++i)
        for (int j = 0; j <= 2; ++j) consider(low - (wanted - size) * glm::vec2(i, j) / 2.0F, wanted, smaller);
      for (int i = 0; i <= kSteps; ++i)
        for (int j = 0; j <= kSteps; ++j)
          consider(page->low + (room - wanted) * glm::vec2(i, j) / static_cast<float>(kSteps), wanted, smaller);
    }
  }
  const auto covered = [&](const PageBox& here) {
    float sum = 0;
    for (const PageBox& sheet : sheets) sum += here.shared(sheet);
    return sum;
  };
  // It covers no more values for having been there.
  constexpr float kRounded = 0.02F;
  const glm::vec2 size_now = best->high - best->low;
  if (before && covered({*before - size_now / 2.0F, *before + size_now / 2.0F}) <= covered(*best) + kRounded) {
    constexpr float kMuchWorse = 1.5F, kALittle = 0.3F;
    least = kMuchWorse * least + kALittle;
    consider(*before - size_now / 2.0F, size_now, 0);
  }
  return ViewScene::Box{{best->low, kBefore}, {best->high, kBefore}};
}

}  // namespace gf::scene
