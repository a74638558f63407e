// The table of sources beside the naive backend: each value, computed again from exactly the cells that the table lists.
#include <cmath>

#include "model/hook_sources.h"
#include "tests/model/cpu/forward_checks.h"
#include "tests/model/cpu/random_model.h"

namespace gf::testing {
namespace {

/// The listed cells of each source in its own order (row by row), and nothing else.
class ListedValues {
 public:
  ListedValues(const Trace& trace, const Weights& weights, HookId hook, std::array<int, 3> index)
      : trace_(trace), weights_(weights), config_(weights.config) {
    const int position = info_of(hook.kind).shape == RowShape::Causal ? index[1] : index[0];
    const int token = trace.ids()[static_cast<std::size_t>(position)].v;
    for (const HookSource& source : sources_of(hook, config_)) {
      const CellRange range = cells_of(source, hook, index, config_, token);
      std::vector<double> values;
      std::array<int, 3> at = range.first;
      for (at[0] = range.first[0]; at[0] <= range.last[0]; ++at[0])
        for (at[1] = range.first[1]; at[1] <= range.last[1]; ++at[1])
          for (at[2] = range.first[2]; at[2] <= range.last[2]; ++at[2])
            values.push_back(source.is_weight() ? weight(source.weight, at) : value(source.hook, at));
      of_.push_back(std::move(values));
    }
  }
  const std::vector<double>& operator[](std::size_t source) const { return of_.at(source); }
  [[nodiscard]] std::size_t size() const { return of_.size(); }

 private:
  double value(HookId hook, std::array<int, 3> at) const {
    switch (info_of(hook.kind).shape) {
      case RowShape::Causal: return static_cast<double>(trace_.causal_row(hook, at[0], at[1])[static_cast<std::size_t>(at[2])]);
      case RowShape::Heads: return static_cast<double>(trace_.row(hook, at[0])[static_cast<std::size_t>(at[1] * config_.d_head + at[2])]);
      case RowShape::HeadsDModel:
        return static_cast<double>(trace_.row(hook, at[0])[static_cast<std::size_t>(at[1] * config_.d_model + at[2])]);
      default: return static_cast<double>(trace_.row(hook, at[0])[static_cast<std::size_t>(at[1])]);
    }
  }
  double weight(const std::string& name, std::array<int, 3> at) const {
    for (const NamedTensor& t : weights_.table()) {
      if (t.name != name) continue;
      if (at[1] < 0) return static_cast<double>(t.view.at(at[0]));
      const bool table = name == "wte.weight" || name == "wpe.weight";
      const std::int64_t row = table || t.in_major ? at[0] : at[1], column = table || t.in_major ? at[1] : at[0];
      return static_cast<double>(t.view.at(row * t.view.shape[1] + column));
    }
    return 0;  // a bias that the model lacks
  }

  const Trace& trace_;
  const Weights& weights_;
  const ModelConfig& config_;
  std::vector<std::vector<double>> of_;
};

double sum_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum;
}
double dot_of(const std::vector<double>& a, const std::vector<double>& b) {
  EXPECT_EQ(a.size(), b.size());
  double sum = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) sum += a[i] * b[i];
  return sum;
}

/// As the hook's operation computes it.
double made_of(const ListedValues& s, HookId hook, std::array<int, 3> index, const ModelConfig& c) {
  const HookInfo& info = info_of(hook.kind);
  switch (info.operation) {
    case Operation::Embed: return sum_of(s[0]) + (s.size() > 1 ? sum_of(s[1]) : 0);
    case Operation::Residual: return sum_of(s[0]) + (s.size() > 1 ? sum_of(s[1]) : 0);
    case Operation::LayerNorm:
    case Operation::LnFinal: {
      const double mean = sum_of(s[0]) / static_cast<double>(s[0].size());
      if (s.size() > 1) return (s[0][static_cast<std::size_t>(index[1])] - mean) / s[1].at(0);
      double squares = 0;
      for (const double x : s[0]) squares += (x - mean) * (x - mean);
      return std::sqrt(squares / static_cast<double>(s[0].size()) + static_cast<double>(c.layer_norm_eps));
    }
    case Operation::Qkv:
    case Operation::MlpIn:
    case Operation::Unembed: {
      std::vector<double> x(s[0].size());
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = s[0][i] * s[1].at(i) + s[2].at(i);
      return dot_of(x, s[3]) + (s.size() > 4 ? sum_of(s[4]) : 0);
    }
    case Operation::Scores: return dot_of(s[0], s[1]) * static_cast<double>(c.score_scale(hook.layer));
    case Operation::Softmax: {
      double sum = 0;
      for (const double x : s[0]) sum += std::exp(x);
      return std::exp(s[0].at(static_cast<std::size_t>(index[2]))) / sum;
    }
    case Operation::Values:
    case Operation::Results: return dot_of(s[0], s[1]);
    case Operation::Out: EXPECT_NEAR(sum_of(s[3]), dot_of(s[0], s[1]), 1e-5); [[fallthrough]];
    case Operation::MlpOut: return dot_of(s[0], s[1]) + sum_of(s[2]);
    case Operation::Activate: {
      const double x = s[0].at(0);
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    }
    default: ADD_FAILURE() << name_of(hook) << " is made by an operation that makes no hook"; return 0;
  }
}

