// What the operations on a feature's activation share: x + (f' - f(x)) d, which keeps what the dictionary does not explain.
#include "model/base/text.h"
#include "model/dictionaries/one_feature.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {

FeatureRule rule_of(const Edit& edit) {
  switch (edit.op) {
    case EditOp::ScaleFeature: return {static_cast<double>(*edit.factor), 0};
    case EditOp::ClampFeature: return {0, static_cast<double>(*edit.value)};
    default: return {};
  }
}

}  // namespace

void feature_apply(const Edit& edit, std::span<const float> /*given*/, std::span<float> x) {
  const FittedDictionary& fitted = *edit.vector->dictionary;
  const FeatureInRow now = feature_in_row(fitted, edit.vector->feature, x);
  const FeatureRule rule = rule_of(edit);
  set_feature_in_row(fitted, edit.vector->feature, now, rule.factor * now.activation + rule.value, x);
}

void feature_slope(const Edit& edit, std::span<const float> /*given*/, std::span<const float> x, std::span<float> slope) {
  slope_of_feature(*edit.vector->dictionary, edit.vector->feature, rule_of(edit), x, slope);
}

Result<void> bind_feature(const EditBinding& binding, BoundEdit& bound) {
  const auto& vector = binding.edit.vector;
  EXPECTS(vector && vector->dictionary, "the edit's dictionary was opened");
  if (const int head = vector->dictionary->head; head >= 0) {
    const auto width = static_cast<std::uint32_t>(vector->dictionary->dictionary->d_in()), begin = static_cast<std::uint32_t>(head) * width;
    std::erase_if(bound.elements, [&](std::uint32_t place) { return place < begin || place >= begin + width; });
    if (bound.elements.size() != width) return binding.wrong(text("the dictionary reads head {0} alone; name that head, or none", head));
    bound.group = width;
    return {};
  }
  if (bound.elements.size() != static_cast<std::size_t>(vector->dictionary->dictionary->d_in()))
    return binding.wrong(text("a feature is read off whole rows of {0}; leave out the selectors of its last axes", binding.edit.hook));
  return {};
}

}  // namespace gf::ops
