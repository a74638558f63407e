#include "app/scene/machine/layout_builder.h"

#include <algorithm>

namespace gf::scene {
namespace {

PanelInfo weight_panel(const std::string& name, PanelInfo::Mapping mapping, int rows, int col0, int cols) {
  PanelInfo info;
  info.tensor.weight = name;
  info.role = PanelInfo::Role::Weight;
  info.mapping = mapping;
  info.rows = rows;
  info.col0 = col0;
  info.cols = cols;
  return info;
}

}  // namespace

const WeightShape* LayoutBuilder::weight(const std::string& name) const {
  const auto found = std::find_if(in.weights.begin(), in.weights.end(), [&](const WeightShape& w) { return w.name == name; });
  return found == in.weights.end() ? nullptr : &*found;
}

int LayoutBuilder::folds() const { return std::max(1, (in.config.d_mlp + in.config.d_model - 1) / in.config.d_model); }

float LayoutBuilder::folded_height() const { return static_cast<float>(folds()) * (m.H + m.fold_gap) - m.fold_gap; }

void LayoutBuilder::sheet(HookId hook, const Area& at, int col0, int cols, int grid_every) {
  if (!shows(hook.kind)) return;
  PanelInfo info;
  info.tensor.hook = hook;
  info.mapping = PanelInfo::Mapping::Rows;
  info.col0 = col0;
  info.rows = in.T;
  info.cols = cols;
  out.panels.push_back({info, {at.x, at.y, 0}, {at.w, 0, 0}, {0, at.h, 0}, grid_every});
}

void LayoutBuilder::scale_strip(HookId hook, const Area& sheet) {
  if (!shows(hook.kind)) return;
  PanelInfo info;
  info.tensor.hook = hook;
  info.role = PanelInfo::Role::Statistic;
  info.rows = in.T;
  info.cols = 1;
  out.panels.push_back({info, {sheet.x - 0.055F, sheet.y, 0}, {0.035F, 0, 0}, {0, sheet.h, 0}, 0});
}

Area LayoutBuilder::plate_of(int head, float x, float y, const BlockRows& rows) const {
  const float step = m.attention_width() / static_cast<float>(rows.plates_a_row);
  const float row_step = rows.rows_of_plates > 1 ? (rows.plates_y - rows.plate) / static_cast<float>(rows.rows_of_plates - 1) : 0;
  const int row = head / rows.plates_a_row, col = head % rows.plates_a_row;
  const float middle = x + (static_cast<float>(col) + 0.5F) * step;
  return {middle - rows.plate / 2, y + static_cast<float>(row) * row_step, rows.plate, rows.plate};
}

void LayoutBuilder::plates(HookId hook, float x, float y, const BlockRows& rows) {
  if (!shows(hook.kind)) return;
  for (int h = 0; h < in.config.n_head; ++h) {
    PanelInfo info;
    info.tensor.hook = hook;
    info.head = h;
    info.mapping = PanelInfo::Mapping::Causal;
    info.rows = info.cols = in.T;
    const Area at = plate_of(h, x, y, rows);
    out.panels.push_back({info, {at.x, at.y, 0}, {at.w, 0, 0}, {0, at.h, 0}, 0});
    out.tags.push_back(
        {std::to_string(h), {at.x + at.w / 2, at.y - 0.012F, 0}, TagTier::Head, render::Align::Middle, render::Align::End, -1, h});
  }
}

void LayoutBuilder::results(HookId hook, const Area& at) {
  if (!shows(hook.kind)) return;
  for (int h = 0; h < in.config.n_head; ++h) {
    PanelInfo info;
    info.tensor.hook = hook;
    info.head = h;
    info.mapping = PanelInfo::Mapping::Rows;
    info.rows = in.T;
    info.cols = in.config.d_model;
    info.col0 = h * in.config.d_model;
    const Edge band = edge_of_head(h, at, at.y, 0.88F);
    out.panels.push_back({info, {band.x0, at.y, 0}, {band.x1 - band.x0, 0, 0}, {0, at.h, 0}, 0});
  }
}

void LayoutBuilder::shelf(const std::string& name, float x, float w, float y, float z, float depth, int row0, int rows, int col0,
                          int cols) {
  if (weight(name) == nullptr) return;
  PanelInfo info = weight_panel(name, PanelInfo::Mapping::Matrix, rows, col0, cols);
  info.row0 = row0;
  out.panels.push_back({info, {x, y, z + depth}, {w, 0, 0}, {0, 0, -depth}, 0});
}

void LayoutBuilder::strip(const std::string& name, const Area& at, int col0, int cols) {
  if (weight(name) == nullptr) return;
  const PanelInfo info = weight_panel(name, PanelInfo::Mapping::Folded, 1, col0, cols);
  out.panels.push_back({info, {at.x, at.y, 0}, {at.w, 0, 0}, {0, at.h, 0}, 0});
}

void LayoutBuilder::norm_strips(const std::string& gamma, const std::string& beta, const Area& sheet) {
  const float step = m.strip + m.strip_gap;
  const Area lower{sheet.x, sheet.y - step, sheet.w, m.strip};
  const Area upper{sheet.x, sheet.y - 2 * step, sheet.w, m.strip};
  strip(gamma, upper, 0, in.config.d_model);
  strip(beta, lower, 0, in.config.d_model);
  const auto name = [&](const char* text, const Area& at) {
    out.tags.push_back({text, {at.right() + 0.02F, at.y + at.h / 2, 0}, TagTier::Strip, render::Align::Begin, render::Align::Middle});
  };
  if (weight(gamma) != nullptr) name("gamma", upper);
  if (weight(beta) != nullptr) name("beta", lower);
}

float LayoutBuilder::product(const std::string& w, const std::string& b, const Area& sheet, float depth, int col0, int cols) {
  float y = sheet.y - m.strip_gap;
  if (weight(b) != nullptr) {
    y -= m.strip + m.strip_gap;
    strip(b, {sheet.x, y + m.strip_gap, sheet.w, m.strip}, col0, cols);
  }
  const WeightShape* shape = weight(w);
  if (shape != nullptr) shelf(w, sheet.x, sheet.w, y, 0, depth, 0, shape->rows, col0, cols);
  return y;
}

void LayoutBuilder::tag(std::string text, const Area& at) {
  out.tags.push_back({std::move(text), {at.x, at.y - 0.015F, 0}, TagTier::Name, render::Align::Begin, render::Align::End});
}

void LayoutBuilder::weight_tag(std::string text, const Area& at, float y, float depth) {
  // Over the shelf's far edge: over its near one stands the name of the sheet.
  constexpr float kInside = 0.1F;  // off the name of the sheet at the right
  out.tags.push_back({std::move(text),
                      {at.right() - (depth > 0 ? kInside : 0), y - 0.015F, depth},
                      TagTier::Weight,
                      render::Align::End,
                      render::Align::End});
}

void LayoutBuilder::sum(float x, const Area& band) {
  out.tags.push_back({"+", {x, band.y + band.h / 2, 0}, TagTier::Sum, render::Align::Middle, render::Align::Middle});
}

}  // namespace gf::scene
