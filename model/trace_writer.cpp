#include "model/trace_writer.h"

#include <algorithm>
#include <cstring>

#include "model/backend.h"
#include "model/base/text.h"
#include "model/edits/compiled.h"

namespace gf {

Result<std::unique_ptr<TraceWriter>> TraceWriter::open_for(Trace& trace, const ForwardStep& step) {
  const bool to_the_end = step.end_block < 0;
  return open(trace, {.first_position = step.first_position,
                      .rows = static_cast<int>(step.ids.size()),
                      .first_block = step.first_block,
                      .end_block = to_the_end ? trace.config().n_layer : step.end_block,
                      .edits = step.edits,
                      .with_head = to_the_end});
}

Result<std::unique_ptr<TraceWriter>> TraceWriter::open(Trace& trace, const Step& step) {
  const int n_layer = trace.config().n_layer;
  EXPECTS(step.rows > 0 && step.first_position == trace.length(), "a step goes on where the trace ends");
  EXPECTS(step.first_position + step.rows <= trace.config().n_ctx, "a step fits into the context");
  EXPECTS(step.first_block >= 0 && step.first_block <= step.end_block && step.end_block <= n_layer, "blocks of the model");
  EXPECTS(step.first_block == 0 ? trace.length() >= trace.seeded_rows()
                                : step.first_block == trace.seeded_block() && step.first_position + step.rows <= trace.seeded_rows(),
          "a later first block only on rows that fork_at left");
  std::unique_ptr<TraceWriter> writer(new TraceWriter(trace, step));
  for (int at = step.first_position; at < step.first_position + step.rows;) {
    const int end = std::min((at / kChunkRows + 1) * kChunkRows, step.first_position + step.rows);
    writer->segments_.push_back({at, end - at, at - step.first_position});
    at = end;
  }
  writer->lists_.resize(trace.lists_.size());
  writer->changed_.assign(trace.lists_.size(), false);
  writer->open_.assign(trace.lists_.size(), false);
  for (const HookId hook : all_rows(n_layer)) {
    if (!keeps(trace.plan(), hook.kind)) continue;
    const bool embedding = info_of(hook.kind).stage == HookStage::Before;
    bool computed = false;
    if (hook.layer >= 0) computed = hook.layer >= step.first_block && hook.layer < step.end_block;
    else computed = embedding ? step.first_block == 0 : step.end_block == n_layer && step.with_head;
    // The input of the first block is there already; an edit of it needs rows of its own.
    const bool seeded_input = writer->is_seeded_input(hook);
    if (seeded_input) computed = step.edits != nullptr && step.edits->touches(hook);
    if (computed) GF_TRY(writer->claim_hook(hook));
    else if (seeded_input) writer->open_[Trace::slot(hook)] = true;
  }
  return writer;
}

bool TraceWriter::is_seeded_input(HookId hook) const {
  if (step_.first_block == 0) return false;
  if (step_.first_block == trace_.config().n_layer) return hook == HookId{HookKind::ResidPost, step_.first_block - 1};
  return hook == HookId{HookKind::ResidPre, step_.first_block};
}

bool TraceWriter::is_alias(HookId hook) const {
  if (hook.kind != HookKind::ResidPre || hook.layer <= step_.first_block) return false;
  return trace_.plan().wants(HookKind::ResidPost) && (step_.edits == nullptr || !step_.edits->touches(hook));
}

TraceWriter::List& TraceWriter::list_to_change(std::size_t slot) {
  if (!changed_[slot]) lists_[slot] = trace_.lists_[slot];
  changed_[slot] = true;
  return lists_[slot];
}

Result<void> TraceWriter::claim_hook(HookId hook) {
  const RowShape shape = info_of(hook.kind).shape;
  const std::size_t slot = Trace::slot(hook);
  const auto first_chunk = static_cast<std::size_t>(step_.first_position / kChunkRows);
  const bool has_tail = step_.first_position % kChunkRows != 0;
  if (list_of(slot).size() < first_chunk + (has_tail ? 1 : 0)) return {};  // earlier rows are missing: nothing to append to
  const bool alias = is_alias(hook);
  const HookId source{HookKind::ResidPost, hook.layer - 1};
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const std::size_t c = first_chunk + i;
    const List& list = list_of(slot);
    const bool exists = c < list.size();
    std::shared_ptr<Chunk> chunk;
    if (alias && list_of(Trace::slot(source)).size() > c &&
        (!exists || (trace_.lists_[Trace::slot(source)].size() > c && trace_.lists_[Trace::slot(source)][c] == list[c])))
      chunk = list_of(Trace::slot(source))[c];
    else if (exists) chunk = tail_for_writing(hook, list[c], segments_[i]);
    else {
      chunk = Chunk::make(chunk_floats(shape, trace_.config(), static_cast<int>(c)));
      if (chunk) chunk->claimed_ = segments_[i].position % kChunkRows + segments_[i].rows;
    }
    if (!chunk)
      return fail(ErrorCode::OutOfMemory,
                  text("there is no memory left to keep {0}; capture fewer hooks or use a shorter prompt", name_of(hook)));
    if (!exists) list_to_change(slot).push_back(std::move(chunk));
    else if (list[c] != chunk) list_to_change(slot)[c] = std::move(chunk);
  }
  open_[slot] = true;
  return {};
}

