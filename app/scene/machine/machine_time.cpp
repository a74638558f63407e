// The parts of the Machine that depend on the moment: computed rows, moving data, the likely words, the token that flies.
#include <algorithm>
#include <cmath>

#include "app/scene/builder_state.h"
#include "app/scene/cards/cell_numbers.h"
#include "app/scene/flight.h"
#include "app/scene/pointed.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/tokenizer/token_words.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

struct Clock {
  Timeline::Moment now;
  bool ended = true;  ///< everything has been computed
  int positions = 0;
};

void show_rows(ViewScene& scene, const MachineFrame& frame, const Clock& clock) {
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const int op = frame.panel_ops[i];
    if (op < 0) continue;
    const PanelInfo& info = scene.panels[i];
    render::Panel& panel = scene.scene->panels[i];
    const float rows = frame.timeline.rows_shown(op, clock.now);
    const bool working = !clock.ended && op == clock.now.op;
    if (info.mapping == PanelInfo::Mapping::Folded) {
      panel.rows_shown = std::clamp(rows - static_cast<float>(info.position), 0.0F, 1.0F) * static_cast<float>(info.rows);
      continue;
    }
    panel.rows_shown = std::clamp(rows - static_cast<float>(info.row0), 0.0F, static_cast<float>(info.rows));
    if (working && clock.now.position >= info.row0 && clock.now.position < info.row0 + info.rows)
      panel.highlight_row = clock.now.position - info.row0;
  }
}

void move_ribbons(ViewScene& scene, const MachineFrame& frame, const Clock& clock) {
  if (clock.ended) return;
  for (std::size_t r = 0; r < frame.ribbon_ops.size(); ++r) {
    const int op = frame.ribbon_ops[r];
    render::Ribbon& ribbon = scene.scene->ribbons[r];
    ribbon.shown = std::clamp(frame.timeline.rows_shown(op, clock.now), 0.0F, 1.0F);
    if (op == clock.now.op) ribbon.pulse = clock.now.fraction;
  }
}

std::string percent(float logprob) { return numbers::percent(std::exp(static_cast<double>(logprob))); }

render::Label word_label(std::string text, glm::vec3 anchor, float height, render::Color color, float presentation) {
  render::Label label;
  label.text = std::move(text);
  label.anchor = anchor;
  label.height = height;
  label.max_px = 26 * presentation;
  label.color = color;
  label.stays = true;
  label.priority = 75;
  return label;
}

/// The last position whose logits have been computed; -1 before the first.
int predicted(const MachineFrame& frame, const Clock& clock) {
  if (clock.ended) return clock.positions - 1;
  const int logits = frame.timeline.op_of({HookKind::Logits, -1});
  return clock.now.op > logits ? clock.now.position : clock.now.position - 1;
}

constexpr float kShareWidth = 1.1F;  // of a probability behind its bar

