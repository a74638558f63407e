// The words in the Machine: name tags, the tokens beside the embedding, the marks of edits.
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/scene/builder_state.h"
#include "app/scene/label_box.h"
#include "app/scene/placed_names.h"
#include "app/scene/pointed.h"
#include "model/base/listed.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/edits/axes.h"
#include "model/edits/head_cuts.h"
#include "model/model_size.h"
#include "model/tokenizer/token_words.h"

namespace gf::scene {
namespace {

struct TierStyle {
  float height, min_px, max_px;
  int priority;
  bool bold, tagged;
};

TierStyle style_of(TagTier tier) {
  switch (tier) {
    case TagTier::Title: return {Layout::kTitleLetters, 12, 26, 90, true, false};
    case TagTier::Sum: return {0.24F, 11, 22, 45, true, false};
    case TagTier::Name: return {0.185F, 11, 15, 50, false, true};  // legible where a sheet is 60 px wide
    case TagTier::Head: return {0.1F, 11, 15, 52, true, false};
    case TagTier::Weight: return {0.1F, 11, 14, 48, false, true};
    case TagTier::Strip: return {0.028F, 11, 12, 10, false, false};
  }
  return {0.05F, 11, 13, 0, false, false};
}

/// Where there is no room for every name, every second or fourth one stays, counted from the last: more for those.
int evenness(int from_last) { return from_last % 4 == 0 ? 2 : from_last % 2 == 0 ? 1 : 0; }

/// Whether a token is the prompt's. Without a run all are.
bool is_given(const MachineFrame& frame, int position) { return !frame.shown || position < frame.shown->n_prompt(); }

constexpr int kPlacesOfNote = 2;  // in the list of tokens

/// The model's name and what it measures.
void add_title(MachineFrame& frame, const SceneInput& input, const Palette& colors) {
  if (!(frame.layout->title_width > 0)) return;
  render::Scene& scene = *frame.scene.scene;
  const Weights& weights = *input.model->weights;
  const std::string parameters = text("{0} parameters", numbers::short_count(static_cast<long long>(weights.parameters())));
  render::Label name;
  name.text = weights.name;
  name.anchor = frame.layout->title;
  // Letters are some half as wide as high.
  const auto fitting = [&](float height, std::size_t letters) {
    return std::min(height, frame.layout->title_width / (0.56F * static_cast<float>(letters)));
  };
  name.height = fitting(0.5F * frame.layout->text_scale, name.text.size());
  name.min_px = 11;
  name.max_px = 34 * frame.presentation;
  name.bold = true;
  name.color = colors.text;
  name.priority = 68;  // tokens and answers need their places more
  scene.labels.push_back(name);
  name.anchor.y += 0.72F * frame.layout->text_scale;
  name.height = fitting(0.25F * frame.layout->text_scale, parameters.size());
  name.max_px = 16 * frame.presentation;
  name.bold = false;
  name.color = colors.dim;
  const ModelConfig& config = weights.config;
  for (const std::string& fact :
       {text("{0} blocks, {1} heads", config.n_layer, config.n_head), text("{0} dimensions", config.d_model), parameters}) {
    name.text = fact;
    frame.scene.whole_or_not.push_back(scene.labels.size());
    scene.labels.push_back(name);
    name.anchor.y += 0.38F * frame.layout->text_scale;
  }
}

/// Of a structure: the counts of its parts, where a run has its likely words.
void add_counts(MachineFrame& frame, const SceneInput& input, const Palette& colors) {
  const Weights& weights = *input.model->weights;
  const ModelConfig& c = weights.config;
  const Layout& layout = *frame.layout;
  const int T = rows_of(input, nullptr, c);
  const auto bytes = [](std::uint64_t n) { return numbers::bytes(static_cast<double>(n)); };
  const std::vector<std::string> lines{text("no weights, so no values"),
                                       text("{0} parameters", numbers::short_count(static_cast<long long>(weights.parameters()))),
                                       text("{0} as float32", bytes(weights_bytes(weights))),
                                       text("{0} blocks, {1} heads", c.n_layer, c.n_head),
                                       text("{0} dimensions", numbers::count(c.d_model)),
                                       text("{0} tokens: {1}", T, numbers::flops(pass_flops(c, T))),
                                       text("keys and values: {0}", bytes(kv_bytes(c, T)))};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    render::Label line;
    line.text = lines[i];
    line.anchor = layout.words + glm::vec3(0, (static_cast<float>(i) - 0.3F) * layout.words_step, 0);
    line.height = 0.2F * layout.text_scale;
    line.max_px = 22 * frame.presentation;
    line.bold = i == 1;
    line.color = i == 0 ? colors.dim : colors.text;
    line.stays = true;
    line.priority = 85 - static_cast<int>(i);
    frame.scene.scene->labels.push_back(std::move(line));
  }
}

}  // namespace

