// add: adds a value, or a vector along the last axis, times a factor.
#include <cmath>

#include "model/base/text.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {

std::string add_check(const Edit& edit, HookKind /*kind*/) {
  if (edit.vector.has_value() == edit.value.has_value()) return text("'add' needs either 'vector' or 'value'");
  // 0 times infinity is NaN, and plus infinity makes the softmax NaN.
  if (edit.value && std::isinf(*edit.value) && edit.factor.value_or(1.0F) <= 0)
    return text("'factor' must be above 0 where 'value' is \"-inf\"");
  return {};
}

void add_apply(const Edit& edit, std::span<const float> given, std::span<float> x) {
  const float factor = edit.factor.value_or(1.0F);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = x[i] + factor * (edit.value ? *edit.value : given[i]);
}

std::string add_words(const Edit& edit) {
  const float factor = edit.factor.value_or(1.0F);
  if (edit.value) return text("+ {0}", number_words(factor * *edit.value));
  const std::string vector = vector_words(edit.vector);
  return factor == 1.0F ? text("+ {0}", vector) : text("+ {0} × {1}", number_words(factor), vector);
}

std::string add_tag(const Edit& edit) {
  const float factor = edit.factor.value_or(1.0F);
  if (edit.value) return "+" + number_words(factor * *edit.value);
  return (factor < 0 ? "" : "+") + (factor == 1.0F ? std::string() : number_words(factor) + " ") +
         (edit.vector->feature >= 0 ? feature_tag(edit.vector) : "v");
}

std::string add_sentence(const Edit& edit, const std::string& place) {
  const bool times = edit.factor && *edit.factor != 1.0F;
  if (edit.value && times)
    return text("add {0} times {1} at {2}", exact_number_words(*edit.value), exact_number_words(*edit.factor), place);
  if (edit.value) return text("add {0} at {1}", exact_number_words(*edit.value), place);
  const std::string vector = vector_words(edit.vector);
  return times ? text("add {0} times {1} at {2}", vector, exact_number_words(*edit.factor), place) : text("add {0} at {1}", vector, place);
}

}  // namespace

constexpr EditOperation add{.op = EditOp::Add,
                            .name = "add",
                            .title = phrase("Add"),
                            .takes = EditKey::Vector | EditKey::Dictionary | EditKey::Value | EditKey::Factor,
                            .needs = {},
                            .check = add_check,
                            .bind = bind_vector,
                            .apply = add_apply,
                            .slope = slope_of_shift,
                            .device = ElementEdit::Kind::Add,
                            .words = add_words,
                            .tag = add_tag,
                            .sentence = add_sentence};

}  // namespace gf::ops