/// Index and value of each cell of a position's row.
template <class F>
void each_cell(const Trace& trace, HookId hook, int position, F body) {
  const ModelConfig& c = trace.config();
  const auto row = trace.row(hook, position);
  const RowShape shape = info_of(hook.kind).shape;
  const bool by_head = shape == RowShape::Heads || shape == RowShape::HeadsDModel || shape == RowShape::Causal;
  const int width = static_cast<int>(row.size()) / (by_head ? c.n_head : 1);
  for (int i = 0; i < static_cast<int>(row.size()); ++i) {
    std::array<int, 3> index{position, i, -1};
    if (by_head) index = {position, i / width, i % width};
    if (shape == RowShape::Causal) index = {i / width, position, i % width};
    body(index, static_cast<double>(row[static_cast<std::size_t>(i)]));
  }
}

TEST(HookSources, give_the_value_that_the_naive_backend_captured) {
  for (const bool tied : {true, false}) {
    RandomModel options{.n_layer = 2, .n_head = 2, .d_head = 4};
    options.tied = tied;
    const auto weights = make_random(options);
    const auto naive = make_naive_backend();
    ASSERT_TRUE(naive->load(weights));
    Trace trace(weights->config, everything());
    const auto ids = random_ids(5, weights->config.n_vocab);
    extend(*naive, trace, ids, {1 << 20});
    int cells = 0;
    for (const HookId hook : all_hooks(weights->config.n_layer)) {
      ASSERT_TRUE(trace.has(hook));
      EXPECT_FALSE(sources_of(hook, weights->config).empty()) << name_of(hook);
      for (const int position : {0, 3, 4})
        each_cell(trace, hook, position, [&](std::array<int, 3> index, double captured) {
          const double made = made_of(ListedValues(trace, *weights, hook, index), hook, index, weights->config);
          EXPECT_NEAR(made, captured, 1e-5 + 1e-5 * std::abs(captured))
              << name_of(hook) << " " << index[0] << " " << index[1] << " " << index[2];
          ++cells;
        });
    }
    EXPECT_GT(cells, 1000);
  }
}

TEST(HookSources, stand_before_what_they_make) {
  ModelConfig c;
  c.n_layer = 3;
  const auto order = all_hooks(c.n_layer);
  for (std::size_t i = 0; i < order.size(); ++i)
    for (const HookId source : source_hooks(order[i], c)) {
      const auto at = std::ranges::find(order, source);
      ASSERT_NE(at, order.end()) << name_of(source);
      EXPECT_LT(at - order.begin(), static_cast<std::ptrdiff_t>(i)) << name_of(source) << " of " << name_of(order[i]);
    }
}

TEST(HookSources, reach_through_the_operations_of_a_block) {
  ModelConfig c;
  c.n_layer = 2;
  EXPECT_TRUE(feeds({HookKind::Q, 0}, {HookKind::Pattern, 0}, c)) << "through the scores";
  EXPECT_FALSE(feeds({HookKind::V, 0}, {HookKind::Pattern, 0}, c));
  EXPECT_TRUE(feeds({HookKind::V, 0}, {HookKind::Z, 0}, c));
  EXPECT_TRUE(feeds({HookKind::ResidPost, 0}, {HookKind::ResidPre, 1}, c));
  EXPECT_FALSE(feeds({HookKind::Q, 0}, {HookKind::Pattern, 1}, c));
  EXPECT_TRUE(feeds({HookKind::ResidPost, 1}, {HookKind::Logits, -1}, c));
}

}  // namespace
}  // namespace gf::testing
