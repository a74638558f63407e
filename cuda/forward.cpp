#include "cuda/forward.h"

#include <algorithm>

#include "cuda/launch.h"
#include "model/base/text.h"

namespace gf::cuda {

ForwardPass::ForwardPass(const DeviceState& state, TraceWriter& writer, const ForwardStep& step)
    : s_(state),
      model_(state.model),
      c_(state.model.config()),
      queue_(state.queue),
      writer_(writer),
      step_(step),
      edits_(step.edits, state.queue, state.memory),
      T_(static_cast<int>(step.ids.size())),
      first_(step.first_position),
      end_block_(step.end_block < 0 ? c_.n_layer : step.end_block) {
  norm_out_ = scratch(ScratchKey::kNormOut, static_cast<std::size_t>(T_) * static_cast<std::size_t>(c_.d_model));
}

float* ForwardPass::scratch(int key, std::size_t floats) { return s_.workspace.floats(queue_, key, floats); }

std::size_t ForwardPass::width_of(HookKind kind) const { return row_size(info_of(kind).shape, c_, 0); }

float* ForwardPass::rows_for(HookKind kind, int set) {
  return scratch(static_cast<int>(kind) * Captures::kSets + set, static_cast<std::size_t>(T_) * width_of(kind));
}

float* ForwardPass::causal_for(HookKind kind, int set) {
  const std::size_t all = static_cast<std::size_t>(first_ + T_), before = static_cast<std::size_t>(first_);
  return scratch(static_cast<int>(kind) * Captures::kSets + set,
                 static_cast<std::size_t>(c_.n_head) * (all * (all + 1) / 2 - before * (before + 1) / 2));
}

ForwardPass::NormSite ForwardPass::ln1_of(int b) const {
  return {&model_.blocks[static_cast<std::size_t>(b)].ln1, {HookKind::Ln1Scale, b}, {HookKind::Ln1Normalized, b}, set_of(b)};
}
ForwardPass::NormSite ForwardPass::ln_final() const {
  return {&model_.ln_f, {HookKind::LnFinalScale, -1}, {HookKind::LnFinalNormalized, -1}, set_of(c_.n_layer)};
}

void ForwardPass::edit(HookId hook, float* rows) {
  edits_.apply({.hook = hook,
                .data = rows,
                .stride = info_of(hook.kind).shape == RowShape::Causal ? 0 : width_of(hook.kind),
                .first_position = first_,
                .rows = T_,
                .causal = {first_, c_.n_head}});
}

void ForwardPass::keep(HookId hook, const float* rows, int set) {
  const StepRows to = writer_.rows(hook);
  if (to.empty() || rows == nullptr) return;
  const RowShape shape = info_of(hook.kind).shape;
  const auto segments = writer_.segments();
  const float* from = rows;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    std::size_t floats = 0;
    if (shape != RowShape::Causal) floats = static_cast<std::size_t>(segments[i].rows) * to.stride;
    else
      for (int r = 0; r < segments[i].rows; ++r) floats += row_size(shape, c_, segments[i].position + r);
    s_.captures.keep(set, from, floats * sizeof(float), to.segments[i]);
    from += floats;
  }
}

void ForwardPass::meet(HookId hook, float* rows, int set) {
  edit(hook, rows);
  keep(hook, rows, set);
}

