// How well scores tell a tag, and the first two principal components.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "model/analysis/probes.h"

namespace gf {

namespace {

constexpr double kUndefinedScore = std::numeric_limits<double>::quiet_NaN();

double mean_of_scores(std::span<const double> values) {
  double sum = 0;
  for (const double x : values) sum += x;
  return sum / static_cast<double>(values.size());
}

double variance_of_scores(std::span<const double> values, double mean) {
  double sum = 0;
  for (const double x : values) sum += (x - mean) * (x - mean);
  return sum / static_cast<double>(values.size() - 1);
}

/// From 1; equal values share their mean rank.
std::vector<double> ranks_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i + 1;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    for (std::size_t k = i; k < end; ++k) ranks[order[k]] = (static_cast<double>(i + end) + 1) / 2;
    i = end;
  }
  return ranks;
}

std::array<std::vector<double>, 2> by_class(std::span<const double> scores, std::span<const int> labels) {
  std::array<std::vector<double>, 2> parts;
  for (std::size_t i = 0; i < scores.size(); ++i) parts[static_cast<std::size_t>(labels[i])].push_back(scores[i]);
  return parts;
}

/// A few directions at once, each [r].
using Directions = std::vector<std::vector<double>>;

double product_of(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Makes them of length 1 and upright to each other; one that vanishes is dropped.
void make_upright(Directions& all) {
  Directions kept;
  for (std::vector<double>& v : all) {
    const double whole = std::sqrt(product_of(v, v));
    for (int time = 0; time < 2; ++time)
      for (const std::vector<double>& other : kept) {
        const double along = product_of(v, other);
        for (std::size_t j = 0; j < v.size(); ++j) v[j] -= along * other[j];
      }
    const double length = std::sqrt(product_of(v, v));
    if (!(length > 1e-12 * whole) || length == 0) continue;
    for (double& x : v) x /= length;
    kept.push_back(std::move(v));
  }
  all = std::move(kept);
}

/// Eigenvalues of a small symmetric matrix [k, k] by Jacobi's rotations; `turned` gets the eigenvectors as columns.
std::vector<double> small_eigenvalues(std::vector<double> a, std::size_t k, std::vector<double>& turned) {
  turned.assign(k * k, 0);
  for (std::size_t i = 0; i < k; ++i) turned[i * k + i] = 1;
  for (int sweep = 0; sweep < 50; ++sweep) {
    double off = 0, on = 0;
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = 0; j < k; ++j) (i == j ? on : off) += a[i * k + j] * a[i * k + j];
    if (off <= 1e-30 * on) break;
    for (std::size_t p = 0; p < k; ++p)
      for (std::size_t q = p + 1; q < k; ++q) {
        if (a[p * k + q] == 0) continue;
        const double theta = (a[q * k + q] - a[p * k + p]) / (2 * a[p * k + q]);
        const double t = (theta >= 0 ? 1 : -1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1), s = t * c;
        const auto turn = [&](double& x, double& y) {
          const double old = x;
          x = c * old - s * y;
          y = s * old + c * y;
        };
        for (std::size_t i = 0; i < k; ++i) turn(a[i * k + p], a[i * k + q]);
        for (std::size_t i = 0; i < k; ++i) turn(a[p * k + i], a[q * k + i]);
        for (std::size_t i = 0; i < k; ++i) turn(turned[i * k + p], turned[i * k + q]);
      }
  }
  std::vector<double> values(k);
  for (std::size_t i = 0; i < k; ++i) values[i] = a[i * k + i];
  return values;
}

/// The scatter matrix (the sum of z z') times each direction.
Directions scattered(const ProbeSpace& space, const Directions& from) {
  Directions to(from.size(), std::vector<double>(space.r()));
  for (std::size_t i = 0; i < space.n(); ++i) {
    const auto z = space.row(i);
    for (std::size_t v = 0; v < from.size(); ++v) {
      double along = 0;
      for (std::size_t j = 0; j < z.size(); ++j) along += z[j] * from[v][j];
      for (std::size_t j = 0; j < z.size(); ++j) to[v][j] += along * z[j];
    }
  }
  return to;
}

/// Turns the directions so that the scatter matrix is diagonal among them, largest first. Returns its diagonal.
std::vector<double> turn_to_eigenvectors(Directions& all, const Directions& times) {
  const std::size_t k = all.size();
  std::vector<double> small(k * k), turned;
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j <= i; ++j) small[i * k + j] = small[j * k + i] = product_of(all[i], times[j]);
  const std::vector<double> values = small_eigenvalues(std::move(small), k, turned);
  std::vector<std::size_t> order(k);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return values[i]; });
  Directions next(k, std::vector<double>(all.front().size()));
  std::vector<double> sorted;
  for (std::size_t i = 0; i < k; ++i) {
    sorted.push_back(values[order[i]]);
    for (std::size_t v = 0; v < k; ++v)
      for (std::size_t j = 0; j < next[i].size(); ++j) next[i][j] += turned[v * k + order[i]] * all[v][j];
  }
  all = std::move(next);
  return sorted;
}

}  // namespace