render::Line outline(glm::vec3 low, glm::vec3 high, render::Color color, float width_px) {
  render::Line line;
  line.points = {low, {high.x, low.y, low.z}, high, {low.x, high.y, low.z}, low};
  line.color = color;
  line.width_px = width_px;
  return line;
}

render::Ribbon bar_of(glm::vec3 low, glm::vec3 high, render::Color color) {
  render::Ribbon r;
  r.a0 = low;
  r.a1 = {low.x, high.y, low.z};
  r.b0 = {high.x, low.y, low.z};
  r.b1 = high;
  r.a_out = r.b_in = {high.x - low.x, 0, 0};
  r.color = r.color_end = color;
  return r;
}

std::string token_text(const SceneInput& input, TokenId id) { return token_words(input.model->tokenizer.get(), id); }

void add_tags(MachineFrame& frame, const SceneInput& input, const ViewState& view) {
  const Palette& colors = palette_of(view.theme);
  render::Scene& scene = *frame.scene.scene;
  std::size_t plate = 0;  // heads' numbers come in the order of their plates
  const auto next_plate = [&] {
    while (plate < frame.scene.panels.size() && frame.scene.panels[plate].mapping != PanelInfo::Mapping::Causal) ++plate;
    return plate++;
  };
  for (const LayoutTag& tag : frame.layout->tags) {
    const TierStyle style = style_of(tag.tier);
    render::Label label;
    label.text = tag.text;
    label.anchor = tag.anchor;
    label.horizontal = tag.horizontal;
    label.vertical = tag.vertical;
    // The layout has made room for titles of Present; what is written close up is only larger.
    label.height = tag.tier == TagTier::Title ? frame.layout->title_letters * frame.layout->text_scale : style.height * frame.presentation;
    // A title that is small still says where one is.
    label.min_px = tag.tier == TagTier::Title ? style.min_px : std::max(style.min_px, least_letters(frame.presentation));
    label.max_px = style.max_px * frame.presentation;
    label.priority = style.priority;
    label.bold = style.bold;
    label.stays = tag.tier == TagTier::Title;  // in a small pane those that have no room fade, and not all of them
    label.color = tag.tier == TagTier::Title ? colors.text : tag.tier == TagTier::Name ? colors.text : colors.dim;
    if (tag.head >= 0) label.color = head_color(tag.head, view.theme);
    if (style.tagged) label.background = colors.tag;
    if (tag.tier == TagTier::Head) frame.scene.plate_names.push_back({scene.labels.size(), next_plate()});
    if (tag.tier == TagTier::Name) frame.scene.sheet_names.push_back(scene.labels.size());
    if (tag.tier == TagTier::Title && !frame.layout->blocks.empty()) frame.scene.titles.push_back({scene.labels.size(), tag.block});
    if (tag.tier == TagTier::Weight) frame.scene.whole_or_not.push_back(scene.labels.size());
    if (tag.tier == TagTier::Title && frame.layout->alone && !frame.layout->lines.empty())
      frame.scene.title_of_head = ViewScene::TitleOfHead{scene.labels.size(), frame.layout->lines.front().y};
    scene.labels.push_back(std::move(label));
  }
  add_title(frame, input, colors);
  if (!input.model->weights->has_values()) return add_counts(frame, input, colors);
  // A frame whose weights are still being read says so.
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const render::Panel& panel = scene.panels[i];
    if (panel.source || !frame.scene.panels[i].tensor.is_weight() || frame.scene.panels[i].rows == 1) continue;
    render::Label label;
    label.text = text("reading");
    label.anchor = panel.origin + (panel.across + panel.down) * 0.5F;
    label.horizontal = render::Align::Middle;
    label.height = 0.08F;
    label.max_px = 14 * frame.presentation;
    label.color = colors.dim;
    label.priority = 5;
    scene.labels.push_back(std::move(label));
  }
}

