// A run in which some edges alone carry values of their own.
#include <map>

#include "model/analysis/components.h"
#include "model/analysis/edges.h"

namespace gf {

namespace {

/// Computes what receivers with kept edges read, and gives all others what the corrupt run gave them. It is what the pass
/// calls at q, k, v, the MLP's input and the last stream; at what heads and MLPs write it looks on.
class CircuitEdits final : public CompiledEdits {
 public:
  CircuitEdits(const Weights& w, const PromptPair& pair, std::span<const EdgeScore> edges)
      : w_(w), c_(w.config), corrupt_(*pair.corrupt.edited), eps_(static_cast<double>(c_.layer_norm_eps)) {
    for (const EdgeScore& e : edges) kept_[e.to].push_back(e.from);
  }

  bool touches(HookId hook) const override {
    switch (hook.kind) {
      case HookKind::Embed:
      case HookKind::Q:
      case HookKind::K:
      case HookKind::V:
      case HookKind::Result:
      case HookKind::MlpPre:
      case HookKind::MlpOut: return true;
      case HookKind::ResidPost: return hook.layer == c_.n_layer - 1;
      default: return false;
    }
  }
  int first_block() const override { return 0; }
  void begin_step(int, int, int) override {}
  void apply_causal(HookId, int, float*) override {}
  std::vector<Receipt> receipts() const override { return {}; }

  void apply(HookId hook, int first_position, int rows, float* data, std::size_t stride) override {
    for (int r = 0; r < rows; ++r) {
      const std::span<float> row(data + static_cast<std::size_t>(r) * stride, row_size(info_of(hook.kind).shape, c_, first_position + r));
      at_row(hook, first_position + r, row);
    }
  }

 private:
  void at_row(HookId hook, int p, std::span<float> row) {
    const auto d = static_cast<std::size_t>(c_.d_model);
    switch (hook.kind) {
      case HookKind::Embed: return note("embed", p, row, corrupt_.row(hook, p));
      case HookKind::MlpOut: return note(mlp_name(hook.layer), p, row, corrupt_.row(hook, p));
      case HookKind::Result:
        for (int h = 0; h < c_.n_head; ++h) {
          const std::size_t at = static_cast<std::size_t>(h) * d;
          note(head_name(hook.layer, h), p, row.subspan(at, d), corrupt_.row(hook, p).subspan(at, d));
        }
        return;
      case HookKind::Q: return heads(hook, p, 0, row);
      case HookKind::K: return heads(hook, p, 1, row);
      case HookKind::V: return heads(hook, p, 2, row);
      case HookKind::MlpPre: return mlp(hook, p, row);
      default: {
        const auto x = input("logits", hook, p);
        std::ranges::copy(x, row.begin());
      }
    }
  }

  /// Keeps what a sender writes more than in the corrupt run.
  void note(const std::string& sender, int p, std::span<const float> now, std::span<const float> corrupt) {
    std::vector<float>& more = more_[{sender, p}];
    more.clear();
    for (std::size_t i = 0; i < now.size(); ++i) more.push_back(now[i] - corrupt[i]);
  }

  /// The row that a receiver reads: the corrupt stream, and what its kept edges bring.
  [[nodiscard]] std::vector<float> input(const std::string& receiver, HookId stream, int p) const {
    const auto corrupt = corrupt_.row(stream, p);
    std::vector<float> x(corrupt.begin(), corrupt.end());
    const auto kept = kept_.find(receiver);
    if (kept == kept_.end()) return x;
    for (const std::string& sender : kept->second) {
      const auto more = more_.find({sender, p});
      EXPECTS(more != more_.end(), "senders come before those that read them");
      for (std::size_t i = 0; i < x.size(); ++i) x[i] += more->second[i];
    }
    return x;
  }

  void heads(HookId hook, int p, int third, std::span<float> row) {
    std::ranges::copy(corrupt_.row(hook, p), row.begin());
    const BlockWeights& block = w_.blocks[static_cast<std::size_t>(hook.layer)];
    const auto d_head = static_cast<std::size_t>(c_.d_head), d = static_cast<std::size_t>(c_.d_model);
    for (int h = 0; h < c_.n_head; ++h) {
      const std::string receiver = head_name(hook.layer, h) + "." + "qkv"[third];
      if (!kept_.contains(receiver)) continue;
      std::vector<float>& w = matrices_[receiver];
      if (w.empty()) w = head_matrix(w_, hook.layer, h, third);
      const auto x = through_norm(input(receiver, {HookKind::ResidPre, hook.layer}, p), block.ln1, eps_);
      for (std::size_t j = 0; j < d_head; ++j) {
        const std::size_t at = static_cast<std::size_t>(h) * d_head + j;
        const auto column = static_cast<std::int64_t>(static_cast<std::size_t>(third) * d + at);
        double sum = block.b_qkv.empty() ? 0 : static_cast<double>(block.b_qkv.at(column));
        for (std::size_t i = 0; i < d; ++i) sum += x[i] * static_cast<double>(w[i * d_head + j]);
        row[at] = static_cast<float>(sum);
      }
    }
  }

  void mlp(HookId hook, int p, std::span<float> row) {
    const std::string receiver = mlp_name(hook.layer);
    std::ranges::copy(corrupt_.row(hook, p), row.begin());
    if (!kept_.contains(receiver)) return;
    const BlockWeights& block = w_.blocks[static_cast<std::size_t>(hook.layer)];
    const auto x = through_norm(input(receiver, {HookKind::ResidMid, hook.layer}, p), block.ln2, eps_);
    std::vector<float>& w = matrices_[receiver];
    if (w.empty())
      for (int i = 0; i < c_.d_model; ++i)
        for (int j = 0; j < c_.d_mlp; ++j) w.push_back(block.in.at(i, j));
    std::vector<double> sums(row.size());
    for (std::size_t i = 0; i < x.size(); ++i)
      for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += x[i] * static_cast<double>(w[i * sums.size() + j]);
    for (std::size_t j = 0; j < sums.size(); ++j) {
      if (!block.b_in.empty()) sums[j] += static_cast<double>(block.b_in.at(static_cast<std::int64_t>(j)));
      row[j] = static_cast<float>(sums[j]);
    }
  }

  const Weights& w_;
  const ModelConfig& c_;
  const Trace& corrupt_;
  double eps_;
  std::map<std::string, std::vector<std::string>> kept_;  ///< senders by receiver
  std::map<std::pair<std::string, int>, std::vector<float>> more_;
  std::map<std::string, std::vector<float>> matrices_;
};

}  // namespace

Result<double> circuit_value(const Asking& asking, const PromptPair& pair, std::span<const EdgeScore> edges) {
  CircuitEdits edits(*asking.model().weights, pair, edges);
  const auto ids = pair.clean.base->ids().first(static_cast<std::size_t>(pair.objective.position) + 1);
  GF_TRY_ASSIGN(const Trace run, asking.session.pass(ids, pair.clean.base->n_prompt(), CapturePlan::none(), &edits, asking.stop));
  return pair.objective.value(run.last_logits());
}

}  // namespace gf
