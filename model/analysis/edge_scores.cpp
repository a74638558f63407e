// The score of each edge from one gradient (or more). Source: Syed, Rager and Conmy 2023, Attribution patching outperforms
// automated circuit discovery.
#include <algorithm>
#include <cmath>

#include "model/analysis/components.h"
#include "model/analysis/edges.h"

namespace gf {

namespace {

using NodeRows = std::vector<std::vector<float>>;  ///< by position

struct Sender {
  std::string name;
  NodeRows change;  ///< clean - corrupt
};

/// A part of each row of a hook, clean minus corrupt.
NodeRows change_at(const PromptPair& pair, HookId hook, std::size_t first, std::size_t count) {
  NodeRows rows;
  for (int p = 0; p < pair.length(); ++p) {
    const auto a = pair.clean.base->row(hook, p).subspan(first, count), b = pair.corrupt.edited->row(hook, p).subspan(first, count);
    std::vector<float>& row = rows.emplace_back();
    for (std::size_t i = 0; i < count; ++i) row.push_back(a[i] - b[i]);
  }
  return rows;
}

class EdgeSums {
 public:
  EdgeSums(const Asking& asking, const PromptPair& pair) : w_(*asking.model().weights), c_(w_.config), T_(pair.length()) {
    const auto d = static_cast<std::size_t>(c_.d_model);
    senders_.push_back({"embed", change_at(pair, {HookKind::Embed, -1}, 0, d)});
    for (int layer = 0; layer < c_.n_layer; ++layer) {
      for (int h = 0; h < c_.n_head; ++h)
        senders_.push_back({head_name(layer, h), change_at(pair, {HookKind::Result, layer}, static_cast<std::size_t>(h) * d, d)});
      senders_.push_back({mlp_name(layer), change_at(pair, {HookKind::MlpOut, layer}, 0, d)});
    }
  }

  /// One gradient of many.
  void add(const Trace& run, const Trace& gradients) {
    ++points_;
    at_ = 0;
    const auto n_head = static_cast<std::size_t>(c_.n_head);
    for (int layer = 0; layer < c_.n_layer; ++layer) {
      const std::size_t before = 1 + static_cast<std::size_t>(layer) * (n_head + 1);
      for (int h = 0; h < c_.n_head; ++h)
        for (int third = 0; third < 3; ++third)
          receive(head_name(layer, h) + "." + "qkv"[third], before, at_head(run, gradients, layer, h, third));
      receive(mlp_name(layer), before + n_head, at_mlp(gradients, layer));
    }
    NodeRows last;
    for (int p = 0; p < T_; ++p) {
      const auto row = gradients.row({HookKind::ResidPost, c_.n_layer - 1}, p);
      last.emplace_back(row.begin(), row.end());
    }
    receive("logits", senders_.size(), last);
  }

  [[nodiscard]] std::vector<EdgeScore> sorted() const {
    std::vector<EdgeScore> all = edges_;
    for (EdgeScore& e : all) e.score /= points_;
    std::ranges::stable_sort(all, [](const EdgeScore& a, const EdgeScore& b) {
      const double x = std::abs(a.score), y = std::abs(b.score);
      return std::isnan(y) ? !std::isnan(x) : x > y;
    });
    return all;
  }

 private:
  /// The gradient at the stream as one head's q, k or v reads it.
  [[nodiscard]] NodeRows at_head(const Trace& run, const Trace& gradients, int layer, int head, int third) const {
    constexpr HookKind kThirds[] = {HookKind::Q, HookKind::K, HookKind::V};
    const std::vector<float> w = head_matrix(w_, layer, head, third);
    const auto d_head = static_cast<std::size_t>(c_.d_head), d = static_cast<std::size_t>(c_.d_model);
    NodeRows rows;
    for (int p = 0; p < T_; ++p) {
      const auto g = gradients.row({kThirds[third], layer}, p).subspan(static_cast<std::size_t>(head) * d_head, d_head);
      std::vector<double> slope(d);
      for (std::size_t i = 0; i < d; ++i) slope[i] = dot_rows(std::span(w).subspan(i * d_head, d_head), g);
      const auto back = back_through_norm(run.row({HookKind::ResidPre, layer}, p), w_.blocks[static_cast<std::size_t>(layer)].ln1,
                                          static_cast<double>(c_.layer_norm_eps), std::move(slope));
      rows.emplace_back(back.begin(), back.end());
    }
    return rows;
  }

  /// What the stream before the MLP has beyond what passes by.
  [[nodiscard]] NodeRows at_mlp(const Trace& gradients, int layer) const {
    NodeRows rows;
    for (int p = 0; p < T_; ++p) {
      const auto all = gradients.row({HookKind::ResidMid, layer}, p), by = gradients.row({HookKind::ResidPost, layer}, p);
      std::vector<float>& row = rows.emplace_back();
      for (std::size_t i = 0; i < all.size(); ++i) row.push_back(all[i] - by[i]);
    }
    return rows;
  }

  void receive(const std::string& to, std::size_t n_senders, const NodeRows& slope) {
    for (std::size_t s = 0; s < n_senders; ++s, ++at_) {
      double sum = 0;
      for (std::size_t p = 0; p < slope.size(); ++p) sum += dot_rows(senders_[s].change[p], slope[p]);
      if (at_ == edges_.size()) edges_.push_back({senders_[s].name, to, 0});
      edges_[at_].score += sum;
    }
  }

  const Weights& w_;
  const ModelConfig& c_;
  int T_;
  std::vector<Sender> senders_;
  std::vector<EdgeScore> edges_;
  std::size_t at_ = 0;
  int points_ = 0;
};

}  // namespace

CapturePlan edge_plan() {
  CapturePlan plan = CapturePlan::defaults();
  plan.want(HookKind::Result);
  return plan;
}

Result<void> check_unedited(const Recipe& recipe) {
  if (std::ranges::none_of(recipe.edits, &Edit::enabled)) return {};
  return fail(ErrorCode::InvalidArgument, text("edges are those of the unedited model; leave the recipe out"));
}

Result<std::vector<EdgeScore>> edge_scores(const Asking& asking, const PromptPair& pair, int steps) {
  CapturePlan plan = CapturePlan::none();
  for (const HookKind kind : {HookKind::Q, HookKind::ResidMid, HookKind::ResidPost}) plan.want(kind);
  EdgeSums sums(asking, pair);
  GF_TRY(each_gradient(asking, pair, steps, plan, [&](const Trace& run, const Trace& gradients) { sums.add(run, gradients); }));
  return sums.sorted();
}

}  // namespace gf