namespace {

/// Says that only one token in so many is named. How many that are depends on the camera.
void add_token_note(MachineFrame& frame, const Palette& colors, int stride) {
  const Layout& layout = *frame.layout;
  if (frame.listed.empty() || stride * layout.token_every == 1) return;
  const int T = static_cast<int>(frame.scene.row_texts.size()), above = T - static_cast<int>(frame.listed.size()) - 1;
  render::Scene& scene = *frame.scene.scene;
  render::Label note = scene.labels[frame.token_labels];
  // Above the first word, and in two columns above both.
  note.anchor = {layout.tokens.x, layout.token_at(above, T, layout.token_aside > 0 ? -1 : 0).y, 0};
  note.text = words_of_note(stride * layout.token_every);
  note.color = colors.dim;
  note.stays = true;
  note.priority = 69;
  note.means = -1;
  frame.scene.token_note = ViewScene::TokenNote{scene.labels.size(), stride, stride * layout.token_every, {}};
  for (std::size_t i = 0; i < frame.listed.size() && !frame.scene.token_note->lesser; ++i)
    if (!scene.labels[frame.token_labels + i].stays) frame.scene.token_note->lesser = frame.token_labels + i;
  scene.labels.push_back(std::move(note));
}

}  // namespace

std::vector<glm::vec3> way_to_row(const MachineFrame& frame, glm::vec3 word_end, int position) {
  const int embed = frame.layout->panel_of({HookKind::Embed, -1});
  if (embed < 0) return {};
  const render::Panel& sheet = frame.scene.scene->panels[static_cast<std::size_t>(embed)];
  const auto T = static_cast<float>(frame.scene.row_texts.size());
  const glm::vec3 from{word_end.x + 0.04F, word_end.y, 0};
  const glm::vec3 to{sheet.origin.x - 0.03F, sheet.origin.y + sheet.down.y * (static_cast<float>(position) + 0.5F) / T, 0};
  constexpr int kSteps = 12;
  std::vector<glm::vec3> points;
  for (int i = 0; i <= kSteps; ++i) {
    const float s = static_cast<float>(i) / kSteps, ease = s * s * (3 - 2 * s);
    points.emplace_back(from.x + (to.x - from.x) * s, from.y + (to.y - from.y) * ease, 0);
  }
  return points;
}

void add_tokens(MachineFrame& frame, const SceneInput& input, const ViewState& view) {
  const auto ids = tokens_of(input, frame.shown.get());
  if (ids.empty()) return;
  const Palette& colors = palette_of(view.theme);
  render::Scene& scene = *frame.scene.scene;
  const Layout& layout = *frame.layout;
  const float step = layout.token_step;
  constexpr float kMost = 0.8F;  // so that no name covers the next
  const float share = std::max(layout.token_share, std::min(layout.token_share * frame.presentation, kMost));
  const int T = static_cast<int>(ids.size());
  for (const TokenId id : ids) frame.scene.row_texts.push_back(token_text(input, id));
  frame.token_labels = scene.labels.size();
  frame.token_lines = scene.lines.size();
  // All tokens, or as many as the list has places for beside its note, evenly and counted from the last one.
  const int places = T - layout.first_token, most = std::max(1, Layout::kTokens - kPlacesOfNote);
  const int stride = T <= Layout::kTokens ? 1 : (T + most - 1) / most;
  for (int p = (T - 1) % stride; p < T && places > 0; p += stride) frame.listed.push_back(p);
  for (std::size_t i = 0; i < frame.listed.size(); ++i) {
    const int p = frame.listed[i], place = T - static_cast<int>(frame.listed.size() - i);
    render::Label label;
    label.text = frame.scene.row_texts[static_cast<std::size_t>(p)];
    label.anchor = layout.token_at(place, T);
    label.horizontal = render::Align::End;
    const bool aside = layout.token_aside > 0;
    const bool roomy = layout.has_room(place, T);
    const float line = roomy ? step * static_cast<float>(layout.token_every) : step;
    label.height = aside ? std::min(0.2F * layout.text_scale, 2 * line * share) : std::min(0.25F * layout.text_scale, line * share);
    label.max_px = 22 * frame.presentation;
    label.color = is_given(frame, p) ? colors.text : colors.accent;
    label.stays = roomy;
    label.priority = roomy ? 71 + evenness((T - 1 - place) / layout.token_every / (aside ? 2 : 1)) : 70;
    if (frame.shown) label.means = frame.scene.mean(first_cell({HookKind::ResidPre, 0}, p));
    // Left of the words at the left nothing is in the way.
    constexpr float kBetween = 0.93F, kFree = 1.5F;
    const bool at_left = label.anchor.x < layout.tokens.x;
    if (aside) frame.scene.rooms.emplace_back(scene.labels.size(), (at_left ? kFree : kBetween) * layout.token_aside);
    frame.scene.token_names.push_back(scene.labels.size());
    scene.labels.push_back(std::move(label));
    render::Line leader;
    leader.points = way_to_row(frame, scene.labels.back().anchor, p);
    if (leader.points.empty()) continue;
    leader.color = colors.dim;
    leader.color.a = roomy ? 0.45F : 0.15F;
    leader.width_px = 1;
    scene.lines.push_back(std::move(leader));
  }
  add_token_note(frame, colors, stride);
}

