// What stands before the first block and after the last: embedding, final LayerNorm, logits and the words.
#include <algorithm>

#include "app/scene/page/layout_builder.h"

namespace gf::scene {
namespace {

constexpr float kEndNormRoom = 0.12F;
constexpr float kEndGap = 0.3F;
constexpr float kWordsStep = 0.38F, kWordsWidth = 2.6F;

int logit_rows(const LayoutInput& in) { return (in.config.n_vocab + in.config.d_model - 1) / in.config.d_model; }

float logits_height(const LayoutInput& in, const Metrics& m) {
  if (in.all_logits) return m.H;
  // Each folded row is one cell high, but the sheet stays within these bounds.
  return std::clamp(static_cast<float>(logit_rows(in)) * 0.03F, 0.06F, 0.8F);
}

}  // namespace

void LayoutBuilder::embedding(float x, float y) {
  const int d = in.config.d_model;
  Area at{x, y + kEndGap, 1, m.H};
  const HookId embed{HookKind::Embed, -1}, pos{HookKind::PosEmbed, -1};
  out.tags.push_back({text("embedding"), {x + 0.95F, y - 0.1F, 0}, TagTier::Title, render::Align::End, render::Align::End});
  sheet(embed, at, 0, d);
  tag(tag_of(HookKind::Embed), at);
  if (const WeightShape* w = weight("wte.weight")) {
    shelf(w->name, at.x, 1, at.y - 0.02F, 0, m.depth * 2, 0, w->rows, 0, w->cols);
    weight_tag("W_E", at, at.y - 0.02F);
  }
  out.tokens = {at.x - 0.5F, at.y, 0};
  const float embed_foot = at.bottom();
  at.y = embed_foot + kEndGap;
  sheet(pos, at, 0, d);
  tag(tag_of(HookKind::PosEmbed), at);
  if (const WeightShape* w = weight("wpe.weight")) {
    shelf(w->name, at.x, 1, at.y - 0.02F, 0, m.depth, 0, w->rows, 0, w->cols);
    weight_tag("W_pos", at, at.y - 0.02F);
  }
  fall(x, x + 1, embed_foot, at.y - 0.02F, embed, {HookKind::ResidPre, 0}, LayoutRibbon::Kind::Stream, -1, 1,
       weight("wpe.weight") != nullptr ? m.depth : 0);
}

float LayoutBuilder::head_height(const LayoutInput& in, const Metrics& m) {
  return kEndNormRoom + m.H + kEndGap + logits_height(in, m) + 0.55F + static_cast<float>(Layout::kWords) * kWordsStep;
}

void LayoutBuilder::head(float x, float y) {
  const int d = in.config.d_model;
  const HookId norm{HookKind::LnFinalNormalized, -1}, logits{HookKind::Logits, -1};
  Area ln{x, y, 1, m.H};
  sheet(norm, ln, 0, d);
  scale_strip({HookKind::LnFinalScale, -1}, ln);
  norm_strips("ln_f.weight", "ln_f.bias", ln);
  out.tags.push_back({tag_of(HookKind::LnFinalNormalized),
                      {ln.x, ln.y - kEndNormRoom + 0.01F, 0},
                      TagTier::Name,
                      render::Align::Begin,
                      render::Align::End});

  Area at{x, ln.bottom() + kEndGap, 1, logits_height(in, m)};
  const float foot = at.y - 0.02F;
  if (const WeightShape* w = weight("lm_head.weight")) {
    shelf(w->name, at.x, 1, foot, 0, m.depth, 0, w->rows, 0, w->cols);
    weight_tag("W_U", at, foot);
  } else {
    weight_tag("W_U = W_E", at, foot);
  }
  tag(in.all_logits ? tag_of(HookKind::Logits) : text("logits at the last position"), at);
  fall(x, x + 1, ln.bottom(), foot, norm, logits, LayoutRibbon::Kind::Flow, -1, 0.9F, weight("lm_head.weight") != nullptr ? m.depth : 0);
  if (shows(HookKind::Logits)) {
    PanelInfo info;
    info.tensor.hook = logits;
    if (in.all_logits) {
      // Each position's row has its own mean, hence its own panel.
      info.rows = 1;
      info.cols = in.config.n_vocab;
      const float step = at.h / static_cast<float>(in.T);
      for (int t = 0; t < in.T; ++t) {
        info.row0 = t;
        out.panels.push_back({info, {at.x, at.y + step * static_cast<float>(t), 0}, {1, 0, 0}, {0, step, 0}, 0});
      }
    } else {
      info.mapping = PanelInfo::Mapping::Folded;
      info.position = in.T - 1;
      info.cols = std::min(d, in.config.n_vocab);
      info.rows = logit_rows(in);
      out.panels.push_back({info, {at.x, at.y, 0}, {static_cast<float>(info.cols) / static_cast<float>(d), 0, 0}, {0, at.h, 0}, 0});
    }
  }
  out.words = {x, at.bottom() + 0.25F + 0.25F * out.text_scale, 0};
  out.words_step = kWordsStep * out.text_scale;
  out.words_width = kWordsWidth * out.text_scale;
}

}  // namespace gf::scene
