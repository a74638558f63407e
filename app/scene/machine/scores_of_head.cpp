#include "app/scene/machine/scores_of_head.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/scene/cards/explain_parts.h"
#include "app/scene/sources/scales.h"

namespace gf::scene {
namespace {

std::optional<std::vector<float>> scores_in(const explaining::Pass& pass, int layer, int head) {
  const int T = pass.trace->length();
  std::vector<float> values(static_cast<std::size_t>(T) * static_cast<std::size_t>(T), std::numeric_limits<float>::quiet_NaN());
  for (int q = 0; q < T; ++q)
    for (int k = 0; k <= q; ++k) {
      const auto score = explaining::score_read(pass, layer, head, q, k);
      if (!score) return std::nullopt;
      values[static_cast<std::size_t>(q) * static_cast<std::size_t>(T) + static_cast<std::size_t>(k)] = static_cast<float>(*score);
    }
  return values;
}

}  // namespace

std::optional<ScoresOfHead> scores_of_head(const SceneInput& input, const ViewState& view, int layer, int head) {
  if (!input.run || input.run->base->length() == 0) return std::nullopt;
  const auto base = scores_in(explaining::pass_of(input, Compare::Base), layer, head);
  if (!base) return std::nullopt;
  const auto T = static_cast<std::size_t>(input.run->base->length());
  ScoresOfHead found;
  const auto scale_of_first = [T](const std::vector<float>& values, std::size_t rows) {
    std::vector<float> saturations;
    for (std::size_t q = 0; q < rows; ++q)
      if (const auto saturation = saturation_of_row(std::span(values).subspan(q * T, q + 1))) saturations.push_back(*saturation);
    return saturations;
  };
  const auto prompt = static_cast<std::size_t>(std::clamp(input.run->base->n_prompt(), 1, input.run->base->length()));
  found.scale = scale_of_rows(scale_of_first(*base, prompt));
  found.values = *base;
  if (view.compare != Compare::Base && input.run->has_edits()) {
    auto edited = scores_in(explaining::pass_of(input, Compare::Edited), layer, head);
    if (!edited || edited->size() != base->size()) return std::nullopt;
    if (view.compare == Compare::Difference) {
      for (std::size_t i = 0; i < edited->size(); ++i) (*edited)[i] -= (*base)[i];
      // As scale_of_difference() has it for what a run kept.
      std::vector<float> differing = scale_of_first(*edited, T);
      std::erase(differing, 0.0F);
      if (!differing.empty()) found.scale = scale_of_rows(std::move(differing));
    }
    found.values = *std::move(edited);
  }
  for (const float v : found.values)
    if (std::isfinite(v)) found.largest = std::max(found.largest, std::abs(v));
  return found;
}

}  // namespace gf::scene
