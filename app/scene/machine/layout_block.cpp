// A block of the model: two loops that hang below the band of the stream, attention and beside it the MLP.
#include <algorithm>

#include "app/scene/machine/layout_builder.h"

namespace gf::scene {
namespace {

constexpr float kNormRoom = 0.36F;   // from the band to a LayerNorm: the way down, its name, gamma and beta
constexpr float kNormStrips = 0.1F;  // gamma and beta alone
constexpr float kPlateGap = 0.37F;   // above the plates: the way to them, the heads' numbers and the name over these
constexpr float kNumbers = 0.16F;    // above a plate: its head's number
constexpr float kRowGap = 0.14F;     // between two rows of plates
constexpr float kFan = 0.3F;         // from the plates to z
constexpr float kLeastPlate = 0.4F;
constexpr float kCopyGap = 0.24F;  // above a copy of the stream: its name
constexpr HookKind kCopiesOfHeads[] = {HookKind::QInput, HookKind::KInput, HookKind::VInput};
constexpr int kOneRow = 16;  // more plates than that stand in two rows

}  // namespace

BlockRows LayoutBuilder::rows() const {
  const float H = m.H;
  const bool scores = shows(HookKind::AttnScores), result = shows(HookKind::Result);
  BlockRows r;
  r.copies = H + kCopyGap;
  const int copies = static_cast<int>(std::ranges::count_if(kCopiesOfHeads, [this](HookKind kind) { return shows(kind); }));
  const int rows_of_copies = std::max(copies, shows(HookKind::MlpInput) ? 1 : 0);
  r.norm = H + static_cast<float>(rows_of_copies) * (kCopyGap + H) + kNormRoom;
  r.qkv = r.mlp = r.norm + H + m.shelf_gap;
  const float mlp_end = r.mlp + folded_height();
  const float below_plates = kFan + H + (result ? kPlateGap + H + m.shelf_gap + H : 0);
  const float first = r.qkv + H + kPlateGap;

  r.rows_of_plates = in.config.n_head > kOneRow ? 2 : 1;
  r.plates_a_row = (in.config.n_head + r.rows_of_plates - 1) / r.rows_of_plates;
  const auto count = static_cast<float>(r.rows_of_plates);
  const float gaps = (count - 1) * kRowGap;
  // Plates are as large as the MLP's height allows: it is there anyway.
  const float room = mlp_end - first - below_plates - (scores ? kPlateGap : 0);
  const float side = (room / (scores ? 2.0F : 1.0F) - gaps) / count;
  r.plate = std::min(0.86F * m.attention_width() / static_cast<float>(r.plates_a_row), std::max(kLeastPlate, side));
  r.plates_y = count * r.plate + gaps;

  r.scores = first;
  r.pattern = scores ? r.scores + r.plates_y + kPlateGap : first;
  const float end = r.pattern + r.plates_y + below_plates;
  r.bottom = std::max(end, mlp_end);
  r.z = r.bottom - below_plates + kFan;
  // What is left over lies above and below the plates.
  r.scores += (r.bottom - end) / 2;
  r.pattern += (r.bottom - end) / 2;
  r.result = r.z + H + kPlateGap;
  r.out = r.mlp_out = r.bottom - H;
  return r;
}

Area LayoutBuilder::block(int block, const Area& stream) {
  const BlockRows rows = this->rows();
  // Where the titles of neighbours would meet, the first one says what the numbers are, if it finds the room.
  const float scale = out.text_scale * out.title_letters / Layout::kTitleLetters;
  const bool bare = (block == 0 ? 1.05F : 1.35F) * scale > m.pitch();
  out.tags.push_back({bare ? std::to_string(block) : text("block {0}", block),
                      {stream.x, stream.y - 0.2F, 0},
                      TagTier::Title,
                      render::Align::Begin,
                      render::Align::End,
                      block});
  sheet({HookKind::ResidPre, block}, stream, 0, in.config.d_model);
  tag(tag_of(HookKind::ResidPre), stream);
  return mlp(block, attention(block, stream, rows), rows);
}

void LayoutBuilder::heads(int block, const Area& q, const Area& k, const Area& v, const Area& z, const BlockRows& rows) {
  const auto hook = [&](HookKind kind) { return HookId{kind, block}; };
  const auto head = [&](HookKind from, HookKind into, int h, float strength) {
    return Flow{hook(from), hook(into), LayoutRibbon::Kind::Head, h, strength};
  };
  const bool scores = shows(HookKind::AttnScores);
  const auto upper = [&](int h) { return plate_of(h, q.x, scores ? rows.scores : rows.pattern, rows); };
  for (int h = 0; h < in.config.n_head; ++h) {
    // Side by side in the head's colour: what asks, what is asked, and what is carried.
    const Area plate = upper(h);
    const auto third = [&](int i) {
      const float w = plate.w / 3;
      return Edge{plate.x + w * (static_cast<float>(i) + 0.1F), plate.x + w * (static_cast<float>(i) + 0.9F), plate.y};
    };
    pour(edge_of_head(h, q, q.bottom(), 0.6F), third(0), head(HookKind::Q, HookKind::Pattern, h, 0.8F));
    pour(edge_of_head(h, k, k.bottom(), 0.6F), third(1), head(HookKind::K, HookKind::Pattern, h, 0.8F));
    pour(edge_of_head(h, v, v.bottom(), 0.6F), third(2), head(HookKind::V, HookKind::Z, h, 0.5F));
    const auto inside = [](const Area& at, float y) { return Edge{at.x + at.w * 0.12F, at.x + at.w * 0.88F, y}; };
    const Area pattern = plate_of(h, q.x, rows.pattern, rows);
    if (scores) pour(inside(plate, plate.bottom()), inside(pattern, pattern.y), head(HookKind::AttnScores, HookKind::Pattern, h, 1));
    pour(inside(pattern, pattern.bottom()), edge_of_head(h, z, z.y, 0.86F), head(HookKind::Pattern, HookKind::Z, h, 1));
  }
}

void LayoutBuilder::board_beside(const Area& norm, float band_bottom) {
  constexpr float kBeside = 0.12F, kUnder = 0.04F, kBelow = 0.05F;
  board({norm.right() + kBeside, band_bottom + kUnder, m.attention_width() - 1 - kBeside, norm.bottom() + kBelow - band_bottom - kUnder});
}

Area LayoutBuilder::norm_of_loop(int block, const LoopNorm& norm, const Area& stream, float below) {
  const HookId input{norm.input, block}, normalized{norm.normalized, block};
  const std::string weights = "h." + std::to_string(block) + "." + norm.weights;
  const Area at{stream.x, stream.y + below, 1, m.H};
  sheet(normalized, at, 0, in.config.d_model);
  scale_strip({norm.scale, block}, at);
  norm_strips(weights + ".weight", weights + ".bias", at);
  tag(tag_of(norm.normalized), {at.x, at.y - kNormStrips, 1, m.H});
  board_beside(at, stream.bottom());
  pour({stream.x, stream.x + 1, stream.bottom()}, {at.x, at.x + 1, at.y}, {input, normalized, LayoutRibbon::Kind::Stream});
  return at;
}

Area LayoutBuilder::attention(int block, const Area& stream, const BlockRows& rows) {
  const int d = in.config.d_model, d_head = in.config.d_head;
  const auto hook = [&](HookKind kind) { return HookId{kind, block}; };
  const std::string h = "h." + std::to_string(block) + ".";
  const float x = stream.x, y = stream.y, step = 1 + m.beside;
  const Area ln = norm_of_loop(block, {HookKind::ResidPre, HookKind::Ln1Normalized, HookKind::Ln1Scale, "ln_1"}, stream, rows.norm);

  Area copies{x, y + rows.copies, m.attention_width(), m.H};
  for (const HookKind kind : kCopiesOfHeads) {
    if (!shows(kind)) continue;
    results(hook(kind), copies);
    tag(tag_of(kind), copies);
    for (int i = 0; i < in.config.n_head; ++i)
      pour({x, x + 1, stream.bottom()}, edge_of_head(i, copies, copies.y, 0.8F),
           {hook(HookKind::ResidPre), hook(kind), LayoutRibbon::Kind::Head, i, 0.3F});
    copies.y += m.H + kCopyGap;
  }

  struct Part {
    HookKind kind;
    const char* weight;
  };
  constexpr Part kParts[] = {{HookKind::Q, "W_Q"}, {HookKind::K, "W_K"}, {HookKind::V, "W_V"}};
  std::array<Area, 3> at;
  for (std::size_t i = 0; i < 3; ++i) {
    const Part& part = kParts[i];
    at[i] = {x + static_cast<float>(i) * step, y + rows.qkv, 1, m.H};
    sheet(hook(part.kind), at[i], 0, d, d_head);
    const float foot = product(h + "attn.c_attn.weight", h + "attn.c_attn.bias", at[i], m.depth, static_cast<int>(i) * d, d);
    tag(tag_of(part.kind), at[i]);
    weight_tag(part.weight, at[i], foot, m.depth);
    pour({x, x + 1, ln.bottom()}, {at[i].x, at[i].right(), foot, m.depth},
         {hook(HookKind::Ln1Normalized), hook(part.kind), LayoutRibbon::Kind::Flow, -1, 0.8F});
  }
  plates(hook(HookKind::AttnScores), x, y + rows.scores, rows);
  plates(hook(HookKind::Pattern), x, y + rows.pattern, rows);
  if (shows(HookKind::AttnScores)) tag(tag_of(HookKind::AttnScores), {x, y + rows.scores - kNumbers, 1, 1});
  if (shows(HookKind::Pattern)) tag(tag_of(HookKind::Pattern), {x, y + rows.pattern - kNumbers, 1, 1});
  const Area z{x + step, y + rows.z, 1, m.H}, down{x + 2 * step, y + rows.out, 1, m.H};
  sheet(hook(HookKind::Z), z, 0, d, d_head);
  tag(tag_of(HookKind::Z), z);
  BlockRows placed = rows;
  placed.scores += y;
  placed.pattern += y;
  heads(block, at[0], at[1], at[2], z, placed);

  sheet(hook(HookKind::AttnOut), down, 0, d);
  const float foot = product(h + "attn.c_proj.weight", h + "attn.c_proj.bias", down, m.depth, 0, d);
  tag(tag_of(HookKind::AttnOut), down);
  weight_tag("W_O", down, foot, m.depth);
  const Area each{x, y + rows.result, m.attention_width(), m.H};
  if (shows(HookKind::Result)) {
    results(hook(HookKind::Result), each);
    tag(tag_of(HookKind::Result), each);
  }
  for (int i = 0; i < in.config.n_head; ++i) {
    const auto flow = [&](HookKind from, HookKind into) { return Flow{hook(from), hook(into), LayoutRibbon::Kind::Head, i, 1}; };
    if (shows(HookKind::Result)) {
      pour(edge_of_head(i, z, z.bottom(), 0.8F), edge_of_head(i, each, each.y, 0.8F), flow(HookKind::Z, HookKind::Result));
      pour(edge_of_head(i, each, each.bottom(), 0.8F), edge_of_head(i, down, foot, 0.5F, m.depth),
           flow(HookKind::Result, HookKind::AttnOut));
      continue;
    }
    const float share = m.H / static_cast<float>(in.config.n_head), top = (static_cast<float>(i) + 0.15F) * share;
    across({z.x, z.y + top, 1, share * 0.7F}, {down.x, down.y + top, 1, share * 0.7F}, flow(HookKind::Z, HookKind::AttnOut));
  }

  const Area mid{x + m.loop(), y, 1, m.H};
  const float up = x + m.attention_width() + m.aisle / 2;
  sheet(hook(HookKind::ResidMid), mid, 0, d);
  tag(tag_of(HookKind::ResidMid), mid);
  sum(up, stream);
  across(stream, mid, {hook(HookKind::ResidPre), hook(HookKind::ResidMid), LayoutRibbon::Kind::Stream});
  rise(down, up, stream.bottom(), {hook(HookKind::AttnOut), hook(HookKind::ResidMid), LayoutRibbon::Kind::Stream});
  return mid;
}

Area LayoutBuilder::mlp(int block, const Area& mid, const BlockRows& rows) {
  const int d = in.config.d_model;
  const auto hook = [&](HookKind kind) { return HookId{kind, block}; };
  const std::string h = "h." + std::to_string(block) + ".";
  const float x = mid.x, y = mid.y, step = 1 + m.beside;
  const Area ln = norm_of_loop(block, {HookKind::ResidMid, HookKind::Ln2Normalized, HookKind::Ln2Scale, "ln_2"}, mid, rows.norm);

  const Area copy{x + step, y + rows.copies, 1, m.H};
  if (shows(HookKind::MlpInput)) {
    sheet(hook(HookKind::MlpInput), copy, 0, d);
    tag(tag_of(HookKind::MlpInput), copy);
    pour({x, x + 1, mid.bottom()}, {copy.x, copy.right(), copy.y},
         {hook(HookKind::ResidMid), hook(HookKind::MlpInput), LayoutRibbon::Kind::Stream});
  }

  // d_mlp columns fold into bands; W_in folds with them, so that each column stands over its own band's column.
  const int n = folds();
  Area pre{x, y + rows.mlp, 1, m.H}, post{x + step, y + rows.mlp, 1, m.H};
  const Area stack{post.x, post.y, 1, std::max(m.H / 2, rows.mlp_out - rows.mlp - 0.15F)};
  tag(tag_of(HookKind::MlpPre), pre);
  tag(tag_of(HookKind::MlpPost), post);
  const float depth = m.depth * 0.4F;
  for (int i = 0; i < n; ++i) {
    const int col0 = i * d, cols = std::min(d, in.config.d_mlp - col0);
    pre.w = post.w = static_cast<float>(cols) / static_cast<float>(d);
    sheet(hook(HookKind::MlpPre), pre, col0, cols);
    sheet(hook(HookKind::MlpPost), post, col0, cols);
    across(pre, post, {hook(HookKind::MlpPre), hook(HookKind::MlpPost), LayoutRibbon::Kind::Flow, -1, 0.8F});
    if (i == 0) {
      const float foot = product(h + "mlp.c_fc.weight", h + "mlp.c_fc.bias", pre, depth, 0, cols);
      weight_tag("W_in", pre, foot, static_cast<float>(n) * (depth + 0.03F));
      pour({x, x + 1, ln.bottom()}, {x, x + 1, foot, static_cast<float>(n) * (depth + 0.03F)},
           {hook(HookKind::Ln2Normalized), hook(HookKind::MlpPre), LayoutRibbon::Kind::Flow, -1, 0.8F});
      for (int k = 1; k < n; ++k)
        shelf(h + "mlp.c_fc.weight", x, static_cast<float>(std::min(d, in.config.d_mlp - k * d)) / static_cast<float>(d), foot,
              static_cast<float>(k) * (depth + 0.03F), depth, 0, d, k * d, std::min(d, in.config.d_mlp - k * d));
    } else {
      // The bias of a later band stands in the fold above it.
      strip(h + "mlp.c_fc.bias", {pre.x, pre.y - m.fold_gap + 0.006F, pre.w, m.fold_gap - 0.012F}, col0, cols);
    }
    pre.y += m.H + m.fold_gap;
    post.y += m.H + m.fold_gap;
  }

  const Area down{x + 2 * step, y + rows.mlp_out, 1, m.H};
  sheet(hook(HookKind::MlpOut), down, 0, d);
  const float foot = product(h + "mlp.c_proj.weight", h + "mlp.c_proj.bias", down, m.depth * 1.4F, 0, d);
  tag(tag_of(HookKind::MlpOut), down);
  weight_tag("W_out", down, foot, m.depth * 1.4F);
  funnel(stack, {down.x, down.right(), foot, m.depth * 1.4F},
         {hook(HookKind::MlpPost), hook(HookKind::MlpOut), LayoutRibbon::Kind::Flow, -1, 0.8F});

  const Area end{x + m.loop(), y, 1, m.H};
  const float up = x + m.attention_width() + m.aisle / 2;
  sheet(hook(HookKind::ResidPost), end, 0, d);
  tag(tag_of(HookKind::ResidPost), end);
  sum(up, mid);
  across(mid, end, {hook(HookKind::ResidMid), hook(HookKind::ResidPost), LayoutRibbon::Kind::Stream});
  rise(down, up, mid.bottom(), {hook(HookKind::MlpOut), hook(HookKind::ResidPost), LayoutRibbon::Kind::Stream});
  return end;
}

}  // namespace gf::scene
