// Gradients and differences that the tests of backward passes share.
#pragma once

#include <algorithm>
#include <cmath>

#include "model/edits/compiled.h"
#include "tests/model/cpu/forward_checks.h"

namespace gf::testing {

/// Logits count alike, but for their signs: m = sum over some positions of (logit 1 - logit 0) + share / n_vocab of the rest.
struct TestObjective {
  std::vector<int> positions;
  bool dense = false;

  [[nodiscard]] std::vector<LogitSlope> slopes(int n_vocab) const {
    std::vector<LogitSlope> all;
    for (const int p : positions) {
      LogitSlope slope{p, std::vector<float>(static_cast<std::size_t>(n_vocab))};
      for (int v = 0; dense && v < n_vocab; ++v) slope.values[static_cast<std::size_t>(v)] = 0.1F * static_cast<float>((v * 7) % 11 - 5);
      slope.values[0] -= 1;
      slope.values[1] += 1;
      all.push_back(std::move(slope));
    }
    return all;
  }
  [[nodiscard]] double value(const Trace& trace) const {
    double m = 0;
    for (const LogitSlope& slope : slopes(trace.config().n_vocab)) {
      const auto logits = trace.row({HookKind::Logits, -1}, slope.position);
      for (std::size_t v = 0; v < logits.size(); ++v) m += static_cast<double>(slope.values[v]) * static_cast<double>(logits[v]);
    }
    return m;
  }
};

inline Trace gradients_of(Backend& backend, const Trace& run, const TestObjective& m, CompiledEdits* edits = nullptr,
                          const CapturePlan& plan = everything()) {
  Trace gradients(run.config(), plan);
  const auto slopes = m.slopes(run.config().n_vocab);
  BackwardStep step;
  step.run = &run;
  step.edits = edits;
  step.slopes = slopes;
  const auto done = backend.backward(gradients, step);
  EXPECT_TRUE(done) << done.error().message;
  return gradients;
}

/// 5e-4 + 2e-4 |x|, as everything by gradients.
inline void expect_close_gradients(const Trace& got, const Trace& want) {
  ASSERT_EQ(got.length(), want.length());
  const Tolerance tolerance{5e-4F, 2e-4F};
  for (const HookId hook : all_hooks(want.config().n_layer)) {
    if (!want.has(hook)) continue;
    ASSERT_TRUE(got.has(hook)) << name_of(hook);
    for (int p = 0; p < want.length(); ++p) {
      const auto a = got.row(hook, p), b = want.row(hook, p);
      ASSERT_EQ(a.size(), b.size());
      for (std::size_t i = 0; i < a.size(); ++i)
        ASSERT_TRUE(tolerance.holds(a[i], b[i])) << name_of(hook) << " row " << p << " [" << i << "]: " << a[i] << " for " << b[i];
    }
  }
}

/// Adds a little to one number of a hook, after other edits.
class Nudge final : public CompiledEdits {
 public:
  Nudge(HookId hook, int position, std::size_t element, float more, CompiledEdits* other = nullptr)
      : hook_(hook), position_(position), element_(element), more_(more), other_(other) {}
  bool touches(HookId hook) const override { return hook == hook_ || (other_ != nullptr && other_->touches(hook)); }
  int first_block() const override { return 0; }
  void begin_step(int first, int rows, int length) override {
    if (other_ != nullptr) other_->begin_step(first, rows, length);
  }
  void apply(HookId hook, int first, int rows, float* data, std::size_t stride) override {
    if (other_ != nullptr) other_->apply(hook, first, rows, data, stride);
    if (hook == hook_ && position_ >= first && position_ < first + rows)
      data[static_cast<std::size_t>(position_ - first) * stride + element_] += more_;
  }
  void apply_causal(HookId hook, int query, float* row) override {
    if (other_ != nullptr) other_->apply_causal(hook, query, row);
    if (hook == hook_ && position_ == query) row[element_] += more_;
  }
  std::vector<Receipt> receipts() const override { return {}; }

 private:
  HookId hook_;
  int position_;
  std::size_t element_;
  float more_;
  CompiledEdits* other_;
};

/// dm/dx of one number by central differences of runs.
inline double difference_at(Backend& backend, const Trace& run, const TestObjective& m, HookId hook, int position, std::size_t element,
                            CompiledEdits* edits = nullptr) {
  const auto m_with = [&](float more) {
    Nudge nudge(hook, position, element, more, edits);
    CapturePlan plan = CapturePlan::none();
    plan.want(HookKind::Logits);
    plan.want(HookKind::Result);  // so that the pass with an edited result adds in the order of one without
    Trace trace(run.config(), plan);
    extend(backend, trace, run.ids(), {1 << 20}, &nudge);
    return m.value(trace);
  };
  constexpr float kStep = 1.0F / 128;
  return (m_with(kStep) - m_with(-kStep)) / (2 * static_cast<double>(kStep));
}

}  // namespace gf::testing
