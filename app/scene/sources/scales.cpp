#include "app/scene/sources/scales.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "app/scene/sources/row_loops.h"
#include "app/scene/sources/weight_summary.h"

namespace gf::scene {
namespace {

constexpr double kQuantile = 0.995;

float scale_of_logits(const Trace& base) {
  const auto logits = base.last_logits();
  if (logits.empty()) return 1;
  const auto mean = static_cast<float>(mean_of(logits));
  std::vector<float> difference(logits.begin(), logits.end());
  for (float& v : difference) v -= mean;
  const float scale = percentile_of_magnitude(difference, kQuantile);
  return scale > 0 ? scale : 1;
}

}  // namespace

double mean_of(std::span<const float> row) {
  return row.empty() ? 0 : std::accumulate(row.begin(), row.end(), 0.0) / static_cast<double>(row.size());
}

float scale_of(const Trace& base, HookId hook) {
  const HookInfo& info = info_of(hook.kind);
  if (info.unit == HookUnit::Logit) return scale_of_logits(base);
  if (info.unit == HookUnit::Probability || !base.has(hook) || base.length() == 0) return 1;
  const int rows = std::clamp(base.n_prompt(), 1, base.length());
  std::vector<float> saturations;
  for (int p = 0; p < rows; ++p)
    if (const auto saturation = saturation_of_row(base.row(hook, p))) saturations.push_back(*saturation);
  return scale_of_rows(std::move(saturations));
}

std::optional<float> saturation_of_row(std::span<const float> row) {
  std::vector<float> finite;
  if (!std::ranges::all_of(row, [](float v) { return std::isfinite(v); })) {
    std::ranges::copy_if(row, std::back_inserter(finite), [](float v) { return std::isfinite(v); });
    row = finite;
  }
  if (row.empty()) return std::nullopt;
  return percentile_of_magnitude(row, kQuantile);
}

float scale_of_rows(std::vector<float> saturations) {
  if (saturations.empty()) return 1;
  const auto middle = saturations.begin() + static_cast<std::ptrdiff_t>(saturations.size() / 2);
  std::nth_element(saturations.begin(), middle, saturations.end());
  return *middle > 0 ? *middle : 1;
}

float ScaleBook::of(const std::shared_ptr<const Weights>& weights, const Trace& base, HookId hook) {
  const auto ids = base.ids().first(static_cast<std::size_t>(std::min(base.n_prompt(), base.length())));
  if (weights != weights_ || !std::equal(ids.begin(), ids.end(), prompt_.begin(), prompt_.end())) {
    scales_.clear();
    weights_ = weights;
    prompt_.assign(ids.begin(), ids.end());
  }
  const auto found = scales_.find(hook);
  if (found != scales_.end()) return found->second;
  return scales_.emplace(hook, scale_of(base, hook)).first->second;
}

namespace {

/// nullopt: nothing differs.
std::optional<float> saturation_of_difference(const Trace& base, const Trace& edited, HookId hook) {
  if (!base.has(hook) || !edited.has(hook)) return std::nullopt;
  const auto a = base.chunks(hook), b = edited.chunks(hook);
  if (std::equal(a.begin(), a.end(), b.begin(), b.end())) return std::nullopt;
  std::vector<float> saturations, difference;
  for (int p = 0; p < std::min(base.length(), edited.length()); ++p) {
    const auto x = base.row(hook, p), y = edited.row(hook, p);
    difference.resize(std::min(x.size(), y.size()));
    for (std::size_t i = 0; i < difference.size(); ++i) difference[i] = y[i] - x[i];
    if (const auto saturation = saturation_of_row(difference); saturation && *saturation > 0) saturations.push_back(*saturation);
  }
  if (saturations.empty()) return std::nullopt;
  return scale_of_rows(std::move(saturations));
}

std::optional<float> saturation_of_last_logits(const Trace& base, const Trace& edited) {
  const auto x = base.last_logits(), y = edited.last_logits();
  std::vector<float> difference(std::min(x.size(), y.size()));
  for (std::size_t i = 0; i < difference.size(); ++i) difference[i] = y[i] - x[i];
  return saturation_of_row(difference);
}

}  // namespace

float scale_of_difference(const Trace& base, const Trace& edited, HookId hook, float usual) {
  constexpr float kLeastOfUsual = 0.001F;
  std::optional<float> found;
  const auto add = [&](std::optional<float> one) {
    if (one && !(found && *found >= *one)) found = one;
  };
  const HookInfo& info = info_of(hook.kind);
  if (info.unit == HookUnit::Logit) {
    add(saturation_of_last_logits(base, edited));
  } else if (hook.kind == HookKind::Pattern) {
    for (int block = 0; block < base.config().n_layer; ++block) add(saturation_of_difference(base, edited, {hook.kind, block}));
  } else {
    add(saturation_of_difference(base, edited, hook));
  }
  return found && *found > 0 ? std::max(*found, kLeastOfUsual * usual) : usual;
}

float change_of(const Trace& base, const Trace& edited, HookId hook, float scale) {
  if (!base.has(hook) || !edited.has(hook)) return 0;
  const auto a = base.chunks(hook), b = edited.chunks(hook);
  if (std::equal(a.begin(), a.end(), b.begin(), b.end())) return 0;
  double sum = 0, count = 0;
  const int rows = std::min(base.length(), edited.length());
  for (int p = 0; p < rows; ++p) {
    const auto x = base.row(hook, p), y = edited.row(hook, p);
    const float of_row = distance_l1(x, y);
    if (std::isfinite(of_row)) sum += static_cast<double>(of_row);
    count += static_cast<double>(x.size());
  }
  return count == 0 || !(scale > 0) ? 0 : static_cast<float>(sum / count) / scale;
}

}  // namespace gf::scene
