#include "model/analysis/probes.h"

#include <algorithm>
#include <cmath>

#include "model/base/error.h"

namespace gf {

namespace {

double inner(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// The lower half of a symmetric matrix, whole rows: a [n, n].
struct SymmetricMatrix {
  std::size_t n;
  std::vector<double> a;
  explicit SymmetricMatrix(std::size_t size) : n(size), a(size * size) {}
  double* row(std::size_t i) { return a.data() + i * n; }

  /// += weight * x x'. Four rows at once: most of the time goes into reading and writing `a`.
  void add_four(const std::array<const double*, 4>& x, const std::array<double, 4>& weight) {
    for (std::size_t i = 0; i < n; ++i) {
      const double w0 = weight[0] * x[0][i], w1 = weight[1] * x[1][i], w2 = weight[2] * x[2][i], w3 = weight[3] * x[3][i];
      double* to = row(i);
      for (std::size_t j = 0; j <= i; ++j) to[j] += w0 * x[0][j] + w1 * x[1][j] + w2 * x[2][j] + w3 * x[3][j];
    }
  }
  /// Solves a x = b in place by Cholesky's way; `a` is used up. A pivot that rounding made too small counts as `least`.
  void solve(std::vector<double>& b, double least = 1e-14) {
    for (std::size_t i = 0; i < n; ++i) {
      double* to = row(i);
      for (std::size_t j = 0; j < i; ++j) {
        const double* other = row(j);
        double sum = to[j];
        for (std::size_t k = 0; k < j; ++k) sum -= to[k] * other[k];
        to[j] = sum / other[j];
      }
      double pivot = to[i];
      for (std::size_t k = 0; k < i; ++k) pivot -= to[k] * to[k];
      to[i] = std::sqrt(std::max(pivot, least));
    }
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < i; ++k) b[i] -= row(i)[k] * b[k];
      b[i] /= row(i)[i];
    }
    for (std::size_t i = n; i-- > 0;) {
      b[i] /= row(i)[i];
      for (std::size_t k = 0; k < i; ++k) b[k] -= row(i)[k] * b[i];
    }
  }
};

/// Rows with a 1 after their numbers, whose weight is b.
struct WithConstant {
  std::size_t width;
  std::vector<double> x;
  WithConstant(const ProbeSpace& space, const RowList& rows) : width(space.r() + 1), x(rows.size() * width, 1) {
    for (std::size_t i = 0; i < rows.size(); ++i) std::ranges::copy(space.row(rows[i]), x.begin() + static_cast<std::ptrdiff_t>(i * width));
  }
  [[nodiscard]] std::span<const double> row(std::size_t i) const { return std::span(x).subspan(i * width, width); }
};

/// sum of weights[i] x_i x_i', of the rows whose weight counts.
SymmetricMatrix weighted_products(const WithConstant& rows, std::span<const double> weights) {
  constexpr double kNothing = 1e-12;
  SymmetricMatrix all(rows.width);
  std::array<const double*, 4> x{};
  std::array<double, 4> w{};
  std::size_t filled = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] < kNothing) continue;
    x[filled] = rows.row(i).data();
    w[filled++] = weights[i];
    if (filled < 4) continue;
    all.add_four(x, w);
    filled = 0;
  }
  if (filled > 0) {
    for (std::size_t i = filled; i < 4; ++i) x[i] = x[0], w[i] = 0;
    all.add_four(x, w);
  }
  return all;
}

/// ln(1 + exp(x)).
double soft_plus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

struct LogisticFit {
  const WithConstant& rows;
  const std::vector<double>& y;  ///< -1 or 1
  double l2;

