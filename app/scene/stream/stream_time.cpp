// The parts of the Stream that depend on the moment, the selection and the pointer.
#include <algorithm>
#include <cmath>

#include "app/scene/builder_state.h"
#include "app/scene/flight.h"
#include "app/scene/stream/stream.h"

namespace gf::scene {
namespace {

/// The first row of the first picture: of the last ones; while the pass is played, of those that end with the one that is made; later
/// the selected one if it is not among the last.
float first_row_at(const StreamFrame& frame, const ViewState& view, int T) {
  constexpr float kAhead = 1.5F;  // rows below the one that is made
  const float last = static_cast<float>(std::max(0, T - frame.layout.home_rows));
  if (frame.shown && view.time < frame.timeline.end()) {
    const double made = view.time / static_cast<double>(frame.timeline.ops().size());
    return std::clamp(static_cast<float>(made) + kAhead - static_cast<float>(frame.layout.home_rows), 0.0F, last);
  }
  const int chosen = selected_row(view, T);
  return chosen < 0 ? last : std::min(last, static_cast<float>(chosen));
}

/// The selected row and column come first where not every word has room.
void prefer_selection(ViewScene& scene, const StreamFrame& frame, const ViewState& view, int n_layer) {
  constexpr int kOfRow = 24, kOfColumn = 12, kOfRowName = 97;
  const int T = frame.timeline.positions(), row = selected_row(view, T), depth = focus_of(view, n_layer).depth;
  auto& labels = scene.scene->labels;
  if (row >= 0) labels[frame.token_labels + static_cast<std::size_t>(row)].priority = kOfRowName;
  if (!frame.word_labels) return;
  for (int d = 0; d <= n_layer; ++d)
    for (int p = 0; p < T; ++p) {
      render::Label& word = labels[*frame.word_labels + static_cast<std::size_t>(d * T + p)];
      if (p == row) word.priority += kOfRow;
      if (d == depth) word.priority += kOfColumn;
      word.stays = word.stays || p == row;  // at the far end of a tilted page too
    }
}

/// The share of a part that has been computed.
float share_of(const When& when, const Timeline& timeline, const Timeline::Moment& now) {
  if (when.op < 0) return 1;
  return std::clamp(timeline.rows_shown(when.op, now) - static_cast<float>(when.position), 0.0F, 1.0F);
}

void show_computed(ViewScene& scene, const StreamFrame& frame, const Timeline::Moment& now) {
  const Timeline& timeline = frame.timeline;
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const PanelInfo& info = scene.panels[i];
    render::Panel& panel = scene.scene->panels[i];
    const float rows = timeline.rows_shown(frame.panel_ops[i], now);
    panel.rows_shown = rows;
    if (info.mapping == PanelInfo::Mapping::Stacked) {
      const float whole = std::floor(rows);
      panel.rows_shown = whole * static_cast<float>(info.pitch) + (rows - whole) * static_cast<float>(info.fold_rows);
    } else if (frame.panel_ops[i] == now.op) {
      panel.highlight_row = now.position;
    }
    panel.rows_shown = std::clamp(panel.rows_shown, 0.0F, static_cast<float>(info.rows));
  }
  render::Scene& shown = *scene.scene;
  for (std::size_t i = 0; i < frame.ribbons.size(); ++i) {
    shown.ribbons[i].shown = share_of(frame.ribbons[i], timeline, now);
    if (frame.ribbons[i].op == now.op && frame.ribbons[i].position == now.position) shown.ribbons[i].pulse = now.fraction;
  }
  for (std::size_t i = 0; i < frame.lines.size(); ++i) shown.lines[i].color.a *= share_of(frame.lines[i], timeline, now);
  for (std::size_t i = 0; i < frame.labels.size(); ++i) shown.labels[i].alpha *= share_of(frame.labels[i], timeline, now);
  // Tokens of the prompt that are still to come stand at the left, dimmed. Tokens that are not generated yet are hidden.
  for (int p = now.position + 1; p < timeline.positions(); ++p)
    shown.labels[frame.token_labels + static_cast<std::size_t>(p)].alpha = p < frame.shown->n_prompt() ? 0.5F : 0;
}

/// Tiles that have not been computed are empty frames. The tile that is being computed has the accent colour.
void add_empty_frames(ViewScene& scene, const StreamFrame& frame, int n_layer, const Timeline::Moment& now) {
  const Palette& colors = palette_of(scene.scene->theme);
  for (int depth = 0; depth <= n_layer; ++depth) {
    const int op = frame.panel_ops[static_cast<std::size_t>(depth)];
    const float rows = frame.timeline.rows_shown(op, now);
    for (int p = static_cast<int>(std::floor(rows)); p < frame.timeline.positions(); ++p) {
      const bool working = op == now.op && p == now.position;
      scene.scene->lines.push_back(outline_of(frame.layout, depth, p, working ? colors.accent : colors.activation, working ? 2.0F : 1.0F));
    }
  }
}

/// The outline of the position's whole vector, or of its one cell.
render::Line outline_in(const ViewScene& scene, const ViewScene::Place& place, bool whole, render::Color color) {
  const auto i = static_cast<std::size_t>(place.panel);
  const PanelInfo& info = scene.panels[i];
  const render::Panel& panel = scene.scene->panels[i];
  const glm::vec3 dx = panel.across / static_cast<float>(info.cols), dy = panel.down / static_cast<float>(info.rows);
  const int row = whole ? place.row - place.row % info.pitch : place.row, rows = whole ? info.fold_rows : 1;
  const int col = whole ? 0 : place.col, cols = whole ? info.cols : 1;
  const glm::vec3 low = panel.origin + dx * static_cast<float>(col) + dy * static_cast<float>(row) - glm::vec3(0, 0, 0.006F);
  const glm::vec3 right = dx * static_cast<float>(cols), down = dy * static_cast<float>(rows);
  render::Line line;
  line.points = {low, low + right, low + right + down, low + down, low};
  line.color = color;
  line.width_px = 2;
  line.on_top = true;
  return line;
}

/// The frame round the last tile and its word where that word is highlighted.
void frame_word(ViewScene& scene, const StreamFrame& frame, const SceneInput& input, const ViewState& view) {
  const StreamReading* reading = shown_reading(input, view.compare);
  if (!frame.shown || reading == nullptr || view.hide_prediction || view.time < frame.timeline.end()) return;
  const int T = frame.shown->length(), n_layer = input.model->weights->config.n_layer;
  if (!is_highlighted(view, reading->word(n_layer, T - 1).id)) return;
  const StreamLayout& l = frame.layout;
  constexpr float kAir = 0.12F;
  const glm::vec3 low = l.tile(n_layer, T - 1) - glm::vec3(kAir, kAir, 0.005F);
  const float right = l.words_below ? std::max(l.tile_w, l.word_room) : l.tile_w + l.words;
  const float below = l.words_below ? 1.14F + l.letters : 1;
  render::Line line = outline(low, low + glm::vec3(right + 2 * kAir, below + 2 * kAir, 0), palette_of(view.theme).mark, kFramePx);
  line.on_top = true;
  scene.scene->lines.push_back(std::move(line));
}

/// The chosen token, on its way from the word of its row's last tile to the tokens at the left.
void add_flight(ViewScene& scene, const StreamFrame& frame, const SceneInput& input, const ViewState& view) {
  const auto flight = flight_at(*frame.shown, frame.timeline, view);
  if (!flight) return;
  const StreamLayout& l = frame.layout;
  const int last = input.model->weights->config.n_layer, row = flight->row;
  const glm::vec3 word = l.tile(last, row - 1) + (l.words_below ? glm::vec3(std::max(l.tile_w, l.word_room), 1.14F + 0.5F * l.letters, 0)
                                                                : glm::vec3(l.tile_w + l.words, 0.5F * l.band_top, 0));
  render::Label label = flying_tag(*flight, input, view.theme, word, {kTokensEnd, l.row(row) + 0.5F, 0}, l.tokens, l.step_y);
  label.max_px = 24 * frame.key.presentation;
  scene.kept_whole.push_back(scene.scene->labels.size());
  scene.scene->labels.push_back(std::move(label));
}

}  // namespace

