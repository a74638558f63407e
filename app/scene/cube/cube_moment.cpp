#include "app/scene/cube/cube_moment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace gf::scene {
namespace {

constexpr double kOpening = 0.1, kHoldAtEnd = 0.1;
constexpr std::array<double, 3> kSlowSteps{0.3, 0.14, 0.09};
constexpr double kFlowing = 0.37, kAtOnce = 0.03;  // of the steps behind the slow ones, and of those before
constexpr double kTermsDone = 0.85;                // of a step: from there on its sums are seen whole

double ease(double t) {
  const double s = std::clamp(t, 0.0, 1.0);
  return s * s * (3 - 2 * s);
}

/// When which steps are at work, as shares of the animation.
struct Schedule {
  double begin = kOpening, slow_from = 0;
  std::array<double, 3> slow_to{};
  int slow = 0;
  double end = 1 - kHoldAtEnd;
};

Schedule schedule_of(long long steps, long long first) {
  Schedule s;
  s.slow = static_cast<int>(std::min<long long>(kSlowSteps.size(), steps - first));
  const double before = first > 0 ? kAtOnce : 0, after = first + s.slow < steps ? kFlowing : 0;
  double all = before + after;
  for (int i = 0; i < s.slow; ++i) all += kSlowSteps[static_cast<std::size_t>(i)];
  const double unit = (s.end - s.begin) / all;
  double at = s.slow_from = s.begin + before * unit;
  for (int i = 0; i < s.slow; ++i) s.slow_to[static_cast<std::size_t>(i)] = at += kSlowSteps[static_cast<std::size_t>(i)] * unit;
  return s;
}

long long clamped_first(const CubeProduct& product, CubeOrder order, long long first) {
  return std::clamp<long long>(first, 0, steps_of(product, order) - 1);
}

}  // namespace

long long steps_of(const CubeProduct& product, CubeOrder order) {
  switch (order) {
    case CubeOrder::Dots: return product.sums_in_all();
    case CubeOrder::Rows: return product.rows();
    case CubeOrder::Columns: return product.cols();
    case CubeOrder::Outer: return product.terms();
  }
  return 1;
}

long long first_step(const CubeProduct& p, const ViewState& view) {
  const CubeOrder order = view.cube->order;
  if (order == CubeOrder::Outer) return 0;
  int row = -1, col = -1;
  if (view.selection)
    if (const auto sum = p.sum_of(*view.selection)) std::tie(row, col) = *sum;
  if (order == CubeOrder::Columns) return std::max(0, col);
  const bool causal = is_by_head(p.cube().product.kind);
  if (order == CubeOrder::Rows) {
    constexpr int kSomethingToSee = 2;
    return row >= 0 ? row : causal ? std::min(kSomethingToSee, p.rows() - 1) : 0;
  }
  if (const long long number = p.number_of(row, col); number >= 0) return number;
  // The largest number of the first row that has all its terms, or of the last one.
  row = causal ? p.rows() - 1 : 0;
  col = 0;
  float most = -1;
  std::vector<float> results(static_cast<std::size_t>(p.cols()));
  p.read_result(row, 0, results);
  for (int j = 0; j < p.cols(); ++j) {
    const float v = std::abs(results[static_cast<std::size_t>(j)]);
    if (p.there(row, j) && v > most) most = v, col = j;
  }
  return p.number_of(row, col);
}

CubeMoment cube_moment(const CubeProduct& product, const Cube& cube, long long first) {
  const double t = std::max(0.0, cube.time);
  CubeMoment now;
  const long long steps = steps_of(product, cube.order);
  now.opened = ease(t / kOpening);
  now.step = steps - 1;
  now.terms = product.terms();
  first = clamped_first(product, cube.order, first);
  const Schedule plan = schedule_of(steps, first);
  if (t >= plan.end) return now;
  now.done = false;
  now.working = t > plan.begin;
  now.step = first;
  now.s = 0;
  now.terms = 0;
  if (!now.working) return now;
  const bool outer = cube.order == CubeOrder::Outer;
  const auto terms_of_step = [&](double s) {
    if (outer) return s >= kTermsDone ? 1 : 0;
    return static_cast<int>(std::clamp(s / kTermsDone, 0.0, 1.0) * product.terms() + 1e-9);
  };
  if (t < plan.slow_from) {
    now.step = static_cast<long long>((t - plan.begin) / (plan.slow_from - plan.begin) * static_cast<double>(first));
    now.s = 1;
    now.terms = terms_of_step(1);
    return now;
  }
  double from = plan.slow_from;
  for (int i = 0; i < plan.slow; ++i) {
    const double to = plan.slow_to[static_cast<std::size_t>(i)];
    if (t < to) {
      now.step = first + i;
      now.s = (t - from) / (to - from);
      now.terms = terms_of_step(now.s);
      now.slow = true;
      return now;
    }
    from = to;
  }
  const long long rest = steps - first - plan.slow;
  if (rest == 0) {  // rounding
    now.s = 1;
    now.terms = terms_of_step(1);
    now.step = steps - 1;
    return now;
  }
  const double at = (t - from) / (plan.end - from) * static_cast<double>(rest);
  now.step = first + plan.slow + std::min(rest - 1, static_cast<long long>(at));
  // Single sums pass too fast for their terms; rows and columns sweep, where a step lasts longer than a moment.
  constexpr long long kSweeping = 40;
  const bool sweeps = (cube.order == CubeOrder::Rows || cube.order == CubeOrder::Columns) && rest <= kSweeping;
  now.s = sweeps ? at - std::floor(at) : 1;
  now.terms = terms_of_step(now.s);
  return now;
}

double time_after_step(const CubeProduct& product, CubeOrder order, long long step, long long first) {
  const long long steps = steps_of(product, order);
  first = clamped_first(product, order, first);
  const Schedule plan = schedule_of(steps, first);
  if (step < first) return plan.slow_from;
  if (step < first + plan.slow) return plan.slow_to[static_cast<std::size_t>(step - first)];
  const double from = plan.slow > 0 ? plan.slow_to[static_cast<std::size_t>(plan.slow - 1)] : plan.slow_from;
  const auto rest = static_cast<double>(std::max<long long>(1, steps - first - plan.slow));
  return from + (plan.end - from) * static_cast<double>(step + 1 - first - plan.slow) / rest;
}

double step_in_cube(double time, int direction) {
  // A step lasts as long as a slow sum is worked at: one sees its terms come, then the sum.
  constexpr double kStep = 0.05;
  const double at = std::clamp(time, 0.0, Cube::kEnd) / kStep;
  const double next = direction > 0 ? std::floor(at + 1 + 1e-9) : std::ceil(at - 1 - 1e-9);
  return std::clamp(next * kStep, 0.0, Cube::kEnd);
}

int terms_at(const CubeProduct& product, CubeOrder order, const CubeMoment& now, int i, int j) {
  constexpr int kEmpty = -1;
  if (!product.there(i, j)) return kEmpty;
  if (now.done) return product.terms();
  if (!now.working) return kEmpty;
  if (order == CubeOrder::Outer) {
    const int terms = static_cast<int>(now.step) + now.terms;
    return terms > 0 ? terms : kEmpty;
  }
  const long long step = order == CubeOrder::Dots ? product.number_of(i, j) : order == CubeOrder::Rows ? i : j;
  if (step < now.step) return product.terms();
  return step == now.step && now.terms > 0 ? now.terms : kEmpty;
}

}  // namespace gf::scene
