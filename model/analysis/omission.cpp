#include "model/analysis/omission.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/analysis/gradient_runs.h"
#include "model/backend.h"
#include "model/base/logits.h"
#include "model/edits/compiled.h"

namespace gf {

namespace {

class OmittedUnits final : public CompiledEdits {
 public:
  OmittedUnits(const ModelConfig& config, const Omission& omitted) : config_(config), omitted_(omitted) {}

  [[nodiscard]] bool touches(HookId hook) const override {
    if (hook.kind != HookKind::Z && hook.kind != HookKind::MlpPost) return false;
    const auto own = of_block(hook);
    return std::find(own.first, own.second, true) != own.second;
  }
  [[nodiscard]] int first_block() const override { return 0; }
  void begin_step(int /*first_position*/, int /*rows*/, int /*length*/) override {}
  void apply(HookId hook, int /*first_position*/, int rows, float* data, std::size_t stride) override {
    const auto [begin, end] = of_block(hook);
    const std::size_t width = hook.kind == HookKind::Z ? static_cast<std::size_t>(config_.d_head) : 1;
    for (auto unit = begin; unit != end; ++unit) {
      if (!*unit) continue;
      float* first = data + static_cast<std::size_t>(unit - begin) * width;
      for (int r = 0; r < rows; ++r) std::fill_n(first + static_cast<std::size_t>(r) * stride, width, 0.0F);
    }
  }
  void apply_causal(HookId /*hook*/, int /*query*/, float* /*row*/) override {}
  [[nodiscard]] std::vector<Receipt> receipts() const override { return {}; }

 private:
  using Units = std::vector<bool>::const_iterator;
  [[nodiscard]] std::pair<Units, Units> of_block(HookId hook) const {
    const bool heads = hook.kind == HookKind::Z;
    const std::vector<bool>& all = heads ? omitted_.heads : omitted_.neurons;
    const std::ptrdiff_t count = heads ? config_.n_head : config_.d_mlp;
    return {all.begin() + hook.layer * count, all.begin() + (hook.layer + 1) * count};
  }
  ModelConfig config_;
  const Omission& omitted_;
};

/// dL/dlogits at each position but the last, with L the mean of -ln p of what follows.
std::vector<LogitSlope> loss_slopes(const Trace& run) {
  std::vector<LogitSlope> slopes;
  const int n = run.length() - 1;
  for (int p = 0; p < n; ++p) {
    const auto logits = run.row({HookKind::Logits, -1}, p);
    LogitSlope slope{p, {logits.begin(), logits.end()}};
    softmax(slope.values);
    slope.values[run.ids()[static_cast<std::size_t>(p + 1)].index()] -= 1;
    for (float& x : slope.values) x /= static_cast<float>(n);
    slopes.push_back(std::move(slope));
  }
  return slopes;
}

/// Adds |sum over positions of a . g| of each unit of a hook, whose units are `width` numbers wide.
void add_attribution(const Trace& run, const Trace& gradients, HookId hook, std::size_t width, std::span<double> sums) {
  std::vector<double> of_sequence(sums.size());
  for (int p = 0; p < run.length(); ++p) {
    const auto a = run.row(hook, p), g = gradients.row(hook, p);
    for (std::size_t unit = 0; unit < sums.size(); ++unit)
      of_sequence[unit] += dot_rows(a.subspan(unit * width, width), g.subspan(unit * width, width));
  }
  for (std::size_t unit = 0; unit < sums.size(); ++unit) sums[unit] += std::abs(of_sequence[unit]);
}

/// Adds what each sequence gives to the sums of importance; they are divided by the returned count at the end.
class ImportanceSums {
 public:
  ImportanceSums(Session& session, ImportanceBy by) : session_(session), config_(session.model().weights->config), by_(by) {
    sums_.heads.resize(static_cast<std::size_t>(config_.n_layer) * static_cast<std::size_t>(config_.n_head));
    sums_.neurons.resize(static_cast<std::size_t>(config_.n_layer) * static_cast<std::size_t>(config_.d_mlp));
    if (by != ImportanceBy::Norm) return;
    const Weights& w = *session.model().weights;
    for (const BlockWeights& block : w.blocks)
      for (int i = 0; i < config_.d_mlp; ++i) {
        double squares = 0;
        for (int o = 0; o < config_.d_model; ++o) squares += std::pow(static_cast<double>(block.out.at(i, o)), 2);
        row_lengths_.push_back(std::sqrt(squares));
      }
  }
  Result<void> add(std::span<const TokenId> ids, const std::stop_token& stop) {
    EXPECTS(ids.size() > 1, "a token that follows");
    return by_ == ImportanceBy::Norm ? add_norms(ids, stop) : add_attributions(ids, stop);
  }
  [[nodiscard]] OfUnits<float> means() const {
    OfUnits<float> found;
    for (const auto& [from, to] : {std::pair{&sums_.heads, &found.heads}, std::pair{&sums_.neurons, &found.neurons}})
      for (const double sum : *from) to->push_back(static_cast<float>(sum / static_cast<double>(count_)));
    return found;
  }

