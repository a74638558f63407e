#include "renderer/labels.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "renderer/text/font.h"
#include "renderer/text/label_box.h"
#include "renderer/text/label_grid.h"

namespace gf::render {
namespace {

constexpr float kLeastPx = 11;
constexpr float kGapX = 5, kTouchX = 1, kGapY = 1.5F;  // logical pixels
constexpr float kLeastAlpha = 1.0F / 255;
constexpr float kThere = 0.5F;  // at rest a label that would be fainter is left out

struct Candidate {
  PlacedLabel placed;
  bool whole = false;  // fully in view
};

// Start of a span of this length, so that `at` is its beginning, middle or end.
float aligned(float at, float length, Align align) {
  return align == Align::Begin ? at : align == Align::Middle ? at - length / 2 : at - length;
}

// False: not to be seen from here, whatever else stands in the picture.
bool place(const Label& label, const Projection& view, float dpr, Candidate& out) {
  if (label.alpha < kLeastAlpha || label.text.empty()) return false;
  const float font = label_px(label, view, dpr);
  if (!(font > 0)) return false;
  const glm::vec2 size = view.size(), at = glm::vec2(view.pixel(label.anchor)) + label.offset_px * dpr;
  const glm::vec2 padding = label_padding(label) * font;
  const float height = (kLineAbove + kLineBelow) * font + 2 * padding.y;
  const float y = aligned(at.y, height, label.vertical);
  if (!(y < size.y && y + height > 0)) return false;
  const float width = text_width(label.text, font, label.bold) + 2 * padding.x;
  const float x = aligned(at.x, width, label.horizontal);
  if (!(x < size.x && x + width > 0)) return false;
  out.placed.low = {x, y};
  out.placed.high = {x + width, y + height};
  out.placed.size_px = font;
  out.whole = x >= 0 && y >= 0 && x + width <= size.x && y + height <= size.y;
  return true;
}

}  // namespace

float label_px(const Label& label, const Projection& view, float dpr) {
  const float depth = view.depth(label.anchor);
  if (!(depth > 1e-6F) || (label.hide_above_depth > 0 && depth > label.hide_above_depth)) return 0;
  const float px = label.height * view.focal_px() / depth;
  const float least = std::max(label.min_px, kLeastPx) * dpr;
  if (!(px >= least) && !label.stays) return 0;
  return std::clamp(px, least, std::max(least, label.max_px * dpr));
}

float separation(const LabelBox& a, const LabelBox& b, float unit) {
  const glm::vec2 gap = glm::max(a.low - b.high, b.low - a.high) / unit;
  const float x = std::clamp((gap.x - kTouchX) / (kGapX - kTouchX), 0.0F, 1.0F);
  const float y = std::clamp(gap.y / kGapY, 0.0F, 1.0F);
  return std::max(x, y);
}

LabelGrid::LabelGrid(glm::vec2 size, float unit)
    : unit_(unit),
      cell_(glm::vec2(48, 24) * unit),
      columns_(std::max(1, static_cast<int>(std::ceil(size.x / cell_.x)))),
      rows_(std::max(1, static_cast<int>(std::ceil(size.y / cell_.y)))),
      grid_(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_)) {}

LabelGrid::Cells LabelGrid::cells(const LabelBox& box) const {
  const auto index = [](float at, float cell, int count) {
    return std::clamp(static_cast<int>(std::floor(std::clamp(at / cell, -1.0F, 1e6F))), 0, count - 1);
  };
  return {index(box.low.x, cell_.x, columns_), index(box.low.y, cell_.y, rows_), index(box.high.x, cell_.x, columns_),
          index(box.high.y, cell_.y, rows_)};
}

float LabelGrid::query(const LabelBox& box) const {
  float free = 1;
  const Cells range = cells(box);
  for (int y = range.y0; y <= range.y1; ++y) {
    for (int x = range.x0; x <= range.x1; ++x) {
      for (const std::uint32_t i : grid_[static_cast<std::size_t>(y * columns_ + x)]) {
        const Kept& kept = kept_[i];
        free = std::min(free, 1 - kept.strength * (1 - separation(box, kept.box, unit_)));
      }
    }
  }
  return free;
}

void LabelGrid::keep(const LabelBox& box, float strength) {
  // Filed with its margin, so that a query needs to look only under itself.
  const glm::vec2 margin = glm::vec2(kGapX, kGapY) * unit_;
  const Cells range = cells({box.low - margin, box.high + margin});
  for (int y = range.y0; y <= range.y1; ++y) {
    for (int x = range.x0; x <= range.x1; ++x) {
      grid_[static_cast<std::size_t>(y * columns_ + x)].push_back(static_cast<std::uint32_t>(kept_.size()));
    }
  }
  kept_.push_back({box, strength});
}

std::vector<PlacedLabel> place_labels(const Scene& scene, const Camera& camera, glm::vec2 size, float dpr) {
  if (!(size.x >= 1 && size.y >= 1) || !(dpr > 0)) return {};
  const Projection view(camera, size);
  std::vector<Candidate> candidates;
  candidates.reserve(scene.labels.size());
  for (std::size_t i = 0; i < scene.labels.size(); ++i) {
    Candidate candidate;
    candidate.placed.index = static_cast<int>(i);
    if (place(scene.labels[i], view, dpr, candidate)) candidates.push_back(candidate);
  }
  const auto label_of = [&](const Candidate& c) -> const Label& { return scene.labels[static_cast<std::size_t>(c.placed.index)]; };
  // A label that is cut off by the window's edge gives way to its equals.
  std::stable_sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
    const int pa = label_of(a).priority;
    const int pb = label_of(b).priority;
    return pa != pb ? pa > pb : a.whole && !b.whole;
  });
  LabelGrid grid(size, dpr);
  std::vector<PlacedLabel> out;
  out.reserve(candidates.size());
  for (Candidate& c : candidates) {
    const LabelBox box{c.placed.low, c.placed.high};
    const float free = grid.query(box);
    c.placed.alpha = std::min(1.0F, label_of(c).alpha) * (scene.labels_fade ? free : free >= kThere ? 1.0F : 0.0F);
    if (c.placed.alpha < kLeastAlpha) continue;
    // Half visible is strong enough to clear its place; fainter ones clear it by degrees, so that nothing pops.
    grid.keep(box, std::min(1.0F, 2 * c.placed.alpha));
    out.push_back(c.placed);
  }
  return out;
}

float text_width(std::string_view text, float size_px, bool bold) { return FontSet::shared().width(text, bold) * size_px; }

}  // namespace gf::render
