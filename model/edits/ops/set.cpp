// set: replaces the values by one number.
#include <algorithm>

#include "model/base/text.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {
void set_apply(const Edit& edit, std::span<const float> /*given*/, std::span<float> x) { std::ranges::fill(x, *edit.value); }
bool set_leaves_nothing(const Edit& edit) { return edit.value == 0.0F; }
std::string set_words(const Edit& edit) { return text("set to {0}", number_words(edit.value.value_or(0.0F))); }
std::string set_tag(const Edit& edit) { return "=" + number_words(edit.value.value_or(0.0F)); }
std::string set_sentence(const Edit& edit, const std::string& place) {
  return text("set to {0} {1}", exact_number_words(edit.value.value_or(0.0F)), place);
}
}  // namespace

constexpr EditOperation set{.op = EditOp::Set,
                            .name = "set",
                            .title = phrase("Set to a value"),
                            .takes = EditKey::Value,
                            .needs = EditKey::Value,
                            .apply = set_apply,
                            .slope = slope_of_constant,
                            .device = ElementEdit::Kind::Assign,
                            .leaves_nothing = set_leaves_nothing,
                            .words = set_words,
                            .tag = set_tag,
                            .sentence = set_sentence};

}  // namespace gf::ops