 private:
  [[nodiscard]] std::span<double> heads_of(int layer) {
    return std::span(sums_.heads).subspan(static_cast<std::size_t>(layer * config_.n_head), static_cast<std::size_t>(config_.n_head));
  }
  [[nodiscard]] std::span<double> neurons_of(int layer) {
    return std::span(sums_.neurons).subspan(static_cast<std::size_t>(layer * config_.d_mlp), static_cast<std::size_t>(config_.d_mlp));
  }
  Result<void> add_attributions(std::span<const TokenId> ids, const std::stop_token& stop) {
    CapturePlan plan = backward_plan(), wanted = CapturePlan::none();
    for (const HookKind kind : {HookKind::Z, HookKind::MlpPost}) plan.want(kind), wanted.want(kind);
    plan.want(HookKind::Logits);
    GF_TRY_ASSIGN(const Trace run, session_.pass(ids, static_cast<int>(ids.size()), plan, nullptr, stop));
    GF_TRY_ASSIGN(const Trace gradients, session_.gradients(run, loss_slopes(run), wanted, nullptr, stop));
    for (int layer = 0; layer < config_.n_layer; ++layer) {
      add_attribution(run, gradients, {HookKind::Z, layer}, static_cast<std::size_t>(config_.d_head), heads_of(layer));
      add_attribution(run, gradients, {HookKind::MlpPost, layer}, 1, neurons_of(layer));
    }
    ++count_;
    return {};
  }
  Result<void> add_norms(std::span<const TokenId> ids, const std::stop_token& stop) {
    CapturePlan plan = CapturePlan::none();
    for (const HookKind kind : {HookKind::Result, HookKind::MlpPost}) plan.want(kind);
    plan.last_stats_only = true;
    GF_TRY_ASSIGN(const Trace run, session_.pass(ids, static_cast<int>(ids.size()), plan, nullptr, stop));
    const auto width = static_cast<std::size_t>(config_.d_model);
    for (int layer = 0; layer < config_.n_layer; ++layer)
      for (int p = 0; p < run.length(); ++p) {
        const auto result = run.row({HookKind::Result, layer}, p), post = run.row({HookKind::MlpPost, layer}, p);
        const auto heads = heads_of(layer), neurons = neurons_of(layer);
        for (std::size_t h = 0; h < heads.size(); ++h) {
          const auto written = result.subspan(h * width, width);
          heads[h] += std::sqrt(dot_rows(written, written));
        }
        for (std::size_t i = 0; i < neurons.size(); ++i)
          neurons[i] += std::abs(static_cast<double>(post[i])) * row_lengths_[static_cast<std::size_t>(layer * config_.d_mlp) + i];
      }
    count_ += run.length();
    return {};
  }

  Session& session_;
  ModelConfig config_;
  ImportanceBy by_;
  OfUnits<double> sums_;
  std::vector<double> row_lengths_;  ///< of W_out, [layer, neuron]
  std::int64_t count_ = 0;
};

}  // namespace

Result<OfUnits<float>> importance_over(Session& session, TextSequences sequences, ImportanceBy by, const std::stop_token& stop,
                                       const std::function<void()>& told) {
  ImportanceSums sums(session, by);
  for (const auto& ids : sequences) {
    GF_TRY(sums.add(ids, stop));
    if (told) told();
  }
  return sums.means();
}

Result<double> loss_over(Session& session, TextSequences sequences, const Omission* omitted, const std::stop_token& stop,
                         const std::function<void()>& told) {
  std::optional<OmittedUnits> edits;
  if (omitted != nullptr) edits.emplace(session.model().weights->config, *omitted);
  double sum = 0;
  std::int64_t count = 0;
  CapturePlan plan = CapturePlan::none();
  plan.want(HookKind::Embed);  // with it the run has the statistics of every position
  for (const auto& ids : sequences) {
    GF_TRY_ASSIGN(const Trace run, session.pass(ids, static_cast<int>(ids.size()), plan, edits ? &*edits : nullptr, stop));
    for (int p = 1; p < run.length(); ++p) sum -= static_cast<double>(run.stats(p).logprob);
    count += run.length() - 1;
    if (told) told();
  }
  return sum / static_cast<double>(count);
}

std::vector<std::size_t> omission_order(std::span<const float> importance) {
  std::vector<std::size_t> order(importance.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return importance[i]; });
  return order;
}

Omission omit(const OfUnits<std::size_t>& orders, double rate, const ModelConfig& config) {
  EXPECTS(rate >= 0 && rate <= 1, "a share");
  const auto blocks = static_cast<std::size_t>(config.n_layer);
  Omission omitted{std::vector<bool>(blocks * static_cast<std::size_t>(config.n_head)),
                   std::vector<bool>(blocks * static_cast<std::size_t>(config.d_mlp))};
  const auto mark = [rate](const std::vector<std::size_t>& order, std::vector<bool>& marks) {
    const auto count = static_cast<std::size_t>(std::lround(rate * static_cast<double>(order.size())));
    for (std::size_t i = 0; i < count; ++i) marks[order[i]] = true;
  };
  mark(orders.heads, omitted.heads);
  mark(orders.neurons, omitted.neurons);
  return omitted;
}

Recipe recipe_of_omission(const Omission& omitted, const ModelConfig& config) {
  Recipe recipe;
  for (int layer = 0; layer < config.n_layer; ++layer)
    for (const bool heads : {true, false}) {
      const int count = heads ? config.n_head : config.d_mlp;
      Selector units{Selector::Kind::List, {}, {}, {}};
      for (int i = 0; i < count; ++i)
        if ((heads ? omitted.heads : omitted.neurons)[static_cast<std::size_t>(layer * count + i)]) units.list.push_back(i);
      if (units.list.empty()) continue;
      Edit& edit = recipe.edits.emplace_back();
      edit.hook = name_of(HookId{heads ? HookKind::Z : HookKind::MlpPost, layer});
      edit.op = EditOp::Zero;
      (heads ? edit.heads : edit.neurons) = std::move(units);
    }
  return recipe;
}

}  // namespace gf
