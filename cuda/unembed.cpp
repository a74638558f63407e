// The head of a forward step: logits, what is kept of each row, and the first token's own statistics.
#include <cmath>
#include <limits>

#include "cuda/forward.h"

namespace gf::cuda {

namespace {

constexpr int kLogitsSets = 2000;  ///< scratch keys of the two sets of logits
constexpr int kFirstTokenInput = 2002;
constexpr unsigned kStatsThreads = 256;
constexpr std::size_t kStatsShared = kStatsThreads / 32 * (sizeof(double) + sizeof(float) + sizeof(int));

void take_prediction(const RowStats& from, int n_vocab, TokenStats& to) {
  to.entropy = from.entropy;
  for (int i = 0; i < std::min(kTop, n_vocab) && from.top_id[i] >= 0; ++i) {  // fewer where logits are NaN
    const float logit = from.top_logit[i];
    const double logprob = static_cast<double>(logit) - static_cast<double>(from.max) - from.log_sum;
    to.top.push_back({TokenId(from.top_id[i]), logit, static_cast<float>(logprob)});
  }
}

void take_token(const RowStats& from, TokenStats& to) {
  to.logprob = from.next_logprob;
  to.rank = from.next_rank;
}

}  // namespace

/// Logits of the position before the step on the device; nullptr where the trace does not have them.
const float* ForwardPass::previous_logits() {
  const Trace& trace = writer_.trace();
  if (trace.length() == 0) return nullptr;
  const auto n_vocab = static_cast<std::size_t>(c_.n_vocab);
  float* const on_device = s_.last_logits.on_device.as<float>();
  const auto before = trace.last_logits();
  if (!before.empty()) {
    if (s_.last_logits.on_host == nullptr || s_.last_logits.on_host->data() != before.data())
      s_.memory.upload(queue_, on_device, before.data(), n_vocab * sizeof(float));
    return on_device;
  }
  const HookId normalized{HookKind::LnFinalNormalized, -1};
  if (!trace.has(normalized)) return nullptr;  // a prefix that cut them off, of a trace that did not keep this
  const auto width = static_cast<std::size_t>(c_.d_model);
  float* const x = scratch(kFirstTokenInput, 2 * width);
  s_.memory.upload(queue_, x, trace.row(normalized, trace.length() - 1).data(), width * sizeof(float));
  queue_.launch(Kernel::affine, {1}, 256, 0, AffineArgs{x, model_.ln_f.gamma, model_.ln_f.beta, x + width, c_.d_model});
  product(x + width, model_.unembed, on_device, 1);
  return on_device;
}

/// Logits of the step's rows [first, first + count) and their statistics.
void ForwardPass::rows_of_logits(int first, int count, int set, std::vector<RowStats>& stats) {
  const HookId hook{HookKind::Logits, -1};
  const auto n_vocab = static_cast<std::size_t>(c_.n_vocab), at = static_cast<std::size_t>(first);
  s_.captures.enter(set);
  float* const logits = scratch(kLogitsSets + set, static_cast<std::size_t>(count) * n_vocab);
  product(norm_out_ + at * static_cast<std::size_t>(c_.d_model), model_.unembed, logits, count);
  edits_.apply({.hook = hook, .data = logits, .stride = n_vocab, .first_position = first_ + first, .rows = count, .causal = {}});
  std::vector<int> next;
  for (int r = first; r < first + count; ++r) next.push_back(r + 1 < T_ ? step_.ids[static_cast<std::size_t>(r) + 1].v : -1);
  auto* const on_device = s_.memory.take<RowStats>(queue_, static_cast<std::size_t>(count));
  queue_.launch(Kernel::row_stats, {static_cast<unsigned>(count)}, kStatsThreads, kStatsShared,
                RowStatsArgs{logits, s_.memory.put<int>(queue_, next), on_device, c_.n_vocab});
  s_.captures.keep(set, on_device, static_cast<std::size_t>(count) * sizeof(RowStats), &stats[at]);
  if (float* kept_row = writer_.row(hook, first_ + first))
    s_.captures.keep(set, logits, static_cast<std::size_t>(count) * n_vocab * sizeof(float), kept_row);
  if (first + count == T_) {
    const float* last = logits + static_cast<std::size_t>(count - 1) * n_vocab;
    queue_.copy(s_.last_logits.on_device.as<float>(), last, n_vocab);
    last_logits_ = std::make_shared<std::vector<float>>(n_vocab);
    s_.captures.keep(set, last, n_vocab * sizeof(float), last_logits_->data());
  }
  s_.captures.flush(set);
}

void ForwardPass::unembed() {
  const HookId hook{HookKind::Logits, -1};
  if (!norm_is_done_) {  // the step begins here
    s_.captures.enter(set_of(c_.n_layer));
    norm(resid_, ln_final());
  }
  // One more than there are rows: the position before the step, which predicted the step's first token.
  const auto rows = static_cast<std::size_t>(T_);
  std::vector<RowStats> raw(rows + 1);
  const float* const before = previous_logits();
  if (before != nullptr) {
    const int own = step_.ids[0].v;
    auto* const on_device = s_.memory.take<RowStats>(queue_, 1);
    queue_.launch(Kernel::row_stats, {1}, kStatsThreads, kStatsShared,
                  RowStatsArgs{before, s_.memory.put<int>(queue_, {&own, 1}), on_device, c_.n_vocab});
    s_.captures.keep(set_of(c_.n_layer), on_device, sizeof(RowStats), &raw[rows]);
  }
  s_.captures.flush(set_of(c_.n_layer));
  const bool all_rows = kept(hook) || edits_.touches(hook) || keeps_all_stats(writer_.trace().plan());
  int set = set_of(c_.n_layer + 1);
  for (const Segment& s : writer_.segments()) {
    const bool last = s.offset + s.rows == T_;
    if (!all_rows && !last) continue;
    if (all_rows) rows_of_logits(s.offset, s.rows, set, raw);
    else rows_of_logits(T_ - 1, 1, set, raw);
    set = (set + 1) % Captures::kSets;
  }
  edits_.keep_tallies(s_.captures, set);
  if (!s_.captures.finish()) return;
  std::vector<TokenStats> stats(rows);
  for (TokenStats& s : stats) s.logprob = s.entropy = std::numeric_limits<float>::quiet_NaN();
  if (before != nullptr) take_token(raw[rows], stats[0]);
  for (std::size_t r = all_rows ? 0 : rows - 1; r < rows; ++r) {
    take_prediction(raw[r], c_.n_vocab, stats[r]);
    if (r + 1 < rows) take_token(raw[r], stats[r + 1]);
  }
  for (TokenStats& s : stats) stats_.push_back(std::make_shared<const TokenStats>(std::move(s)));
}

}  // namespace gf::cuda
