// Attention of a forward step. Scores and pattern are in memory where the trace keeps them or an edit acts on them;
// otherwise they stay on the chip.
#include <utility>

#include "cuda/forward.h"
#include "cuda/launch.h"

namespace gf::cuda {

void ForwardPass::attention(int b, const float* resid) {
  const DeviceBlock& w = model_.blocks[static_cast<std::size_t>(b)];
  const int set = set_of(b);
  const auto width = static_cast<std::size_t>(c_.d_model);
  float* const qkv = scratch(ScratchKey::kQkv, static_cast<std::size_t>(T_) * 3 * width);
  float* const q = rows_for(HookKind::Q, set);
  float *const k = s_.cache.k(b) + static_cast<std::size_t>(first_) * width, *const v =
                                                                                 s_.cache.v(b) + static_cast<std::size_t>(first_) * width;
  s_.cache.prepare(queue_, s_.memory, writer_, b, first_);
  product(norm_out_, w.qkv, qkv, T_);
  queue_.launch(Kernel::split_qkv, {thread_blocks(T_)}, kThreads, 0,
                SplitArgs{.qkv = qkv, .bias = w.b_qkv, .q = q, .k = k, .v = v, .width = c_.d_model});
  for (const auto& [kind, rows] : {std::pair{HookKind::Q, q}, {HookKind::K, k}, {HookKind::V, v}}) {
    split_input({kind, b}, resid, rows);
    meet({kind, b}, rows, set);
  }

  float* const z = rows_for(HookKind::Z, set);
  const float scale = c_.score_scale(b);
  const HookId entropy_row{HookKind::PatternEntropy, b};
  float* const entropy = kept(entropy_row) ? rows_for(HookKind::PatternEntropy, set) : nullptr;
  const int keys = first_ + T_, splits = (keys + kSplitKeys - 1) / kSplitKeys;
  if (wanted({HookKind::AttnScores, b}) || wanted({HookKind::Pattern, b})) {
    materialised_attention(b, q, z, entropy);
  } else if (T_ == 1) {
    constexpr unsigned kOneThreads = 128;
    const auto head = static_cast<std::size_t>(c_.d_head);
    float* const partial =
        scratch(ScratchKey::kPartial, static_cast<std::size_t>(c_.n_head) * static_cast<std::size_t>(splits) * (head + kPartialHead));
    queue_.launch(Kernel::attend_one, {thread_blocks(c_.n_head), thread_blocks(splits)}, kOneThreads,
                  float_bytes(kSplitKeys + head + kOneThreads / 32),
                  AttendOneArgs{q, s_.cache.k(b), s_.cache.v(b), partial, keys, splits, c_.d_model, c_.d_head, scale});
    queue_.launch(Kernel::combine_splits, {thread_blocks(c_.n_head)}, 64, 0, CombineArgs{partial, z, entropy, splits, c_.d_head});
  } else {
    queue_.launch(Kernel::attend, {tiles(T_), thread_blocks(c_.n_head)}, kThreads,
                  float_bytes(2 * tile_floats(c_.d_head) + tile_floats(kTile)),
                  AttendArgs{q, s_.cache.k(b), s_.cache.v(b), z, entropy, T_, first_, c_.d_model, c_.d_head, scale});
  }
  keep(entropy_row, entropy, set);
  meet({HookKind::Z, b}, z, set);

  float* const attn_out = rows_for(HookKind::AttnOut, set);
  const float* bias = w.b_o;
  if (wanted({HookKind::Result, b})) {
    results(b, z, attn_out);
    bias = nullptr;
  } else {
    product(z, w.o, attn_out, T_);
  }
  const NormSite ln2{&w.ln2, {HookKind::Ln2Scale, b}, {HookKind::Ln2Normalized, b}, set};
  float* const mid = rows_for(HookKind::ResidMid, set);
  const HookId copy_hook{HookKind::MlpInput, b};
  const bool own_copy = edits_.touches(copy_hook);
  if (!add_and_norm(resid, attn_out, bias, {HookKind::AttnOut, b}, {HookKind::ResidMid, b}, mid, set, &ln2, !own_copy)) {
    float* const read = own_copy ? rows_for(HookKind::MlpInput, set) : mid;
    if (own_copy) {
      queue_.copy(read, mid, static_cast<std::size_t>(T_) * width);
      edit(copy_hook, read);
    }
    norm(read, ln2);
    keep(copy_hook, read, set);
  } else {
    keep(copy_hook, mid, set);
  }
  resid_ = mid;
}

/// Where a recipe edits a head's copy of the stream, the kernels normalise that copy alone. They write the result to `norm_out_`.
void ForwardPass::split_input(HookId made, const float* stream, float* rows) {
  const HookId hook{split_input_of(made.kind), made.layer};
  if (!wanted(hook)) return;
  const int set = set_of(made.layer), width = c_.d_model, all = c_.n_head * width;
  float* const copies = rows_for(hook.kind, set);
  const auto copy_columns = [&](const CopyColumnsArgs& args) {
    queue_.launch(Kernel::copy_columns, {thread_blocks(T_)}, kThreads, 0, args);
  };
  for (int h = 0; h < c_.n_head; ++h) copy_columns({stream, nullptr, copies + h * width, width, width, all});
  meet(hook, copies, set);
  if (!edits_.touches(hook)) return;
  const DeviceBlock& w = model_.blocks[static_cast<std::size_t>(made.layer)];
  const int first = made.kind == HookKind::Q ? 0 : made.kind == HookKind::K ? width : 2 * width;
  float* const copy = scratch(ScratchKey::kHeadCopy, static_cast<std::size_t>(T_) * static_cast<std::size_t>(width));
  float* const part = scratch(ScratchKey::kHeadRows, static_cast<std::size_t>(T_) * static_cast<std::size_t>(c_.d_head));
  for (int h = 0; h < c_.n_head; ++h) {
    const int column = first + h * c_.d_head;
    copy_columns({copies + h * width, nullptr, copy, width, all, width});
    queue_.launch(
        Kernel::residual_norm, {thread_blocks(T_)}, kThreads, float_bytes(static_cast<std::size_t>(width) + kWarps),
        NormArgs{.a = copy, .gamma = w.ln1.gamma, .beta = w.ln1.beta, .out = norm_out_, .width = width, .eps = c_.layer_norm_eps});
    product_of_outputs(norm_out_, w.qkv, column, c_.d_head, part, T_);
    copy_columns({part, w.b_qkv == nullptr ? nullptr : w.b_qkv + column, rows + h * c_.d_head, c_.d_head, c_.d_head, width});
  }
}

void ForwardPass::materialised_attention(int b, const float* q, float* z, float* entropy) {
  const HookId scores_hook{HookKind::AttnScores, b}, pattern_hook{HookKind::Pattern, b};
  const int set = set_of(b);
  const CausalRows causal{first_, c_.n_head};
  float* const pattern = causal_for(HookKind::Pattern, set);
  float* const scores = wanted(scores_hook) ? causal_for(HookKind::AttnScores, set) : pattern;
  queue_.launch(Kernel::attention_scores, {tiles(first_ + T_), tiles(T_), thread_blocks(c_.n_head)}, kThreads,
                float_bytes(2 * tile_floats(c_.d_head)),
                ScoresArgs{q, s_.cache.k(b), scores, causal, T_, c_.d_model, c_.d_head, c_.score_scale(b)});
  if (scores != pattern) meet(scores_hook, scores, set);
  constexpr unsigned kSoftmaxThreads = 128;
  queue_.launch(Kernel::softmax_rows, {thread_blocks(T_), thread_blocks(c_.n_head)}, kSoftmaxThreads, float_bytes(kSoftmaxThreads / 32),
                SoftmaxArgs{scores, pattern, causal});
  meet(pattern_hook, pattern, set);
  if (entropy != nullptr)
    queue_.launch(Kernel::pattern_entropy, {thread_blocks(T_), thread_blocks(c_.n_head)}, kSoftmaxThreads,
                  float_bytes(kSoftmaxThreads / 32), EntropyArgs{pattern, entropy, causal});
  queue_.launch(Kernel::weigh_values, {tiles(T_), thread_blocks(c_.n_head)}, kThreads,
                float_bytes(tile_floats(kTile) + tile_floats(c_.d_head)),
                WeighArgs{pattern, s_.cache.v(b), z, causal, T_, c_.d_model, c_.d_head});
}

/// Each head's own share of the attention's output, and their sum.
void ForwardPass::results(int b, const float* z, float* attn_out) {
  const DeviceBlock& w = model_.blocks[static_cast<std::size_t>(b)];
  float* const result = rows_for(HookKind::Result, set_of(b));
  for (int h = 0; h < c_.n_head; ++h)
    product_of_columns(z + h * c_.d_head, c_.d_model, w.o, h * c_.d_head, c_.d_head, result + static_cast<std::ptrdiff_t>(h) * c_.d_model,
                       c_.n_head * c_.d_model, T_);
  meet({HookKind::Result, b}, result, set_of(b));
  queue_.launch(Kernel::sum_heads, {thread_blocks(T_)}, kThreads, 0, SumHeadsArgs{result, w.b_o, attn_out, c_.n_head, c_.d_model});
}

}  // namespace gf::cuda