  [[nodiscard]] double objective(std::span<const double> w) const {
    const auto length = w.first(w.size() - 1);
    double sum = l2 / 2 * inner(length, length);
    for (std::size_t i = 0; i < y.size(); ++i) sum += soft_plus(-y[i] * inner(rows.row(i), w));
    return sum;
  }
  /// Newton's step and how much it promises.
  [[nodiscard]] std::pair<std::vector<double>, double> step(std::span<const double> w) const {
    std::vector<double> gradient(w.begin(), w.end()), weights(y.size());
    for (double& g : gradient) g *= l2;
    gradient.back() = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const auto x = rows.row(i);
      const double p = 1 / (1 + std::exp(-inner(x, w))), slope = p - (y[i] > 0 ? 1 : 0);
      weights[i] = p * (1 - p);
      for (std::size_t j = 0; j < x.size(); ++j) gradient[j] += slope * x[j];
    }
    SymmetricMatrix curvature = weighted_products(rows, weights);
    for (std::size_t j = 0; j + 1 < w.size(); ++j) curvature.row(j)[j] += l2;
    std::vector<double> step = gradient;
    curvature.solve(step);
    return {std::move(step), 0.0 + inner(gradient, step)};
  }
};

}  // namespace

bool RowMatrix::is_finite() const {
  return std::ranges::all_of(values, [](float x) { return std::isfinite(x); });
}

ProbeSpace::ProbeSpace(const RowMatrix& rows) : n_(rows.n), d_(rows.d), r_(rows.d), mean_(rows.d) {
  for (std::size_t i = 0; i < n_; ++i)
    for (std::size_t j = 0; j < d_; ++j) mean_[j] += static_cast<double>(rows.row(i)[j]);
  for (double& m : mean_) m /= static_cast<double>(std::max<std::size_t>(n_, 1));
  std::vector<double> centred(n_ * d_);
  for (std::size_t i = 0; i < n_; ++i)
    for (std::size_t j = 0; j < d_; ++j) centred[i * d_ + j] = static_cast<double>(rows.row(i)[j]) - mean_[j];
  if (d_ <= n_) {
    z_ = std::move(centred);
    return;
  }
  // Axes from the rows themselves by Gram and Schmidt, each taken twice against rounding; a row that the earlier ones already
  // span gives none.
  constexpr double kSpanned = 1e-10;
  r_ = 0;
  for (std::size_t i = 0; i < n_; ++i) {
    std::vector<double> rest(centred.begin() + static_cast<std::ptrdiff_t>(i * d_),
                             centred.begin() + static_cast<std::ptrdiff_t>((i + 1) * d_));
    const double whole = std::sqrt(inner(rest, rest));
    for (int time = 0; time < 2; ++time)
      for (std::size_t k = 0; k < r_; ++k) {
        const auto axis = std::span<const double>(axes_).subspan(k * d_, d_);
        const double along = inner(axis, rest);
        for (std::size_t j = 0; j < d_; ++j) rest[j] -= along * axis[j];
      }
    const double length = std::sqrt(inner(rest, rest));
    if (!(length > kSpanned * whole)) continue;
    for (const double x : rest) axes_.push_back(x / length);
    ++r_;
  }
  z_.resize(n_ * r_);
  for (std::size_t i = 0; i < n_; ++i)
    for (std::size_t k = 0; k < r_; ++k)
      z_[i * r_ + k] = inner(std::span<const double>(axes_).subspan(k * d_, d_), std::span<const double>(centred).subspan(i * d_, d_));
}

std::vector<double> ProbeSpace::back(std::span<const double> w) const {
  if (axes_.empty() && r_ == d_) return {w.begin(), w.end()};
  std::vector<double> all(d_);
  for (std::size_t k = 0; k < r_; ++k)
    for (std::size_t j = 0; j < d_; ++j) all[j] += w[k] * axes_[k * d_ + j];
  return all;
}

double Probe::score(std::span<const double> row) const { return inner(w, row) + b; }