void add_row_names(MachineFrame& frame, const ViewState& view) {
  const Palette& colors = palette_of(view.theme);
  render::Scene& scene = *frame.scene.scene;
  const Layout& layout = *frame.layout;
  const int T = static_cast<int>(frame.scene.row_texts.size());
  if (T == 0) return;
  frame.row_labels = scene.labels.size();
  // From afar every so many rows have a name, counted from the last one; close up each has.
  constexpr float kLetters = 0.085F, kLines = 1.35F;
  const float row = layout.sheet_height / static_cast<float>(T);
  const int stride = std::max(1, static_cast<int>(std::ceil(kLetters * kLines / row)));
  for (const Layout::Line& line : layout.lines) {
    frame.scene.row_lines.push_back({scene.labels.size(), line.x, line.y, row});
    for (int p = 0; p < T; ++p) {
      render::Label label;
      label.text = frame.scene.row_texts[static_cast<std::size_t>(p)];
      label.anchor = {line.x - 0.08F, line.y + (static_cast<float>(p) + 0.5F) * row, 0};
      label.horizontal = render::Align::End;
      label.height = (T - 1 - p) % stride == 0 ? std::max(kLetters, row * 0.75F) : row * 0.75F;
      if (layout.alone) {  // its rows are about as high as letters, so each has its name, where a sheet's own name of it would stand
        constexpr float kAir = 6;
        label.anchor.x = line.x;
        label.offset_px = {-kAir, 0};
        label.height = row * 0.72F;
        label.stays = true;
      }
      label.max_px = 15 * frame.presentation;
      label.color = is_given(frame, p) ? colors.text : colors.accent;
      label.priority = (T - 1 - p) % stride == 0 ? 61 : 60;
      label.background = {glm::vec3(colors.ground), 0.8F};  // the band that comes from the line before lies behind it
      label.snug = true;
      if (frame.shown) label.means = frame.scene.mean(first_cell({HookKind::ResidPre, 0}, p));
      frame.scene.row_names.push_back(scene.labels.size());
      scene.labels.push_back(std::move(label));
    }
  }
}

namespace {

/// Of an edit's mark, in bytes. Longer ones, such as a patch's with its source prompt, would cover what stands beside the mark.
constexpr std::size_t kMostOfWords = 14, kMostOfPart = 24, kMostOfTag = 64;

std::string with_block(HookId hook, const std::string& words) {
  return hook.layer >= 0 ? text("block {0}: {1}", hook.layer, words) : words;
}

}  // namespace