void add_words(ViewScene& scene, const MachineFrame& frame, const SceneInput& input, const ViewState& view, int position) {
  const Palette& colors = palette_of(view.theme);
  const Layout& layout = *frame.layout;
  std::vector<TokenStats::Top> top = frame.shown->stats(position).top;
  const bool edited = input.run->has_edits() && view.compare != Compare::Base;
  const auto& base_top = input.run->base->stats(std::min(position, input.run->base->length() - 1)).top;
  // The base run's likeliest word stays in the list: if the edit has moved it below the list, it takes the last place.
  if (edited && !base_top.empty() && top.size() > Layout::kWords) {
    const auto fallen = std::find_if(top.begin() + Layout::kWords, top.end(), [&](const auto& t) { return t.id == base_top.front().id; });
    if (fallen != top.end()) top[Layout::kWords - 1] = *fallen;
  }
  const float step = layout.words_step, u = layout.text_scale;
  const int count = std::min<int>(Layout::kWords, static_cast<int>(top.size()));
  // Bars begin behind the longest word, which takes a part of their length before it is cut.
  constexpr float kUsualBar = 1.35F, kFarthestBar = 1.6F, kBarsEnd = 1.85F, kLetters = 0.25F, kGap = 0.12F, kPx = 100;
  float widest = 0;
  for (int i = 0; i < count; ++i)
    widest = std::max(widest, render::text_width(token_text(input, top[static_cast<std::size_t>(i)].id), kPx, i == 0) / kPx * kLetters);
  const float bar_at = std::clamp(widest + kGap, kUsualBar, kFarthestBar);
  const float bar_x = layout.words.x + bar_at * u, bar_w = (kBarsEnd - bar_at) * u;
  const std::string token = quoted_token(input.model->tokenizer.get(), frame.shown->ids()[static_cast<std::size_t>(position)]);
  const bool last = position + 1 == frame.shown->length();
  scene.whole_or_not.push_back(scene.scene->labels.size());
  auto title = word_label(last ? text("after {0}", token) : text("after {0}, position {1}", token, position),
                          layout.words + glm::vec3(0, -0.12F * u, 0), 0.26F * u, colors.dim, frame.presentation);
  scene.scene->labels.push_back(std::move(title));
  if (last && view.hide_prediction) {
    scene.scene->labels.push_back(
        word_label("?", {layout.words.x, layout.words.y + 0.5F * step, 0}, 0.25F * u, colors.accent, frame.presentation));
    return;
  }
  for (int i = 0; i < count; ++i) {
    const auto& candidate = top[static_cast<std::size_t>(i)];
    const float y = layout.words.y + (static_cast<float>(i) + 0.5F) * step;
    auto word = word_label(token_text(input, candidate.id), {layout.words.x, y, 0}, 0.25F * u, colors.text, frame.presentation);
    word.bold = i == 0;
    word.priority = 85 - i;
    scene.answers.push_back(scene.scene->labels.size());
    scene.rooms.emplace_back(scene.scene->labels.size(), (bar_at - kGap / 2) * u);
    scene.kept_whole.push_back(scene.scene->labels.size());
    scene.scene->labels.push_back(std::move(word));
    const auto bar = [&](float probability, float y0, float y1, render::Color color) {
      const float x1 = bar_x + bar_w * std::max(0.012F, probability);
      scene.scene->ribbons.push_back(bar_of({bar_x, y0, 0}, {x1, y1, 0}, color));
      return x1;
    };
    render::Color solid = colors.accent;
    solid.a = 0.95F;
    float end = bar(std::exp(candidate.logprob), y - step * 0.26F, y + step * (edited ? 0.08F : 0.26F), solid);
    if (edited) {
      const auto before = std::find_if(base_top.begin(), base_top.end(), [&](const auto& t) { return t.id == candidate.id; });
      render::Color pale = colors.dim;
      pale.a = 0.6F;
      if (before != base_top.end()) end = std::max(end, bar(std::exp(before->logprob), y + step * 0.12F, y + step * 0.28F, pale));
    }
    auto share = word_label(percent(candidate.logprob), {end + 0.08F * u, y, 0}, (frame.presentation > 1 ? 0.25F : 0.24F) * u,
                            i == 0 ? colors.text : colors.dim, frame.presentation);
    share.priority = 84 - i;
    scene.answers.push_back(scene.scene->labels.size());
    scene.kept_whole.push_back(scene.scene->labels.size());
    scene.scene->labels.push_back(std::move(share));
    if (last && is_highlighted(view, candidate.id))
      scene.scene->lines.push_back(
          outline({layout.words.x - 0.08F * u, y - 0.48F * step, 0}, {end + kShareWidth * u, y + 0.48F * step, 0}, colors.mark, kFramePx));
  }
}

/// The names of rows that are still to come are dimmed, and those of tokens that the model has not chosen yet are absent.
void fade_row_names(ViewScene& scene, const MachineFrame& frame, const Clock& clock) {
  const std::size_t T = frame.scene.row_texts.size();
  for (std::size_t line = 0; line < frame.layout->lines.size(); ++line)
    for (int p = clock.now.position + 1; p < clock.positions; ++p)
      scene.scene->labels[frame.row_labels + line * T + static_cast<std::size_t>(p)].alpha = p < frame.shown->n_prompt() ? 0.5F : 0.0F;
}