Probe mean_difference_probe(const ProbeSpace& space, std::span<const int> labels, const RowList& rows) {
  std::array<std::vector<double>, 2> means{std::vector<double>(space.r()), std::vector<double>(space.r())};
  std::array<double, 2> counts{};
  for (const std::size_t i : rows) {
    const auto c = static_cast<std::size_t>(labels[i]);
    counts[c] += 1;
    for (std::size_t j = 0; j < space.r(); ++j) means[c][j] += space.row(i)[j];
  }
  EXPECTS(counts[0] > 0 && counts[1] > 0, "rows of both classes");
  Probe probe{std::vector<double>(space.r()), 0};
  for (std::size_t j = 0; j < space.r(); ++j) {
    const double zero = means[0][j] / counts[0], one = means[1][j] / counts[1];
    probe.w[j] = one - zero;
    probe.b -= probe.w[j] * (one + zero) / 2;
  }
  return probe;
}

Probe logistic_probe(const ProbeSpace& space, std::span<const int> labels, const RowList& rows, double l2) {
  constexpr int kMostSteps = 200;
  constexpr double kEnough = 1e-13, kLeastStep = 1e-10;
  const WithConstant with(space, rows);
  std::vector<double> y;
  for (const std::size_t i : rows) y.push_back(labels[i] == 1 ? 1 : -1);
  const LogisticFit fit{with, y, l2};
  std::vector<double> w(with.width);
  double now = fit.objective(w);
  for (int k = 0; k < kMostSteps; ++k) {
    const auto [step, promise] = fit.step(w);
    double factor = 1, next = now;
    std::vector<double> to(w.size());
    for (; factor > kLeastStep; factor /= 2) {
      for (std::size_t j = 0; j < w.size(); ++j) to[j] = w[j] - factor * step[j];
      next = fit.objective(to);
      if (next <= now - 1e-4 * factor * promise || promise <= kEnough * now) break;
    }
    if (factor <= kLeastStep) break;
    w = to;
    now = next;
    if (promise <= kEnough * now) break;
  }
  Probe probe;
  probe.b = w.back();
  w.pop_back();
  probe.w = std::move(w);
  return probe;
}

Probe ridge_probe(const ProbeSpace& space, std::span<const double> targets, const RowList& rows, double l2) {
  const std::size_t r = space.r();
  std::vector<double> mean(r);
  double mean_target = 0;
  for (const std::size_t i : rows) {
    mean_target += targets[i] / static_cast<double>(rows.size());
    for (std::size_t j = 0; j < r; ++j) mean[j] += space.row(i)[j] / static_cast<double>(rows.size());
  }
  SymmetricMatrix products(r);
  std::vector<double> w(r), x(r);
  const std::vector<double> none(r);
  for (const std::size_t i : rows) {
    for (std::size_t j = 0; j < r; ++j) x[j] = space.row(i)[j] - mean[j];
    products.add_four({x.data(), none.data(), none.data(), none.data()}, {1, 0, 0, 0});
    for (std::size_t j = 0; j < r; ++j) w[j] += x[j] * (targets[i] - mean_target);
  }
  for (std::size_t j = 0; j < r; ++j) products.row(j)[j] += l2;
  products.solve(w);
  const double b = mean_target - inner(w, mean);
  return {std::move(w), b};
}

std::vector<std::pair<std::size_t, std::size_t>> contiguous_folds(std::size_t n, std::size_t k) {
  EXPECTS(k >= 2 && k <= n, "two folds or more, and a row for each");
  std::vector<std::pair<std::size_t, std::size_t>> folds;
  for (std::size_t i = 0, begin = 0; i < k; ++i) {
    const std::size_t end = begin + n / k + (i < n % k ? 1 : 0);
    folds.emplace_back(begin, end);
    begin = end;
  }
  return folds;
}

std::vector<double> held_out_scores(const ProbeSpace& space, std::size_t folds, const ProbeFit& fit) {
  std::vector<double> scores(space.n());
  for (const auto& [begin, end] : contiguous_folds(space.n(), folds)) {
    RowList others;
    for (std::size_t i = 0; i < space.n(); ++i)
      if (i < begin || i >= end) others.push_back(i);
    const Probe probe = fit(others);
    for (std::size_t i = begin; i < end; ++i) scores[i] = probe.score(space.row(i));
  }
  return scores;
}

}  // namespace gf
