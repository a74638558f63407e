// One feature in one row of the hook that its dictionary reads and writes: what edits do to it.
#pragma once

#include <span>

#include "model/dictionaries/fitted.h"

namespace gf {

struct FeatureInRow {
  double activation = 0;
  double unit = 1;  ///< one unit of activation adds unit * decoder_row to the row, since normalisation is undone
};
/// Expects a dictionary that reads and writes at one hook. `x`: what it reads of a row, [d_in].
[[nodiscard]] FeatureInRow feature_in_row(const FittedDictionary& fitted, int feature, std::span<const float> x);

/// x + (becomes - activation) unit d: the reconstruction's error is kept, as with SAELens's use_error_term.
void set_feature_in_row(const FittedDictionary& fitted, int feature, const FeatureInRow& now, double becomes, std::span<float> x);

/// What an edit makes of the activation a: factor * a + value.
struct FeatureRule {
  double factor = 0, value = 0;
};
/// The slope dm/dy of the row y that the rule leaves becomes dm/dx. Where the set of active features changes the edit has a
/// kink, and this is the slope on x's own side of it.
void slope_of_feature(const FittedDictionary& fitted, int feature, const FeatureRule& rule, std::span<const float> x,
                      std::span<float> slope);

}  // namespace gf
