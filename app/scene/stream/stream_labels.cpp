// The words round the Stream's lattice: tokens, depths, blocks, heads, and the marks of edits.
#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "app/scene/builder_state.h"
#include "app/scene/pointed.h"
#include "app/scene/stream/stream.h"
#include "model/base/text.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

render::Label word_of(std::string text, glm::vec3 anchor, float height, float max_px, render::Color color, int priority) {
  render::Label label;
  label.text = std::move(text);
  label.anchor = anchor;
  label.height = height;
  label.max_px = max_px;
  label.color = color;
  label.priority = priority;
  return label;
}

/// Where rows are lower than letters every second name stays, or every fourth, counted from the last.
int rank_of_row(int from_last) {
  constexpr int kMost = 6;  // the flying token comes before them all
  return from_last == 0 ? kMost : std::min(kMost, std::countr_zero(static_cast<unsigned>(from_last)));
}

void add_tokens_at_left(StreamFrame& frame, const SceneInput& input, const ViewState& view) {
  const Palette& colors = palette_of(view.theme);
  const StreamLayout& l = frame.layout;
  const auto ids = tokens_of(input, frame.shown.get());
  frame.token_labels = frame.scene.scene->labels.size();
  for (std::size_t p = 0; p < ids.size(); ++p) {
    frame.scene.row_texts.push_back(token_text(input, ids[p]));
    const bool given = !frame.shown || static_cast<int>(p) < frame.shown->n_prompt();
    auto label = word_of(frame.scene.row_texts.back(), {kTokensEnd, l.row(static_cast<int>(p)) + 0.5F, 0}, l.tokens,
                         24 * frame.key.presentation, given ? colors.text : colors.accent, 90);
    label.horizontal = render::Align::End;
    label.bold = true;
    label.stays = true;
    if (frame.shown) label.means = frame.scene.mean(first_cell({HookKind::ResidPre, 0}, static_cast<int>(p)));
    label.priority += rank_of_row(static_cast<int>(ids.size() - 1 - p));
    frame.scene.row_names.push_back(frame.scene.scene->labels.size());
    frame.add(std::move(label));
  }
}

void add_titles(StreamFrame& frame, const SceneInput& input, const ViewState& view) {
  const Palette& colors = palette_of(view.theme);
  const StreamLayout& l = frame.layout;
  const ModelConfig& config = input.model->weights->config;
  const float size = l.titles, most = 22 * frame.key.presentation;
  // Where titles would meet, the first one says what the numbers are.
  constexpr float kPx = 100, kOfStep = 0.88F;
  const bool bare = render::text_width(text("block {0}", config.n_layer - 1), kPx, true) / kPx * size > kOfStep * l.step_x;
  for (int depth = 0; depth <= config.n_layer; ++depth) {
    auto label = word_of(depth == config.n_layer ? text("end") : text("depth {0}", depth),
                         {l.column(depth) + 0.5F * l.tile_w, l.depth_y, 0}, 0.85F * size, 0.85F * most, colors.dim, 76);
    label.horizontal = render::Align::Middle;
    label.vertical = render::Align::End;
    frame.scene.column_names.push_back(frame.scene.scene->labels.size());
    frame.add(std::move(label));
  }
  for (int block = 0; block < config.n_layer; ++block) {
    const std::string title = bare && block > 0 ? std::to_string(block) : text("block {0}", block);
    auto label = word_of(title, {l.middle(block), l.title_y, 0}, size, most, colors.text, 80);
    label.horizontal = render::Align::Middle;
    label.vertical = render::Align::End;
    label.bold = true;
    frame.scene.column_names.push_back(frame.scene.scene->labels.size());
    frame.add(std::move(label));
    for (int head = 0; head < config.n_head; ++head) {
      // In the corner that is masked no name of a row or a key is in its way.
      constexpr float kInset = 0.05F;
      auto number = word_of(std::to_string(head), l.plate_at(block, head) + l.plate * glm::vec3(1 - kInset, kInset, 0), 0.22F * l.plate,
                            14 * frame.key.presentation, head_color(head, view.theme), 20);
      number.horizontal = render::Align::End;
      number.vertical = render::Align::Begin;
      number.bold = true;
      frame.add(std::move(number));
    }
  }
}