std::vector<ShownEdit> shown_edits(const SceneInput& input, const ModelConfig& config) {
  std::vector<ShownEdit> shown;
  if (!input.run) return shown;
  for (const Edit& edit : input.run->request.recipe.edits) {
    if (!edit.enabled) continue;
    ShownEdit s;
    s.cuts = removes(edit) && acts_everywhere(edit);
    s.text = words_of(edit);
    if (s.text.size() > kMostOfWords) s.text = tag_of(edit);
    s.part = part_of(edit);
    if (s.part.size() > kMostOfPart) s.part = text("in part");
    if (edit.heads)
      for (int h = 0; h < config.n_head; ++h)
        if (selects(edit.heads, h, config.n_head, input.run->base ? input.run->base->n_prompt() : 0)) s.heads.push_back(h);
    for (const HookId hook : hooks_named(edit.hook, config.n_layer)) {
      s.hook = hook;
      shown.push_back(s);
    }
  }
  return shown;
}

void add_edit_marks(MachineFrame& frame, const SceneInput& input, const ViewState& view) {
  if (!input.run || view.compare == Compare::Base || !input.run->has_edits()) return;
  const Palette& colors = palette_of(view.theme);
  render::Scene& scene = *frame.scene.scene;
  const ModelConfig& config = input.model->weights->config;
  const auto say = [&](const std::string& words, glm::vec3 anchor) {
    render::Label label;
    label.text = words;
    label.anchor = anchor;
    label.horizontal = render::Align::Middle;
    label.vertical = render::Align::Begin;
    label.height = 0.27F * frame.layout->text_scale;
    label.max_px = 17 * frame.presentation;
    label.bold = true;
    label.color = colors.ground;
    label.background = colors.edited;
    label.priority = 95;
    scene.labels.push_back(std::move(label));
  };
  // Heads of a sheet with the same operation share one tag, because separate tags would cover each other; several tags of a
  // sheet stand one below the other, and a hook that is folded into several sheets has its tags at the last one.
  using Said = std::pair<std::string, std::string>;  // operation and part
  std::map<std::pair<std::size_t, Said>, std::vector<int>> bands;
  std::map<std::pair<HookId, int>, std::size_t> last_sheet;  // by head
  std::map<std::size_t, std::vector<std::string>> whole;
  /// Edits that act on a sheet, and those that are counted there: an edit of several sheets at one that has a tag of it.
  struct OnSheet {
    int acting = 0, beginning = 0;
  };
  std::map<std::size_t, OnSheet> counts;
  const auto with_part = [](const std::string& words, const std::string& part) {
    return part.empty() ? words : text("{0}, {1}", words, part);
  };
  for (const ShownEdit& edit : shown_edits(input, config)) {
    bool begun = false;
    for (std::size_t i = 0; i < scene.panels.size(); ++i) {
      const PanelInfo& info = frame.scene.panels[i];
      if (info.tensor.is_weight() || info.tensor.hook != edit.hook) continue;
      render::Panel& panel = scene.panels[i];
      const bool by_band = info_of(edit.hook.kind).shape == RowShape::Heads && !edit.heads.empty();
      const bool picked = edit.heads.empty() || by_band || std::find(edit.heads.begin(), edit.heads.end(), info.head) != edit.heads.end();
      if (!picked) continue;
      ++counts[i].acting;
      if (by_band && !std::exchange(begun, true)) ++counts[i].beginning;
      if (!by_band) {
        panel.hatched = true;
        panel.frame = colors.edited;
        panel.frame_px = 2;
        last_sheet[{edit.hook, info.head}] = i;
        continue;
      }
      for (const int h : edit.heads) {
        const glm::vec3 band = panel.across / static_cast<float>(config.n_head);
        const glm::vec3 low = panel.origin + band * static_cast<float>(h) - glm::vec3(0, 0, 0.002F);
        const glm::vec3 high = low + band + panel.down;
        scene.lines.push_back(outline(low, high, colors.edited, 2));
        // The hatching stands above and below the band: the values stay readable.
        constexpr int kTicks = 8;
        constexpr float kTick = 0.016F;
        for (int k = 0; k < kTicks; ++k)
          for (const float y : {low.y - kTick, high.y}) {
            const float x = low.x + band.x * static_cast<float>(k) / kTicks;
            render::Line tick;
            tick.points = {{x, y + kTick, low.z}, {x + band.x / kTicks, y, low.z}};
            tick.color = colors.edited;
            tick.width_px = 1.5F;
            scene.lines.push_back(std::move(tick));
          }
        bands[{i, {edit.text, edit.part}}].push_back(h);
      }
    }
    for (const auto& [of, sheet] : last_sheet) {
      const std::string words =
          of.second >= 0 ? text("{0} head {1}", edit.text, of.second) : text("{0} {1}", edit.text, text(info_of(edit.hook.kind).title));
      whole[sheet].push_back(with_part(words, edit.part));
    }
    if (!last_sheet.empty()) ++counts[last_sheet.begin()->second].beginning;
    last_sheet.clear();
    if (!edit.cuts) continue;
    for (std::size_t r = 0; r < frame.ribbon_ops.size(); ++r) {
      const LayoutRibbon& ribbon = frame.layout->ribbons[r];
      if (ribbon.from != edit.hook) continue;
      if (edit.heads.empty() || std::find(edit.heads.begin(), edit.heads.end(), ribbon.head) != edit.heads.end())
        scene.ribbons[r].cut = true;
    }
  }
  // One tag for a sheet: several would cover each other, or the names of the blocks around.
  struct Tag {
    std::vector<std::string> words;
    float middle = 0;  ///< of the sheet's width, summed over the words
  };
  std::map<std::size_t, Tag> tags;
  for (const auto& [sheet, words] : whole)
    for (const std::string& said : words) {
      tags[sheet].words.push_back(said);
      tags[sheet].middle += 0.5F;
    }
  for (const auto& [where, heads] : bands) {
    float middle = 0;
    std::string names;
    for (std::size_t k = 0; k < heads.size(); ++k) {
      middle += (static_cast<float>(heads[k]) + 0.5F) / static_cast<float>(config.n_head) / static_cast<float>(heads.size());
      names += (k == 0 ? "" : ", ") + std::to_string(heads[k]);
    }
    Tag& tag = tags[where.first];
    tag.words.push_back(
        with_part(text(heads.size() > 1 ? "{0} heads {1}" : "{0} head {1}", where.second.first, names), where.second.second));
    tag.middle += middle;
  }
  for (const auto& [sheet, tag] : tags) {
    const render::Panel& panel = scene.panels[sheet];
    const auto n = tag.words.size();
    std::string said = listed(tag.words);
    if (n > 1 && said.size() > kMostOfTag) said = counted(counts[sheet].acting, "{0} edit", "{0} edits");
    const HookId hook = frame.scene.panels[sheet].tensor.hook;
    frame.scene.edit_tags.push_back({scene.labels.size(), sheet, hook.layer, said, counts[sheet].beginning});
    frame.scene.kept_whole.push_back(scene.labels.size());
    say(with_block(hook, said),
        panel.origin + panel.across * (tag.middle / static_cast<float>(n)) + panel.down + glm::vec3(0, 0.03F, -0.01F));
  }
}

void add_ribbons(MachineFrame& frame, const ViewState& view) {
  const Palette& colors = palette_of(view.theme);
  for (const LayoutRibbon& from : frame.layout->ribbons) {
    render::Ribbon r;
    r.a0 = from.a0;
    r.a1 = from.a1;
    r.b0 = from.b0;
    r.b1 = from.b1;
    r.a_out = from.a_out;
    r.b_in = from.b_in;
    switch (from.kind) {
      case LayoutRibbon::Kind::Stream: r.color = colors.stream; break;
      case LayoutRibbon::Kind::Flow: r.color = colors.flow; break;
      case LayoutRibbon::Kind::Head:
        r.color = head_color(from.head, view.theme);
        r.color.a = colors.head_alpha;
        break;
    }
    r.color.a = std::min(1.0F, r.color.a * from.strength);
    r.color_end = r.color;
    if (frame.shown && frame.shown->length() > 0)
      r.means = frame.scene.mean(first_cell(from.into, frame.shown->length() - 1, std::max(0, from.head)));
    frame.scene.scene->ribbons.push_back(r);
    frame.ribbon_ops.push_back(frame.timeline.op_of(from.into));
  }
}

}  // namespace gf::scene
