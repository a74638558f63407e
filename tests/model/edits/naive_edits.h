// Edits in the plainest way: each step resolves its selectors against the sequence as long as it is then.
#pragma once

#include <algorithm>
#include <set>
#include <vector>

#include "model/edits/axes.h"
#include "model/edits/compiled.h"

namespace gf::testing {

using Indices = std::set<int>;

inline Indices naive_resolve(const std::optional<Selector>& s, int n, int n_prompt) {
  Indices out;
  if (!s || s->kind == Selector::Kind::All) {
    for (int i = 0; i < n; ++i) out.insert(i);
  } else if (s->kind == Selector::Kind::Last) {
    out.insert(n - 1);
  } else if (s->kind == Selector::Kind::Prompt) {
    for (int i = 0; i < std::min(n, n_prompt); ++i) out.insert(i);
  } else if (s->kind == Selector::Kind::Generated) {
    for (int i = n_prompt; i < n; ++i) out.insert(i);
  } else if (s->kind == Selector::Kind::Range) {
    int a = s->begin.value_or(0), b = s->end.value_or(n);
    if (a < 0) a += n;
    if (b < 0) b += n;
    for (int i = std::max(a, 0); i < std::min(b, n); ++i) out.insert(i);
  } else {
    for (const int i : s->list)
      if (const int j = i < 0 ? i + n : i; j >= 0 && j < n) out.insert(j);
  }
  return out;
}

/// Zero, set, scale and add of a value, at any hook. A row may only be written in its own step.
class NaiveEdits final : public CompiledEdits {
 public:
  NaiveEdits(Recipe recipe, ModelConfig config, int n_prompt) : recipe_(std::move(recipe)), config_(config), n_prompt_(n_prompt) {}

  bool touches(HookId hook) const override {
    return std::ranges::any_of(recipe_.edits, [&](const Edit& e) { return e.hook == name_of(hook); });
  }
  int first_block() const override { return 0; }
  void begin_step(int first, int rows, int length) override {
    first_ = first;
    last_ = first + rows - 1;
    length_ = length;
  }
  void apply(HookId hook, int first, int rows, float* data, std::size_t stride) override {
    const RowShape shape = info_of(hook.kind).shape;
    const bool heads = shape == RowShape::Heads || shape == RowShape::HeadsDModel;
    const int n_head = heads ? config_.n_head : 1, width = static_cast<int>(row_size(shape, config_, first)) / n_head;
    for (const Edit& e : recipe_.edits) {
      if (e.hook != name_of(hook)) continue;
      const Indices positions = naive_resolve(e.positions, length_, n_prompt_);
      for (int r = 0; r < rows; ++r) {
        if (!in_step(first + r) || !positions.contains(first + r)) continue;
        for (const int h : naive_resolve(e.heads, n_head, n_head))
          for (const int i : naive_resolve(shape == RowShape::DMlp ? e.neurons : e.dims, width, width))
            write(e, data[static_cast<std::size_t>(r) * stride + static_cast<std::size_t>(h * width + i)]);
      }
    }
  }
  void apply_causal(HookId hook, int query, float* row) override {
    for (const Edit& e : recipe_.edits) {
      if (e.hook != name_of(hook) || !in_step(query) || !naive_resolve(e.queries, length_, n_prompt_).contains(query)) continue;
      for (const int h : naive_resolve(e.heads, config_.n_head, config_.n_head))
        for (const int k : naive_resolve(e.keys, length_, n_prompt_))
          if (k <= query) write(e, row[h * (query + 1) + k]);
    }
  }
  std::vector<Receipt> receipts() const override { return {}; }
  long long fired = 0;

 private:
  [[nodiscard]] bool in_step(int position) const { return position >= first_ && position <= last_; }
  void write(const Edit& e, float& x) {
    ++fired;
    if (e.op == EditOp::Zero) x = 0;
    if (e.op == EditOp::Set) x = *e.value;
    if (e.op == EditOp::Scale) x *= *e.factor;
    if (e.op == EditOp::Add) x += *e.value;
  }
  Recipe recipe_;
  ModelConfig config_;
  int n_prompt_, first_ = 0, last_ = 0, length_ = 0;
};

}  // namespace gf::testing
