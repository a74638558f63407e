#include "model/dictionaries/topk_trainer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "model/base/text.h"
#include "model/cpu/matrix.h"

namespace gf {

namespace {

// Adam's numbers and the auxiliary loss's weight are those of Gao et al., appendix A.
constexpr double kTopkBeta1 = 0.9, kTopkBeta2 = 0.999, kTopkEpsilon = 6.25e-10, kTopkRevival = 1.0 / 32;
constexpr std::size_t kTopkRowsOfShare = 32;

float topk_dot(std::span<const float> a, const float* b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

TopkTrainer::TopkTrainer(const TopkOptions& options, int threads)
    : options_(options),
      pool_(threads),
      silent_rows_(static_cast<std::size_t>(options.n)),
      by_feature_(static_cast<std::size_t>(options.n)) {}

Result<std::unique_ptr<TopkTrainer>> TopkTrainer::create(const TopkOptions& o, std::span<const float> rows, int threads) {
  if (o.d < 1 || o.n < 1 || o.k < 1 || o.k > o.n)
    return fail(ErrorCode::InvalidArgument, text("a dictionary of {0} features cannot keep {1} of them", o.n, o.k));
  const auto d = static_cast<std::size_t>(o.d), n = static_cast<std::size_t>(o.n), m = rows.size() / d;
  EXPECTS(m > 0 && rows.size() == m * d, "whole rows");
  std::unique_ptr<TopkTrainer> made;
  try {
    made.reset(new TopkTrainer(o, threads));
    TopkWeights& w = made->weights_;
    w.encoder.resize(n * d);
    w.bias.resize(n);
    w.centre.resize(d);
    made->first_.resize(2 * n * d + n + d);
    made->second_.resize(made->first_.size());
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::OutOfMemory, text("there is no memory for a dictionary of {0} features; take fewer", o.n));
  }
  TopkWeights& w = made->weights_;
  std::vector<double> mean(d);
  for (std::size_t i = 0; i < rows.size(); ++i) mean[i % d] += static_cast<double>(rows[i]) / static_cast<double>(m);
  double length = 0;
  for (std::size_t r = 0; r < m; ++r) {
    double squares = 0;
    for (std::size_t i = 0; i < d; ++i) squares += std::pow(static_cast<double>(rows[r * d + i]) - mean[i], 2);
    length += std::sqrt(squares) / static_cast<double>(m);
  }
  if (!(length > 0) || !std::isfinite(length))
    return fail(ErrorCode::InvalidArgument, text("the rows of the hook are all alike or not finite, so there is nothing to learn"));
  w.scale = std::sqrt(static_cast<double>(d)) / length;
  for (std::size_t i = 0; i < d; ++i) w.centre[i] = static_cast<float>(mean[i] * w.scale);
  std::mt19937_64 engine(o.seed);
  std::normal_distribution<float> normal;
  for (std::size_t f = 0; f < n; ++f) {
    const auto row = std::span(w.encoder).subspan(f * d, d);
    for (float& x : row) x = normal(engine);
    const float norm = std::sqrt(topk_dot(row, row.data()));
    for (float& x : row) x /= norm;
  }
  w.decoder = w.encoder;
  return made;
}

double TopkTrainer::rate() const {
  const double left = static_cast<double>(options_.steps - step_) / std::max(1.0, 0.2 * static_cast<double>(options_.steps));
  return options_.rate * std::clamp(left, 0.0, 1.0);
}

void TopkTrainer::encoder_products(std::size_t m) {
  const auto d = static_cast<std::size_t>(options_.d), n = static_cast<std::size_t>(options_.n);
  p_.resize(m * n);
  const std::size_t shares = (m + kTopkRowsOfShare - 1) / kTopkRowsOfShare;
  pool_.parallel_for(shares, [&](std::size_t s) {
    const std::size_t first = s * kTopkRowsOfShare, count = std::min(kTopkRowsOfShare, m - first);
    cpu::gemm(true, count, n, d, 1.0F, x_.data() + first * d, d, weights_.encoder.data(), d, false, p_.data() + first * n, n);
  });
}

/// x_, p_, by_row_ and error_ (what the reconstruction lacks) of a batch.
void TopkTrainer::pass(std::span<const float> rows) {
  const auto d = static_cast<std::size_t>(options_.d), n = static_cast<std::size_t>(options_.n), m = rows.size() / d;
  EXPECTS(m > 0 && rows.size() == m * d, "whole rows");
  x_.resize(m * d);
  for (std::size_t i = 0; i < x_.size(); ++i)
    x_[i] = static_cast<float>(static_cast<double>(rows[i]) * weights_.scale) - weights_.centre[i % d];
  std::vector<double> mean(d);
  for (std::size_t i = 0; i < x_.size(); ++i) mean[i % d] += static_cast<double>(x_[i]) / static_cast<double>(m);
  variance_ = 0;
  for (std::size_t i = 0; i < x_.size(); ++i) variance_ += std::pow(static_cast<double>(x_[i]) - mean[i % d], 2);
  encoder_products(m);
  by_row_.assign(m, {});
  error_.resize(m * d);
  std::vector<double> squares(m);
  pool_.parallel_for(m, [&](std::size_t r) {
    const float* p = p_.data() + r * n;
    std::vector<std::uint32_t> order(n);
    std::iota(order.begin(), order.end(), 0U);
    const auto pre = [&](std::uint32_t f) { return p[f] + weights_.bias[f]; };
    const auto k = static_cast<std::ptrdiff_t>(options_.k);
    std::ranges::nth_element(order, order.begin() + k - 1,
                             [&](std::uint32_t a, std::uint32_t b) { return pre(a) != pre(b) ? pre(a) > pre(b) : a < b; });
    std::ranges::sort(order.begin(), order.begin() + k);
    float* error = error_.data() + r * d;
    std::copy_n(x_.data() + r * d, d, error);
    for (std::ptrdiff_t i = 0; i < k; ++i) {
      const std::uint32_t f = order[static_cast<std::size_t>(i)];
      const float a = pre(f);
      if (!(a > 0)) continue;
      by_row_[r].push_back({static_cast<std::uint32_t>(r), f, a, 0, false});
      const float* row = weights_.decoder.data() + f * d;
      for (std::size_t j = 0; j < d; ++j) error[j] -= a * row[j];
    }
    for (std::size_t j = 0; j < d; ++j) squares[r] += static_cast<double>(error[j]) * static_cast<double>(error[j]);
  });
  squares_ = std::accumulate(squares.begin(), squares.end(), 0.0);
}

/// Features that have died rebuild what the others leave: their active ones, and the loss of that. 0 where none is dead.
double TopkTrainer::revive(std::size_t m) {
  const auto d = static_cast<std::size_t>(options_.d), n = static_cast<std::size_t>(options_.n);
  std::vector<std::uint32_t> dead;
  for (std::uint32_t f = 0; f < n; ++f)
    if (silent_rows_[f] >= options_.dead_rows) dead.push_back(f);
  revived_squares_ = 0;
  revived_error_.clear();
  if (dead.empty() || !(squares_ > 0)) return 0;
  const std::size_t kept = std::min(dead.size(), std::max<std::size_t>(1, d / 2));
  revived_error_ = error_;
  std::vector<double> squares(m);
  pool_.parallel_for(m, [&](std::size_t r) {
    const float* p = p_.data() + r * n;
    std::vector<std::uint32_t> order = dead;
    const auto pre = [&](std::uint32_t f) { return p[f] + weights_.bias[f]; };
    std::ranges::nth_element(order, order.begin() + static_cast<std::ptrdiff_t>(kept) - 1,
                             [&](std::uint32_t a, std::uint32_t b) { return pre(a) != pre(b) ? pre(a) > pre(b) : a < b; });
    std::ranges::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept));
    float* error = revived_error_.data() + r * d;
    for (std::size_t i = 0; i < kept; ++i) {
      const float a = pre(order[i]);
      if (!(a > 0)) continue;
      by_row_[r].push_back({static_cast<std::uint32_t>(r), order[i], a, 0, true});
      const float* row = weights_.decoder.data() + order[i] * d;
      for (std::size_t j = 0; j < d; ++j) error[j] -= a * row[j];
    }
    for (std::size_t j = 0; j < d; ++j) squares[r] += static_cast<double>(error[j]) * static_cast<double>(error[j]);
  });
  revived_squares_ = std::accumulate(squares.begin(), squares.end(), 0.0);
  return kTopkRevival * revived_squares_ / squares_;
}

