// The ribbons of a layout. They keep to the gaps and aisles: nothing translucent lies over a cell seen from the front.
#include <algorithm>

#include "app/scene/machine/layout_builder.h"

namespace gf::scene {
namespace {

constexpr float kZ = 0.004F;      // behind the sheets
constexpr float kTube = 0.055F;   // half of the stream's width where it is not as high as a sheet
constexpr float kCorner = 0.25F;  // how far from a corner it starts to turn

LayoutRibbon ribbon_of(const LayoutBuilder::Flow& flow) {
  LayoutRibbon r;
  r.into = flow.into;
  r.from = flow.from;
  r.head = flow.head;
  r.kind = flow.kind;
  r.strength = flow.strength;
  return r;
}

/// One piece of a way, with its edges in order: the left-hand one first, as seen in the direction of the way.
void add_piece(LayoutBuilder& builder, const LayoutBuilder::Flow& flow, std::array<glm::vec2, 2> from, std::array<glm::vec2, 2> to,
               glm::vec2 leaves, glm::vec2 arrives) {
  LayoutRibbon r = ribbon_of(flow);
  r.a0 = {from[0], kZ};
  r.a1 = {from[1], kZ};
  r.b0 = {to[0], kZ};
  r.b1 = {to[1], kZ};
  r.a_out = {leaves, 0};
  r.b_in = {arrives, 0};
  builder.ribbon(r);
}

/// The two edges of a way at a point where it runs in `direction`.
std::array<glm::vec2, 2> ends_of(glm::vec2 at, glm::vec2 direction) {
  const glm::vec2 left{direction.y, -direction.x};  // y points down
  return {at + left * kTube, at - left * kTube};
}

constexpr glm::vec2 kUp{0, -1}, kDown{0, 1}, kLeft{-1, 0}, kRight{1, 0};

}  // namespace

void LayoutBuilder::pour(const Edge& from, const Edge& to, const Flow& flow) {
  const bool straight = from.x0 == to.x0 && from.x1 == to.x1;
  LayoutRibbon r = ribbon_of(flow);
  r.a0 = {from.x0, from.y, kZ + from.z};
  r.a1 = {from.x1, from.y, kZ + from.z};
  r.b0 = {to.x0, to.y, kZ + to.z};
  r.b1 = {to.x1, to.y, kZ + to.z};
  r.a_out = r.b_in = glm::vec3{0, to.y - from.y, to.z - from.z} * (straight ? 1.0F / 3 : 0.6F);
  ribbon(r);
}

LayoutBuilder::Edge LayoutBuilder::edge_of_head(int head, const Area& sheet, float y, float share, float z) const {
  const float band = sheet.w / static_cast<float>(in.config.n_head);
  const float middle = sheet.x + (static_cast<float>(head) + 0.5F) * band;
  return {middle - band * share / 2, middle + band * share / 2, y, z};
}

void LayoutBuilder::across(const Area& from, const Area& to, const Flow& flow) {
  const float way = (to.x - from.right()) * 0.4F;
  add_piece(*this, flow, {glm::vec2{from.right(), from.y}, {from.right(), from.bottom()}}, {glm::vec2{to.x, to.y}, {to.x, to.bottom()}},
            {way, 0}, {way, 0});
}

void LayoutBuilder::funnel(const Area& stack, const Edge& to, const Flow& flow) {
  LayoutRibbon r = ribbon_of(flow);
  r.a0 = {stack.right(), stack.y, kZ};
  r.a1 = {stack.right(), stack.bottom(), kZ};
  r.b0 = {to.x1, to.y, kZ + to.z};
  r.b1 = {to.x0, to.y, kZ + to.z};
  // The inner edge is short, so both bend little.
  const float bend = to.x0 - stack.right();
  r.a_out = {bend * 0.6F, 0, 0};
  r.b_in = {0, bend * 0.6F, to.z * 0.3F};
  ribbon(r);
}

void LayoutBuilder::rise(const Area& from, float x, float y, const Flow& flow) {
  const float turn = from.y - 0.1F, way = x - from.right();
  const auto corner = ends_of({x, turn}, kUp);
  add_piece(*this, flow, {glm::vec2{from.right(), from.y}, {from.right(), from.bottom()}}, corner, {way * 0.8F, 0}, kUp * (from.h * 0.6F));
  add_piece(*this, flow, corner, ends_of({x, y}, kUp), kUp * ((turn - y) / 3), kUp * ((turn - y) / 3));
}

void LayoutBuilder::carry(const Area& from, const Area& to, float y, const Flow& flow) {
  const float right = from.right() + kCorner + kTube, left = to.x - kCorner - kTube;
  const auto straight = [&](glm::vec2 a, glm::vec2 b, glm::vec2 direction) {
    const glm::vec2 way = (b - a) / 3.0F;
    add_piece(*this, flow, ends_of(a, direction), ends_of(b, direction), way, way);
  };
  const auto turn = [&](glm::vec2 a, glm::vec2 was, glm::vec2 b, glm::vec2 is) {
    constexpr float kRound = 0.55F * kCorner;
    add_piece(*this, flow, ends_of(a, was), ends_of(b, is), was * kRound, is * kRound);
  };
  const float first = from.bottom() + 0.15F, last = to.y - 0.1F;
  add_piece(*this, flow, {glm::vec2{from.right(), from.y}, {from.right(), from.bottom()}}, ends_of({right, first}, kDown),
            kRight * (kCorner * 1.2F), kDown * 0.35F);
  straight({right, first}, {right, y - kCorner}, kDown);
  turn({right, y - kCorner}, kDown, {right - kCorner, y}, kLeft);
  straight({right - kCorner, y}, {left + kCorner, y}, kLeft);
  turn({left + kCorner, y}, kLeft, {left, y + kCorner}, kDown);
  straight({left, y + kCorner}, {left, last}, kDown);
  add_piece(*this, flow, ends_of({left, last}, kDown), {glm::vec2{to.x, to.y}, {to.x, to.bottom()}}, kDown * 0.35F,
            kRight * (kCorner * 1.2F));
}

}  // namespace gf::scene
