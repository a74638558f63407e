// The parts of each node of the Stream: a frame in the colour of the lens's entropy, the lens's likeliest word with its
// probability, the stream to the next node, and the norms of the vectors that the block before has added.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "app/scene/builder_state.h"
#include "app/scene/sources/row_loops.h"
#include "app/scene/stream/stream.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::scene {
namespace {

constexpr float kRim = 0.05F;  // of a frame, in tile heights
constexpr float kWordGap = 0.14F;
constexpr int kFeatureColors = 61;  // features that are neighbours in a list look different

render::Color color_at(float value, float scale, render::ColorMap map, render::Theme theme) {
  return render::as_color(render::color_of(value, scale, 0, map, theme));
}

/// Mean |edited - base| of one position's vector, as a share of the hook's scale.
float change_at(const Run& run, HookId hook, int position, float scale) {
  if (position >= run.base->length() || position >= run.edited->length()) return 0;
  const auto a = run.base->row(hook, position), b = run.edited->row(hook, position);
  if (a.data() == b.data()) return 0;
  return distance_l1(a, b) / static_cast<float>(a.size()) / scale;
}

/// The 95th percentile of both norms in a block, so that one token with a huge norm does not make the others invisible.
float norm_scale(const StreamNorms& norms, int block, int T) {
  std::vector<float> all;
  for (int p = 0; p < T; ++p) {
    for (const float norm : {norms.attn.at(block, p), norms.mlp.at(block, p)})
      if (!std::isnan(norm)) all.push_back(norm);
  }
  if (all.empty()) return 1;
  const auto at = all.begin() + static_cast<std::ptrdiff_t>(0.95 * static_cast<double>(all.size() - 1));
  std::nth_element(all.begin(), at, all.end());
  return *at > 0 ? *at : 1;
}

class Nodes {
 public:
  Nodes(StreamFrame& frame, const SceneInput& input, const ViewState& view)
      : f_(frame),
        l_(frame.layout),
        in_(input),
        view_(view),
        config_(input.model->weights->config),
        colors_(palette_of(view.theme)),
        reading_(shown_reading(input, view.compare)),
        most_entropy_(std::log(static_cast<float>(std::max(2, config_.n_vocab)))) {}

  void node(int depth, int position, float scale) {
    const HookId hook = stream_hook(depth, config_.n_layer);
    const When there{f_.timeline.op_of(hook), position};
    const glm::vec3 low = l_.tile(depth, position);
    // A difference is seen in the tile itself.
    if (in_.run->has_edits() && view_.compare != Compare::Base && view_.compare != Compare::Difference) {
      constexpr float kThreshold = 0.01F, kFull = 0.4F;
      const float change = change_at(*in_.run, hook, position, scale);
      if (change >= kThreshold) {
        render::Color glow = colors_.glow;
        glow.a = std::min(0.8F, 0.2F + 0.6F * change / kFull);
        f_.add(outline_of(l_, depth, position, glow, 7, 0.3F), there);
      }
    }
    const float entropy = reading_ ? reading_->lens.entropy.at(depth, position) : std::numeric_limits<float>::quiet_NaN();
    const render::Color frame =
        std::isnan(entropy) ? colors_.activation : color_at(entropy, most_entropy_, render::ColorMap::Positive, view_.theme);
    f_.add(outline_of(l_, depth, position, frame, 2), there);
    const float bar_end = reading_ ? word(depth, position, there) : low.x + l_.tile_w + kRim;
    if (reading_ && reading_->features && reading_->features->depth == depth) marks(*reading_->features, position, there);
    if (depth < config_.n_layer) {
      const float next = l_.column(depth + 1) - kRim;
      f_.add_bar({bar_end, low.y + l_.band_top, 0}, {next, low.y + l_.band_end, 0}, colors_.stream, there);
    }
  }

