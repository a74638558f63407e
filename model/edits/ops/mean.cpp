// mean: takes the mean over the prompt's positions of the unedited run, or over those of other runs.
#include "model/base/text.h"
#include "model/edits/ops/operation.h"
#include "model/trace.h"

namespace gf::ops {

namespace {

std::string mean_check(const Edit& edit, HookKind kind) {
  if (info_of(kind).shape != RowShape::Causal) return {};
  return text("'mean' is not possible at {0}: its rows differ in length", edit.hook);
}

std::optional<HookKind> mean_base_kind(const Edit& edit, HookKind own) { return edit.over.empty() ? std::optional(own) : std::nullopt; }

Result<void> mean_bind(const EditBinding& binding, BoundEdit& bound) {
  std::vector<double> sums(bound.elements.size());
  int count = 0;
  const auto add_rows = [&](const Trace& run, int rows) {
    EXPECTS(run.has(bound.hook) && run.length() >= rows, "the run has the hook that its mean is taken of");
    for (int p = 0; p < rows; ++p, ++count) {
      const auto row = run.row(bound.hook, p);
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += static_cast<double>(row[bound.elements[i]]);
    }
  };
  if (binding.edit.over.empty()) {
    if (binding.context.base != nullptr) add_rows(*binding.context.base, binding.context.n_prompt);
  } else {
    for (const auto& run : binding.sources()) add_rows(*run, run->length());
  }
  bound.waits = count == 0;
  if (bound.waits) return {};
  for (const double s : sums) bound.values.push_back(static_cast<float>(s / count));
  return {};
}

std::string mean_words(const Edit& edit) {
  if (edit.over.empty()) return text("mean over the prompt");
  return counted(static_cast<long long>(edit.over.size()), "mean over {0} other run", "mean over {0} other runs");
}
std::string mean_tag(const Edit& /*edit*/) { return text("mean"); }
std::string mean_sentence(const Edit& edit, const std::string& place) {
  if (edit.over.empty()) return text("mean of {0}", place);
  return counted(static_cast<long long>(edit.over.size()), "mean of {1}, over {0} run", "mean of {1}, over {0} runs", place);
}

}  // namespace

constexpr EditOperation mean{.op = EditOp::Mean,
                             .name = "mean",
                             .title = phrase("Replace by the mean"),
                             .takes = EditKey::Over,
                             .needs = {},
                             .check = mean_check,
                             .base_kind = mean_base_kind,
                             .bind = mean_bind,
                             .apply = take_given,
                             .slope = slope_of_constant,
                             .device = ElementEdit::Kind::Assign,
                             .words = mean_words,
                             .tag = mean_tag,
                             .sentence = mean_sentence};

}  // namespace gf::ops
