#include "app/scene/cube/cube_places.h"

#include <algorithm>
#include <cmath>

namespace gf::scene {
namespace {

constexpr float kAside = 0.4F, kAbove = 0.4F, kBefore = 0.85F;  // of the depth: from the cube to the wall, the shelf and the result
constexpr float kWide = 1.75F, kHigh = 0.8F, kDeep = 0.9F;      // of the longest side: a result is wider than high, as a picture is
constexpr float kNarrowest = 0.65F, kLowest = 0.62F, kShallowest = 0.65F;
constexpr float kStrip = 0.035F, kStripGap = 0.03F;  // of the bias, before the shelf

/// How long a side of the cube is: as its number of cells, compressed.
float side_of(int cells) { return std::pow(static_cast<float>(std::max(2, cells)), 0.34F); }

}  // namespace

Slab Slab::part(int row, int rows, int col, int cols) const {
  Slab part = *this;
  const auto share = [](int n, int of) { return static_cast<float>(n) / static_cast<float>(of); };
  part.origin += across * share(col, info.cols) + down * share(row, info.rows);
  part.across *= share(cols, info.cols);
  part.down *= share(rows, info.rows);
  part.info.row0 += row;
  part.info.col0 += col;
  part.info.rows = rows;
  part.info.cols = cols;
  return part;
}

CubePlaces::CubePlaces(const CubeProduct& product, const Layout& page) : p_(product), layout_(page) {
  const float w = side_of(p_.cols()), h = side_of(p_.rows()), d = side_of(p_.depth()), longest = std::max({w, h, d});
  size_ = {std::max(kNarrowest, w / longest) * kWide, std::max(kLowest, h / longest) * kHigh, std::max(kShallowest, d / longest) * kDeep};
  const int sheet = page.panel_of(p_.cube().product, p_.cube().head);
  if (sheet >= 0) corner_ = page.panels[static_cast<std::size_t>(sheet)].origin;
  corner_.z = 0;
}

float CubePlaces::wall_x() const { return corner_.x - kAside * size_.z; }
float CubePlaces::shelf_y() const { return corner_.y - kAbove * size_.z; }
float CubePlaces::front_z() const { return -kBefore * size_.z; }

Slab CubePlaces::result() const {
  PanelInfo info;
  info.tensor.hook = p_.cube().product;
  info.rows = p_.rows();
  info.cols = p_.cols();
  info.row0 = p_.row0();
  info.col0 = p_.col0();
  if (info_of(p_.cube().product.kind).shape == RowShape::Causal) {
    info.mapping = PanelInfo::Mapping::Causal;
    info.head = p_.cube().head;
  }
  return {info, {corner_.x, corner_.y, front_z()}, {size_.x, 0, 0}, {0, size_.y, 0}};
}

Slab CubePlaces::wall() const {
  PanelInfo info;
  info.tensor.hook = p_.left_hook();
  info.rows = p_.rows();
  info.cols = p_.depth();
  info.row0 = p_.row0();
  if (p_.left_hook().kind == HookKind::Q) info.col0 = p_.cube().head * p_.head_size();
  if (p_.left_hook().kind == HookKind::Pattern) {
    info.mapping = PanelInfo::Mapping::Causal;
    info.head = p_.cube().head;
  }
  return {info, {wall_x(), corner_.y, size_.z}, {0, 0, -size_.z}, {0, size_.y, 0}};
}

bool CubePlaces::turned() const {
  if (const auto& weight = p_.with_weight()) return weight->weight == "wte.weight";
  return p_.right_hook().kind == HookKind::K;
}

Slab CubePlaces::shelf() const {
  PanelInfo info;
  const int along = p_.cols(), over = p_.depth();
  info.rows = turned() ? along : over;
  info.cols = turned() ? over : along;
  if (const auto& weight = p_.with_weight()) {
    info.tensor.weight = weight->weight;
    info.mapping = PanelInfo::Mapping::Matrix;
    info.role = PanelInfo::Role::Weight;
    (turned() ? info.row0 : info.col0) = weight->column0 + p_.col0();
  } else {
    info.tensor.hook = p_.right_hook();
    info.col0 = p_.cube().head * p_.head_size();
  }
  const glm::vec3 x{size_.x, 0, 0}, z{0, 0, -size_.z};
  return {info, {corner_.x, shelf_y(), size_.z}, turned() ? z : x, turned() ? x : z};
}

std::optional<Slab> CubePlaces::bias() const {
  if (!p_.has_bias()) return std::nullopt;
  PanelInfo info;
  std::string name = p_.with_weight()->weight;
  name.replace(name.rfind("weight"), 6, "bias");
  info.tensor.weight = name;
  info.mapping = PanelInfo::Mapping::Folded;
  info.role = PanelInfo::Role::Weight;
  info.rows = 1;
  info.cols = p_.cols();
  info.col0 = p_.with_weight()->column0 + p_.col0();
  return Slab{info, {corner_.x, shelf_y(), -kStripGap}, {size_.x, 0, 0}, {0, 0, -kStrip}};
}

Slab CubePlaces::on_page(const Slab& slab) const {
  for (const LayoutPanel& at : layout_.panels) {
    const PanelInfo& info = at.info;
    if (info.tensor != slab.info.tensor || info.mapping != slab.info.mapping || (info.head >= 0 && info.head != slab.info.head)) continue;
    if (slab.info.col0 < info.col0 || slab.info.col0 >= info.col0 + info.cols) continue;
    const int cols = std::min(slab.info.cols, info.col0 + info.cols - slab.info.col0);
    Slab there = Slab{info, at.origin, at.across, at.down}.part(0, info.rows, slab.info.col0 - info.col0, cols);
    there.info = slab.info;
    return there;
  }
  return slab;
}

}  // namespace gf::scene