std::shared_ptr<Chunk> TraceWriter::tail_for_writing(HookId hook, const std::shared_ptr<Chunk>& tail, const Segment& segment) {
  const int begin = segment.position % kChunkRows;
  const bool seeded = is_seeded_input(hook);
  // Two lists that share a chunk cannot both go on in it once their values part (an edit at resid_pre).
  const bool shared_with_post = hook.kind == HookKind::ResidPre && hook.layer > 0 && [&] {
    const auto& post = trace_.lists_[Trace::slot({HookKind::ResidPost, hook.layer - 1})];
    return std::find(post.begin(), post.end(), tail) != post.end();
  }();
  int expected = begin;
  if (!shared_with_post && !seeded && begin > 0 && tail->claimed_.compare_exchange_strong(expected, begin + segment.rows)) {
    claims_.push_back({tail, begin, begin + segment.rows});
    return tail;
  }
  auto copy = Chunk::make(tail->size());
  if (!copy) return nullptr;
  // Rows that fork_at() left may lie beyond those of this step.
  const int chunk_begin = segment.position - begin;
  const int rows = seeded ? std::min(trace_.seeded_rows() - chunk_begin, kChunkRows) : begin;
  if (rows > 0) {
    const RowShape shape = info_of(hook.kind).shape;
    const int last = chunk_begin + rows - 1;
    const std::size_t floats = chunk_offset(shape, trace_.config(), last) + row_size(shape, trace_.config(), last);
    std::memcpy(copy->data(), tail->data(), floats * sizeof(float));
  }
  copy->claimed_ = std::max(rows, begin + segment.rows);
  return copy;
}

TraceWriter::~TraceWriter() {
  if (committed_) return;
  for (const Claim& claim : claims_) {
    int expected = claim.after;
    claim.chunk->claimed_.compare_exchange_strong(expected, claim.before);
  }
}

float* TraceWriter::row(HookId hook, int position) const {
  const std::size_t slot = Trace::slot(hook);
  if (!open_[slot]) return nullptr;
  return list_of(slot)[static_cast<std::size_t>(position / kChunkRows)]->data() +
         chunk_offset(info_of(hook.kind).shape, trace_.config(), position);
}

StepRows TraceWriter::rows(HookId hook) const {
  StepRows rows;
  if (!open_[Trace::slot(hook)]) return rows;
  const RowShape shape = info_of(hook.kind).shape;
  if (shape != RowShape::Causal) rows.stride = row_size(shape, trace_.config(), 0);
  for (const Segment& segment : segments_) rows.segments.push_back(row(hook, segment.position));
  return rows;
}

std::span<const std::shared_ptr<Chunk>> TraceWriter::chunks(HookId hook) const { return list_of(Trace::slot(hook)); }

void TraceWriter::commit(std::span<const TokenId> ids, int n_prompt, std::vector<std::shared_ptr<const TokenStats>> stats,
                         std::shared_ptr<const std::vector<float>> last_logits) {
  EXPECTS(static_cast<int>(ids.size()) == step_.rows, "one id for each row");
  for (std::size_t slot = 0; slot < lists_.size(); ++slot)
    if (changed_[slot]) trace_.lists_[slot] = std::move(lists_[slot]);
  trace_.ids_.insert(trace_.ids_.end(), ids.begin(), ids.end());
  trace_.n_prompt_ = n_prompt;
  if (trace_.next_token_ && !stats.empty()) {
    TokenStats first = *stats[0];
    first.logprob = trace_.next_token_->logprob;
    first.rank = trace_.next_token_->rank;
    stats[0] = std::make_shared<const TokenStats>(std::move(first));
  }
  trace_.next_token_.reset();
  trace_.stats_.insert(trace_.stats_.end(), stats.begin(), stats.end());
  trace_.last_logits_ = std::move(last_logits);
  committed_ = true;
}

}  // namespace gf
