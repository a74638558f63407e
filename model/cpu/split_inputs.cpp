// Split inputs, forward and backward: copies of the stream that one head's q, k or v, or the MLP, reads alone.
#include <algorithm>
#include <cstring>

#include "model/cpu/backward.h"
#include "model/cpu/segment_rows.h"

namespace gf::cpu {
namespace {

// Keys of scratch memory for one head's rows, forward and backward. Smaller ones are kinds of hooks and those of the passes.
constexpr int kKeyHeadRows = 1900, kKeySlopeOfHead = 1901;

/// Where q, k or v begins in the matrix that holds the three side by side.
std::size_t first_column_of(HookKind made, std::size_t d_model) {
  return made == HookKind::Q ? 0 : made == HookKind::K ? d_model : 2 * d_model;
}

}  // namespace

void ForwardPass::split_input(HookId made, const StepRows& stream, const StepRows& rows) {
  const HookId hook{split_input_of(made.kind), made.layer};
  const bool edited = touches(hook);
  if (!edited && writer_.rows(hook).empty()) return;
  const StepRows copies = rows_of(hook);
  const auto n_head = static_cast<std::size_t>(config_.n_head), d_head = static_cast<std::size_t>(config_.d_head);
  for_each_row(pool_, segments_, [&](std::size_t s, std::size_t r) {
    for (std::size_t h = 0; h < n_head; ++h)
      std::memcpy(copies.segments[s] + r * copies.stride + h * d_model_, stream.segments[s] + r * stream.stride, d_model_ * sizeof(float));
  });
  if (!edited) return;
  edit(hook, copies);

  const PreparedBlock& w = model_.blocks[static_cast<std::size_t>(made.layer)];
  const std::size_t first = first_column_of(made.kind, d_model_);
  const StepRows head_rows = scratch_.rows(kKeyHeadRows, segments_, d_head);
  for (std::size_t h = 0; h < n_head; ++h) {
    const auto copy_of = [&](std::size_t s, std::size_t r) { return copies.segments[s] + r * copies.stride + h * d_model_; };
    const auto changed = [&](std::size_t s, std::size_t r) {
      return std::memcmp(copy_of(s, r), stream.segments[s] + r * stream.stride, d_model_ * sizeof(float)) != 0;
    };
    bool any = false;
    for (std::size_t s = 0; s < segments_.size(); ++s)
      for (std::size_t r = 0; r < static_cast<std::size_t>(segments_[s].rows) && !any; ++r) any = changed(s, r);
    if (!any) continue;
    for_each_row(pool_, segments_, [&](std::size_t s, std::size_t r) {
      float* out = norm_out_.segments[s] + r * norm_out_.stride;
      float mean = 0;
      const float scale = kernels_.norm_scale(copy_of(s, r), d_model_, config_.layer_norm_eps, &mean);
      kernels_.normalize(copy_of(s, r), d_model_, mean, scale, out);
      kernels_.affine(out, w.ln1.gamma.data(), w.ln1.beta_or_null(), d_model_, out);
    });
    const std::size_t column = first + h * d_head;
    const Product product{.x = &norm_out_,
                          .w = &w.qkv,
                          .first_column = column,
                          .n = d_head,
                          .bias = w.b_qkv.empty() ? nullptr : w.b_qkv.data() + column,
                          .y = &head_rows};
    {
      const Timed timed(clock_, Operation::Qkv);
      multiply(pool_, kernels_, segments_, {&product, 1});
    }
    // Rows whose copy is the stream keep the bits that they have without the edit.
    for_each_row(pool_, segments_, [&](std::size_t s, std::size_t r) {
      if (changed(s, r))
        std::memcpy(rows.segments[s] + r * rows.stride + h * d_head, head_rows.segments[s] + r * head_rows.stride, d_head * sizeof(float));
    });
  }
}

StepRows ForwardPass::mlp_input(int b, const StepRows& stream) {
  const HookId hook{HookKind::MlpInput, b};
  if (!touches(hook) && writer_.rows(hook).empty()) return stream;
  const StepRows copy = rows_of(hook);
  for_each_row(pool_, segments_, [&](std::size_t s, std::size_t r) {
    std::memcpy(copy.segments[s] + r * copy.stride, stream.segments[s] + r * stream.stride, d_model_ * sizeof(float));
  });
  edit(hook, copy);
  return copy;
}

void BackwardPass::split_input(HookId made, const StepRows& qkv, const StepRows& beside) {
  const std::size_t column = first_column_of(made.kind, d_model_);
  const HookId hook{split_input_of(made.kind), made.layer};
  const bool edited = touches(hook);
  if (!edited && writer_.rows(hook).empty()) return;
  const PreparedBlock& w = model_.blocks[static_cast<std::size_t>(made.layer)];
  const PreparedMatrix back = w.qkv.transposed();
  const StepRows copies = rows_of(hook), x = values_of(edited ? hook : HookId{HookKind::ResidPre, made.layer});
  const StepRows normed = scratch_.rows(kKeySlopeOfHead, segments_, d_model_);
  const auto n_head = static_cast<std::size_t>(config_.n_head), d_head = static_cast<std::size_t>(config_.d_head);
  const std::vector<float> none(d_model_);
  for (std::size_t h = 0; h < n_head; ++h) {
    const std::size_t first = column + h * d_head;
    pool_.parallel_for(segments_.size(), [&](std::size_t s) {
      multiply_rows_of(back, first, d_head, qkv.segments[s] + first, qkv.stride, static_cast<std::size_t>(segments_[s].rows),
                       normed.segments[s], normed.stride);
    });
    for_each_row(pool_, segments_, [&](std::size_t s, std::size_t r) {
      float* slope = normed.segments[s] + r * normed.stride;
      const float* row = x.segments[s] + r * x.stride + (edited ? h * d_model_ : 0);
      kernels_.affine(slope, w.ln1.gamma.data(), nullptr, d_model_, slope);
      go_back(measure(row, slope, std::nullopt), row, slope, none.data(), copies.segments[s] + r * copies.stride + h * d_model_);
    });
  }
  if (!edited) return;
  const StepRows before = before_edits(hook, copies);
  for_each_row(pool_, segments_, [&](std::size_t s, std::size_t r) {
    float* sum = beside.segments[s] + r * beside.stride;
    for (std::size_t h = 0; h < n_head; ++h) kernels_.add(sum, before.segments[s] + r * before.stride + h * d_model_, d_model_, sum);
    std::fill_n(qkv.segments[s] + r * qkv.stride + column, d_model_, 0.0F);
  });
}

}  // namespace gf::cpu
