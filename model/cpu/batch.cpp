// The forward pass of a batch: as model/cpu/forward.cpp has it, on stacked rows.
#include "model/cpu/batch.h"

#include <algorithm>
#include <cstring>

#include "model/base/text.h"
#include "model/edits/compiled.h"

namespace gf::cpu {

namespace {

std::uint64_t wide(std::size_t a, std::size_t b, std::size_t c) {
  return static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b) * static_cast<std::uint64_t>(c);
}

}  // namespace

Result<void> SweepBatches::compute() {
  const int n_layer = config_.n_layer;
  for (int b = std::max(sweep_.hook.layer, 0), entry = b; b < n_layer; ++b) {
    if (sweep_.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the sweep was cancelled"));
    if (b > entry) edit({HookKind::ResidPre, b}, stream_, d_model_);
    block(b, b == entry ? from_ : From::Stream);
  }
  unembed();
  if (model_.weights->truncated()) return tl::unexpected(model_.weights->truncation_error());
  return {};
}

void SweepBatches::block(int b, From from) {
  const PreparedBlock& w = model_.blocks[static_cast<std::size_t>(b)];
  if (from <= From::Stream) queries_keys_values(b);
  if (from <= From::Attention) {
    if (from == From::Attention) {
      keys_ = lanes_;
      if (b == config_.n_layer - 1) keep_last_rows({stream_, q_});
    }
    attend(b);
    edit({HookKind::Z, b}, z_, d_model_);
  }
  if (from <= From::Output) {
    multiply_rows({.w = &w.o, .n = d_model_, .bias = or_null(w.b_o)}, z_, d_model_, out_, d_model_);
    edit({HookKind::AttnOut, b}, out_, d_model_);
  }
  if (from <= From::JoinAttention) {
    add_to_stream(out_);
    edit({HookKind::ResidMid, b}, stream_, d_model_);
  }
  if (from <= From::Mlp) mlp(b);
  if (from <= From::JoinMlp) {
    add_to_stream(out_);
    edit({HookKind::ResidPost, b}, stream_, d_model_);
  }
}

void SweepBatches::queries_keys_values(int b) {
  const PreparedBlock& w = model_.blocks[static_cast<std::size_t>(b)];
  layer_norm(w.ln1, {HookKind::Ln1Scale, b}, {HookKind::Ln1Normalized, b});
  const auto part = [&](HookKind kind, std::size_t i, float* to) {
    const float* bias = w.b_qkv.empty() ? nullptr : w.b_qkv.data() + i * d_model_;
    multiply_rows({.w = &w.qkv, .first_column = i * d_model_, .n = d_model_, .bias = bias}, norm_, d_model_, to, d_model_);
    edit({kind, b}, to, d_model_);
  };
  part(HookKind::K, 1, k_);
  part(HookKind::V, 2, v_);
  keys_ = lanes_;
  if (b == config_.n_layer - 1) keep_last_rows({stream_, norm_});
  part(HookKind::Q, 0, q_);
}

void SweepBatches::keep_last_rows(std::initializer_list<float*> buffers) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = lanes_[i];
    const int last = lane.at + lane.rows - 1;
    for (float* buffer : buffers)
      std::memmove(buffer + i * d_model_, buffer + static_cast<std::size_t>(last) * d_model_, d_model_ * sizeof(float));
    lane = {lane.first + lane.rows - 1, 1, static_cast<int>(i)};
  }
  total_ = static_cast<int>(lanes_.size());
}

void SweepBatches::attend(int b) {
  struct Task {
    Lane queries, own;  ///< own: the rows of k and v that are the variant's; those before are the trace's
    std::size_t head;
  };
  const auto n_head = static_cast<std::size_t>(config_.n_head), d_head = static_cast<std::size_t>(config_.d_head);
  const auto trace_k = trace_.chunks({HookKind::K, b}), trace_v = trace_.chunks({HookKind::V, b});
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    for (int r = 0; r < lanes_[i].rows; r += kChunkRows) {
      const Lane queries{lanes_[i].first + r, std::min(kChunkRows, lanes_[i].rows - r), lanes_[i].at + r};
      for (std::size_t h = 0; h < n_head; ++h) tasks.push_back({queries, keys_[i], h});
      work_ += 2 * wide(static_cast<std::size_t>(queries.rows), static_cast<std::size_t>(queries.first + queries.rows), d_model_);
    }
  pool_.parallel_for(tasks.size(), [&](std::size_t i) {
    const auto& [queries, own, head] = tasks[i];
    const auto rows = static_cast<std::size_t>(queries.rows), first = static_cast<std::size_t>(queries.first), keys = first + rows;
    const std::size_t shared = static_cast<std::size_t>(own.first), column = head * d_head, ld = (keys + 15) / 16 * 16;
    thread_local std::vector<float> memory;
    if (memory.size() < rows * ld) memory.resize(rows * ld);
    float* s = memory.data();
    // body(first key, count, its row of k or v)
    const auto each_stretch = [&](std::span<const std::shared_ptr<Chunk>> before, const float* rows_of_own, auto body) {
      for (std::size_t k = 0; k < shared; k += kChunkRows)
        body(k, std::min<std::size_t>(kChunkRows, shared - k), static_cast<const float*>(before[k / kChunkRows]->data()) + column);
      body(shared, keys - shared, rows_of_own + static_cast<std::size_t>(own.at) * d_model_ + column);
    };
    each_stretch(trace_k, k_, [&](std::size_t k0, std::size_t count, const float* k) {
      gemm(true, rows, count, d_head, config_.score_scale(b), q_ + static_cast<std::size_t>(queries.at) * d_model_ + column, d_model_, k,
           d_model_, false, s + k0, ld);
    });
    for (std::size_t r = 0; r < rows; ++r) {
      kernels_.softmax(s + r * ld, first + r + 1);
      std::fill(s + r * ld + first + r + 1, s + r * ld + keys, 0.0F);
    }
    each_stretch(trace_v, v_, [&](std::size_t k0, std::size_t count, const float* v) {
      gemm(false, rows, d_head, count, 1.0F, s + k0, ld, v, d_model_, k0 > 0, z_ + static_cast<std::size_t>(queries.at) * d_model_ + column,
           d_model_);
    });
  });
}

