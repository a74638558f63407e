// The ribbons of a layout. They keep to the gaps and aisles: nothing translucent lies over a cell seen from the front.
#include <algorithm>

#include "app/scene/page/layout_builder.h"

namespace gf::scene {

void LayoutBuilder::fall(float x0, float x1, float from, float to, HookId source, HookId into, LayoutRibbon::Kind kind, int head,
                         float strength, float back) {
  const glm::vec3 pull{0, (to - from) / 3, back / 3};
  LayoutRibbon r;
  r.a0 = {x0, from, 0.004F};
  r.a1 = {x1, from, 0.004F};
  r.b0 = {x0, to, 0.004F + back};
  r.b1 = {x1, to, 0.004F + back};
  r.a_out = r.b_in = pull;
  r.into = into;
  r.from = source;
  r.head = head;
  r.kind = kind;
  r.strength = strength;
  ribbon(r);
}

void LayoutBuilder::threads(const Area& sheet, float from, float to, HookId source, HookId into, float width, float back) {
  const float band = sheet.w / static_cast<float>(in.config.n_head);
  for (int h = 0; h < in.config.n_head; ++h) {
    const float middle = sheet.x + (static_cast<float>(h) + 0.5F) * band;
    fall(middle - band * width / 2, middle + band * width / 2, from, to, source, into, LayoutRibbon::Kind::Head, h, 1, back);
  }
}

void LayoutBuilder::across(const Area& from, const Area& to, bool to_left, HookId source, HookId into) {
  const float a = to_left ? from.x : from.right();
  const float b = to_left ? to.right() : to.x;
  LayoutRibbon r;
  r.a0 = {a, from.y, 0.004F};
  r.a1 = {a, from.bottom(), 0.004F};
  r.b0 = {b, to.y, 0.004F};
  r.b1 = {b, to.bottom(), 0.004F};
  r.a_out = r.b_in = {(b - a) * 0.5F, 0, 0};
  r.into = into;
  r.from = source;
  r.kind = LayoutRibbon::Kind::Stream;
  ribbon(r);
}

void LayoutBuilder::around(const Area& from, const Area& to, bool left, HookId source, HookId into, float strength) {
  const float a = left ? from.x : from.right();
  const float b = left ? to.x : to.right();
  const float bulge = (left ? -1.0F : 1.0F) * std::min(0.2F, 0.1F + 0.04F * (to.y - from.y));
  LayoutRibbon r;
  r.a0 = {a, from.y + from.h * 0.2F, 0.006F};
  r.a1 = {a, from.y + from.h * 0.8F, 0.006F};
  r.b0 = {b, to.y + to.h * 0.8F, 0.006F};
  r.b1 = {b, to.y + to.h * 0.2F, 0.006F};
  r.a_out = {bulge, 0, 0};
  r.b_in = {-bulge, 0, 0};
  r.into = into;
  r.from = source;
  r.strength = strength;
  ribbon(r);
}

namespace {

/// Adds the pieces of one band of the stream between two columns of the tower.
auto stream_bands(LayoutBuilder& builder, HookId source, HookId into) {
  return [&builder, source, into](glm::vec3 a0, glm::vec3 a1, glm::vec3 b0, glm::vec3 b1, glm::vec3 out_dir, glm::vec3 in_dir) {
    LayoutRibbon r;
    r.a0 = a0;
    r.a1 = a1;
    r.b0 = b0;
    r.b1 = b1;
    r.a_out = out_dir;
    r.b_in = in_dir;
    r.into = into;
    r.from = source;
    r.kind = LayoutRibbon::Kind::Stream;
    r.strength = 1.25F;
    builder.ribbon(r);
  };
}

}  // namespace

void LayoutBuilder::climb(const Area& foot, const Area& head, float lowest, HookId source, HookId into) {
  constexpr float kHalf = 0.07F;  // of the band while it climbs
  constexpr float kZ = 0.05F;     // behind the ribbons that cross the aisle
  const float x = head.x - m.aisle * 0.5F;
  const float turn_y = lowest + 0.1F;
  const float turn_x = std::max(foot.right() + 0.15F, x - 0.75F);
  const float top = head.y - 0.12F;
  const auto band = stream_bands(*this, source, into);
  // a0 is the left-hand side all the way: right end while falling, upper while running right, left while climbing.
  const float fall_pull = std::max(0.3F, (turn_y - foot.bottom()) * 0.7F);
  const glm::vec3 turn0{turn_x, turn_y - kHalf, kZ}, turn1{turn_x, turn_y + kHalf, kZ};
  band({foot.right(), foot.bottom(), 0.004F}, {foot.x, foot.bottom(), 0.004F}, turn0, turn1, {0, fall_pull, 0}, {0.5F, 0, 0});
  const float rise_y = turn_y - 0.5F;
  band(turn0, turn1, {x - kHalf, rise_y, kZ}, {x + kHalf, rise_y, kZ}, {(x - turn_x) * 0.6F, 0, 0}, {0, -0.3F, 0});
  band({x - kHalf, rise_y, kZ}, {x + kHalf, rise_y, kZ}, {x - kHalf, top, kZ}, {x + kHalf, top, kZ}, {0, (top - rise_y) / 3, 0},
       {0, (top - rise_y) / 3, 0});
  band({x - kHalf, top, kZ}, {x + kHalf, top, kZ}, {head.right(), head.y, 0.004F}, {head.x, head.y, 0.004F}, {0, -0.42F, 0}, {0, 0.3F, 0});
}

void LayoutBuilder::over(const Area& from, const Area& head, HookId source, HookId into) {
  constexpr float kHalf = 0.07F, kZ = 0.05F;
  const float x = from.right() + m.beside * 0.5F, y = head.y - m.head_room - 0.24F;
  const float bend = 0.3F;
  const auto band = stream_bands(*this, source, into);
  // a0 is the left-hand side all the way: upper edge while running right, left while climbing, right while falling.
  const float up_y = from.y - 0.1F, turn_x = x + bend, end_x = head.x - 0.1F;
  const glm::vec3 up0{x - kHalf, up_y, kZ}, up1{x + kHalf, up_y, kZ};
  const glm::vec3 top0{x - kHalf, y + bend, kZ}, top1{x + kHalf, y + bend, kZ};
  const glm::vec3 run0{turn_x, y - kHalf, kZ}, run1{turn_x, y + kHalf, kZ};
  const glm::vec3 end0{end_x, y - kHalf, kZ}, end1{end_x, y + kHalf, kZ};
  band({from.right(), from.y, 0.004F}, {from.right(), from.bottom(), 0.004F}, up0, up1, {0.12F, 0, 0}, {0, -0.3F, 0});
  band(up0, up1, top0, top1, {0, (top0.y - up_y) / 3, 0}, {0, (top0.y - up_y) / 3, 0});
  band(top0, top1, run0, run1, {0, -bend * 0.6F, 0}, {bend * 0.6F, 0, 0});
  band(run0, run1, end0, end1, {(end_x - turn_x) / 3, 0, 0}, {(end_x - turn_x) / 3, 0, 0});
  band(end0, end1, {head.right(), head.y, 0.004F}, {head.x, head.y, 0.004F}, {0.45F, 0, 0}, {0, 0.34F, 0});
}

}  // namespace gf::scene