/// The selected token keeps its name where not all have room for theirs: in a list that leaves it out it takes the place of the one next to
/// it. Returns the positions that the list has then.
std::vector<int> with_selected(ViewScene& scene, const MachineFrame& frame, const ViewState& view) {
  std::vector<int> listed = frame.listed;
  const int chosen = selected_row(view, static_cast<int>(frame.scene.row_texts.size()));
  if (chosen < 0 || listed.empty()) return listed;
  const auto nearest = std::ranges::min_element(listed, {}, [&](int p) { return std::abs(p - chosen); });
  const auto i = static_cast<std::size_t>(nearest - listed.begin());
  render::Label& name = scene.scene->labels[frame.token_labels + i];
  name.stays = true;
  name.priority = 76;
  if (*nearest == chosen) return listed;
  *nearest = chosen;
  name.text = frame.scene.row_texts[static_cast<std::size_t>(chosen)];
  name.color = palette_of(view.theme).accent;
  name.means = scene.mean(first_cell({HookKind::ResidPre, 0}, chosen));
  if (auto way = way_to_row(frame, name.anchor, chosen); !way.empty()) scene.scene->lines[frame.token_lines + i].points = std::move(way);
  return listed;
}

/// The chosen token, on its way from the words to the list of tokens.
void add_flight(ViewScene& scene, const MachineFrame& frame, const SceneInput& input, const ViewState& view) {
  const auto flight = flight_at(*frame.shown, frame.timeline, view);
  if (!flight) return;
  const Layout& layout = *frame.layout;
  const auto rank = static_cast<float>(std::min(flight->rank, Layout::kWords));
  const glm::vec3 from = layout.words + glm::vec3(0.5F, (rank + 0.5F) * layout.words_step, 0);
  // Below the last word, and in two columns in the other one.
  const int every = layout.token_every, T = frame.shown->length();
  const int stride = frame.listed.size() > 1 ? frame.listed[1] - frame.listed[0] : 1;
  const int place = flight->row >= T ? flight->row + every - 1 : T - 1 - (T - 1 - flight->row) / stride;
  // A tag is higher than a word, so that between lines that are close it stands lower.
  constexpr float kBelowLast = 0.34F;  // from the middle of the last word to its own
  const float usual = static_cast<float>(every) * (layout.token_aside > 0 ? 1 : 0.25F);
  // Not on the model's name, though.
  const float y = layout.token_at(place, T).y, name = layout.title.y - 0.5F * layout.text_scale;
  const float room = ((layout.title_width > 0 && name > y ? name : layout.high.y - 0.2F * layout.text_scale) - y) / layout.token_step;
  const float lower = std::max(usual, std::min(kBelowLast * layout.text_scale / layout.token_step - static_cast<float>(every), room));
  const glm::vec3 to = layout.token_at(place, T, flight->row >= T ? lower : usual);
  render::Label label = flying_tag(*flight, input, view.theme, from, to, 0.25F * layout.text_scale, 1);
  label.max_px = 26 * frame.presentation;
  scene.kept_whole.push_back(scene.scene->labels.size());
  scene.scene->labels.push_back(std::move(label));
}

/// An outline with a little air between it and a sheet that is marked.
render::Line mark_round(const render::Panel& panel, render::Color color) {
  constexpr float kMostOfSheet = 0.2F, kFront = 0.003F;
  const float wide = glm::length(panel.across), high = glm::length(panel.down), air = air_of_mark(panel);
  const glm::vec3 right = panel.across / wide * air, down = panel.down / high * air;
  const glm::vec3 at = panel.origin - right - down - glm::vec3(0, 0, kFront), over = panel.across + 2.0F * right,
                  below = panel.down + 2.0F * down;
  render::Line line;
  line.points = {at, at + over, at + over + below, at + below, at};
  line.color = color;
  line.width_px = kFramePx;
  line.most_share = kMostOfSheet;
  return line;
}

}  // namespace

