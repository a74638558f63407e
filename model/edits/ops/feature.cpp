// zero, scale and clamp of a feature's activation: x + (f' - f(x)) d, which keeps what the dictionary does not explain.
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

void feature_apply(const Edit& edit, std::span<const float> /*given*/, std::span<float> x) {
  const FittedDictionary& fitted = *edit.vector->dictionary;
  const FeatureInRow now = feature_in_row(fitted, edit.vector->feature, x);
  const FeatureRule rule = rule_of(edit);
  set_feature_in_row(fitted, edit.vector->feature, now, rule.factor * now.activation + rule.value, x);
}

void feature_slope(const Edit& edit, std::span<const float> /*given*/, std::span<const float> x, std::span<float> slope) {
  slope_of_feature(*edit.vector->dictionary, edit.vector->feature, rule_of(edit), x, slope);
}

std::string zero_feature_words(const Edit& edit) { return text("{0} cut", vector_words(edit.vector)); }
std::string zero_feature_tag(const Edit& /*edit*/) { return text("cut f"); }
std::string zero_feature_sentence(const Edit& edit, const std::string& place) {
  return text("cut {0} at {1}", vector_words(edit.vector), place);
}

std::string scale_feature_words(const Edit& edit) {
  return text("{0} × {1}", vector_words(edit.vector), number_words(edit.factor.value_or(1.0F)));
}
std::string scale_feature_tag(const Edit& edit) { return "f×" + number_words(edit.factor.value_or(1.0F)); }
std::string scale_feature_sentence(const Edit& edit, const std::string& place) {
  return text("scale {0} by {1} at {2}", vector_words(edit.vector), exact_number_words(edit.factor.value_or(1.0F)), place);
}

std::string clamp_feature_words(const Edit& edit) {
  return text("{0} at {1}", vector_words(edit.vector), number_words(edit.value.value_or(0.0F)));
}
std::string clamp_feature_tag(const Edit& edit) { return "f=" + number_words(edit.value.value_or(0.0F)); }
std::string clamp_feature_sentence(const Edit& edit, const std::string& place) {
  return text("clamp {0} to {1} at {2}", vector_words(edit.vector), exact_number_words(edit.value.value_or(0.0F)), place);
}

}  // namespace

Result<void> bind_feature(const EditBinding& binding, BoundEdit& bound) {
  const auto& vector = binding.edit.vector;
  EXPECTS(vector && vector->dictionary, "the edit's dictionary was opened");
  if (bound.elements.size() != static_cast<std::size_t>(vector->dictionary->dictionary->d_in()))
    return binding.wrong(text("a feature is read off whole rows of {0}; leave out the selectors of its last axes", binding.edit.hook));
  return {};
}

constexpr EditOperation zero_feature{.op = EditOp::ZeroFeature,
                                     .name = "zero",
                                     .title = phrase("Cut a feature"),
                                     .takes = EditKey::Dictionary,
                                     .needs = EditKey::Dictionary,
                                     .check = check_direction,
                                     .bind = bind_feature,
                                     .apply = feature_apply,
                                     .slope = feature_slope,
                                     .words = zero_feature_words,
                                     .tag = zero_feature_tag,
                                     .sentence = zero_feature_sentence};

constexpr EditOperation scale_feature{.op = EditOp::ScaleFeature,
                                      .name = "scale",
                                      .title = phrase("Scale a feature"),
                                      .takes = EditKey::Dictionary | EditKey::Factor,
                                      .needs = EditKey::Dictionary | EditKey::Factor,
                                      .check = check_direction,
                                      .bind = bind_feature,
                                      .apply = feature_apply,
                                      .slope = feature_slope,
                                      .words = scale_feature_words,
                                      .tag = scale_feature_tag,
                                      .sentence = scale_feature_sentence};

constexpr EditOperation clamp_feature{.op = EditOp::ClampFeature,
                                      .name = "clamp",
                                      .title = phrase("Clamp a feature"),
                                      .takes = EditKey::Dictionary | EditKey::Value,
                                      .needs = EditKey::Dictionary | EditKey::Value,
                                      .check = check_direction,
                                      .bind = bind_feature,
                                      .apply = feature_apply,
                                      .slope = feature_slope,
                                      .words = clamp_feature_words,
                                      .tag = clamp_feature_tag,
                                      .sentence = clamp_feature_sentence};

}  // namespace gf::ops
