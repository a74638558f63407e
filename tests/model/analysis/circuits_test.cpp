// Circuits against their definitions, with whole matrices.
#include "model/analysis/circuits.h"

#include <algorithm>

#include "model/analysis/neurons.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

using Rows = std::vector<std::vector<double>>;

Rows times(const Rows& a, const Rows& b) {
  Rows out(a.size(), std::vector<double>(b[0].size()));
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t k = 0; k < b.size(); ++k)
      for (std::size_t j = 0; j < b[0].size(); ++j) out[i][j] += a[i][k] * b[k][j];
  return out;
}

Rows flipped(const Rows& a) {
  Rows out(a[0].size(), std::vector<double>(a.size()));
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < a[0].size(); ++j) out[j][i] = a[i][j];
  return out;
}

double norm(const Rows& a) {
  double sum = 0;
  for (const auto& row : a)
    for (const double x : row) sum += x * x;
  return std::sqrt(sum);
}

Rows block_of(const Matrix& m, int row, int rows, int column, int columns) {
  Rows out;
  for (int i = 0; i < rows; ++i) {
    out.emplace_back();
    for (int j = 0; j < columns; ++j) out.back().push_back(static_cast<double>(m.at(row + i, column + j)));
  }
  return out;
}

TEST(Circuits, are_norms_of_whole_products) {
  const auto model = open_case_model("sort-nano");
  const Weights& w = *model->weights;
  const ModelConfig& c = w.config;
  const auto got = circuits(w);
  ASSERT_TRUE(got) << got.error().message;
  const auto third = [&](int layer, int head, int which) {
    return block_of(w.blocks[static_cast<std::size_t>(layer)].qkv, 0, c.d_model, which * c.d_model + head * c.d_head, c.d_head);
  };
  const auto ov = [&](int layer, int head) {
    return times(third(layer, head, 2), block_of(w.blocks[static_cast<std::size_t>(layer)].o, head * c.d_head, c.d_head, 0, c.d_model));
  };
  const auto qk = [&](int layer, int head) { return times(third(layer, head, 0), flipped(third(layer, head, 1))); };
  for (const auto& [layer, head, later, other] : {std::array{0, 1, 1, 2}, std::array{0, 0, 2, 1}, std::array{1, 2, 2, 0}}) {
    const auto at = got->index(layer, head, later, other);
    const double own = norm(ov(layer, head));
    EXPECT_NEAR(got->q[at], norm(times(ov(layer, head), qk(later, other))) / (own * norm(qk(later, other))), 1e-5);
    EXPECT_NEAR(got->k[at], norm(times(ov(layer, head), flipped(qk(later, other)))) / (own * norm(qk(later, other))), 1e-5);
    EXPECT_NEAR(got->v[at], norm(times(ov(layer, head), ov(later, other))) / (own * norm(ov(later, other))), 1e-5);
    EXPECT_TRUE(std::isnan(got->q[got->index(later, other, layer, head)])) << "a head reads earlier ones alone";
  }
  // copying: W_E W_OV W_U over the whole (small) vocabulary has the same eigenvalues, but for zeros.
  for (int head = 0; head < c.n_head; ++head) {
    Rows embed, unembed = block_of(w.unembed, 0, c.d_model, 0, c.n_vocab);
    for (int id = 0; id < c.n_vocab; ++id) {
      embed.emplace_back();
      for (int i = 0; i < c.d_model; ++i) embed.back().push_back(static_cast<double>(w.wte.at(std::int64_t{id} * c.d_model + i)));
    }
    const Rows whole = times(times(embed, ov(1, head)), unembed);
    std::vector<double> flat;
    for (const auto& row : whole) flat.insert(flat.end(), row.begin(), row.end());
    std::complex<double> sum = 0;
    double absolute = 0;
    for (const auto& e : eigenvalues(flat, whole.size())) sum += e, absolute += std::abs(e);
    EXPECT_NEAR(got->copying.at(1, head), sum.real() / absolute, 1e-4);
  }
}

