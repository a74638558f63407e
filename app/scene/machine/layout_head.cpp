// One head alone: its sheets as squares of one size, so that a token's row is a straight line through those of a line.
#include <algorithm>

#include "app/scene/machine/layout_builder.h"

namespace gf::scene {
namespace {

constexpr float kHeadBetween = 0.34F;  // sheets: a ribbon's way
constexpr float kHeadBelow = 0.3F;     // from one line to the next: a name and a ribbon's way
constexpr float kHeadBoard = 1.15F;    // height of the numbers' place below the sheets
constexpr float kHeadPale = 0.55F;     // ribbons lie behind the names of rows
constexpr float kHeadLeft = 0.55F, kHeadTop = 0.32F, kHeadRight = 0.1F;

/// Where the six sheets stand, in columns and lines: as many beside each other as suit the window.
struct HeadGrid {
  int columns = 3, lines = 2;
  float features = 1.4F;  ///< width of q, k, v and z; the plates are squares
  glm::ivec2 q{0, 0}, k{1, 0}, scores{2, 0}, pattern{2, 1}, z{1, 1}, v{0, 1};
};
HeadGrid grid_for(float aspect) {
  constexpr float kWide = 3.2F, kTall = 0.85F;
  if (aspect > kWide) return {6, 1, 0.9F, {0, 0}, {1, 0}, {2, 0}, {3, 0}, {5, 0}, {4, 0}};
  if (aspect < kTall) return {2, 3, 1, {0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}, {1, 2}};
  return {};
}

}  // namespace

Layout make_head_layout(const LayoutInput& input, int layer, int head) {
  const HeadGrid grid = grid_for(input.aspect);
  LayoutBuilder b(input, Metrics{});
  Layout& out = b.out;
  const int d_head = input.config.d_head;
  const auto hook = [&](HookKind kind) { return HookId{kind, layer}; };
  const auto is_plate = [&](glm::ivec2 cell) { return cell == grid.scores || cell == grid.pattern; };
  const auto width = [&](glm::ivec2 cell) { return is_plate(cell) ? 1 : grid.features; };
  const auto at = [&](glm::ivec2 cell) {
    float x = 0;
    for (int column = 0; column < cell.x; ++column) x += width({column, cell.y}) + kHeadBetween;
    return Area{x, static_cast<float>(cell.y) * (1 + kHeadBelow), width(cell), 1};
  };
  const auto features = [&](HookKind kind, glm::ivec2 cell) {
    b.sheet(hook(kind), at(cell), head * d_head, d_head);
    b.tag(b.tag_of(kind), at(cell));
  };
  const auto plate = [&](HookKind kind, glm::ivec2 cell) {
    PanelInfo info;
    info.tensor.hook = hook(kind);
    info.head = head;
    info.mapping = PanelInfo::Mapping::Causal;
    info.rows = info.cols = input.T;
    const Area area = at(cell);
    out.panels.push_back({info, {area.x, area.y, 0}, {area.w, 0, 0}, {0, area.h, 0}, 0});
    b.tag(b.tag_of(kind), area);
  };
  features(HookKind::Q, grid.q);
  features(HookKind::K, grid.k);
  plate(HookKind::AttnScores, grid.scores);
  plate(HookKind::Pattern, grid.pattern);
  features(HookKind::V, grid.v);
  features(HookKind::Z, grid.z);

  const auto lead = [&](HookKind from, HookKind into, glm::ivec2 a, glm::ivec2 c) {
    constexpr float kInset = 0.12F;
    const Area x = at(a), y = at(c);
    LayoutRibbon r;
    r.from = hook(from), r.into = hook(into), r.head = head, r.kind = LayoutRibbon::Kind::Head, r.strength = kHeadPale;
    if (a.y != c.y) {  // down
      r.a0 = {x.x + kInset, x.bottom(), 0}, r.a1 = {x.right() - kInset, x.bottom(), 0};
      r.b0 = {y.x + kInset, y.y, 0}, r.b1 = {y.right() - kInset, y.y, 0};
      r.a_out = r.b_in = {(y.x - x.x) * 0.2F, (y.y - x.bottom()) * 0.5F, 0};
    } else {
      const bool right = c.x > a.x;
      const float from_x = right ? x.right() : x.x, to_x = right ? y.x : y.right();
      r.a0 = {from_x, x.y + kInset, 0}, r.a1 = {from_x, x.bottom() - kInset, 0};
      r.b0 = {to_x, y.y + kInset, 0}, r.b1 = {to_x, y.bottom() - kInset, 0};
      r.a_out = r.b_in = {(to_x - from_x) / 3, 0, 0};
    }
    b.ribbon(r);
  };
  if (grid.k.x + 1 == grid.scores.x || grid.k.y != grid.scores.y) lead(HookKind::K, HookKind::AttnScores, grid.k, grid.scores);
  lead(HookKind::AttnScores, HookKind::Pattern, grid.scores, grid.pattern);
  lead(HookKind::V, HookKind::Z, grid.v, grid.z);
  if (grid.columns == 3) lead(HookKind::Pattern, HookKind::Z, grid.pattern, grid.z);

  float right = 0;
  for (const glm::ivec2 cell : {grid.q, grid.k, grid.scores, grid.pattern, grid.v, grid.z}) right = std::max(right, at(cell).right());
  const float foot = static_cast<float>(grid.lines) * (1 + kHeadBelow) - kHeadBelow;
  out.alone = true;
  out.columns = 1;
  out.first_token = input.T;  // the names of rows are enough
  out.sheet_height = 1;
  out.title_width = 0;
  for (int row = 0; row < grid.lines; ++row) out.lines.push_back({0, static_cast<float>(row) * (1 + kHeadBelow)});
  out.tags.push_back(
      {text("block {0}, head {1}", layer, head), {0, -0.16F, 0}, TagTier::Title, render::Align::Begin, render::Align::End, layer});
  // Whatever is at work, its numbers stand below.
  out.boards.assign(2 * static_cast<std::size_t>(input.config.n_layer) + 2, {{0, foot + 0.14F, 0}, {right, foot + 0.14F + kHeadBoard, 0}});
  out.low = {-kHeadLeft, -kHeadTop - 0.12F, 0};
  out.high = {right + kHeadRight, foot + 0.14F + kHeadBoard, 0};
  return std::move(b.out);
}

}  // namespace gf::scene
