#include "app/scene/machine/scores_of_head.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/scene/cards/explain_parts.h"
#include "app/scene/sources/scales.h"
#include "app/scene/sources/weight_summary.h"

namespace gf::scene {
namespace {

using Matrix2 = std::vector<float>;

std::optional<Matrix2> scores_in(const explaining::Pass& pass, int layer, int head) {
  const int T = pass.trace->length();
  Matrix2 values(static_cast<std::size_t>(T) * static_cast<std::size_t>(T), std::numeric_limits<float>::quiet_NaN());
  for (int q = 0; q < T; ++q)
    for (int k = 0; k <= q; ++k) {
      const auto score = explaining::score_read(pass, layer, head, q, k);
      if (!score) return std::nullopt;
      values[static_cast<std::size_t>(q) * static_cast<std::size_t>(T) + static_cast<std::size_t>(k)] = static_cast<float>(*score);
    }
  return values;
}

/// The median over rows of each row's 99.5th percentile.
float scale_of_rows(const Matrix2& values, std::size_t T, std::size_t rows) {
  constexpr double kQuantile = 0.995;
  std::vector<float> of_rows;
  for (std::size_t q = 0; q < rows; ++q) of_rows.push_back(percentile_of_magnitude(std::span(values).subspan(q * T, q + 1), kQuantile));
  if (of_rows.empty()) return 1;
  const auto middle = of_rows.begin() + static_cast<std::ptrdiff_t>(of_rows.size() / 2);
  std::nth_element(of_rows.begin(), middle, of_rows.end());
  return *middle > 0 ? *middle : 1;
}

}  // namespace

std::optional<ScoresOfHead> scores_of_head(const SceneInput& input, const ViewState& view, int layer, int head) {
  if (!input.run || input.run->base->length() == 0) return std::nullopt;
  const auto base = scores_in(explaining::pass_of(input, Compare::Base), layer, head);
  if (!base) return std::nullopt;
  const auto T = static_cast<std::size_t>(input.run->base->length());
  ScoresOfHead found;
  found.scale = scale_of_rows(*base, T, static_cast<std::size_t>(std::clamp(input.run->base->n_prompt(), 1, input.run->base->length())));
  found.values = *base;
  if (view.compare != Compare::Base && input.run->has_edits()) {
    auto edited = scores_in(explaining::pass_of(input, Compare::Edited), layer, head);
    if (!edited || edited->size() != base->size()) return std::nullopt;
    if (view.compare == Compare::Difference)
      for (std::size_t i = 0; i < edited->size(); ++i) (*edited)[i] -= (*base)[i];
    found.values = *std::move(edited);
  }
  for (const float v : found.values)
    if (std::isfinite(v)) found.largest = std::max(found.largest, std::abs(v));
  return found;
}

}  // namespace gf::scene
