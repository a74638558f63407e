// Runs and comparisons that the tests of backends share.
#pragma once

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <span>
#include <vector>

#include "model/backend.h"
#include "model/pass_times.h"
#include "model/trace.h"

namespace gf::testing {

inline CapturePlan everything() {
  CapturePlan plan;
  for (const HookInfo& info : hook_table()) plan.want(info.kind);
  return plan;
}

/// Appends ids in steps of the sizes given; the last size repeats until the ids are used up.
inline void extend(Backend& backend, Trace& trace, std::span<const TokenId> ids, std::vector<int> sizes = {1 << 20},
                   CompiledEdits* edits = nullptr) {
  std::size_t at = 0;
  for (std::size_t i = 0; at < ids.size(); ++i) {
    const auto size = static_cast<std::size_t>(sizes[std::min(i, sizes.size() - 1)]);
    ForwardStep step;
    step.ids = ids.subspan(at, std::min(size, ids.size() - at));
    step.first_position = trace.length();
    step.n_prompt = static_cast<int>(ids.size());
    step.edits = edits;
    const auto done = backend.forward(trace, step);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    at += step.ids.size();
  }
}

/// The next `rows` of the ids that the trace has not seen, and where the time went.
inline PassTimes timed_step(Backend& backend, Trace& trace, std::span<const TokenId> ids, int rows, CompiledEdits* edits = nullptr) {
  PassTimes times;
  ForwardStep step;
  step.ids = ids.subspan(static_cast<std::size_t>(trace.length()), static_cast<std::size_t>(rows));
  step.first_position = trace.length();
  step.n_prompt = rows;
  step.times = &times;
  step.edits = edits;
  const auto done = backend.forward(trace, step);
  EXPECT_TRUE(done) << done.error().message;
  return times;
}

struct Tolerance {
  float absolute = 1e-4F, relative = 1e-4F;
  [[nodiscard]] bool holds(float got, float want) const {
    if (std::isnan(want) || std::isnan(got)) return std::isnan(want) && std::isnan(got);
    if (std::isinf(want) || std::isinf(got)) return got == want;
    return std::abs(got - want) <= absolute + relative * std::abs(want);
  }
};
inline Tolerance tolerance_of(HookKind kind) { return kind == HookKind::Logits ? Tolerance{2e-4F, 1e-5F} : Tolerance{}; }

/// Every hook that both kept, row by row.
inline void expect_close(const Trace& got, const Trace& want) {
  ASSERT_EQ(got.length(), want.length());
  int compared = 0;
  for (const HookId hook : all_hooks(want.config().n_layer)) {
    if (!want.has(hook) || !got.has(hook)) continue;
    ++compared;
    for (int p = 0; p < want.length(); ++p) {
      const auto a = got.row(hook, p), b = want.row(hook, p);
      ASSERT_EQ(a.size(), b.size());
      for (std::size_t i = 0; i < a.size(); ++i)
        ASSERT_TRUE(tolerance_of(hook.kind).holds(a[i], b[i]))
            << name_of(hook) << " row " << p << " [" << i << "]: " << a[i] << " for " << b[i];
    }
  }
  EXPECT_GE(compared, 3);  // resid_pre, k and v at least
  for (std::size_t i = 0; i < want.last_logits().size(); ++i)
    ASSERT_TRUE(tolerance_of(HookKind::Logits).holds(got.last_logits()[i], want.last_logits()[i])) << "last logits " << i;
}

inline bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

inline void expect_same_bits(const Trace& a, const Trace& b) {
  ASSERT_EQ(a.length(), b.length());
  for (const HookId hook : all_hooks(a.config().n_layer)) {
    ASSERT_EQ(a.has(hook), b.has(hook)) << name_of(hook);
    if (!a.has(hook)) continue;
    for (int p = 0; p < a.length(); ++p) ASSERT_TRUE(same_bits(a.row(hook, p), b.row(hook, p))) << name_of(hook) << " row " << p;
  }
  EXPECT_TRUE(same_bits(a.last_logits(), b.last_logits()));
}

}  // namespace gf::testing