  /// The norms of the two vectors that block `depth - 1` has added, as two bars at a tile's left.
  void norms(int depth, int position, float scale) {
    const int block = depth - 1;
    const glm::vec3 tile = l_.tile(depth, position);
    const float wide = 0.3F * l_.bars, gap = 0.08F * l_.bars;
    const auto column = [&](float left, float norm, HookKind kind, render::Color color) {
      if (std::isnan(norm)) return;
      const float high = std::clamp(norm / scale, 0.03F, 1.0F);
      f_.add_bar({left, tile.y + 1 - high, 0}, {left + wide, tile.y + 1, 0}, color, {f_.timeline.op_of({kind, block}), position});
    };
    const float left = tile.x - kRim - 2 * wide - 2 * gap;
    column(left, reading_->norms.attn.at(block, position), HookKind::AttnOut, colors_.accent);
    column(left + wide + gap, reading_->norms.mlp.at(block, position), HookKind::MlpOut, colors_.statistic);
  }

 private:
  /// The strongest features of a dictionary at a tile, or the one that is looked at, as bars at the tile's right: an activation as long as
  /// the run's largest one reaches to where the ribbons begin. They are not below the tile, where the column's panel would cover them.
  void marks(const FeatureMarks& features, int position, const When& there) {
    constexpr float kAir = 0.04F, kPitchPx = 4, kMostMarks = 3, kMostPitch = 0.28F, kOfPitch = 0.72F;
    // The word is above the probability's bar or below its tile; the marks have the other side of that bar.
    const float top = l_.words_below ? kAir : l_.band_end + kAir;
    const float room = (l_.words_below ? l_.band_top : l_.step_y) - kAir - top;
    const float fitting = std::clamp(std::floor(room * home_px() / (kPitchPx * f_.key.presentation)), 1.0F, kMostMarks);
    std::vector<FeatureMarks::Mark> shown;
    if (in_.marked_feature < 0) shown = features.strongest(position, static_cast<std::size_t>(fitting));
    else if (const float there_is = features.active.at(position, in_.marked_feature); there_is > 0)
      shown = {{in_.marked_feature, there_is}};
    const bool several = in_.marked_feature < 0 && fitting > 1;
    const float pitch = std::min(kMostPitch, several ? room / fitting : room), high = several ? kOfPitch * pitch : pitch;
    glm::vec3 at = l_.tile(features.depth, position) + glm::vec3(l_.tile_w + kRim + kAir, top, 0);
    const float wide = l_.words - kRim - 2 * kAir;
    for (const FeatureMarks::Mark& mark : shown) {
      const float share = std::clamp(mark.activation / features.most, 0.05F, 1.0F);
      const render::Color color =
          mark.feature == in_.marked_feature ? colors_.accent : head_color(mark.feature % kFeatureColors, view_.theme);
      f_.add_bar(at, at + glm::vec3(share * wide, high, 0), color, there);
      at.y += pitch;
    }
  }

  /// What a tile's height is on the screen, seen from home.
  [[nodiscard]] float home_px() const {
    const float seen = l_.home_rows < f_.shown->length() ? l_.home_high() : l_.high.y - l_.low.y;
    return f_.key.height_px / std::max(seen, (l_.high.x - l_.low.x) / f_.key.aspect);
  }

  /// Returns where the bar of the probability ends.
  float word(int depth, int position, const When& there) {
    const LogitLens::Token& top = reading_->word(depth, position);
    const bool last = position + 1 == f_.shown->length(), prediction = last && depth == config_.n_layer;
    // The words of the last row lead to the prediction, so that all of them are hidden with it.
    const bool hidden = last && view_.hide_prediction;
    const bool known = !std::isnan(top.logprob);
    const float p = hidden || !known ? 0 : std::exp(top.logprob);
    const glm::vec3 tile = l_.tile(depth, position);
    const float left = tile.x + l_.tile_w + kWordGap, room = l_.words - kWordGap - 0.1F;
    render::Label label;
    label.bold = p > 0.5F;
    label.text = hidden ? "?" : known ? token_text(in_, top.id) : "NaN";
    // A long word may run over the first part of the ribbons, which is thin and pale.
    const float over = depth == config_.n_layer ? room : 0.35F * (l_.ribbons_to(depth) - l_.ribbons_from(depth));
    // Where that is too little for a few letters it takes the ribbons' room: the start of a word says more than a thread.
    constexpr float kFewLetters = 2.75F;  // in heights
    const float all = l_.step_x - l_.tile_w - kWordGap - 0.1F;
    const float wide = std::max(room + over, depth == config_.n_layer ? 0 : std::min(all, kFewLetters * l_.letters));
    f_.scene.rooms.emplace_back(f_.scene.scene->labels.size(), l_.words_below ? l_.word_room : wide);
    label.anchor =
        l_.words_below ? tile + glm::vec3(0, 1.14F + 0.5F * l_.letters, 0) : glm::vec3(left, tile.y + 0.5F * (l_.band_top - 0.04F), 0);
    label.height = l_.letters;
    label.max_px = 20 * f_.key.presentation;
    label.color = prediction ? colors_.accent : glm::mix(colors_.dim, colors_.text, std::min(1.0F, 1.3F * p));
    label.priority = 40 + static_cast<int>(10 * p);
    label.means = f_.scene.mean({f_.scene.panels[static_cast<std::size_t>(depth)].tensor, {position, 0, -1}});
    f_.add(std::move(label), there);
    const float end = left + std::max(0.03F, p * room);
    f_.add_bar({left - kWordGap + kRim, tile.y + l_.band_top, 0}, {end, tile.y + l_.band_end, 0},
               color_at(0.62F, 1, render::ColorMap::Signed, view_.theme), there);
    return end;
  }

