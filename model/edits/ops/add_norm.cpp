// add_norm: adds a direction with a length that is a share of the row's own.
#include <cmath>

#include "model/base/text.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {

void add_norm_apply(const Edit& edit, std::span<const float> given, std::span<float> x) {
  double squares = 0;
  for (const float v : x) squares += static_cast<double>(v) * static_cast<double>(v);
  const double more = static_cast<double>(*edit.factor) * std::sqrt(squares);
  add_along(given, more, x);
}

/// The norm grows along x: the slope along the direction goes there, times the factor.
void add_norm_slope(const Edit& edit, std::span<const float> given, std::span<const float> x, std::span<float> slope) {
  double squares = 0, along = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    squares += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    along += static_cast<double>(slope[i]) * static_cast<double>(given[i]);
  }
  if (squares > 0) add_along(x, static_cast<double>(*edit.factor) * along / std::sqrt(squares), slope);
}

std::string add_norm_words(const Edit& edit) {
  return text("+ {0} of its norm along {1}", number_words(edit.factor.value_or(1.0F)), vector_words(edit.vector));
}
std::string add_norm_tag(const Edit& edit) { return "+" + number_words(edit.factor.value_or(1.0F)) + " |x| v"; }
std::string add_norm_sentence(const Edit& edit, const std::string& place) {
  return text("add {0} of the norm along {1} at {2}", exact_number_words(edit.factor.value_or(1.0F)), vector_words(edit.vector), place);
}

}  // namespace

constexpr EditOperation add_norm{.op = EditOp::AddNorm,
                                 .name = "add_norm",
                                 .title = phrase("Add a share of the norm"),
                                 .takes = EditKey::Vector | EditKey::Dictionary | EditKey::Factor,
                                 .needs = EditKey::Vector | EditKey::Factor,
                                 .check = check_direction,
                                 .bind = bind_direction,
                                 .apply = add_norm_apply,
                                 .slope = add_norm_slope,
                                 .device = ElementEdit::Kind::AddNorm,
                                 .words = add_norm_words,
                                 .tag = add_norm_tag,
                                 .sentence = add_norm_sentence};

}  // namespace gf::ops
