// Slopes of the edits that compile() returns: gradients go back through them.
#include <algorithm>

#include "model/edits/applied.h"

namespace gf {

void AppliedEdits::apply_slope(HookId hook, int position, std::span<const float> before, std::span<float> slope) {
  // The edits act once more, since each one's slope is that at the row which the edits before it left.
  const std::vector<Sum> receipts = sums_;
  std::vector<const BoundEdit*> acting;
  std::vector<std::vector<float>> rows{{before.begin(), before.end()}};
  const std::size_t keys = static_cast<std::size_t>(position) + 1;
  const auto each_head = [&](const BoundEdit& b, const auto& body) {
    for (std::size_t head = 0; head < static_cast<std::size_t>(n_head_); ++head)
      if (b.heads[head]) body(static_cast<int>(head), head * keys);
  };
  for (const BoundEdit& b : bound_) {
    if (b.hook != hook || !writes_row(b, position)) continue;
    acting.push_back(&b);
    std::vector<float> row = rows.back();
    if (b.shape != RowShape::Causal) apply_row(b, position, row.data());
    else each_head(b, [&](int head, std::size_t at) { apply_head(b, head, position, std::span(row).subspan(at, keys)); });
    rows.push_back(std::move(row));
  }
  sums_ = receipts;
  for (std::size_t i = acting.size(); i-- > 0;) {
    const BoundEdit& b = *acting[i];
    const std::span<const float> row = rows[i];
    if (b.shape != RowShape::Causal) slope_of_row(b, position, row, slope);
    else each_head(b, [&](int head, std::size_t at) { slope_of_head(b, head, position, row.subspan(at, keys), slope.subspan(at, keys)); });
  }
}

void AppliedEdits::slope_of_row(const BoundEdit& b, int position, std::span<const float> before, std::span<float> slope) {
  const std::span<const float> values = values_of_row(b, position);
  x_.resize(b.group);
  slope_.resize(b.group);
  for (std::size_t start = 0; start < b.elements.size(); start += b.group) {
    const std::span<const std::uint32_t> places = std::span(b.elements).subspan(start, b.group);
    for (std::size_t i = 0; i < b.group; ++i) x_[i] = before[places[i]], slope_[i] = slope[places[i]];
    operation_of(b.edit->op).slope(*b.edit, values.empty() ? values : values.subspan(start, b.group), x_, slope_);
    for (std::size_t i = 0; i < b.group; ++i) slope[places[i]] = slope_[i];
  }
}

void AppliedEdits::slope_of_head(const BoundEdit& b, int head, int query, std::span<const float> before, std::span<float> slope) {
  const std::span<const float> given = choose_keys(b, head, query);
  if (keys_.empty()) return;
  const EditOperation& operation = operation_of(b.edit->op);
  std::vector<float> x;
  for (const std::size_t k : keys_) x.push_back(before[k]);
  if (b.edit->renormalize) {  // of y / sum(y), where y is what the operation leaves
    std::vector<float> row(before.begin(), before.end());
    x_ = x;
    operation.apply(*b.edit, given, x_);
    for (std::size_t i = 0; i < keys_.size(); ++i) row[keys_[i]] = x_[i];
    double sum = 0, along = 0;
    for (std::size_t k = 0; k < row.size(); ++k) {
      sum += static_cast<double>(row[k]);
      along += static_cast<double>(slope[k]) * static_cast<double>(row[k]);
    }
    if (sum != 0)
      for (float& s : slope) s = static_cast<float>((static_cast<double>(s) - along / sum) / sum);
  }
  slope_.clear();
  for (const std::size_t k : keys_) slope_.push_back(slope[k]);
  operation.slope(*b.edit, given, x, slope_);
  for (std::size_t i = 0; i < keys_.size(); ++i) slope[keys_[i]] = slope_[i];
}

}  // namespace gf
