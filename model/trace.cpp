#include "model/trace.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "model/arena.h"

namespace gf {
namespace {

std::size_t triangle(std::size_t rows) { return rows * (rows + 1) / 2; }

/// Bytes of one position's statistics with its 20 likeliest tokens, as held on the heap.
constexpr std::size_t kStatsBytes = sizeof(TokenStats) + 20 * sizeof(TokenStats::Top) + 32;

}  // namespace

std::shared_ptr<Chunk> Chunk::make(std::size_t floats) {
  float* memory = arena_take(floats);
  if (memory == nullptr) return nullptr;
  return std::make_shared<Chunk>(memory, floats);
}

Chunk::~Chunk() { arena_return(data_, size_); }

bool keeps(const CapturePlan& plan, HookKind kind) {
  if (kind == HookKind::ResidPre || kind == HookKind::K || kind == HookKind::V) return true;
  if (kind == HookKind::Logits) return plan.all_logits;
  return plan.wants(kind);
}

bool keeps_all_stats(const CapturePlan& plan) {
  if (plan.last_stats_only) return false;
  const CapturePlan least = CapturePlan::none();
  return std::ranges::any_of(hook_table(), [&](const HookInfo& info) { return keeps(plan, info.kind) && !keeps(least, info.kind); });
}

std::size_t chunk_offset(RowShape shape, const ModelConfig& config, int position) {
  const auto begin = static_cast<std::size_t>(position / kChunkRows * kChunkRows);
  const auto at = static_cast<std::size_t>(position);
  if (shape == RowShape::Causal) return static_cast<std::size_t>(config.n_head) * (triangle(at) - triangle(begin));
  return (at - begin) * row_size(shape, config, position);
}

std::size_t chunk_floats(RowShape shape, const ModelConfig& config, int index) {
  const int begin = index * kChunkRows;
  const int last = std::min(begin + kChunkRows, std::max(config.n_ctx, begin + 1)) - 1;
  return chunk_offset(shape, config, last) + row_size(shape, config, last);
}

Trace::Trace(const ModelConfig& config, CapturePlan plan)
    : config_(config), plan_(std::move(plan)), lists_(slot({HookKind{}, config.n_layer})) {}

std::size_t Trace::slot(HookId hook) { return static_cast<std::size_t>(hook.layer + 1) * kRowKinds + static_cast<std::size_t>(hook.kind); }

bool Trace::has(HookId hook) const {
  const bool in_block = info_of(hook.kind).scope == HookScope::Block;
  if (in_block ? (hook.layer < 0 || hook.layer >= config_.n_layer) : hook.layer != -1) return false;
  if (slot(hook) >= lists_.size()) return false;
  const auto needed = static_cast<std::size_t>((length() + kChunkRows - 1) / kChunkRows);
  return keeps(plan_, hook.kind) && lists_[slot(hook)].size() >= std::max<std::size_t>(needed, 1);
}

std::span<const float> Trace::row(HookId hook, int position) const {
  EXPECTS(position >= 0 && position < length(), "a row of the trace");
  EXPECTS(has(hook), "the hook was captured");
  const RowShape shape = info_of(hook.kind).shape;
  const Chunk& chunk = *lists_[slot(hook)][static_cast<std::size_t>(position / kChunkRows)];
  return {chunk.data() + chunk_offset(shape, config_, position), row_size(shape, config_, position)};
}

std::span<const float> Trace::causal_row(HookId hook, int head, int query) const {
  EXPECTS(info_of(hook.kind).shape == RowShape::Causal, "a hook of queries and keys");
  EXPECTS(head >= 0 && head < config_.n_head, "a head of the model");
  const auto keys = static_cast<std::size_t>(query) + 1;
  return row(hook, query).subspan(static_cast<std::size_t>(head) * keys, keys);
}

std::span<const float> Trace::last_logits() const {
  if (!last_logits_) return {};
  return *last_logits_;
}

const TokenStats& Trace::stats(int position) const {
  EXPECTS(position >= 0 && position < static_cast<int>(stats_.size()), "a position of the trace");
  return *stats_[static_cast<std::size_t>(position)];
}

Trace fork_before_edits(const Trace& trace, int block, const CapturePlan& plan, const std::function<bool(HookId)>& acts_at) {
  Trace fork = trace.fork_at(block, plan);
  while (fork.seeded_block() > 0 && acts_at({HookKind::ResidPre, fork.seeded_block()})) fork = trace.fork_at(fork.seeded_block() - 1, plan);
  return fork;
}

bool last_logits_have_nan(const Trace& trace, std::size_t count) {
  if (!std::isnan(trace.stats(trace.length() - 1).entropy)) return false;
  const auto logits = trace.last_logits();
  return std::ranges::any_of(logits.first(std::min(count, logits.size())), [](float x) { return std::isnan(x); });
}

std::span<const std::shared_ptr<Chunk>> Trace::chunks(HookId hook) const {
  if (slot(hook) >= lists_.size()) return {};
  return lists_[slot(hook)];
}

std::size_t Trace::bytes() const {
  std::unordered_set<const Chunk*> seen;  // resid_post and the next resid_pre share their chunks
  std::size_t sum = 0;
  for (const auto& list : lists_)
    for (const auto& chunk : list)
      if (seen.insert(chunk.get()).second) sum += chunk->size() * sizeof(float);
  if (last_logits_) sum += last_logits_->size() * sizeof(float);
  return sum + stats_.size() * kStatsBytes;
}

Trace Trace::prefix(int positions) const {
  EXPECTS(positions >= 0 && positions <= length(), "a prefix is no longer than its trace");
  Trace part = *this;
  if (positions == length()) return part;
  const auto count = static_cast<std::size_t>(positions);
  part.ids_.resize(count);
  part.n_prompt_ = std::min(n_prompt_, positions);
  part.seeded_block_ = part.seeded_rows_ = 0;
  part.next_token_.reset();
  const auto chunk_count = static_cast<std::size_t>((positions + kChunkRows - 1) / kChunkRows);
  for (auto& list : part.lists_)
    if (list.size() > chunk_count) list.resize(chunk_count);
  if (part.stats_.size() > count) part.stats_.resize(count);
  part.last_logits_.reset();
  constexpr HookId kLogits{HookKind::Logits, -1};
  if (positions > 0 && part.has(kLogits)) {
    const auto last = part.row(kLogits, positions - 1);
    part.last_logits_ = std::make_shared<const std::vector<float>>(last.begin(), last.end());
  }
  return part;
}

Trace Trace::fork_at(int block, const CapturePlan& plan, int first_row) const {
  EXPECTS(block >= 0 && block <= config_.n_layer, "a block of the model");
  EXPECTS(length() > 0, "there is something to fork from");
  EXPECTS(first_row >= 0 && first_row < length() && first_row % kChunkRows == 0, "rows that are left out fill whole chunks");
  if (block == config_.n_layer && !(has({HookKind::ResidPost, block - 1}) && keeps(plan, HookKind::ResidPost))) --block;
  Trace fork(config_, plan);
  const auto rows = static_cast<std::ptrdiff_t>(first_row);
  fork.ids_.assign(ids_.begin(), ids_.begin() + rows);
  fork.n_prompt_ = std::min(n_prompt_, first_row);
  fork.stats_.assign(stats_.begin(), stats_.begin() + rows);
  if (first_row > 0) fork.next_token_ = stats_[static_cast<std::size_t>(first_row)];
  if (block > 0) {  // of block 0 even the embeddings may differ
    fork.seeded_block_ = block;
    fork.seeded_rows_ = length();
  }
  const HookId input = block < config_.n_layer ? HookId{HookKind::ResidPre, block} : HookId{HookKind::ResidPost, block - 1};
  for (const HookId hook : all_rows(config_.n_layer)) {
    if (!keeps(plan, hook.kind)) continue;
    const bool embedding = info_of(hook.kind).stage == HookStage::Before;
    // Blocks before keep whatever is there: the new plan may ask for less, but sharing costs nothing.
    const bool before = block > 0 && (hook.layer < 0 ? embedding : hook.layer < block || hook == input);
    const auto& list = lists_[slot(hook)];
    const auto chunks = before ? list.size() : std::min(list.size(), static_cast<std::size_t>(first_row / kChunkRows));
    fork.lists_[slot(hook)].assign(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(chunks));
  }
  return fork;
}

std::size_t forecast_bytes(const ModelConfig& config, const CapturePlan& plan, int positions) {
  std::size_t sum = 0;
  const int chunk_count = (positions + kChunkRows - 1) / kChunkRows;
  for (const HookId hook : all_rows(config.n_layer)) {
    if (!keeps(plan, hook.kind)) continue;
    // resid_pre of a later block is the memory of the resid_post before it.
    if (hook.kind == HookKind::ResidPre && hook.layer > 0 && plan.wants(HookKind::ResidPost)) continue;
    for (int c = 0; c < chunk_count; ++c) sum += chunk_floats(info_of(hook.kind).shape, config, c) * sizeof(float);
  }
  if (positions > 0) sum += static_cast<std::size_t>(config.n_vocab) * sizeof(float);
  return sum + static_cast<std::size_t>(positions) * kStatsBytes;
}

}  // namespace gf
