// project_out: takes away the part along a direction; a clamp to 0.
#include "model/base/text.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {

void project_out_apply(const Edit& /*edit*/, std::span<const float> given, std::span<float> x) { set_along(given, 0, x); }

std::string project_out_words(const Edit& edit) { return text("without {0}", vector_words(edit.vector)); }
std::string project_out_tag(const Edit& /*edit*/) { return text("without v"); }
std::string project_out_sentence(const Edit& edit, const std::string& place) {
  return text("project out {0} at {1}", vector_words(edit.vector), place);
}

}  // namespace

constexpr EditOperation project_out{.op = EditOp::ProjectOut,
                                    .name = "project_out",
                                    .title = phrase("Project a direction out"),
                                    .takes = EditKey::Vector | EditKey::Dictionary,
                                    .needs = EditKey::Vector,
                                    .check = check_direction,
                                    .bind = bind_direction,
                                    .apply = project_out_apply,
                                    .slope = slope_of_set_along,
                                    .device = ElementEdit::Kind::Along,
                                    .words = project_out_words,
                                    .tag = project_out_tag,
                                    .sentence = project_out_sentence};

}  // namespace gf::ops