double accuracy_of(std::span<const double> scores, std::span<const int> labels) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) right += (scores[i] > 0) == (labels[i] == 1) ? 1U : 0U;
  return static_cast<double>(right) / static_cast<double>(scores.size());
}

double auc_of(std::span<const double> scores, std::span<const int> labels) {
  const std::vector<double> ranks = ranks_of(scores);
  double ones = 0, sum = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i)
    if (labels[i] == 1) {
      ones += 1;
      sum += ranks[i];
    }
  const double zeros = static_cast<double>(ranks.size()) - ones;
  return ones == 0 || zeros == 0 ? kUndefinedScore : (sum - ones * (ones + 1) / 2) / (ones * zeros);
}

double separation_of(std::span<const double> scores, std::span<const int> labels) {
  const auto parts = by_class(scores, labels);
  if (parts[0].size() < 2 || parts[1].size() < 2) return kUndefinedScore;
  const double m0 = mean_of_scores(parts[0]), m1 = mean_of_scores(parts[1]);
  const double spread = std::sqrt((variance_of_scores(parts[0], m0) + variance_of_scores(parts[1], m1)) / 2);
  return spread > 0 ? (m1 - m0) / spread : kUndefinedScore;
}

double r2_of(std::span<const double> predicted, std::span<const double> targets) {
  const double mean = mean_of_scores(targets);
  double errors = 0, all = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    errors += (predicted[i] - targets[i]) * (predicted[i] - targets[i]);
    all += (targets[i] - mean) * (targets[i] - mean);
  }
  return all > 0 ? 1 - errors / all : kUndefinedScore;
}

double spearman_of(std::span<const double> a, std::span<const double> b) {
  const std::vector<double> x = ranks_of(a), y = ranks_of(b);
  const double mx = mean_of_scores(x), my = mean_of_scores(y);
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : kUndefinedScore;
}

TwoComponents two_components(const ProbeSpace& space) {
  constexpr std::size_t kTogether = 12;  // a few more than are asked for: their gap to the rest decides how quickly it settles
  constexpr int kMostRounds = 500;
  TwoComponents out;
  out.places.resize(space.n() * 2);
  for (auto& direction : out.directions) direction.resize(space.mean().size());
  double whole = 0;
  for (std::size_t i = 0; i < space.n(); ++i)
    for (const double x : space.row(i)) whole += x * x;
  if (!(whole > 0)) return out;
  // It begins with rows of the data, spread over the set.
  Directions axes;
  const std::size_t k = std::min({kTogether, space.n(), space.r()});
  for (std::size_t i = 0; i < k; ++i) {
    const auto row = space.row(i * space.n() / k);
    axes.emplace_back(row.begin(), row.end());
    axes.back()[i] += std::sqrt(whole / static_cast<double>(space.n()));  // rows may be alike
  }
  make_upright(axes);
  std::vector<double> values, before;
  for (int round = 0; round < kMostRounds; ++round) {
    Directions times = scattered(space, axes);
    before = values;
    values = turn_to_eigenvectors(axes, times);
    const auto settled = [&](std::size_t i) { return i >= values.size() || std::abs(values[i] - before[i]) <= 1e-15 * whole; };
    if (before.size() == values.size() && settled(0) && settled(1)) break;
    axes = scattered(space, axes);
    make_upright(axes);
  }
  for (std::size_t c = 0; c < std::min<std::size_t>(2, axes.size()); ++c) {
    out.explained[c] = values[c] / whole;
    std::vector<double> own = space.back(axes[c]);
    const double largest = *std::ranges::max_element(own, {}, [](double x) { return std::abs(x); });
    const double sign = largest < 0 ? -1 : 1;
    for (std::size_t i = 0; i < space.n(); ++i) {
      const auto z = space.row(i);
      out.places[i * 2 + c] = sign * std::inner_product(z.begin(), z.end(), axes[c].begin(), 0.0);
    }
    const double deviation = std::sqrt(std::max(0.0, values[c]) / static_cast<double>(space.n()));
    for (double& x : own) x *= sign * deviation;
    out.directions[c] = std::move(own);
  }
  return out;
}

}  // namespace gf