/// Slopes of the active features, and these by feature.
void TopkTrainer::collect(std::size_t m) {
  const auto d = static_cast<std::size_t>(options_.d);
  const auto of_error = static_cast<float>(-2 / variance_);
  const auto of_revived = static_cast<float>(squares_ > 0 ? -2 * kTopkRevival / squares_ : 0);
  pool_.parallel_for(m, [&](std::size_t r) {
    for (Active& a : by_row_[r]) {
      const float* error = (a.revived ? revived_error_ : error_).data() + r * d;
      a.slope = (a.revived ? of_revived : of_error) * topk_dot({error, d}, weights_.decoder.data() + a.feature * d);
    }
  });
  for (auto& list : by_feature_) list.clear();
  for (const auto& row : by_row_)
    for (const Active& a : row) by_feature_[a.feature].push_back(a);
}

double TopkTrainer::loss_and_gradient(std::span<const float> rows, std::vector<float>& gradient) {
  pass(rows);
  const auto d = static_cast<std::size_t>(options_.d), n = static_cast<std::size_t>(options_.n), m = rows.size() / d;
  const double revived = revive(m);
  collect(m);
  gradient.assign(2 * n * d + n + d, 0.0F);
  float *encoder = gradient.data(), *decoder = encoder + n * d, *bias = decoder + n * d, *centre = bias + n;
  const auto of_error = static_cast<float>(-2 / variance_);
  const auto of_revived = static_cast<float>(squares_ > 0 ? -2 * kTopkRevival / squares_ : 0);
  pool_.parallel_for(n, [&](std::size_t f) {
    for (const Active& a : by_feature_[f]) {
      const float* x = x_.data() + a.row * d;
      const float* error = (a.revived ? revived_error_ : error_).data() + a.row * d;
      const float factor = (a.revived ? of_revived : of_error) * a.activation;
      for (std::size_t i = 0; i < d; ++i) encoder[f * d + i] += a.slope * x[i], decoder[f * d + i] += factor * error[i];
      bias[f] += a.slope;
    }
  });
  // The centre is taken off the row that is read and added to what is written: the latter cancels in the error's own x.
  std::vector<double> sums(d);
  for (std::size_t f = 0; f < n; ++f)
    for (std::size_t i = 0; bias[f] != 0 && i < d; ++i)
      sums[i] -= static_cast<double>(bias[f]) * static_cast<double>(weights_.encoder[f * d + i]);
  for (std::size_t r = 0; r < m; ++r)
    for (std::size_t i = 0; i < d; ++i) sums[i] += static_cast<double>(of_error) * static_cast<double>(error_[r * d + i]);
  for (std::size_t i = 0; i < d; ++i) centre[i] = static_cast<float>(sums[i]);
  return squares_ / variance_ + revived;
}