Result<void> ForwardPass::run() {
  if (step_.edits != nullptr) step_.edits->begin_step(first_, T_, first_ + T_);
  if (step_.first_block == 0) embed();
  else take_seeded_rows();
  for (int b = step_.first_block; b < end_block_; ++b) {
    if (step_.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the run was cancelled"));
    if (step_.progress) step_.progress(b);
    block(b);
    GF_TRY(queue_.result());
  }
  if (step_.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the run was cancelled"));
  const bool with_head = step_.end_block < 0;
  if (with_head) {
    if (step_.progress) step_.progress(c_.n_layer);
    unembed();
  } else {
    edits_.keep_tallies(s_.captures, 0);
    GF_TRY(s_.captures.finish());
  }
  GF_TRY(queue_.result());
  edits_.report();
  for (int b = step_.first_block; b < end_block_; ++b) s_.cache.remember(writer_, b, first_ + T_);
  if (with_head) s_.last_logits.on_host = last_logits_;
  writer_.commit(step_.ids, step_.n_prompt, std::move(stats_), std::move(last_logits_));
  return {};
}

void ForwardPass::embed() {
  std::vector<int> ids;
  for (const TokenId id : step_.ids) ids.push_back(id.v);
  const HookId token_hook{HookKind::Embed, -1}, position_hook{HookKind::PosEmbed, -1};
  const bool apart = edits_.touches(token_hook) || edits_.touches(position_hook);
  resid_ = rows_for(HookKind::ResidPre, set_of(0));
  EmbedArgs args{.ids = s_.memory.put<int>(queue_, ids),
                 .wte = model_.wte.data,
                 .wpe = model_.wpe.data,
                 .type = model_.wte.type,
                 .wpe_type = model_.wpe.type,
                 .wte_ld = model_.wte.ld,
                 .wpe_ld = model_.wpe.ld,
                 .width = c_.d_model,
                 .first = first_,
                 .token = apart || kept(token_hook) ? rows_for(HookKind::Embed, 0) : nullptr,
                 .position = apart || kept(position_hook) ? rows_for(HookKind::PosEmbed, 0) : nullptr,
                 .sum = resid_};
  queue_.launch(Kernel::embed, {thread_blocks(T_)}, kThreads, 0, args);
  if (args.token != nullptr) meet(token_hook, args.token, 0);
  if (args.position != nullptr) meet(position_hook, args.position, 0);
  if (apart) {
    const NormArgs sum{.a = args.token, .b = args.position, .sum = resid_, .width = c_.d_model, .eps = c_.layer_norm_eps};
    queue_.launch(Kernel::residual_norm, {thread_blocks(T_)}, kThreads, float_bytes(static_cast<std::size_t>(c_.d_model) + kWarps), sum);
  }
}

/// A trace from fork_at has the first block's input already.
void ForwardPass::take_seeded_rows() {
  const int b = step_.first_block;
  const HookId hook = b == c_.n_layer ? HookId{HookKind::ResidPost, b - 1} : HookId{HookKind::ResidPre, b};
  const StepRows from = writer_.rows(hook);
  resid_ = rows_for(HookKind::ResidPre, set_of(b));
  for (std::size_t i = 0; i < from.segments.size(); ++i) {
    const Segment& s = writer_.segments()[i];
    s_.memory.upload(queue_, resid_ + static_cast<std::size_t>(s.offset) * from.stride, from.segments[i],
                     float_bytes(static_cast<std::size_t>(s.rows) * from.stride));
  }
}

void ForwardPass::block(int b) {
  const HookId pre{HookKind::ResidPre, b};
  if (!norm_is_done_) {
    s_.captures.enter(set_of(b));
    const bool edited = edits_.touches(pre);
    if (edited && b > step_.first_block) {  // the edit must not change resid_post, which has the same memory
      float* own = rows_for(HookKind::ResidPre, set_of(b));
      queue_.copy(own, resid_, static_cast<std::size_t>(T_) * static_cast<std::size_t>(c_.d_model));
      resid_ = own;
    }
    edit(pre, resid_);
    const bool there_already = step_.first_block > 0 && b == step_.first_block && !edited;
    if ((edited || b == step_.first_block) && !there_already) keep(pre, resid_, set_of(b));
    norm(resid_, ln1_of(b));
  }
  norm_is_done_ = false;
  attention(b, resid_);
  mlp(b);
  s_.captures.flush(set_of(b));
}

void ForwardPass::mlp(int b) {
  const DeviceBlock& w = model_.blocks[static_cast<std::size_t>(b)];
  const int set = set_of(b);
  const HookId pre_hook{HookKind::MlpPre, b};
  float *const pre = rows_for(HookKind::MlpPre, set), *const post = rows_for(HookKind::MlpPost, set);
  product(norm_out_, w.in, pre, T_);
  const float* bias = w.b_in;
  if (edits_.touches(pre_hook)) {
    if (bias != nullptr) queue_.launch(Kernel::add_bias, {thread_blocks(T_)}, kThreads, 0, BiasArgs{pre, bias, c_.d_mlp});
    bias = nullptr;
    edit(pre_hook, pre);
  }
  queue_.launch(Kernel::activate, {thread_blocks(T_)}, kThreads, 0,
                ActivateArgs{.x = pre,
                             .bias = bias,
                             .pre = bias != nullptr && kept(pre_hook) ? pre : nullptr,
                             .post = post,
                             .width = c_.d_mlp,
                             .kind = static_cast<int>(c_.activation)});
  keep(pre_hook, pre, set);
  meet({HookKind::MlpPost, b}, post, set);
  float* const mlp_out = rows_for(HookKind::MlpOut, set);
  product(post, w.out, mlp_out, T_);
  next_block(b, mlp_out, w.b_out);
}

/// Computes resid_post, and in the same kernel the LayerNorm that comes next where no edit stands between.
void ForwardPass::next_block(int b, float* mlp_out, const float* bias) {
  const int set = set_of(b);
  const bool to_block = b + 1 < end_block_, to_head = step_.end_block < 0 && b + 1 == c_.n_layer;
  const HookId post_hook{HookKind::ResidPost, b}, next_hook{HookKind::ResidPre, b + 1};
  const bool next_is_edited = to_block && edits_.touches(next_hook);
  float* const post = rows_for(HookKind::ResidPost, set);
  NormSite next{};
  if (to_block) next = ln1_of(b + 1);
  else if (to_head) next = ln_final();
  if (next.norm != nullptr && !next_is_edited) s_.captures.enter(next.set);
  norm_is_done_ = add_and_norm(resid_, mlp_out, bias, {HookKind::MlpOut, b}, post_hook, post, set, next.norm != nullptr ? &next : nullptr,
                               !next_is_edited);
  if (!norm_is_done_ && next.norm != nullptr && !next_is_edited) {
    norm(post, next);
    norm_is_done_ = true;
  }
  // resid_pre of the next block lies in this block's set, so it is copied with this set.
  const StepRows kept_post = writer_.rows(post_hook);
  if (to_block && !next_is_edited) {
    const StepRows kept_next = writer_.rows(next_hook);
    if (!kept_next.empty() && (kept_post.empty() || kept_next.segments[0] != kept_post.segments[0])) keep(next_hook, post, set);
  }
  resid_ = post;
}

bool ForwardPass::add_and_norm(const float* a, float* b, const float* bias, HookId branch, HookId sum_hook, float* sum, int set,
                               const NormSite* next, bool may_fuse) {
  if (edits_.touches(branch)) {
    if (bias != nullptr) queue_.launch(Kernel::add_bias, {thread_blocks(T_)}, kThreads, 0, BiasArgs{b, bias, c_.d_model});
    bias = nullptr;
    edit(branch, b);
  }
  const bool fused =
      next != nullptr && may_fuse && !edits_.touches(sum_hook) && !edits_.touches(next->scale) && !edits_.touches(next->normalized);
  NormArgs args{.a = a,
                .b = b,
                .bias = bias,
                .branch = bias != nullptr && kept(branch) ? b : nullptr,
                .sum = sum,
                .width = c_.d_model,
                .eps = c_.layer_norm_eps};
  if (fused) {
    args.gamma = next->norm->gamma;
    args.beta = next->norm->beta;
    args.scale = kept(next->scale) ? rows_for(next->scale.kind, next->set) : nullptr;
    args.normalized = kept(next->normalized) ? rows_for(next->normalized.kind, next->set) : nullptr;
    args.out = norm_out_;
  }
  queue_.launch(Kernel::residual_norm, {thread_blocks(T_)}, kThreads, float_bytes(static_cast<std::size_t>(c_.d_model) + kWarps), args);
  keep(branch, b, set);
  meet(sum_hook, sum, set);
  if (fused) {
    keep(next->scale, args.scale, next->set);
    keep(next->normalized, args.normalized, next->set);
  }
  return fused;
}

void ForwardPass::norm(const float* x, const NormSite& site) {
  const bool edit_scale = edits_.touches(site.scale), edit_normalized = edits_.touches(site.normalized);
  const std::size_t shared = float_bytes(static_cast<std::size_t>(c_.d_model) + kWarps);
  NormArgs args{.a = x, .gamma = site.norm->gamma, .beta = site.norm->beta, .width = c_.d_model, .eps = c_.layer_norm_eps};
  args.scale = edit_scale || edit_normalized || kept(site.scale) ? rows_for(site.scale.kind, site.set) : nullptr;
  args.normalized = edit_scale || edit_normalized || kept(site.normalized) ? rows_for(site.normalized.kind, site.set) : nullptr;
  if (!edit_scale && !edit_normalized) {
    args.out = norm_out_;
    queue_.launch(Kernel::residual_norm, {thread_blocks(T_)}, kThreads, shared, args);
  } else {
    NormArgs measure = args;
    measure.normalized = nullptr;
    queue_.launch(Kernel::residual_norm, {thread_blocks(T_)}, kThreads, shared, measure);
    edit(site.scale, args.scale);
    args.given_scale = args.scale;
    args.scale = nullptr;
    queue_.launch(Kernel::residual_norm, {thread_blocks(T_)}, kThreads, shared, args);
    args.scale = measure.scale;
    edit(site.normalized, args.normalized);
    queue_.launch(Kernel::affine, {thread_blocks(T_)}, kThreads, 0,
                  AffineArgs{args.normalized, args.gamma, args.beta, norm_out_, c_.d_model});
  }
  keep(site.scale, args.scale, site.set);
  keep(site.normalized, args.normalized, site.set);
}

void ForwardPass::product(const float* x, const DeviceMatrix& w, float* y, int rows) {
  if (rows > 1) return product_of_columns(x, w.n_in, w, 0, w.n_in, y, w.n_out, rows);
  queue_.launch(Kernel::gemv, {static_cast<unsigned>((w.n_out + static_cast<int>(kWarps) - 1) / static_cast<int>(kWarps))}, kThreads,
                float_bytes(static_cast<std::size_t>(w.n_in)), GemvArgs{w.data, x, y, w.type, w.n_in, w.n_out, w.ld});
}

void ForwardPass::product_of_outputs(const float* x, const DeviceMatrix& w, int first_out, int n_out, float* y, int rows) {
  DeviceMatrix part = w;
  part.data = static_cast<const std::byte*>(w.data) +
              static_cast<std::size_t>(first_out) * static_cast<std::size_t>(w.ld) * (w.type == kF32 ? 4 : 2);
  part.n_out = n_out;
  product_of_columns(x, w.n_in, part, 0, w.n_in, y, n_out, rows);
}

/// y = x W^T with the columns [first_in, first_in + n_in) of W. 16-bit weights are widened a panel at a time: activations
/// are not rounded to meet them.
void ForwardPass::product_of_columns(const float* x, int ldx, const DeviceMatrix& w, int first_in, int n_in, float* y, int ldy, int rows) {
  // Row-major W [n_out, ld] is column-major ld x n_out, so it is transposed; x and y are column-major as they lie.
  Gemm g{.transpose_a = true, .m = w.n_out, .n = rows, .k = n_in, .b = x, .ldb = ldx, .c = y, .ldc = ldy};
  if (w.type == kF32) {
    g.a = static_cast<const float*>(w.data) + first_in;
    g.lda = w.ld;
    return queue_.gemm(g);
  }
  constexpr int kPanelFloats = 8 << 20;
  const int at_once = std::clamp(kPanelFloats / n_in, 1, w.n_out);
  float* const wide = scratch(ScratchKey::kWide, static_cast<std::size_t>(at_once) * static_cast<std::size_t>(n_in));
  for (int row = 0; row < w.n_out; row += at_once) {
    g.m = std::min(at_once, w.n_out - row);
    const auto* from =
        static_cast<const std::uint16_t*>(w.data) + static_cast<std::size_t>(row) * static_cast<std::size_t>(w.ld) + first_in;
    queue_.launch(Kernel::widen, {thread_blocks(g.m)}, kThreads, 0, WidenArgs{from, wide, w.type, g.m, n_in, w.ld, n_in});
    g.a = wide;
    g.lda = n_in;
    g.c = y + row;
    queue_.gemm(g);
  }
}

}  // namespace gf::cuda
