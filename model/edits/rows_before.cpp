#include "model/edits/rows_before.h"

namespace gf {

std::span<const float> RowsBefore::row(HookId hook, int position) const {
  const auto found = rows_.find({hook, position});
  EXPECTS(found != rows_.end(), "a row that was computed, at a hook that the edits touch");
  return found->second;
}

void RowsBefore::keep(HookId hook, int position, const float* row) {
  rows_[{hook, position}].assign(row, row + row_size(info_of(hook.kind).shape, config_, position));
}

void RowsBefore::apply(HookId hook, int first_position, int rows, float* data, std::size_t stride) {
  for (int r = 0; r < rows; ++r) keep(hook, first_position + r, data + static_cast<std::size_t>(r) * stride);
  edits_.apply(hook, first_position, rows, data, stride);
}

void RowsBefore::apply_causal(HookId hook, int query, float* row) {
  keep(hook, query, row);
  edits_.apply_causal(hook, query, row);
}

}  // namespace gf