void TopkTrainer::move(std::span<const float> gradient) {
  const auto d = static_cast<std::size_t>(options_.d), n = static_cast<std::size_t>(options_.n);
  const double step = static_cast<double>(step_ + 1), learning = rate();
  const double correct1 = 1 - std::pow(kTopkBeta1, step), correct2 = 1 - std::pow(kTopkBeta2, step);
  const auto adam = [&](std::size_t at, float slope, float& x) {
    first_[at] = static_cast<float>(kTopkBeta1 * static_cast<double>(first_[at]) + (1 - kTopkBeta1) * static_cast<double>(slope));
    second_[at] = static_cast<float>(kTopkBeta2 * static_cast<double>(second_[at]) +
                                     (1 - kTopkBeta2) * static_cast<double>(slope) * static_cast<double>(slope));
    x = static_cast<float>(static_cast<double>(x) - learning * (static_cast<double>(first_[at]) / correct1) /
                                                        (std::sqrt(static_cast<double>(second_[at]) / correct2) + kTopkEpsilon));
  };
  pool_.parallel_for(n, [&](std::size_t f) {
    float* row = weights_.decoder.data() + f * d;
    for (std::size_t i = 0; i < d; ++i) adam(f * d + i, gradient[f * d + i], weights_.encoder[f * d + i]);
    const float along = topk_dot(gradient.subspan((n + f) * d, d), row);
    for (std::size_t i = 0; i < d; ++i) adam((n + f) * d + i, gradient[(n + f) * d + i] - along * row[i], row[i]);
    const float norm = std::sqrt(topk_dot({row, d}, row));
    for (std::size_t i = 0; norm > 0 && i < d; ++i) row[i] /= norm;
    adam(2 * n * d + f, gradient[2 * n * d + f], weights_.bias[f]);
  });
  for (std::size_t i = 0; i < d; ++i) adam(2 * n * d + n + i, gradient[2 * n * d + n + i], weights_.centre[i]);
}

TopkTrainer::Report TopkTrainer::step(std::span<const float> rows) {
  static_cast<void>(loss_and_gradient(rows, gradient_));
  const auto m = static_cast<std::int64_t>(by_row_.size());
  Report report;
  std::size_t active = 0;
  for (std::size_t f = 0; f < by_feature_.size(); ++f) {
    const auto own = std::ranges::count_if(by_feature_[f], [](const Active& a) { return !a.revived; });
    active += static_cast<std::size_t>(own);
    silent_rows_[f] = own > 0 ? 0 : silent_rows_[f] + m;
    report.dead += silent_rows_[f] >= options_.dead_rows ? 1 : 0;
  }
  move(gradient_);
  report.step = ++step_;
  report.unexplained = squares_ / variance_;
  report.l0 = static_cast<double>(active) / static_cast<double>(m);
  return report;
}

TopkTrainer::Report TopkTrainer::measure(std::span<const float> rows) {
  pass(rows);
  std::size_t active = 0;
  for (const auto& row : by_row_) active += row.size();
  const auto dead = std::ranges::count_if(silent_rows_, [&](std::int64_t silent) { return silent >= options_.dead_rows; });
  return {step_, squares_ / variance_, static_cast<double>(active) / static_cast<double>(by_row_.size()), static_cast<int>(dead)};
}

}  // namespace gf