void mark_vector(ViewScene& scene, const ViewScene::Place& place, bool whole) {
  const Palette& colors = palette_of(scene.scene->theme);
  scene.scene->lines.push_back(outline_in(scene, place, true, colors.mark));
  if (!whole) scene.scene->lines.push_back(outline_in(scene, place, false, colors.text));
}

void apply_stream_time(ViewScene& scene, const StreamFrame& frame, const SceneInput& input, const ViewState& view) {
  const ModelConfig& config = input.model->weights->config;
  const Palette& colors = palette_of(view.theme);
  if (frame.shown && view.time < frame.timeline.end()) {
    const Timeline::Moment now = frame.timeline.at(view.time);
    show_computed(scene, frame, now);
    add_empty_frames(scene, frame, config.n_layer, now);
  }
  const PanelInfo& column = frame.scene.panels.front();
  const int T = (column.rows - column.fold_rows) / column.pitch + 1;
  if (frame.layout.home_rows < T) {
    scene.home.low.y = frame.layout.row(0) + first_row_at(frame, view, T) * frame.layout.step_y - frame.layout.home_strip();
    scene.home.high.y = scene.home.low.y + frame.layout.home_high();
    if (view.circuit) {  // its arcs lie above the first rows
      scene.home.low.y = frame.layout.low.y;
      scene.home.high.y = frame.layout.low.y + frame.layout.home_high();
    }
  }
  if (frame.shown) prefer_selection(scene, frame, view, config.n_layer);
  const int position = view.selected_position;
  if (frame.shown && position >= 0 && position < frame.shown->length()) {
    const StreamLayout& l = frame.layout;
    const float top = l.row(position) - 0.5F * (l.step_y - 1), bottom = top + l.step_y;
    const render::Ribbon band = bar_of({l.low.x, top, 0.02F}, {l.high.x, bottom, 0.02F}, {glm::vec3(colors.accent), 0.16F});
    scene.scene->ribbons.insert(scene.scene->ribbons.begin(), band);  // behind all others
    scene.scene->labels[frame.token_labels + static_cast<std::size_t>(position)].color = colors.accent;
  }
  if (frame.shown) add_flight(scene, frame, input, view);
  frame_highlights(scene, view);
  frame_word(scene, frame, input, view);
  if (view.selection) mark_cell(scene, *view.selection, config);
}

}  // namespace gf::scene
