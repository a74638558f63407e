// The Stream's panels: a column of tiles for each depth, a plate for each head.
#include "app/scene/stream/stream.h"

#include <algorithm>
#include <cmath>

#include "app/scene/builder_state.h"
#include "model/base/text.h"

namespace gf::scene {
namespace {

/// Rounded, so that the lattice is not laid out anew for each pixel while a splitter is dragged.
float rounded_to(float value, float step) { return std::max(step, std::round(value / step) * step); }

StreamKey key_of(const SceneInput& input, const ViewState& view, const Pane& pane) {
  StreamKey key;
  key.input = input;
  key.view = view;
  key.aspect = rounded_to(pane.aspect() / (1 - pane.foot), 0.1F);
  key.height_px = rounded_to(pane.size.y * (1 - pane.foot), 12);
  key.presentation = pane.presentation;
  key.focus = focus_of(view, input.model->weights->config.n_layer);
  return key;
}

std::vector<ViewScene::Box> boxes_of(const StreamLayout& l, int n_layer) {
  const auto box = [&](float left, float right) { return ViewScene::Box{{left, l.low.y, 0}, {right, l.high.y, 0}}; };
  std::vector<ViewScene::Box> boxes{box(l.low.x, l.tile_w + l.words)};
  for (int b = 0; b < n_layer; ++b) boxes.push_back(box(l.column(b) - 0.6F, l.column(b + 1) + l.tile_w + l.words));
  boxes.push_back(box(l.column(n_layer) - 1, l.high.x));
  return boxes;
}

}  // namespace

StreamFocus focus_of(const ViewState& view, int n_layer) {
  StreamFocus focus;
  if (!view.selection || view.selection->tensor.is_weight()) return focus;
  const HookId hook = view.selection->tensor.hook;
  const auto& index = view.selection->index;
  if (hook.layer < 0) return focus;
  switch (info_of(hook.kind).shape) {
    case RowShape::Causal:
      focus.block = hook.layer;
      focus.head = index[0];
      return focus;
    case RowShape::Heads:
    case RowShape::HeadsDModel:
      focus.block = hook.layer;
      focus.head = index[1];
      return focus;
    default: break;
  }
  // What a block computes stands in the node behind it.
  focus.depth = hook.kind == HookKind::ResidPre ? hook.layer : std::min(hook.layer + 1, n_layer);
  focus.position = index[0];
  return focus;
}

int selected_row(const ViewState& view, int T) {
  if (view.selected_position >= 0 && view.selected_position < T) return view.selected_position;
  if (!view.selection || view.selection->tensor.is_weight()) return -1;
  const bool of_pattern = info_of(view.selection->tensor.hook.kind).shape == RowShape::Causal;
  const int row = view.selection->index[of_pattern ? 1 : 0];
  return row < T ? row : -1;
}

const StreamReading* shown_reading(const SceneInput& input, Compare compare) {
  if (!input.run) return nullptr;
  return (compare == Compare::Base || !input.run->has_edits() ? input.base_reading : input.edited_reading).get();
}

void StreamFrame::add(render::Ribbon ribbon, When when) {
  scene.scene->ribbons.push_back(ribbon);
  ribbons.push_back(when);
}
void StreamFrame::add(render::Line line, When when) {
  scene.scene->lines.push_back(std::move(line));
  lines.push_back(when);
}
void StreamFrame::add(render::Label label, When when) {
  scene.scene->labels.push_back(std::move(label));
  labels.push_back(when);
}
void StreamFrame::add_bar(glm::vec3 low, glm::vec3 high, render::Color color, When when) { add(bar_of(low, high, color), when); }

std::shared_ptr<const StreamFrame> BuilderState::stream_for(const SceneInput& from, const ViewState& view, const Pane& pane) {
  StreamKey key = key_of(from, view, pane);
  if (auto kept = streams.find(key)) return kept;
  const ModelConfig& config = weights->config;
  const Palette& colors = palette_of(view.theme);
  const Trace* trace = shown_trace(from, view.compare);
  auto frame = std::make_shared<StreamFrame>();
  frame->key = std::move(key);
  if (trace != nullptr) frame->shown = view.compare == Compare::Base ? from.run->base : from.run->edited;
  const int T = rows_of(from, trace, config);
  frame->timeline = Timeline(config, trace != nullptr ? T : 0);
  frame->layout = make_stream_layout({config.n_layer, config.n_head, config.d_model, T, frame->key.aspect, frame->key.height_px,
                                      frame->key.presentation, view.circuit ? kCircuitRoom : 0});
  const StreamLayout& l = frame->layout;
  frame->scene.scene = std::make_shared<render::Scene>();
  render::Scene& scene = *frame->scene.scene;
  scene.theme = view.theme;
  scene.ground = colors.ground;
  scene.ribbons_in_order = true;
  scene.low = l.low;
  scene.high = l.high;

  const bool difference = view.compare == Compare::Difference;
  const auto show = [&](const PanelInfo& info, render::Panel panel) {
    const HookId hook = info.tensor.hook;
    const bool pattern = hook.kind == HookKind::Pattern;
    panel.map = difference ? render::ColorMap::Difference : pattern ? render::ColorMap::Sequential : render::ColorMap::Signed;
    if (trace != nullptr && captured(from, hook)) {
      panel.scale = from.scale_of(info.tensor, shown_scale(from, view, hook));
      panel.source = activation(info, *trace, difference ? from.run->base.get() : nullptr);
      if (info.head <= 0)
        frame->scene.scales.push_back({info.tensor, panel.map,
                                       pattern ? ribbon_words(view.ribbons, most_ribbons(config, T)) : shown_unit(hook, view), panel.scale,
                                       shown_largest(from, view, hook)});
    }
    frame->panel_ops.push_back(frame->timeline.op_of(hook));
    scene.panels.push_back(std::move(panel));
    frame->scene.panels.push_back(info);
  };
  for (int depth = 0; depth <= config.n_layer; ++depth) {
    PanelInfo info;
    info.tensor.hook = stream_hook(depth, config.n_layer);
    info.mapping = PanelInfo::Mapping::Stacked;
    info.cols = l.fold_cols;
    info.fold_rows = l.fold_rows;
    info.pitch = l.pitch;
    info.rows = (T - 1) * l.pitch + l.fold_rows;
    render::Panel panel;
    panel.origin = l.tile(depth, 0);
    panel.across = {l.tile_w, 0, 0};
    panel.down = {0, l.row(T - 1) + 1, 0};
    panel.frame.a = 0;            // each tile has its own
    panel.empty = colors.ground;  // between tiles: cheaper than holes
    show(info, std::move(panel));
  }
  for (int block = 0; block < config.n_layer; ++block)
    for (int head = 0; head < config.n_head; ++head) {
      if (trace != nullptr && !captured(from, {HookKind::Pattern, block})) break;
      PanelInfo info;
      info.tensor.hook = {HookKind::Pattern, block};
      info.mapping = PanelInfo::Mapping::Causal;
      info.head = head;
      info.rows = info.cols = T;
      render::Panel panel;
      panel.origin = l.plate_at(block, head);
      panel.across = {l.plate, 0, 0};
      panel.down = {0, l.plate, 0};
      panel.empty = colors.plate;
      panel.frame = head_color(head, view.theme);
      panel.frame_px = 1.5F;
      show(info, std::move(panel));
    }
  frame->scene.blocks = boxes_of(l, config.n_layer);
  frame->scene.home = {l.low, l.high};
  add_nodes(*frame, from, view);
  add_attention(*frame, from, view);
  give_words_room(*frame, config.n_layer);
  add_stream_labels(*frame, from, view);
  add_stream_edits(*frame, from, view);
  add_circuit(*frame, from, view);
  return streams.keep(std::move(frame));
}

ViewScene build_stream(BuilderState& state, const SceneInput& input, const ViewState& view, const Pane& pane) {
  const auto frame = state.stream_for(input, view, pane);
  ViewScene out = frame->scene;
  out.scene = std::make_shared<render::Scene>(*frame->scene.scene);
  apply_stream_time(out, *frame, input, view);
  return out;
}

bool stream_settled(const BuilderState&) { return true; }

}  // namespace gf::scene