bool is_marked(const PanelInfo& info, const CellRef& highlight) {
  if (is_word(highlight) || info.tensor != highlight.tensor) return false;
  return info.head < 0 || highlight.index[0] < 0 || info.head == highlight.index[0];
}

void frame_highlights(ViewScene& scene, const ViewState& view) {
  const Palette& colors = palette_of(view.theme);
  for (const CellRef& cell : view.highlights) {
    for (std::size_t i = 0; i < scene.panels.size(); ++i) {
      if (!is_marked(scene.panels[i], cell)) continue;
      render::Panel& panel = scene.scene->panels[i];
      panel.frame_px = kFramePx;
      // The frame keeps its colour, which tells a head or an edit.
      scene.scene->lines.push_back(mark_round(panel, colors.mark));
      const auto name = std::ranges::find(scene.plate_names, i, &ViewScene::PlateName::panel);
      if (name == scene.plate_names.end()) continue;
      // From afar the plate is hardly seen: its name says where it stands.
      constexpr int kBeforeTitles = 93;
      render::Label& head = scene.scene->labels[name->label];
      head.text = text("head {0}.{1}", scene.panels[i].tensor.hook.layer, scene.panels[i].head);
      head.color = colors.mark;
      head.background = colors.tag;
      head.priority = kBeforeTitles;
      head.min_px = 13;
      head.snug = true;
      head.stays = true;
    }
  }
}

void apply_time(ViewScene& scene, const MachineFrame& frame, const SceneInput& input, const ViewState& view) {
  const ModelConfig& config = input.model->weights->config;
  if (frame.shown) {
    Clock clock;
    clock.now = frame.timeline.at(view.time);
    clock.positions = frame.timeline.positions();
    clock.ended = !(view.time < frame.timeline.end());
    show_rows(scene, frame, clock);
    move_ribbons(scene, frame, clock);
    if (view.selected_position >= 0)
      for (std::size_t i = 0; i < scene.panels.size(); ++i) {
        const HookKind kind = scene.panels[i].tensor.hook.kind;
        if (scene.panels[i].tensor.is_weight() || view.selected_position >= scene.panels[i].rows) continue;
        if (kind == HookKind::ResidPre || kind == HookKind::ResidMid || kind == HookKind::ResidPost || kind == HookKind::Embed)
          scene.scene->panels[i].highlight_row = view.selected_position;
      }
    const int newest = predicted(frame, clock);
    const bool chosen = clock.ended && view.selected_position >= 0 && view.selected_position < newest;
    const int position = chosen ? view.selected_position : newest;
    // While the selected position is computed, the words after the one before it would contradict what is said of it.
    const bool of_another = !clock.ended && view.selected_position > newest && clock.now.position == view.selected_position;
    if (position >= 0 && !of_another && !frame.layout->alone) add_words(scene, frame, input, view, position);
    if (!frame.layout->alone) add_flight(scene, frame, input, view);
    const std::vector<int> listed = with_selected(scene, frame, view);
    // Tokens that are still to come wait in the list, dimmed.
    for (std::size_t i = 0; i < listed.size() && !clock.ended; ++i) {
      const int p = listed[i];
      if (p <= clock.now.position) continue;
      const float alpha = p < frame.shown->n_prompt() ? 0.5F : 0.0F;
      scene.scene->labels[frame.token_labels + i].alpha = alpha;
      if (frame.token_lines + i < scene.scene->lines.size()) scene.scene->lines[frame.token_lines + i].color.a *= alpha;
    }
    if (!clock.ended) fade_row_names(scene, frame, clock);
  }
  frame_highlights(scene, view);
  if (view.selection) mark_cell(scene, *view.selection, config);
}

}  // namespace gf::scene