void SweepBatches::mlp(int b) {
  const PreparedBlock& w = model_.blocks[static_cast<std::size_t>(b)];
  layer_norm(w.ln2, {HookKind::Ln2Scale, b}, {HookKind::Ln2Normalized, b});
  const bool edit_pre = sweep_.edits != nullptr && sweep_.edits->touches({HookKind::MlpPre, b});
  const StepRows activated{{mlp_}, d_mlp_};
  multiply_rows(
      {.w = &w.in, .n = d_mlp_, .bias = or_null(w.b_in), .activated = edit_pre ? nullptr : &activated, .activation = config_.activation},
      norm_, d_model_, mlp_, d_mlp_);
  if (edit_pre) {
    edit({HookKind::MlpPre, b}, mlp_, d_mlp_);
    each_row([&](std::size_t r) { kernels_.activate(config_.activation, mlp_ + r * d_mlp_, d_mlp_, mlp_ + r * d_mlp_); });
  }
  edit({HookKind::MlpPost, b}, mlp_, d_mlp_);
  multiply_rows({.w = &w.out, .n = d_model_, .bias = or_null(w.b_out)}, mlp_, d_mlp_, out_, d_model_);
  edit({HookKind::MlpOut, b}, out_, d_model_);
}

void SweepBatches::unembed() {
  layer_norm(model_.ln_f, {HookKind::LnFinalScale, -1}, {HookKind::LnFinalNormalized, -1});
  multiply_rows({.w = &model_.unembed, .n = n_vocab_}, norm_, d_model_, logits_, n_vocab_);
  edit({HookKind::Logits, -1}, logits_, n_vocab_);
}

void SweepBatches::layer_norm(const PreparedNorm& norm, HookId scale, HookId normalized) {
  const auto measure = [&](std::size_t r) {
    scale_[r] = kernels_.norm_scale(stream_ + r * d_model_, d_model_, config_.layer_norm_eps, &mean_[r]);
  };
  const auto divide = [&](std::size_t r) {
    kernels_.normalize(stream_ + r * d_model_, d_model_, mean_[r], scale_[r], norm_ + r * d_model_);
  };
  const auto apply_weights = [&](std::size_t r) {
    kernels_.affine(norm_ + r * d_model_, norm.gamma.data(), norm.beta_or_null(), d_model_, norm_ + r * d_model_);
  };
  if (sweep_.edits == nullptr || !(sweep_.edits->touches(scale) || sweep_.edits->touches(normalized))) {
    each_row([&](std::size_t r) {
      measure(r);
      divide(r);
      apply_weights(r);
    });
    return;
  }
  each_row(measure);
  edit(scale, scale_, 1);
  each_row(divide);
  edit(normalized, norm_, d_model_);
  each_row(apply_weights);
}

void SweepBatches::multiply_rows(const Product& product, const float* x, std::size_t x_width, float* y, std::size_t y_width) {
  // multiply() only reads x, but StepRows is the type of x and y.
  const StepRows from{{const_cast<float*>(x)}, x_width}, to{{y}, y_width};
  Product p = product;
  p.x = &from;
  p.y = &to;
  const Segment all{0, total_, 0};
  multiply(pool_, kernels_, {&all, 1}, {&p, 1});
  work_ += wide(static_cast<std::size_t>(total_), p.w->n_in, p.n);
}

void SweepBatches::add_to_stream(const float* x) {
  each_row([&](std::size_t r) { kernels_.add(stream_ + r * d_model_, x + r * d_model_, d_model_, stream_ + r * d_model_); });
}

void SweepBatches::edit(HookId hook, float* rows, std::size_t width) {
  if (sweep_.edits == nullptr || !sweep_.edits->touches(hook)) return;
  for (const Lane& lane : lanes_) sweep_.edits->apply(hook, lane.first, lane.rows, rows + static_cast<std::size_t>(lane.at) * width, width);
}

template <class Body>
void SweepBatches::each_row(Body body) {
  constexpr std::size_t kGroup = 16;
  const auto rows = static_cast<std::size_t>(total_);
  pool_.parallel_for((rows + kGroup - 1) / kGroup, [&](std::size_t group) {
    for (std::size_t r = group * kGroup; r < std::min(rows, (group + 1) * kGroup); ++r) body(r);
  });
}

}  // namespace gf::cpu
