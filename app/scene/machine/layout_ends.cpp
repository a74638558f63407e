// What stands before the first block and after the last: embedding, final LayerNorm, logits and the words.
#include <algorithm>

#include "app/scene/machine/layout_builder.h"

namespace gf::scene {
namespace {

constexpr float kEndNormRoom = 0.12F;  // gamma and beta above the last LayerNorm
constexpr float kEndGap = 0.3F;
constexpr float kBoardGap = 0.14F, kBoardBeside = 0.4F, kBoardHeight = 1.3F;  // of the board below the sheets
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
  const HookId embed{HookKind::Embed, -1}, pos{HookKind::PosEmbed, -1}, into{HookKind::ResidPre, 0};
  const auto table = [&](const char* name, const char* words, const Area& sheet, float depth) {
    const WeightShape* w = weight(name);
    if (w == nullptr) return;
    shelf(w->name, sheet.x, 1, sheet.y - 0.02F, 0, depth, 0, w->rows, 0, w->cols);
    weight_tag(words, sheet, sheet.y - 0.02F);
  };
  const Area at{x - m.embed_room() - 1, y, 1, m.H};
  out.tags.push_back({text("embedding"), {at.right(), y - 0.2F, 0}, TagTier::Title, render::Align::End, render::Align::End});
  sheet(embed, at, 0, d);
  tag(tag_of(HookKind::Embed), at);
  table("wte.weight", "W_E", at, m.depth * 2);
  out.tokens = {at.x - 0.5F, at.y, 0};
  const Area below{at.x, at.bottom() + m.shelf_gap + kEndGap / 2, 1, m.H};
  sheet(pos, below, 0, d);
  tag(tag_of(HookKind::PosEmbed), below);
  table("wpe.weight", "W_pos", below, m.depth);
  board({at.x, below.bottom() + kBoardGap, 1 + std::min(kBoardBeside, m.embed_room() - m.gutter), kBoardHeight});
  const float up = at.right() + m.aisle / 2;
  sum(up, at);
  across(at, {x, y, 1, m.H}, {embed, into, LayoutRibbon::Kind::Stream});
  rise(below, up, at.bottom(), {pos, into, LayoutRibbon::Kind::Stream});
}

float LayoutBuilder::words_height(float text_scale) { return (0.3F + static_cast<float>(Layout::kWords) * kWordsStep) * text_scale; }

void LayoutBuilder::unembedding(float x, float y, float foot_of_page) {
  const int d = in.config.d_model;
  const HookId norm{HookKind::LnFinalNormalized, -1}, logits{HookKind::Logits, -1};
  Area ln{x, y, 1, m.H};
  sheet(norm, ln, 0, d);
  scale_strip({HookKind::LnFinalScale, -1}, ln);
  norm_strips("ln_f.weight", "ln_f.bias", ln);
  tag(tag_of(HookKind::LnFinalNormalized), {ln.x, ln.y - kEndNormRoom + 0.025F, 1, m.H});

  Area at{x, ln.bottom() + m.shelf_gap + kEndGap / 2, 1, logits_height(in, m)};
  const float foot = at.y - 0.02F;
  if (const WeightShape* w = weight("lm_head.weight")) {
    shelf(w->name, at.x, 1, foot, 0, m.depth, 0, w->rows, 0, w->cols);
    weight_tag("W_U", at, foot);
  } else {
    weight_tag("W_U = W_E", at, foot);
  }
  tag(in.all_logits ? tag_of(HookKind::Logits) : text("logits at the last position"), at);
  pour({x, x + 1, ln.bottom()}, {x, x + 1, foot, weight("lm_head.weight") != nullptr ? m.depth : 0},
       {norm, logits, LayoutRibbon::Kind::Flow, -1, 0.9F});
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
  board({x, at.bottom() + kBoardGap, 1 + kWordsGap / 2, kBoardHeight});
  // Beside the sheets, and as far up as they need: nothing else stands at the right of the lines above.
  out.words_step = kWordsStep * out.text_scale;
  out.words_width = kWordsWidth * out.text_scale;
  out.words = {x + 1 + kWordsGap, std::min(y, foot_of_page - words_height(out.text_scale)) + 0.3F * out.text_scale, 0};
}

}  // namespace gf::scene
