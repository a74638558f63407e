// A block of the model: attention to the left of the stream, the MLP to its right.
#include <algorithm>

#include "app/scene/page/layout_builder.h"

namespace gf::scene {
namespace {

constexpr float kNormRoom = 0.1F;   // gamma and beta above a LayerNorm
constexpr float kPlateGap = 0.15F;  // above the plates: the heads' numbers
constexpr float kBelowPlates = 0.1F;
constexpr float kPartGap = 0.26F;  // between attention and MLP: the MLP's title
constexpr float kFoot = 0.16F;

}  // namespace

float LayoutBuilder::block_height() const {
  const float H = m.H;
  float y = m.head_room + kNormRoom + H;  // LayerNorm 1
  y += 3 * (m.shelf_gap + H);             // q, k, v
  if (shows(HookKind::AttnScores)) y += kPlateGap + H;
  y += kPlateGap + H + kBelowPlates + H;  // pattern, z
  if (shows(HookKind::Result)) y += kPlateGap + H;
  y += m.shelf_gap + H;                        // out
  y += kPartGap + kNormRoom + H;               // LayerNorm 2
  y += m.shelf_gap + 0.08F + folded_height();  // pre
  y += 0.12F + folded_height();                // post
  y += m.shelf_gap + 0.06F + H + kFoot;        // out
  return y;
}

Area LayoutBuilder::attention(int block, const Area& stream) {
  const int d = in.config.d_model, d_head = in.config.d_head;
  const auto hook = [&](HookKind kind) { return HookId{kind, block}; };
  const std::string h = "h." + std::to_string(block) + ".";
  const float x = stream.x - m.aisle - 1;
  // Where the titles of neighbours would meet, the first one says what the numbers are, if it finds the room.
  const bool bare = (block == 0 ? 1.05F : 1.35F) * out.text_scale > m.pitch();
  out.tags.push_back({bare ? std::to_string(block) : text("block {0}", block),
                      {x, stream.y - kNormRoom - 0.03F, 0},
                      TagTier::Title,
                      render::Align::Begin,
                      render::Align::End});

  Area ln{x, stream.y, 1, m.H};
  sheet(hook(HookKind::Ln1Normalized), ln, 0, d);
  scale_strip(hook(HookKind::Ln1Scale), ln);
  norm_strips(h + "ln_1.weight", h + "ln_1.bias", ln);
  out.tags.push_back(
      {tag_of(HookKind::Ln1Normalized), {ln.x, ln.y - kNormRoom, 0}, TagTier::Name, render::Align::Begin, render::Align::End});
  across(stream, ln, true, hook(HookKind::ResidPre), hook(HookKind::Ln1Normalized));

  struct Part {
    HookKind kind;
    const char* weight;
  };
  constexpr Part kParts[] = {{HookKind::Q, "W_Q"}, {HookKind::K, "W_K"}, {HookKind::V, "W_V"}};
  Area at = ln;
  HookId above = hook(HookKind::Ln1Normalized);
  for (int i = 0; i < 3; ++i) {
    const Part& part = kParts[i];
    const float from = at.bottom();
    at.y = from + m.shelf_gap;
    sheet(hook(part.kind), at, 0, d, d_head);
    const float foot = product(h + "attn.c_attn.weight", h + "attn.c_attn.bias", at, m.depth, i * d, d);
    tag(tag_of(part.kind), at);
    weight_tag(part.weight, at, foot);
    if (i == 0) fall(at.x, at.right(), from, foot, above, hook(part.kind), LayoutRibbon::Kind::Flow, -1, 0.8F, m.depth);
    if (i > 0) {
      threads(at, from, foot, above, hook(HookKind::Pattern), 0.34F, m.depth);
      around(ln, at, true, hook(HookKind::Ln1Normalized), hook(part.kind), 0.8F);
    }
    above = hook(part.kind);
  }
  if (shows(HookKind::AttnScores)) {
    const float from = at.bottom();
    at.y = from + kPlateGap;
    plates(hook(HookKind::AttnScores), at);
    tag(tag_of(HookKind::AttnScores), at);
    threads(at, from, at.y, above, hook(HookKind::Z), 0.7F);
    above = hook(HookKind::AttnScores);
  }
  const float from_v = at.bottom();
  at.y = from_v + kPlateGap;
  plates(hook(HookKind::Pattern), at);
  out.tags.push_back({tag_of(HookKind::Pattern), {at.x, at.y - 0.045F, 0}, TagTier::Name, render::Align::End, render::Align::End});
  threads(at, from_v, at.y, above, hook(above.kind == HookKind::V ? HookKind::Z : HookKind::Pattern), 0.7F);

  const float from_pattern = at.bottom();
  at.y = from_pattern + kBelowPlates;
  sheet(hook(HookKind::Z), at, 0, d, d_head);
  tag(tag_of(HookKind::Z), at);
  threads(at, from_pattern, at.y, hook(HookKind::Pattern), hook(HookKind::Z), 0.8F);

  HookId last = hook(HookKind::Z);
  if (shows(HookKind::Result)) {
    const float from = at.bottom();
    at.y = from + kPlateGap;
    plates(hook(HookKind::Result), at);
    tag(tag_of(HookKind::Result), at);
    threads(at, from, at.y, last, hook(HookKind::Result), 0.7F);
    last = hook(HookKind::Result);
  }
  const float from_z = at.bottom();
  at.y = from_z + m.shelf_gap;
  sheet(hook(HookKind::AttnOut), at, 0, d);
  const float foot = product(h + "attn.c_proj.weight", h + "attn.c_proj.bias", at, m.depth, 0, d);
  tag(tag_of(HookKind::AttnOut), at);
  weight_tag("W_O", at, foot);
  threads(at, from_z, foot, last, hook(HookKind::AttnOut), 0.34F, m.depth);

  const Area mid{stream.x, at.y, 1, m.H};
  sheet(hook(HookKind::ResidMid), mid, 0, d);
  tag(tag_of(HookKind::ResidMid), mid);
  across(at, mid, false, hook(HookKind::AttnOut), hook(HookKind::ResidMid));
  fall(stream.x, stream.right(), stream.bottom(), mid.y, hook(HookKind::ResidPre), hook(HookKind::ResidMid), LayoutRibbon::Kind::Stream);
  return mid;
}

Area LayoutBuilder::mlp(int block, const Area& mid) {
  const int d = in.config.d_model;
  const auto hook = [&](HookKind kind) { return HookId{kind, block}; };
  const std::string h = "h." + std::to_string(block) + ".";
  Area ln{mid.right() + m.beside, mid.bottom() + kPartGap + kNormRoom, 1, m.H};
  sheet(hook(HookKind::Ln2Normalized), ln, 0, d);
  scale_strip(hook(HookKind::Ln2Scale), ln);
  norm_strips(h + "ln_2.weight", h + "ln_2.bias", ln);
  out.tags.push_back(
      {tag_of(HookKind::Ln2Normalized), {ln.x, ln.y - kNormRoom, 0}, TagTier::Name, render::Align::Begin, render::Align::End});
  across(mid, ln, false, hook(HookKind::ResidMid), hook(HookKind::Ln2Normalized));

  // d_mlp columns fold into bands; W_in folds with them, so that each column stands over its own band's column.
  const int n = bands();
  Area pre{ln.x, ln.bottom() + m.shelf_gap + 0.08F, 1, m.H};
  Area post{ln.x, pre.y + folded_height() + 0.12F, 1, m.H};
  tag(tag_of(HookKind::MlpPre), pre);
  tag(tag_of(HookKind::MlpPost), post);
  const float depth = m.depth * 0.4F;
  for (int i = 0; i < n; ++i) {
    const int col0 = i * d, cols = std::min(d, in.config.d_mlp - col0);
    pre.w = post.w = static_cast<float>(cols) / static_cast<float>(d);
    sheet(hook(HookKind::MlpPre), pre, col0, cols);
    sheet(hook(HookKind::MlpPost), post, col0, cols);
    around(pre, post, false, hook(HookKind::MlpPre), hook(HookKind::MlpPost), 0.5F);
    if (i == 0) {
      const float foot = product(h + "mlp.c_fc.weight", h + "mlp.c_fc.bias", pre, depth, 0, cols);
      weight_tag("W_in", pre, foot);
      fall(ln.x, ln.right(), ln.bottom(), foot, hook(HookKind::Ln2Normalized), hook(HookKind::MlpPre), LayoutRibbon::Kind::Flow, -1, 0.8F,
           static_cast<float>(n) * (depth + 0.03F));
      for (int k = 1; k < n; ++k)
        shelf(h + "mlp.c_fc.weight", ln.x, static_cast<float>(std::min(d, in.config.d_mlp - k * d)) / static_cast<float>(d), foot,
              static_cast<float>(k) * (depth + 0.03F), depth, 0, d, k * d, std::min(d, in.config.d_mlp - k * d));
    } else {
      around(ln, pre, true, hook(HookKind::Ln2Normalized), hook(HookKind::MlpPre), 0.4F);
      // The bias of a later band stands in the fold above it.
      strip(h + "mlp.c_fc.bias", {pre.x, pre.y - m.fold_gap + 0.006F, pre.w, m.fold_gap - 0.012F}, col0, cols);
    }
    pre.y += m.H + m.fold_gap;
    post.y += m.H + m.fold_gap;
  }

  const float from = post.y - m.fold_gap;
  Area down{ln.x, from + m.shelf_gap + 0.06F, 1, m.H};
  sheet(hook(HookKind::MlpOut), down, 0, d);
  const float foot = product(h + "mlp.c_proj.weight", h + "mlp.c_proj.bias", down, m.depth * 1.4F, 0, d);
  tag(tag_of(HookKind::MlpOut), down);
  weight_tag("W_out", down, foot);
  fall(down.x, down.right(), from, foot, hook(HookKind::MlpPost), hook(HookKind::MlpOut), LayoutRibbon::Kind::Flow, -1, 0.8F,
       m.depth * 1.4F);

  const Area end{mid.x, down.y, 1, m.H};
  sheet(hook(HookKind::ResidPost), end, 0, d);
  tag(tag_of(HookKind::ResidPost), end);
  across(down, end, true, hook(HookKind::MlpOut), hook(HookKind::ResidPost));
  fall(mid.x, mid.right(), mid.bottom(), end.y, hook(HookKind::ResidMid), hook(HookKind::ResidPost), LayoutRibbon::Kind::Stream);
  return end;
}

}  // namespace gf::scene
