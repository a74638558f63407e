// Which variants share a batch, and what each starts from.
#include <algorithm>
#include <cstring>

#include "model/base/text.h"
#include "model/cpu/batch.h"
#include "model/edits/compiled.h"
#include "model/run/trace_cache.h"

namespace gf::cpu {

SweepBatches::SweepBatches(const PreparedModel& model, ThreadPool& pool, const Kernels& kernels, const Sweep& sweep)
    : model_(model),
      config_(model.config()),
      pool_(pool),
      kernels_(kernels),
      sweep_(sweep),
      trace_(*sweep.trace),
      from_(sweep.cuts.empty() ? From::Stream : place_of(sweep.hook.kind)->from),
      d_model_(static_cast<std::size_t>(config_.d_model)),
      d_mlp_(static_cast<std::size_t>(config_.d_mlp)),
      n_vocab_(static_cast<std::size_t>(config_.n_vocab)),
      T_(sweep.position < 0 ? trace_.length() : sweep.position + 1),
      computed_(sweep.count()) {
  EXPECTS(T_ > 0 && T_ <= trace_.length(), "a position of the trace");
}

std::optional<SweepBatches::Place> SweepBatches::place_of(HookKind kind) {
  switch (kind) {
    case HookKind::ResidPre: return Place{From::Stream, {}};
    case HookKind::Q:
    case HookKind::K:
    case HookKind::V: return Place{From::Attention, {HookKind::Q}};
    case HookKind::Pattern: return Place{From::Output, {HookKind::Pattern, HookKind::Z}};
    case HookKind::Z: return Place{From::Output, {HookKind::Z}};
    case HookKind::AttnOut: return Place{From::JoinAttention, {HookKind::AttnOut}};
    case HookKind::ResidMid: return Place{From::Mlp, {HookKind::ResidMid}};
    case HookKind::MlpOut: return Place{From::JoinMlp, {HookKind::MlpOut, HookKind::ResidMid}};
    case HookKind::ResidPost: return Place{From::Next, {HookKind::ResidPost}};
    default: return std::nullopt;
  }
}

bool SweepBatches::edits_again(HookKind kind) {
  switch (kind) {
    case HookKind::ResidPre:
    case HookKind::Ln1Scale:
    case HookKind::Ln1Normalized:
    case HookKind::Q:
    case HookKind::K:
    case HookKind::V:
    case HookKind::Z:
    case HookKind::AttnOut:
    case HookKind::ResidMid:
    case HookKind::Ln2Scale:
    case HookKind::Ln2Normalized:
    case HookKind::MlpPre:
    case HookKind::MlpPost:
    case HookKind::MlpOut:
    case HookKind::ResidPost:
    case HookKind::LnFinalScale:
    case HookKind::LnFinalNormalized:
    case HookKind::Logits: return true;
    default: return false;
  }
}

SweepBatches::From SweepBatches::latest_start(HookKind kind) {
  switch (kind) {
    case HookKind::AttnScores:
    case HookKind::Pattern: return From::Attention;
    case HookKind::Result: return From::Output;
    case HookKind::QInput:
    case HookKind::KInput:
    case HookKind::VInput: return From::Stream;
    case HookKind::MlpInput: return From::Mlp;
    default: return From::Next;
  }
}

bool SweepBatches::can(const Sweep& sweep) {
  if (sweep.cuts.empty()) return sweep.edits == nullptr;
  const auto place = place_of(sweep.hook.kind);
  const int b = sweep.hook.layer;
  if (!place || !std::ranges::all_of(place->needs, [&](HookKind kind) { return sweep.trace->has({kind, b}); })) return false;
  const int n_layer = sweep.trace->config().n_layer;
  const bool at_the_end = sweep.position < 0 || sweep.position == sweep.trace->length() - 1;
  if (!at_the_end && !sweep.trace->has({HookKind::ResidPost, n_layer - 1})) return false;
  if (sweep.edits == nullptr) return true;
  const auto touches = [&](HookKind kind, int layer) { return sweep.edits->touches({kind, layer}); };
  // The trace holds z after the edits of z, and a z that is computed from another pattern would need these edits again.
  if (sweep.hook.kind == HookKind::Pattern && touches(HookKind::Z, b)) return false;
  return std::ranges::none_of(all_hooks(n_layer), [&](HookId hook) {
    const bool made_before = info_of(hook.kind).stage == HookStage::Before;
    if (made_before || edits_again(hook.kind) || !touches(hook.kind, hook.layer)) return false;
    const int layer = block_of(hook, n_layer);
    return layer > b || (layer == b && place->from <= latest_start(hook.kind));
  });
}

int SweepBatches::rows_of(std::size_t variant) const {
  if (!sweep_.prompts.empty()) return static_cast<int>(sweep_.prompts[variant].size());
  const bool last_alone = sweep_.hook.layer == config_.n_layer - 1 && from_ >= From::Output;
  return last_alone ? 1 : T_;
}

Result<void> SweepBatches::reserve() {
  int most = 0;
  std::size_t all = 0;
  for (std::size_t i = 0; i < sweep_.count(); ++i) {
    most = std::max(most, rows_of(i));
    all += static_cast<std::size_t>(rows_of(i));
  }
  capacity_ = std::max(most, static_cast<int>(std::min<std::size_t>(all, kRows)));
  const auto rows = static_cast<std::size_t>(capacity_), lanes = std::min<std::size_t>(sweep_.count(), kLanes);
  struct Part {
    float** start;
    std::size_t floats;
  };
  const Part parts[] = {
      {&stream_, rows * d_model_}, {&norm_, rows * d_model_}, {&q_, rows * d_model_}, {&k_, rows * d_model_}, {&v_, rows * d_model_},
      {&z_, rows * d_model_},      {&out_, rows * d_model_},  {&mlp_, rows * d_mlp_}, {&scale_, rows},        {&mean_, rows},
      {&logits_, lanes * n_vocab_}};
  const auto aligned = [](std::size_t floats) { return (floats + 15) / 16 * 16; };
  std::size_t floats = 0;
  for (const Part& part : parts) floats += aligned(part.floats);
  memory_ = Chunk::make(floats);
  if (!memory_) return fail(ErrorCode::OutOfMemory, text("there is no memory left for a sweep; use a shorter prompt"));
  floats = 0;
  for (const Part& part : parts) {
    *part.start = memory_->data() + floats;
    floats += aligned(part.floats);
  }
  return {};
}

/// The logits of a variant that changes nothing.
void SweepBatches::read_base() {
  std::ranges::copy(trace_.row({HookKind::ResidPost, config_.n_layer - 1}, T_ - 1), stream_);
  lanes_ = {{T_ - 1, 1, 0}};
  total_ = 1;
  unembed();
  base_logits_.assign(logits_, logits_ + n_vocab_);
  lanes_.clear();
  total_ = 0;
}

Result<std::uint64_t> SweepBatches::run() {
  EXPECTS(can(sweep_) && sweep_.done, "a sweep that can be computed in batches");
  GF_TRY(reserve());
  if (sweep_.edits != nullptr) sweep_.edits->begin_step(0, T_, T_);
  if (sweep_.prompts.empty() && T_ < trace_.length()) read_base();
  for (std::size_t i = 0; i < sweep_.count(); ++i) {
    if (total_ + rows_of(i) > capacity_ || lanes_.size() == kLanes) GF_TRY(answer(i));
    if (sweep_.cuts.empty()) {
      add_prompt(sweep_.prompts[i]);
      computed_[i] = true;
    } else {
      computed_[i] = add_cut(*sweep_.cuts[i]);
    }
  }
  GF_TRY(answer(sweep_.count()));
  return work_;
}

Result<void> SweepBatches::answer(std::size_t end) {
  if (sweep_.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the sweep was cancelled"));
  if (!lanes_.empty()) GF_TRY(compute());
  for (std::size_t lane = 0; next_ < end; ++next_) {
    if (computed_[next_]) sweep_.done(next_, {logits_ + lane++ * n_vocab_, n_vocab_});
    else sweep_.done(next_, base_logits_.empty() ? trace_.last_logits() : std::span<const float>(base_logits_));
  }
  lanes_.clear();
  total_ = 0;
  return {};
}

void SweepBatches::add_prompt(const std::vector<TokenId>& ids) {
  EXPECTS(!ids.empty(), "a prompt has a token");
  const auto n = static_cast<int>(ids.size());
  const Lane lane{.first = std::min(common_prefix(trace_.ids(), ids), n - 1), .rows = 0, .at = total_};
  std::vector<float> position(d_model_);
  const auto read = [&](const TensorView& table, std::size_t row, float* to) {
    widen(table.data + row * d_model_ * size_of(table.dtype), table.dtype, to, d_model_);
  };
  for (int p = lane.first; p < n; ++p, ++total_) {
    float* row = stream_ + static_cast<std::size_t>(total_) * d_model_;
    read(model_.weights->wte, ids[static_cast<std::size_t>(p)].index(), row);
    read(model_.weights->wpe, static_cast<std::size_t>(p), position.data());
    kernels_.add(row, position.data(), d_model_, row);
  }
  lanes_.push_back({lane.first, n - lane.first, lane.at});
}

bool SweepBatches::add_cut(CompiledEdits& cut) {
  const int first = T_ - rows_of(0);
  const HookKind kind = sweep_.hook.kind;
  cut.begin_step(0, T_, T_);
  float* edited = stream_;
  if (from_ == From::Attention) edited = kind == HookKind::Q ? q_ : kind == HookKind::K ? k_ : v_;
  else if (from_ == From::Output) edited = z_;
  else if (from_ == From::JoinAttention || from_ == From::JoinMlp) edited = out_;
  const int changed = kind == HookKind::Pattern ? cut_pattern(cut, first) : cut_rows(cut, first, edited);
  if (changed < 0) return false;
  const Lane lane{changed, T_ - changed, total_};
  float* start = edited + static_cast<std::size_t>(total_) * d_model_;
  std::memmove(start, start + static_cast<std::size_t>(changed - first) * d_model_,
               static_cast<std::size_t>(lane.rows) * d_model_ * sizeof(float));
  if (from_ == From::Attention)
    for (const auto& [other, buffer] : {std::pair{HookKind::Q, q_}, {HookKind::K, k_}, {HookKind::V, v_}})
      if (other != kind) load(other, lane, buffer);
  if (edited != stream_) load(from_ == From::JoinMlp ? HookKind::ResidMid : HookKind::ResidPre, lane, stream_);
  lanes_.push_back(lane);
  total_ += lane.rows;
  return true;
}

void SweepBatches::load(HookKind kind, const Lane& lane, float* to) const {
  for (int r = 0; r < lane.rows; ++r)
    std::ranges::copy(trace_.row({kind, sweep_.hook.layer}, lane.first + r), to + static_cast<std::size_t>(lane.at + r) * d_model_);
}

int SweepBatches::cut_rows(CompiledEdits& cut, int first, float* to) {
  const Lane all{first, T_ - first, total_};
  load(sweep_.hook.kind, all, to);
  float* rows = to + static_cast<std::size_t>(total_) * d_model_;
  cut.apply(sweep_.hook, first, all.rows, rows, d_model_);
  for (int r = 0; r < all.rows; ++r)
    if (std::memcmp(rows + static_cast<std::size_t>(r) * d_model_, trace_.row(sweep_.hook, first + r).data(), d_model_ * sizeof(float)) !=
        0)
      return first + r;
  return -1;
}

/// z of each head and query whose pattern the cut changes.
int SweepBatches::cut_pattern(CompiledEdits& cut, int first) {
  const int b = sweep_.hook.layer;
  const auto d_head = static_cast<std::size_t>(config_.d_head);
  const auto v = trace_.chunks({HookKind::V, b});
  load(HookKind::Z, {first, T_ - first, total_}, z_);
  int changed = -1;
  std::vector<float> row;
  for (int query = first; query < T_; ++query) {
    const auto before = trace_.row(sweep_.hook, query);
    const auto keys = static_cast<std::size_t>(query) + 1;
    row.assign(before.begin(), before.end());
    cut.apply_causal(sweep_.hook, query, row.data());
    for (std::size_t h = 0; h < static_cast<std::size_t>(config_.n_head); ++h) {
      const float* pattern = row.data() + h * keys;
      if (std::memcmp(pattern, before.data() + h * keys, keys * sizeof(float)) == 0) continue;
      if (changed < 0) changed = query;
      float* z = z_ + static_cast<std::size_t>(total_ + query - first) * d_model_ + h * d_head;
      for (std::size_t k = 0; k < keys; k += kChunkRows)
        gemm(false, 1, d_head, std::min<std::size_t>(kChunkRows, keys - k), 1.0F, pattern + k, keys, v[k / kChunkRows]->data() + h * d_head,
             d_model_, k > 0, z, d_model_);
      work_ += static_cast<std::uint64_t>(keys * d_head);
    }
  }
  return changed;
}

}  // namespace gf::cpu
