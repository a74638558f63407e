#include "model/cpu/backward.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "model/base/text.h"
#include "model/cpu/segment_rows.h"

namespace gf {

CapturePlan backward_plan() {
  CapturePlan plan = CapturePlan::none();
  for (const HookKind kind : {HookKind::Q, HookKind::Pattern, HookKind::ResidMid, HookKind::MlpPre, HookKind::ResidPost}) plan.want(kind);
  plan.last_stats_only = true;
  return plan;
}

namespace cpu {
namespace {

// Keys of scratch memory; smaller ones are kinds of hooks.
constexpr int kBackwardStream = 1000, kBackwardQkv = 1001, kBackwardBeside = 1002, kBackwardBefore = 2000;

constexpr HookKind kCopies[] = {HookKind::QInput, HookKind::KInput, HookKind::VInput};

}  // namespace

BackwardPass::BackwardPass(const PreparedModel& model, ThreadPool& pool, const Kernels& kernels, ScratchRows& scratch,
                           ScratchRows& forward_scratch, TraceWriter& writer, const BackwardStep& step)
    : model_(model),
      config_(model.config()),
      pool_(pool),
      kernels_(kernels),
      scratch_(scratch),
      forward_scratch_(forward_scratch),
      writer_(writer),
      step_(step),
      d_model_(static_cast<std::size_t>(config_.d_model)) {
  for (const LogitSlope& slope : step.slopes) {
    EXPECTS(slope.position >= 0 && slope.position < step.run->length(), "a position of the run");
    EXPECTS(slope.values.size() == static_cast<std::size_t>(config_.n_vocab), "a slope for each logit");
    rows_ = std::max(rows_, slope.position + 1);
  }
  for (Segment segment : writer.segments()) {
    segment.rows = std::min(segment.rows, rows_ - segment.position);
    if (segment.rows > 0) segments_.push_back(segment);
  }
}

Result<void> BackwardPass::run() {
  clear_later_rows();
  for (int b = config_.n_layer - 1; b >= 0; --b) {
    if (step_.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the run was cancelled"));
    if (step_.progress) step_.progress(b);
    GF_TRY(read_block(b));
    const HookId next{HookKind::ResidPre, b + 1};
    if (b == config_.n_layer - 1) head();
    else stream_ = before_edits(next, stream_);
    capture({HookKind::ResidPost, b}, stream_);
    stream_ = before_edits({HookKind::ResidPost, b}, stream_);
    mlp(b);
    attention(b);
  }
  embed();
  if (model_.weights->truncated()) return tl::unexpected(model_.weights->truncation_error());
  return {};
}

bool BackwardPass::edits_act_in(int b) const {
  if (step_.edits == nullptr) return false;
  const int last = config_.n_layer - 1;
  return std::ranges::any_of(hook_table(), [&](const HookInfo& info) {
    if (info.stage == HookStage::Before) return b == 0 && step_.edits->touches({info.kind, -1});
    if (info.stage == HookStage::After) return b == last && step_.edits->touches({info.kind, -1});
    return !(info.kind == HookKind::ResidPre && b > 0) && step_.edits->touches({info.kind, b});
  });
}

bool BackwardPass::needs_resid_post(int b) const { return b == config_.n_layer - 1 || touches({HookKind::ResidPre, b + 1}); }

Result<void> BackwardPass::read_block(int b) {
  const Trace& run = *step_.run;
  const bool edited = edits_act_in(b);
  bool there = true;
  for (const HookKind kind : {HookKind::Q, HookKind::Pattern, HookKind::ResidMid, HookKind::MlpPre}) there = there && run.has({kind, b});
  if (needs_resid_post(b)) there = there && run.has({HookKind::ResidPost, b});
  values_ = &run;
  before_.reset();
  if (there && !edited) return {};
  CapturePlan plan = backward_plan();
  for (const HookKind kind : {HookKind::Ln1Scale, HookKind::Ln2Scale, HookKind::LnFinalScale}) plan.want(kind);
  for (const HookInfo& info : hook_table())
    if (is_split_input(info.kind) && touches({info.kind, b})) plan.want(info.kind);
  // resid_pre stands in the run as edits left it.
  if (edited) before_.emplace(config_, *step_.edits, b > 0 ? std::optional(HookId{HookKind::ResidPre, b}) : std::nullopt);
  const bool with_head = std::ranges::any_of(hook_table(), [&](const HookInfo& info) {
    return info.stage == HookStage::After && b == config_.n_layer - 1 && touches({info.kind, -1});
  });
  replayed_ = run.fork_at(b, plan);
  ForwardStep forward;
  forward.ids = run.ids();
  forward.first_block = replayed_->seeded_block();
  forward.end_block = with_head ? -1 : b + 1;
  forward.n_prompt = run.n_prompt();
  forward.edits = before_ ? &*before_ : nullptr;
  forward.stop = step_.stop;
  GF_TRY_ASSIGN(const auto writer, TraceWriter::open(*replayed_, {.first_position = 0,
                                                                  .rows = run.length(),
                                                                  .first_block = forward.first_block,
                                                                  .end_block = with_head ? config_.n_layer : b + 1,
                                                                  .edits = forward.edits,
                                                                  .with_head = with_head}));
  GF_TRY(ForwardPass(model_, pool_, kernels_, forward_scratch_, *writer, forward, nullptr).run());
  values_ = &*replayed_;
  return {};
}

void BackwardPass::head() {
  const HookId logits_hook{HookKind::Logits, -1}, normalized{HookKind::LnFinalNormalized, -1};
  const StepRows normed = rows_of(normalized), kept = writer_.rows(logits_hook);
  const auto n_vocab = static_cast<std::size_t>(config_.n_vocab);
  fill_rows(normed, 0);
  if (!kept.empty()) fill_rows(kept, 0);
  const PreparedMatrix unembed = model_.unembed.transposed();
  std::vector<float> sum(d_model_);
  for (const LogitSlope& slope : step_.slopes) {
    const auto s = static_cast<std::size_t>(slope.position / kChunkRows), r = static_cast<std::size_t>(slope.position % kChunkRows);
    std::vector<float> before = slope.values;
    if (!kept.empty()) kernels_.add(kept.segments[s] + r * kept.stride, before.data(), n_vocab, kept.segments[s] + r * kept.stride);
    if (touches(logits_hook)) step_.edits->apply_slope(logits_hook, slope.position, value_before(logits_hook, slope.position), before);
    float* out = normed.segments[s] + r * normed.stride;
    constexpr std::ptrdiff_t kFew = 16;
    if (std::ranges::count_if(before, [](float x) { return x != 0; }) <= kFew) {
      for (std::size_t id = 0; id < n_vocab; ++id)
        for (std::size_t i = 0; before[id] != 0 && i < d_model_; ++i)
          out[i] += before[id] * model_.weights->unembed.at(static_cast<int>(i), static_cast<int>(id));
      continue;
    }
    const StepRows from{{before.data()}, n_vocab}, to{{sum.data()}, d_model_};
    const Segment one{slope.position, 1, 0};
    const Product product{.x = &from, .w = &unembed, .n = d_model_, .y = &to};
    multiply(pool_, kernels_, {&one, 1}, {&product, 1});
    kernels_.add(out, sum.data(), d_model_, out);
  }
  const StepRows none = scratch_.rows(kBackwardStream, segments_, d_model_);
  fill_rows(none, 0);
  layer_norm(values_of({HookKind::ResidPost, config_.n_layer - 1}), model_.ln_f, {HookKind::LnFinalScale, -1}, normalized, none, none);
  stream_ = none;
}

void BackwardPass::mlp(int b) {
  const PreparedBlock& w = model_.blocks[static_cast<std::size_t>(b)];
  const PreparedMatrix out = w.out.transposed(), in = w.in.transposed();
  capture({HookKind::MlpOut, b}, stream_);
  const StepRows mlp_out = before_edits({HookKind::MlpOut, b}, stream_);
  const StepRows post = rows_of({HookKind::MlpPost, b});
  const Product to_post{.x = &mlp_out, .w = &out, .n = static_cast<std::size_t>(config_.d_mlp), .y = &post};
  multiply(pool_, kernels_, segments_, {&to_post, 1});
  activation(b, before_edits({HookKind::MlpPost, b}, post));
  const StepRows pre = before_edits({HookKind::MlpPre, b}, rows_of({HookKind::MlpPre, b}));
  const HookId normalized{HookKind::Ln2Normalized, b};
  const StepRows normed = rows_of(normalized);
  const Product to_normed{.x = &pre, .w = &in, .n = d_model_, .y = &normed};
  multiply(pool_, kernels_, segments_, {&to_normed, 1});
  const StepRows resid_mid = rows_of({HookKind::ResidMid, b});
  const HookId scale{HookKind::Ln2Scale, b}, copy{HookKind::MlpInput, b};
  if (!touches(copy) && writer_.rows(copy).empty()) {
    layer_norm(values_of({HookKind::ResidMid, b}), w.ln2, scale, normalized, stream_, resid_mid);
  } else {
    const StepRows input = rows_of(copy), none = scratch_.rows(kBackwardBeside, segments_, d_model_);
    fill_rows(none, 0);
    layer_norm(values_of(touches(copy) ? copy : HookId{HookKind::ResidMid, b}), w.ln2, scale, normalized, none, input);
    const StepRows before = before_edits(copy, input);
    each_row([&](std::size_t s, std::size_t r) {
      kernels_.add(stream_.segments[s] + r * stream_.stride, before.segments[s] + r * before.stride, d_model_,
                   resid_mid.segments[s] + r * resid_mid.stride);
    });
  }
  stream_ = before_edits({HookKind::ResidMid, b}, resid_mid);
}

void BackwardPass::activation(int b, const StepRows& slope) {
  const StepRows x = values_of({HookKind::MlpPre, b}), out = rows_of({HookKind::MlpPre, b});
  const auto d_mlp = static_cast<std::size_t>(config_.d_mlp);
  each_row([&](std::size_t s, std::size_t r) {
    float* to = out.segments[s] + r * out.stride;
    std::memcpy(to, slope.segments[s] + r * slope.stride, d_mlp * sizeof(float));
    kernels_.activate_slope(config_.activation, x.segments[s] + r * x.stride, d_mlp, to);
  });
}

StepRows BackwardPass::z_of(int b, const StepRows& attn_out) {
  const PreparedMatrix o = model_.blocks[static_cast<std::size_t>(b)].o.transposed();
  const HookId result_hook{HookKind::Result, b};
  const StepRows z = rows_of({HookKind::Z, b});
  const auto n_head = static_cast<std::size_t>(config_.n_head), d_head = static_cast<std::size_t>(config_.d_head);
  if (!writer_.rows(result_hook).empty() || touches(result_hook)) {
    const StepRows result = rows_of(result_hook);  // attn_out is the sum of all heads' results
    each_row([&](std::size_t s, std::size_t r) {
      for (std::size_t h = 0; h < n_head; ++h)
        std::memcpy(result.segments[s] + r * result.stride + h * d_model_, attn_out.segments[s] + r * attn_out.stride,
                    d_model_ * sizeof(float));
    });
    if (touches(result_hook)) {
      const StepRows before = before_edits(result_hook, result);
      for (std::size_t h = 0; h < n_head; ++h) {
        StepRows x = before, y = z;
        for (std::size_t s = 0; s < segments_.size(); ++s) x.segments[s] += h * d_model_, y.segments[s] += h * d_head;
        const Product product{.x = &x, .w = &o, .first_column = h * d_head, .n = d_head, .y = &y};
        multiply(pool_, kernels_, segments_, {&product, 1});
      }
      return before_edits({HookKind::Z, b}, z);
    }
  }
  const Product product{.x = &attn_out, .w = &o, .n = d_model_, .y = &z};
  multiply(pool_, kernels_, segments_, {&product, 1});
  return before_edits({HookKind::Z, b}, z);
}

void BackwardPass::attention(int b) {
  const PreparedBlock& w = model_.blocks[static_cast<std::size_t>(b)];
  capture({HookKind::AttnOut, b}, stream_);
  AttentionSlopes slopes{.config = config_,
                         .kernels = kernels_,
                         .segments = segments_,
                         .scale = config_.score_scale(b),
                         .values = *values_,
                         .edits = step_.edits,
                         .before = before_ ? &*before_ : nullptr,
                         .block = b,
                         .z = z_of(b, before_edits({HookKind::AttnOut, b}, stream_)),
                         .pattern = writer_.rows({HookKind::Pattern, b}),
                         .scores = writer_.rows({HookKind::AttnScores, b}),
                         .pattern_before = {},
                         .scores_before = {},
                         .qkv = scratch_.rows(kBackwardQkv, segments_, 3 * d_model_)};
  const auto edited = [&](HookKind kind, StepRows& rows) {
    if (!touches({kind, b})) return StepRows{};
    if (rows.empty()) rows = scratch_.causal(kind, config_, segments_);
    // PatternEntropy has no gradient, so its key of causal memory is free.
    return scratch_.causal(kind == HookKind::Pattern ? HookKind::PatternEntropy : HookKind::Logits, config_, segments_);
  };
  slopes.pattern_before = edited(HookKind::Pattern, slopes.pattern);
  slopes.scores_before = edited(HookKind::AttnScores, slopes.scores);
  attend_backward(pool_, slopes);

  std::size_t third = 0;
  for (const HookKind kind : {HookKind::Q, HookKind::K, HookKind::V}) {
    const HookId hook{kind, b};
    const std::size_t column = d_model_ * third++;
    if (writer_.rows(hook).empty() && !touches(hook)) continue;
    const StepRows to = rows_of(hook);
    each_row([&](std::size_t s, std::size_t r) {
      std::memcpy(to.segments[s] + r * to.stride, slopes.qkv.segments[s] + r * slopes.qkv.stride + column, d_model_ * sizeof(float));
    });
    if (!touches(hook)) continue;
    const StepRows before = before_edits(hook, to);
    each_row([&](std::size_t s, std::size_t r) {
      std::memcpy(slopes.qkv.segments[s] + r * slopes.qkv.stride + column, before.segments[s] + r * before.stride,
                  d_model_ * sizeof(float));
    });
  }
  const StepRows beside = scratch_.rows(kBackwardBeside, segments_, d_model_);
  const bool apart = std::ranges::any_of(kCopies, [&](HookKind kind) { return touches({kind, b}); });
  if (apart) fill_rows(beside, 0);
  for (const HookKind kind : {HookKind::Q, HookKind::K, HookKind::V}) split_input({kind, b}, slopes.qkv, beside);
  const PreparedMatrix qkv = w.qkv.transposed();
  const HookId normalized{HookKind::Ln1Normalized, b};
  const StepRows normed = rows_of(normalized);
  const Product product{.x = &slopes.qkv, .w = &qkv, .n = d_model_, .y = &normed};
  multiply(pool_, kernels_, segments_, {&product, 1});
  const StepRows resid_pre = rows_of({HookKind::ResidPre, b});
  layer_norm(values_of({HookKind::ResidPre, b}), w.ln1, {HookKind::Ln1Scale, b}, normalized, stream_, resid_pre);
  if (apart)
    each_row([&](std::size_t s, std::size_t r) {
      float* row = resid_pre.segments[s] + r * resid_pre.stride;
      kernels_.add(row, beside.segments[s] + r * beside.stride, d_model_, row);
    });
  stream_ = resid_pre;
}

void BackwardPass::embed() {
  stream_ = before_edits({HookKind::ResidPre, 0}, stream_);
  capture({HookKind::Embed, -1}, stream_);
  capture({HookKind::PosEmbed, -1}, stream_);
}

void BackwardPass::layer_norm(const StepRows& x, const PreparedNorm& norm, HookId scale_hook, HookId normalized_hook,
                              const StepRows& stream, const StepRows& out) {
  const StepRows normalized = rows_of(normalized_hook), scale = rows_of(scale_hook);
  each_row([&](std::size_t s, std::size_t r) {
    float* row = normalized.segments[s] + r * normalized.stride;
    kernels_.affine(row, norm.gamma.data(), nullptr, d_model_, row);
  });
  const StepRows slope = before_edits(normalized_hook, normalized);
  const StepRows used = touches(scale_hook) ? values_of(scale_hook) : StepRows{};
  std::vector<NormRow> measured(static_cast<std::size_t>(rows_));
  const auto at = [&](std::size_t s, std::size_t r) -> NormRow& { return measured[static_cast<std::size_t>(segments_[s].offset) + r]; };
  const auto measure_row = [&](std::size_t s, std::size_t r) {
    at(s, r) = measure(x.segments[s] + r * x.stride, slope.segments[s] + r * slope.stride,
                       used.empty() ? std::nullopt : std::optional(used.segments[s][r]));
    scale.segments[s][r] = at(s, r).of_scale;
  };
  const auto go_back_row = [&](std::size_t s, std::size_t r) {
    go_back(at(s, r), x.segments[s] + r * x.stride, slope.segments[s] + r * slope.stride, stream.segments[s] + r * stream.stride,
            out.segments[s] + r * out.stride);
  };
  if (!touches(scale_hook))
    return each_row([&](std::size_t s, std::size_t r) {
      measure_row(s, r);
      go_back_row(s, r);
    });
  each_row(measure_row);
  const StepRows of_scale = before_edits(scale_hook, scale);
  each_row([&](std::size_t s, std::size_t r) {
    at(s, r).of_scale = of_scale.segments[s][r];
    go_back_row(s, r);
  });
}

// normalized = (x - mean) / used, and the scale, which may be edited, is sqrt(mean((x - mean)^2) + eps).
BackwardPass::NormRow BackwardPass::measure(const float* x, const float* slope, std::optional<float> used) const {
  NormRow row{};
  row.scale = kernels_.norm_scale(x, d_model_, config_.layer_norm_eps, &row.mean);
  row.used = used.value_or(row.scale);
  row.of_scale = -kernels_.norm_slope_sums(x, slope, d_model_, row.mean, &row.sum) / (row.used * row.used);
  return row;
}

void BackwardPass::go_back(const NormRow& row, const float* x, const float* slope, const float* stream, float* out) const {
  const float n = static_cast<float>(d_model_);
  kernels_.norm_slope(stream, slope, x, d_model_, row.mean, 1 / row.used, row.of_scale / (n * row.scale), -row.sum / (n * row.used), out);
}

StepRows BackwardPass::rows_of(HookId hook) {
  StepRows rows = writer_.rows(hook);
  if (!rows.empty()) return rows;
  EXPECTS(info_of(hook.kind).shape != RowShape::Causal, "rows of one length");
  return scratch_.rows(static_cast<int>(hook.kind), segments_, row_size(info_of(hook.kind).shape, config_, 0));
}

StepRows BackwardPass::capture(HookId hook, const StepRows& slope) {
  StepRows to = writer_.rows(hook);
  if (to.empty() || to.segments[0] == slope.segments[0]) return slope;
  for (std::size_t s = 0; s < segments_.size(); ++s)
    std::memcpy(to.segments[s], slope.segments[s], static_cast<std::size_t>(segments_[s].rows) * d_model_ * sizeof(float));
  return to;
}

StepRows BackwardPass::before_edits(HookId hook, const StepRows& rows) {
  if (!touches(hook)) return rows;
  const std::size_t width = row_size(info_of(hook.kind).shape, config_, 0);
  const StepRows before = scratch_.rows(kBackwardBefore + static_cast<int>(hook.kind), segments_, width);
  for (std::size_t s = 0; s < segments_.size(); ++s)
    for (int r = 0; r < segments_[s].rows; ++r) {
      const int position = segments_[s].position + r;
      float* to = before.segments[s] + static_cast<std::size_t>(r) * before.stride;
      std::memcpy(to, rows.segments[s] + static_cast<std::size_t>(r) * rows.stride, width * sizeof(float));
      step_.edits->apply_slope(hook, position, value_before(hook, position), {to, width});
    }
  return before;
}

std::span<const float> BackwardPass::value_before(HookId hook, int position) const {
  // Edits of resid_pre act on what the block before left, and that is the block that is read meanwhile.
  if (hook.kind == HookKind::ResidPre && hook.layer > 0) return values_->row({HookKind::ResidPost, hook.layer - 1}, position);
  EXPECTS(before_.has_value(), "what edits found was kept");
  return before_->row(hook, position);
}

StepRows BackwardPass::values_of(HookId hook) const {
  StepRows rows{{}, row_size(info_of(hook.kind).shape, config_, 0)};
  EXPECTS(values_->has(hook), "what a backward pass reads");
  // The pass only reads them, but StepRows is the type of what it reads and writes.
  for (const Segment& segment : segments_) rows.segments.push_back(const_cast<float*>(values_->row(hook, segment.position).data()));
  return rows;
}

void BackwardPass::fill_rows(const StepRows& rows, float value) const {
  for (std::size_t s = 0; s < segments_.size(); ++s)
    std::fill_n(rows.segments[s], static_cast<std::size_t>(segments_[s].rows) * rows.stride, value);
}

void BackwardPass::clear_later_rows() const {
  const int T = step_.run->length();
  for (const HookId hook : all_hooks(config_.n_layer))
    for (int p = rows_; p < T; ++p)
      if (float* row = writer_.row(hook, p)) std::fill_n(row, row_size(info_of(hook.kind).shape, config_, p), 0.0F);
}

template <class Body>
void BackwardPass::each_row(Body body) {
  for_each_row(pool_, segments_, body);
}

}  // namespace cpu
}  // namespace gf