TEST(Circuits, folding_changes_what_is_read_through_a_layer_norm) {
  const auto model = open_case_model("sort-nano");
  const Weights& w = *model->weights;
  const ModelConfig& c = w.config;
  // The same weights with their gammas multiplied in by hand.
  Weights folded = w;
  std::vector<std::vector<float>> memory;
  const auto fold = [&](Matrix& m, const TensorView& gamma) {
    auto& values = memory.emplace_back(static_cast<std::size_t>(m.n_in()) * static_cast<std::size_t>(m.n_out()));
    for (int i = 0; i < m.n_in(); ++i)
      for (int j = 0; j < m.n_out(); ++j) {
        const std::size_t at = m.in_major ? static_cast<std::size_t>(i) * static_cast<std::size_t>(m.n_out()) + static_cast<std::size_t>(j)
                                          : static_cast<std::size_t>(j) * static_cast<std::size_t>(m.n_in()) + static_cast<std::size_t>(i);
        values[at] = m.at(i, j) * gamma.at(i);
      }
    m.view.data = reinterpret_cast<const std::byte*>(values.data());
    m.view.dtype = DType::F32;
  };
  for (BlockWeights& block : folded.blocks) fold(block.qkv, block.ln1.gamma);
  fold(folded.unembed, w.ln_f.gamma);
  const auto got = circuits(w, true), want = circuits(folded), raw = circuits(w);
  ASSERT_TRUE(got && want && raw);
  double apart = 0;
  for (std::size_t i = 0; i < got->copying.values.size(); ++i) {
    EXPECT_NEAR(got->copying.values[i], want->copying.values[i], 1e-5);
    apart = std::max(apart, std::abs(static_cast<double>(got->copying.values[i] - raw->copying.values[i])));
  }
  EXPECT_GT(apart, 0.01);
  for (const auto& [layer, head, later, other] : {std::array{0, 1, 1, 2}, std::array{1, 2, 2, 0}}) {
    const auto at = got->index(layer, head, later, other);
    EXPECT_NEAR(got->q[at], want->q[at], 1e-5);
    EXPECT_NEAR(got->k[at], want->k[at], 1e-5);
    EXPECT_NEAR(got->v[at], want->v[at], 1e-5);
  }
  EXPECT_EQ(c.n_layer, 3);
}

TEST(Circuits, a_head_of_fable_copies_only_before_folding) {
  const auto model = open_case_model("fable");
  const auto raw = circuits(*model->weights), folded = circuits(*model->weights, true);
  ASSERT_TRUE(raw && folded);
  EXPECT_LT(raw->copying.at(5, 0) * folded->copying.at(5, 0), 0) << "head 5.0 changes its sign";
}

TEST(Circuits, eigenvalues_solve_their_equation) {
  const auto sorted = [](std::vector<std::complex<double>> v) {
    std::ranges::sort(v, [](auto a, auto b) { return std::abs(a.real() - b.real()) > 1e-9 ? a.real() < b.real() : a.imag() < b.imag(); });
    return v;
  };
  const auto turn = sorted(eigenvalues({0, -1, 1, 0}, 2));  // a quarter turn: i and -i
  EXPECT_NEAR(std::abs(turn[0] - std::complex<double>(0, -1)), 0, 1e-12);
  EXPECT_NEAR(std::abs(turn[1] - std::complex<double>(0, 1)), 0, 1e-12);
  // The companion matrix of (x-1)(x-2)(x-3)(x^2+4) = x^5 - 6x^4 + 15x^3 - 30x^2 + 44x - 24.
  const auto roots = sorted(eigenvalues({6, -15, 30, -44, 24, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0}, 5));
  const std::vector<std::complex<double>> want = {{0, -2}, {0, 2}, 1, 2, 3};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(std::abs(roots[i] - want[i]), 0, 1e-8) << i;
  // Traces of the first powers of a matrix of 48 rows are sums of powers of its eigenvalues.
  constexpr std::size_t n = 48;
  std::vector<double> m(n * n);
  std::uint32_t state = 1;
  for (double& x : m) x = static_cast<double>((state = state * 1664525U + 1013904223U) >> 8) / (1 << 24) - 0.5;
  const auto values = eigenvalues(m, n);
  double trace = 0, trace_squared = 0;
  for (std::size_t i = 0; i < n; ++i) {
    trace += m[i * n + i];
    for (std::size_t j = 0; j < n; ++j) trace_squared += m[i * n + j] * m[j * n + i];
  }
  std::complex<double> sum = 0, squares = 0;
  for (const auto& e : values) sum += e, squares += e * e;
  EXPECT_NEAR(std::abs(sum - trace), 0, 1e-9);
  EXPECT_NEAR(std::abs(squares - trace_squared), 0, 1e-8);
  EXPECT_EQ(eigenvalues({7}, 1)[0], 7.0);
}

TEST(Circuits, a_neuron_writes_for_what_it_raises) {
  const auto model = open_case_model("sort-nano");
  const auto got = neuron_vocabulary(*model->weights, 2, 5, 3);
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->writes_for.size(), 3U);
  EXPECT_GE(got->writes_for[0].logit, got->writes_for[1].logit);
  EXPECT_EQ(got->writes_for[0].id, got->writes_against[2].id);
  EXPECT_EQ(neuron_vocabulary(*model->weights, 3, 0, 1).error().message,
            "there is no neuron 3.0; blocks are 0 to 2 and neurons 0 to " + std::to_string(model->weights->config.d_mlp - 1));
}

}  // namespace
}  // namespace gf::testing
