#include "model/cpu/forward.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "model/base/text.h"
#include "model/cpu/segment_rows.h"
#include "model/cpu/stats.h"
#include "model/edits/compiled.h"

namespace gf::cpu {
namespace {

constexpr int kKeyNormOut = 1000, kKeyLogits = 1001;

/// The last row alone, as a segment of its own.
Segment last_row_of(std::span<const Segment> segments) {
  const Segment& s = segments.back();
  return {s.position + s.rows - 1, 1, s.offset + s.rows - 1};
}

}  // namespace

ForwardPass::ForwardPass(const PreparedModel& model, ThreadPool& pool, const Kernels& kernels, ScratchRows& scratch, TraceWriter& writer,
                         const ForwardStep& step, PassClock* clock)
    : model_(model),
      config_(model.config()),
      pool_(pool),
      kernels_(kernels),
      scratch_(scratch),
      writer_(writer),
      step_(step),
      clock_(clock),
      end_block_(step.end_block < 0 ? config_.n_layer : step.end_block),
      d_model_(static_cast<std::size_t>(config_.d_model)),
      segments_(writer.segments()),
      norm_out_(scratch.rows(kKeyNormOut, segments_, d_model_)) {}

Result<void> ForwardPass::run() {
  if (step_.edits != nullptr)
    step_.edits->begin_step(step_.first_position, static_cast<int>(step_.ids.size()),
                            step_.first_position + static_cast<int>(step_.ids.size()));
  if (step_.first_block == 0) embed();
  else if (step_.first_block == config_.n_layer) resid_ = rows_of({HookKind::ResidPost, config_.n_layer - 1});
  else resid_ = rows_of({HookKind::ResidPre, step_.first_block});
  for (int b = step_.first_block; b < end_block_; ++b) {
    if (step_.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the run was cancelled"));
    if (step_.progress) step_.progress(b);
    block(b);
  }
  if (step_.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the run was cancelled"));
  if (model_.weights->truncated()) return tl::unexpected(model_.weights->truncation_error());
  if (step_.end_block >= 0) {
    writer_.commit(step_.ids, step_.n_prompt, {}, nullptr);
    return {};
  }
  if (step_.progress) step_.progress(config_.n_layer);
  unembed();
  if (model_.weights->truncated()) return tl::unexpected(model_.weights->truncation_error());
  std::vector<std::shared_ptr<const TokenStats>> stats;
  stats.reserve(stats_.size());
  for (TokenStats& s : stats_) stats.push_back(std::make_shared<const TokenStats>(std::move(s)));
  writer_.commit(step_.ids, step_.n_prompt, std::move(stats), std::move(last_logits_));
  return {};
}

template <class Body>
void ForwardPass::each_row(Body body) {
  for_each_row(pool_, segments_, body);
}

bool ForwardPass::touches(HookId hook) const { return step_.edits != nullptr && step_.edits->touches(hook); }

void ForwardPass::edit(HookId hook, const StepRows& rows) {
  if (!touches(hook)) return;
  const Timed timed(clock_, Operation::Edits);
  for (std::size_t s = 0; s < segments_.size(); ++s)
    step_.edits->apply(hook, segments_[s].position, segments_[s].rows, rows.segments[s], rows.stride);
}

StepRows ForwardPass::rows_of(HookId hook) {
  StepRows rows = writer_.rows(hook);
  if (!rows.empty()) return rows;
  if (info_of(hook.kind).shape == RowShape::Causal) return scratch_.causal(hook.kind, config_, segments_);
  return scratch_.rows(static_cast<int>(hook.kind), segments_, row_size(info_of(hook.kind).shape, config_, 0));
}

void ForwardPass::embed() {
  const Timed timed(clock_, Operation::Embed);
  const StepRows token = rows_of({HookKind::Embed, -1}), position = rows_of({HookKind::PosEmbed, -1});
  const auto copy_row = [&](const TensorView& table, std::size_t row, float* to) {
    widen(table.data + row * d_model_ * size_of(table.dtype), table.dtype, to, d_model_);
  };
  for (std::size_t s = 0; s < segments_.size(); ++s)
    for (int r = 0; r < segments_[s].rows; ++r) {
      const std::size_t at = static_cast<std::size_t>(r) * d_model_;
      copy_row(model_.weights->wte, step_.ids[static_cast<std::size_t>(segments_[s].offset + r)].index(), token.segments[s] + at);
      copy_row(model_.weights->wpe, static_cast<std::size_t>(segments_[s].position + r), position.segments[s] + at);
    }
  edit({HookKind::Embed, -1}, token);
  edit({HookKind::PosEmbed, -1}, position);
  resid_ = rows_of({HookKind::ResidPre, 0});
  add_rows(token, position, resid_);
}

void ForwardPass::add_rows(const StepRows& a, const StepRows& b, const StepRows& out) {
  each_row([&](std::size_t s, std::size_t r) {
    kernels_.add(a.segments[s] + r * a.stride, b.segments[s] + r * b.stride, d_model_, out.segments[s] + r * out.stride);
  });
}

void ForwardPass::add_to_stream(const StepRows& stream, const StepRows& branch, const StepRows& out) {
  const Timed timed(clock_, Operation::Residual);
  add_rows(stream, branch, out);
}

void ForwardPass::layer_norm(const StepRows& x, const PreparedNorm& norm, HookId scale_hook, HookId normalized_hook) {
  const Timed timed(clock_, scale_hook.kind == HookKind::LnFinalScale ? Operation::LnFinal : Operation::LayerNorm);
  const StepRows scale = rows_of(scale_hook), normalized = rows_of(normalized_hook);
  const bool edit_scale = touches(scale_hook), edit_normalized = touches(normalized_hook);
  const auto last = segments_.back();
  std::vector<float> means(static_cast<std::size_t>(last.offset + last.rows));
  const auto mean_of = [&](std::size_t s, std::size_t r) -> float& { return means[static_cast<std::size_t>(segments_[s].offset) + r]; };
  const auto measure = [&](std::size_t s, std::size_t r) {
    scale.segments[s][r] = kernels_.norm_scale(x.segments[s] + r * x.stride, d_model_, config_.layer_norm_eps, &mean_of(s, r));
  };
  const auto divide = [&](std::size_t s, std::size_t r) {
    kernels_.normalize(x.segments[s] + r * x.stride, d_model_, mean_of(s, r), scale.segments[s][r],
                       normalized.segments[s] + r * normalized.stride);
  };
  const auto apply_weights = [&](std::size_t s, std::size_t r) {
    kernels_.affine(normalized.segments[s] + r * normalized.stride, norm.gamma.data(), norm.beta_or_null(), d_model_,
                    norm_out_.segments[s] + r * norm_out_.stride);
  };
  if (!edit_scale && !edit_normalized) {
    each_row([&](std::size_t s, std::size_t r) {
      measure(s, r);
      divide(s, r);
      apply_weights(s, r);
    });
    return;
  }
  each_row(measure);
  edit(scale_hook, scale);
  each_row(divide);
  edit(normalized_hook, normalized);
  each_row(apply_weights);
}

void ForwardPass::block(int b) {
  const StepRows resid_pre = resid_;
  edit({HookKind::ResidPre, b}, resid_pre);
  attention(b, resid_pre);
  mlp(b);
}

void ForwardPass::attention(int b, const StepRows& resid_pre) {
  const PreparedBlock& w = model_.blocks[static_cast<std::size_t>(b)];
  layer_norm(resid_pre, w.ln1, {HookKind::Ln1Scale, b}, {HookKind::Ln1Normalized, b});

  const StepRows q = rows_of({HookKind::Q, b}), k = rows_of({HookKind::K, b}), v = rows_of({HookKind::V, b});
  const StepRows* parts[] = {&q, &k, &v};
  Product products[3];
  for (std::size_t i = 0; i < 3; ++i)
    products[i] = {.x = &norm_out_,
                   .w = &w.qkv,
                   .first_column = i * d_model_,
                   .n = d_model_,
                   .bias = w.b_qkv.empty() ? nullptr : w.b_qkv.data() + i * d_model_,
                   .y = parts[i],
                   .next = &w.o};
  {
    const Timed timed(clock_, Operation::Qkv);
    multiply(pool_, kernels_, segments_, products);
  }
  for (const auto& [kind, rows] : {std::pair{HookKind::Q, &q}, {HookKind::K, &k}, {HookKind::V, &v}}) {
    split_input({kind, b}, resid_pre, *rows);
    edit({kind, b}, *rows);
  }

  const HookId scores{HookKind::AttnScores, b}, pattern{HookKind::Pattern, b};
  const bool one = segments_.size() == 1 && segments_[0].rows == 1;
  AttentionStep step{.config = config_,
                     .kernels = kernels_,
                     .segments = segments_,
                     .scale = config_.score_scale(b),
                     .q = q,
                     .z = rows_of({HookKind::Z, b}),
                     .k = writer_.chunks({HookKind::K, b}),
                     .v = writer_.chunks({HookKind::V, b}),
                     .scores = writer_.rows(scores),
                     .pattern = writer_.rows(pattern),
                     .entropy = writer_.rows({HookKind::PatternEntropy, b}),
                     .edits = step_.edits,
                     .block = b,
                     .clock = clock_};
  if (touches(scores)) step.scores = rows_of(scores);
  if (touches(pattern) || one) step.pattern = rows_of(pattern);
  {
    const TimedTogether timed(clock_, Operation::Scores, Operation::Softmax, Operation::Entropy, Operation::Values);
    attend(pool_, step);
  }
  edit({HookKind::Z, b}, step.z);

  const StepRows attn_out = rows_of({HookKind::AttnOut, b});
  const Product out{.x = &step.z, .w = &w.o, .n = d_model_, .bias = or_null(w.b_o), .y = &attn_out, .next = &w.in};
  if (touches({HookKind::Result, b}) || writer_.trace().plan().wants(HookKind::Result)) results(b, step.z, attn_out);
  if (!touches({HookKind::Result, b})) {
    const Timed timed(clock_, Operation::Out);
    multiply(pool_, kernels_, segments_, {&out, 1});
  }
  edit({HookKind::AttnOut, b}, attn_out);
  resid_ = rows_of({HookKind::ResidMid, b});
  add_to_stream(resid_pre, attn_out, resid_);
  edit({HookKind::ResidMid, b}, resid_);
}

/// What each head writes to the stream; where edited, attn_out is their sum + b_O.
void ForwardPass::results(int b, const StepRows& z, const StepRows& attn_out) {
  const Timed timed(clock_, Operation::Results);
  const PreparedBlock& w = model_.blocks[static_cast<std::size_t>(b)];
  const StepRows result = rows_of({HookKind::Result, b});
  const auto n_head = static_cast<std::size_t>(config_.n_head), d_head = static_cast<std::size_t>(config_.d_head);
  pool_.parallel_for(n_head * segments_.size(), [&](std::size_t i) {
    const std::size_t h = i % n_head, s = i / n_head;
    multiply_rows_of(w.o, h * d_head, d_head, z.segments[s] + h * d_head, z.stride, static_cast<std::size_t>(segments_[s].rows),
                     result.segments[s] + h * d_model_, result.stride);
  });
  edit({HookKind::Result, b}, result);
  if (!touches({HookKind::Result, b})) return;
  each_row([&](std::size_t s, std::size_t r) {
    float* out = attn_out.segments[s] + r * attn_out.stride;
    for (std::size_t j = 0; j < d_model_; ++j) out[j] = w.b_o.empty() ? 0.0F : w.b_o[j];
    for (std::size_t h = 0; h < n_head; ++h) kernels_.add(out, result.segments[s] + r * result.stride + h * d_model_, d_model_, out);
  });
}

void ForwardPass::mlp(int b) {
  const PreparedBlock& w = model_.blocks[static_cast<std::size_t>(b)];
  const StepRows resid_mid = resid_;
  layer_norm(mlp_input(b, resid_mid), w.ln2, {HookKind::Ln2Scale, b}, {HookKind::Ln2Normalized, b});

  const auto d_mlp = static_cast<std::size_t>(config_.d_mlp);
  const StepRows pre = rows_of({HookKind::MlpPre, b}), post = rows_of({HookKind::MlpPost, b});
  const bool edit_pre = touches({HookKind::MlpPre, b});
  const Product in{.x = &norm_out_,
                   .w = &w.in,
                   .n = d_mlp,
                   .bias = or_null(w.b_in),
                   .y = &pre,
                   .activated = edit_pre ? nullptr : &post,
                   .activation = config_.activation,
                   .clock = edit_pre ? nullptr : clock_,
                   .operation = Operation::MlpIn,
                   .next = &w.out};
  if (edit_pre) {
    {
      const Timed timed(clock_, Operation::MlpIn);
      multiply(pool_, kernels_, segments_, {&in, 1});
    }
    edit({HookKind::MlpPre, b}, pre);
    const Timed timed(clock_, Operation::Activate);
    each_row([&](std::size_t s, std::size_t r) {
      kernels_.activate(config_.activation, pre.segments[s] + r * pre.stride, d_mlp, post.segments[s] + r * post.stride);
    });
  } else {
    const TimedTogether timed(clock_, Operation::MlpIn, Operation::Activate);
    multiply(pool_, kernels_, segments_, {&in, 1});
  }
  edit({HookKind::MlpPost, b}, post);

  const StepRows mlp_out = rows_of({HookKind::MlpOut, b});
  const PreparedMatrix& read_next = b + 1 < config_.n_layer ? model_.blocks[static_cast<std::size_t>(b) + 1].qkv : model_.unembed;
  const Product out{.x = &post, .w = &w.out, .n = d_model_, .bias = or_null(w.b_out), .y = &mlp_out, .next = &read_next};
  {
    const Timed timed(clock_, Operation::MlpOut);
    multiply(pool_, kernels_, segments_, {&out, 1});
  }
  edit({HookKind::MlpOut, b}, mlp_out);

  // resid_post is the next block's resid_pre: one row in memory unless the trace keeps two.
  const HookId post_hook{HookKind::ResidPost, b}, next_hook{HookKind::ResidPre, b + 1};
  StepRows resid_post = writer_.rows(post_hook);
  StepRows next = b + 1 < end_block_ ? rows_of(next_hook) : StepRows{};
  if (resid_post.empty()) resid_post = next.empty() ? rows_of(post_hook) : next;
  add_to_stream(resid_mid, mlp_out, resid_post);
  edit(post_hook, resid_post);
  resid_ = resid_post;
  if (next.empty() || next.segments[0] == resid_post.segments[0]) return;
  const Timed timed(clock_, Operation::Residual);
  for (std::size_t s = 0; s < segments_.size(); ++s)
    std::memcpy(next.segments[s], resid_post.segments[s], static_cast<std::size_t>(segments_[s].rows) * d_model_ * sizeof(float));
  resid_ = next;
}

std::span<const float> ForwardPass::logits_before(std::vector<float>& memory) {
  const Trace& trace = writer_.trace();
  if (trace.length() == 0 || trace.knows_next_token()) return {};
  const HookId normalized{HookKind::LnFinalNormalized, -1};
  if (!trace.last_logits().empty() || !trace.has(normalized)) return trace.last_logits();
  // The trace is a prefix without the logits of its last row, so they are computed again.
  std::vector<float> x(d_model_);
  kernels_.affine(trace.row(normalized, trace.length() - 1).data(), model_.ln_f.gamma.data(), model_.ln_f.beta_or_null(), d_model_,
                  x.data());
  memory.resize(static_cast<std::size_t>(config_.n_vocab));
  const StepRows from{{x.data()}, d_model_}, to{{memory.data()}, memory.size()};
  const Segment one{trace.length() - 1, 1, 0};
  const Timed timed(clock_, Operation::Unembed);
  if (clock_ != nullptr) clock_->count_logits(1);
  const Product product{.x = &from, .w = &model_.unembed, .n = memory.size(), .y = &to};
  multiply(pool_, kernels_, {&one, 1}, {&product, 1});
  return memory;
}

void ForwardPass::logits_of(std::size_t segment, bool last_only, const StepRows& logits, std::span<const float> before) {
  const Segment seg = last_only ? last_row_of(segments_) : segments_[segment];
  const std::size_t skipped = last_only ? static_cast<std::size_t>(segments_[segment].rows - 1) : 0;
  const auto n_vocab = static_cast<std::size_t>(config_.n_vocab);
  const StepRows from{{norm_out_.segments[segment] + skipped * norm_out_.stride}, norm_out_.stride};
  const Product product{.x = &from, .w = &model_.unembed, .n = n_vocab, .y = &logits};
  {
    const Timed timed(clock_, Operation::Unembed);
    if (clock_ != nullptr) clock_->count_logits(static_cast<std::size_t>(seg.rows));
    multiply(pool_, kernels_, {&seg, 1}, {&product, 1});
  }
  const HookId hook{HookKind::Logits, -1};
  if (touches(hook)) {
    const Timed timed(clock_, Operation::Edits);
    step_.edits->apply(hook, seg.position, seg.rows, logits.segments[0], logits.stride);
  }
  const Timed timed(clock_, Operation::Statistics);
  const auto rows = static_cast<std::size_t>(seg.rows);
  pool_.parallel_for(before.empty() ? rows : rows + 1, [&](std::size_t r) {
    if (r == rows) return LogitRow(kernels_, before).describe_token(step_.ids[0], stats_[0]);
    const LogitRow row(kernels_, {logits.segments[0] + r * logits.stride, n_vocab});
    const std::size_t i = static_cast<std::size_t>(seg.offset) + r;
    row.describe_prediction(stats_[i]);
    if (i + 1 < stats_.size()) row.describe_token(step_.ids[i + 1], stats_[i + 1]);
  });
}

void ForwardPass::unembed() {
  layer_norm(resid_, model_.ln_f, {HookKind::LnFinalScale, -1}, {HookKind::LnFinalNormalized, -1});
  stats_.assign(step_.ids.size(), unknown_stats());
  std::vector<float> memory;
  std::span<const float> before = logits_before(memory);
  const HookId hook{HookKind::Logits, -1};
  const auto n_vocab = static_cast<std::size_t>(config_.n_vocab);
  const StepRows kept = writer_.rows(hook);
  const bool all_rows = !kept.empty() || touches(hook) || keeps_all_stats(writer_.trace().plan());
  last_logits_ = scratch_.logits(n_vocab);
  for (std::size_t s = all_rows ? 0 : segments_.size() - 1; s < segments_.size(); ++s) {
    Segment here = all_rows ? segments_[s] : last_row_of(segments_);
    here.offset = 0;
    StepRows logits{{last_logits_->data()}, n_vocab};
    if (!kept.empty()) logits = StepRows{{kept.segments[s]}, kept.stride};
    else if (here.rows > 1) logits = scratch_.rows(kKeyLogits, {&here, 1}, n_vocab);
    logits_of(s, !all_rows, logits, std::exchange(before, {}));
    const float* last = logits.segments[0] + static_cast<std::size_t>(here.rows - 1) * logits.stride;
    if (s + 1 == segments_.size() && last != last_logits_->data()) std::memcpy(last_logits_->data(), last, n_vocab * sizeof(float));
  }
}

}  // namespace gf::cpu