  StreamFrame& f_;
  const StreamLayout& l_;
  const SceneInput& in_;
  const ViewState& view_;
  const ModelConfig& config_;
  const Palette& colors_;
  const StreamReading* reading_;
  float most_entropy_;
};

}  // namespace

render::Line outline_of(const StreamLayout& layout, int depth, int position, render::Color color, float width_px, float most_share) {
  const glm::vec3 low = layout.tile(depth, position) - glm::vec3(0, 0, 0.004F);
  render::Line line = outline(low, low + glm::vec3(layout.tile_w, 1, 0), color, width_px);
  line.most_share = most_share;
  return line;
}

void add_nodes(StreamFrame& frame, const SceneInput& input, const ViewState& view) {
  const ModelConfig& config = input.model->weights->config;
  if (!frame.shown) {  // the model alone: empty frames
    const int rows = (frame.scene.panels.front().rows + frame.layout.pitch - 1) / frame.layout.pitch;
    for (int depth = 0; depth <= config.n_layer; ++depth)
      for (int p = 0; p < rows; ++p) frame.add(outline_of(frame.layout, depth, p, palette_of(view.theme).activation, 1));
    return;
  }
  Nodes nodes(frame, input, view);
  const StreamReading* reading = shown_reading(input, view.compare);
  const int T = frame.shown->length();
  if (reading) frame.word_labels = frame.scene.scene->labels.size();
  for (int depth = 0; depth <= config.n_layer; ++depth) {
    const float scale = frame.scene.scene->panels[static_cast<std::size_t>(depth)].scale;
    const float norms = reading && depth > 0 ? norm_scale(reading->norms, depth - 1, T) : 1;
    for (int p = 0; p < T; ++p) {
      nodes.node(depth, p, scale);
      if (reading && depth > 0) nodes.norms(depth, p, norms);
    }
  }
  ViewScene::Key key;
  key.title = reading && !reading->lens_name.empty() ? text("frame: entropy of the lens {0}", reading->lens_name)
                                                     : text("frame: entropy of the logit lens");
  key.low = "0";
  if (reading) {
    key.high = text("{0} nats", numbers::significant(std::log(static_cast<double>(config.n_vocab)), 3));
    key.detail = text("bars: norms of attention, MLP");
    // Where the plates are not in the first picture, the legend has no row of theirs to say it in.
    if (frame.layout.home_rows < T) key.detail += text("; ") + ribbon_words(view.ribbons, most_ribbons(config, T));
  } else {
    key.detail = text("reading");
  }
  frame.scene.keys.push_back(std::move(key));
  if (!reading || !reading->features) return;
  const FeatureMarks& features = *reading->features;
  ViewScene::Key marks;
  // Which feature it is stands in the title, because a low legend has no room for details.
  const std::string most = numbers::significant(static_cast<double>(features.most), 3);
  marks.title = input.marked_feature >= 0
                    ? text("feature {0}: bars right of tiles, up to {1}", features.name_of(input.marked_feature), most)
                    : text("strongest features: bars right of tiles, up to {0}", most);
  marks.detail = text("dictionary {0}", std::filesystem::path(features.fitted->dictionary->name).filename().string());
  frame.scene.keys.push_back(std::move(marks));
}

}  // namespace gf::scene
