#include "model/edits/applied.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/base/logits.h"
#include "model/edits/axes.h"
#include "model/trace.h"

namespace gf {

namespace {

/// How much attention moves between two rows of scores: the sum of what keys lose. A row of -inf alone attends to nothing.
double attention_moved(std::span<const float> before, std::span<const float> after) {
  const double norm_before = log_sum_exp(before), norm_after = log_sum_exp(after);
  const auto share = [](float score, double norm) { return std::isfinite(norm) ? std::exp(static_cast<double>(score) - norm) : 0.0; };
  double moved = 0;
  for (std::size_t k = 0; k < before.size(); ++k) moved += std::max(0.0, share(before[k], norm_before) - share(after[k], norm_after));
  return moved;
}

/// Whether what becomes of an element depends on the others of its group.
bool by_group(ElementEdit::Kind kind) {
  using Kind = ElementEdit::Kind;
  return kind == Kind::Along || kind == Kind::AddNorm || kind == Kind::Round;
}

}  // namespace

void AppliedEdits::Sum::add(float before, float after) {
  ++fired;
  if (before == after || (std::isnan(before) && std::isnan(after))) return;
  changed = true;
  const double d = static_cast<double>(after) - static_cast<double>(before);
  if (std::isfinite(d)) squares += d * d;
}

bool AppliedEdits::touches(HookId hook) const {
  return std::ranges::any_of(bound_, [hook](const BoundEdit& b) { return b.hook == hook; });
}

int AppliedEdits::first_block() const {
  int first = n_layer_;
  for (const BoundEdit& b : bound_) first = std::min(first, block_of(b.hook, n_layer_));
  return first;
}

bool AppliedEdits::writes_row(const BoundEdit& b, int position) const {
  return selects(b.shape == RowShape::Causal ? b.edit->queries : b.edit->positions, position, step_length(position, n_prompt_), n_prompt_);
}

int AppliedEdits::first_row(int rows) const {
  for (int position = 0; position < rows; ++position)
    for (const BoundEdit& b : bound_)
      if (writes_row(b, position)) return position;
  return rows;
}

void AppliedEdits::begin_step(int first_position, int rows, int length) {
  EXPECTS(first_position >= 0 && rows > 0 && first_position + rows <= length, "a step's rows lie in the sequence");
}

void AppliedEdits::apply(HookId hook, int first_position, int rows, float* data, std::size_t stride) {
  for (const BoundEdit& b : bound_) {
    if (b.hook != hook) continue;
    EXPECTS(b.shape != RowShape::Causal, "causal hooks go through apply_causal");
    for (int r = 0; r < rows; ++r)
      if (writes_row(b, first_position + r)) apply_row(b, first_position + r, data + static_cast<std::size_t>(r) * stride);
  }
}

bool AppliedEdits::follows_base() const {
  return std::ranges::any_of(bound_, [](const BoundEdit& b) { return operation_of(b.edit->op).follow != nullptr; });
}

void AppliedEdits::follow(const Trace& base, int first) {
  for (BoundEdit& b : bound_)
    if (const auto follow = operation_of(b.edit->op).follow; follow != nullptr) follow(base, first, b);
}

bool AppliedEdits::by_row(const BoundEdit& b) { return b.source != nullptr || operation_of(b.edit->op).row_values != nullptr; }

std::span<const float> AppliedEdits::values_of_row(const BoundEdit& b, int position) {
  if (!by_row(b)) return b.values;
  row_values_.resize(b.elements.size());
  if (b.source) {
    const auto from = b.source->row(b.source_hook, b.source_rows[static_cast<std::size_t>(position)]);
    std::ranges::transform(b.elements, row_values_.begin(), [&](std::uint32_t place) { return from[place]; });
  } else {
    operation_of(b.edit->op).row_values(b, position, 0, row_values_);
  }
  return row_values_;
}

std::span<const float> AppliedEdits::values_of_head(const BoundEdit& b, int head, int query) {
  if (b.source) return b.source->causal_row(b.source_hook, head, query);
  row_values_.resize(static_cast<std::size_t>(query) + 1);
  operation_of(b.edit->op).row_values(b, query, head, row_values_);
  return row_values_;
}

void AppliedEdits::apply_row(const BoundEdit& b, int position, float* row) {
  const std::span<const float> values = values_of_row(b, position);
  x_.resize(b.group);
  for (std::size_t start = 0; start < b.elements.size(); start += b.group) {
    const std::span<const std::uint32_t> places = std::span(b.elements).subspan(start, b.group);
    for (std::size_t i = 0; i < b.group; ++i) x_[i] = row[places[i]];
    const std::span<const float> given = values.empty() ? values : values.subspan(start, b.group);
    operation_of(b.edit->op).apply(*b.edit, given, x_);
    for (std::size_t i = 0; i < b.group; ++i) {
      sums_[b.number].add(row[places[i]], x_[i]);
      row[places[i]] = x_[i];
    }
  }
}

void AppliedEdits::apply_causal(HookId hook, int query, float* row) {
  const std::size_t keys = static_cast<std::size_t>(query) + 1;
  for (const BoundEdit& b : bound_) {
    if (b.hook != hook || !writes_row(b, query)) continue;
    for (std::size_t head = 0; head < static_cast<std::size_t>(n_head_); ++head)
      if (b.heads[head]) apply_head(b, static_cast<int>(head), query, std::span(row + head * keys, keys));
  }
}

std::span<const float> AppliedEdits::choose_keys(const BoundEdit& b, int head, int query) {
  const int length = step_length(query, n_prompt_);
  keys_.clear();
  for (int k = 0; k <= query; ++k)
    if (selects(b.edit->keys, k, length, n_prompt_)) keys_.push_back(static_cast<std::size_t>(k));
  if (!by_row(b)) return b.values.empty() ? std::span<const float>() : std::span(b.values).first(keys_.size());
  const auto from = values_of_head(b, head, query);
  given_.clear();
  for (const std::size_t k : keys_) given_.push_back(from[k]);
  return given_;
}

void AppliedEdits::apply_head(const BoundEdit& b, int head, int query, std::span<float> scores) {
  const std::span<const float> given = choose_keys(b, head, query);
  if (keys_.empty()) return;
  const std::vector<float> before(scores.begin(), scores.end());
  x_.clear();
  for (const std::size_t k : keys_) x_.push_back(scores[k]);
  operation_of(b.edit->op).apply(*b.edit, given, x_);
  for (std::size_t i = 0; i < keys_.size(); ++i) scores[keys_[i]] = x_[i];
  Sum& total = sums_[b.number];
  if (b.edit->renormalize) {
    double sum = 0;
    for (const float p : scores) sum += static_cast<double>(p);
    if (sum == 0) ++total.empty_rows;
    else
      for (float& p : scores) p = static_cast<float>(static_cast<double>(p) / sum);
  }
  if (b.hook.kind == HookKind::AttnScores) total.attention += attention_moved(before, scores);
  const long long fired = total.fired + static_cast<long long>(keys_.size());
  for (std::size_t k = 0; k < scores.size(); ++k) total.add(before[k], scores[k]);
  total.fired = fired;  // without the entries that renormalising changed
}

std::optional<std::vector<ElementEdit>> AppliedEdits::elements_at(HookId hook, int first_position, int rows) {
  std::vector<ElementEdit> found;
  for (const BoundEdit& b : bound_) {
    if (b.hook != hook) continue;
    const auto kind = operation_of(b.edit->op).device;
    if (!kind || (b.shape == RowShape::Causal && by_group(*kind))) return std::nullopt;
    ElementEdit e = b.shape == RowShape::Causal ? causal_elements(b, first_position, rows) : row_elements(b, first_position, rows);
    e.kind = *kind;
    e.number = b.number;
    e.renormalize = b.edit->renormalize;
    e.moves_attention = hook.kind == HookKind::AttnScores;
    e.factor = b.edit->factor.value_or(1.0F);
    e.value = b.edit->value.value_or(0.0F);
    e.levels = ops::levels_of(*b.edit);
    e.outliers = b.edit->outliers.value_or(std::numeric_limits<float>::infinity());
    if (!e.rows.empty()) found.push_back(std::move(e));
  }
  return found;
}

void AppliedEdits::add_to_receipt(const ElementEdit& edit, double squares, bool changed, long long empty_rows, double attention) {
  Sum& s = sums_[edit.number];
  s.fired += edit.fired;
  s.squares += squares;
  s.changed = s.changed || changed;
  s.empty_rows += empty_rows;
  s.attention += attention;
}

std::vector<Receipt> AppliedEdits::receipts() const {
  std::vector<Receipt> all;
  for (const Sum& s : sums_) all.push_back({s.fired, std::sqrt(s.squares), s.changed, s.empty_rows, s.attention});
  return all;
}

ElementEdit AppliedEdits::row_elements(const BoundEdit& b, int first_position, int rows) {
  ElementEdit e;
  e.elements.assign(b.elements.begin(), b.elements.end());
  e.group = static_cast<int>(b.group);
  e.values_by_row = by_row(b);
  if (!e.values_by_row) e.values = b.values;
  for (int r = 0; r < rows; ++r) {
    const int position = first_position + r;
    if (!writes_row(b, position)) continue;
    e.rows.push_back(r);
    if (!e.values_by_row) continue;
    const auto values = values_of_row(b, position);
    e.values.insert(e.values.end(), values.begin(), values.end());
  }
  e.fired = static_cast<long long>(e.rows.size() * e.elements.size());
  return e;
}

ElementEdit AppliedEdits::causal_elements(const BoundEdit& b, int first_position, int rows) {
  ElementEdit e;
  e.keys = first_position + rows;
  for (std::size_t h = 0; h < b.heads.size(); ++h)
    if (b.heads[h]) e.heads.push_back(static_cast<int>(h));
  for (int r = 0; r < rows; ++r) {
    const int query = first_position + r, length = step_length(query, n_prompt_);
    if (!writes_row(b, query)) continue;
    e.rows.push_back(r);
    for (int key = 0; key < e.keys; ++key) {
      const bool writes = key <= query && selects(b.edit->keys, key, length, n_prompt_);
      e.written.push_back(writes ? 1 : 0);
      if (writes) e.fired += static_cast<long long>(e.heads.size());
    }
    if (!b.values.empty()) add_by_key(b, query, e);
    if (!by_row(b)) continue;
    for (const int head : e.heads) {
      const auto from = values_of_head(b, head, query);
      e.values.insert(e.values.end(), from.begin(), from.end());
      e.values.resize(e.values.size() + static_cast<std::size_t>(e.keys - query - 1));
    }
  }
  return e;
}

/// Appends the edit's vector for one query and each head: a number at each key that the edit writes, 0 at the others.
void AppliedEdits::add_by_key(const BoundEdit& b, int query, ElementEdit& e) {
  const auto width = static_cast<std::size_t>(e.keys);
  std::vector<float> line(width);
  const auto written = std::span(e.written).last(width);
  for (std::size_t key = 0, place = 0; key <= static_cast<std::size_t>(query); ++key)
    if (written[key] != 0) line[key] = b.values[place++];
  for (std::size_t h = 0; h < e.heads.size(); ++h) e.values.insert(e.values.end(), line.begin(), line.end());
}

}  // namespace gf