/// The edits of a block, or of the whole model.
struct EditsAt {
  std::string words;
  int count = 0;
};

/// The title of what is edited says so, because a label of its own would cover others: the block's, or that of the end for the
/// whole model's hooks. Where there is no room for the edits' words, it counts them. `crowded`: the title beside it does the same.
void mark_title(StreamFrame& frame, int block, int n_layer, const EditsAt& edits, bool crowded, const Palette& colors) {
  const auto place = static_cast<std::size_t>(block >= 0 ? n_layer + 1 + block : n_layer);  // add_titles() has listed the depths first
  render::Label& title = frame.scene.scene->labels[frame.scene.column_names[place]];
  constexpr float kPx = 100;
  const auto width = [&](const std::string& words) { return render::text_width(words, kPx, true) * title.height / kPx; };
  const float step = frame.layout.step_x;
  const float room = (crowded ? step : 2 * step - width(title.text)) - title.height;
  const auto fits = [&](const std::string& words) { return width(words) <= room; };
  for (const std::string& words : {edits.words, counted(edits.count, "{0} edit", "{0} edits")})
    if (std::string said = title.text + ": " + words; fits(said)) {
      title.text = std::move(said);
      break;
    }
  title.bold = true;
  title.color = colors.ground;
  title.background = colors.edited;
  title.priority = 95;
}

}  // namespace

void add_stream_labels(StreamFrame& frame, const SceneInput& input, const ViewState& view) {
  if (!tokens_of(input, frame.shown.get()).empty()) add_tokens_at_left(frame, input, view);
  add_titles(frame, input, view);
}

void add_stream_edits(StreamFrame& frame, const SceneInput& input, const ViewState& view) {
  if (!input.run || view.compare == Compare::Base || !input.run->has_edits()) return;
  const Palette& colors = palette_of(view.theme);
  const ModelConfig& config = input.model->weights->config;
  std::map<std::pair<int, std::string>, std::vector<int>> said;  // block and operation: heads
  std::map<int, EditsAt> by_block;
  for (const ShownEdit& edit : shown_edits(input, config)) {
    ++by_block[edit.hook.layer].count;
    const HookInfo& row = info_of(edit.hook.kind);
    const bool by_head = row.shape != RowShape::One && row.shape != RowShape::DModel;
    const bool attention = row.place == HookPlace::Attention && by_head;
    const std::string operation = edit.part.empty() ? edit.text : text("{0} at {1}", edit.text, edit.part);
    auto& heads = said[{edit.hook.layer, attention ? operation : operation + " " + std::string(info_of(edit.hook.kind).name)}];
    for (std::size_t i = 0; attention && i < frame.scene.panels.size(); ++i) {
      const PanelInfo& info = frame.scene.panels[i];
      if (info.mapping != PanelInfo::Mapping::Causal || info.tensor.hook.layer != edit.hook.layer) continue;
      if (!edit.heads.empty() && std::ranges::find(edit.heads, info.head) == edit.heads.end()) continue;
      render::Panel& plate = frame.scene.scene->panels[i];
      plate.hatched = true;
      plate.frame = colors.edited;
      plate.frame_px = 2;
      if (!edit.heads.empty()) heads.push_back(info.head);
    }
  }
  for (const auto& [where, heads] : said) {
    const auto& [block, operation] = where;
    std::string names;
    for (std::size_t i = 0; i < heads.size(); ++i) names += (i > 0 ? ", " : "") + std::to_string(heads[i]);
    std::string& words = by_block[block].words;
    words += (words.empty() ? "" : ", ") +
             (heads.empty() ? operation : text(heads.size() > 1 ? "{0} heads {1}" : "{0} head {1}", operation, names));
  }
  for (const auto& [block, edits] : by_block)
    mark_title(frame, block, config.n_layer, edits, by_block.contains(block - 1) || by_block.contains(block + 1), colors);
}

}  // namespace gf::scene
