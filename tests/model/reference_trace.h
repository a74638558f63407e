// Comparison of a run with the hooks that a reference implementation wrote.
#pragma once

#include <gtest/gtest.h>

#include "model/io/files/safetensors.h"
#include "tests/model/cpu/forward_checks.h"
#include "tests/model/golden_cases.h"

namespace gf::testing {

/// The first place where a hook of the run differs from the reference; empty: nowhere.
inline std::string difference_to(const TensorView& want, HookId hook, const Trace& trace) {
  if (!trace.has(hook)) return name_of(hook) + " was not captured";
  const Tolerance tolerance = tolerance_of(hook.kind);
  const int T = trace.length();
  for (int p = 0; p < T; ++p) {
    const auto row = trace.row(hook, p);
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::int64_t flat = p * static_cast<std::int64_t>(row.size()) + static_cast<std::int64_t>(i);
      if (info_of(hook.kind).shape == RowShape::Causal) {
        const auto keys = static_cast<std::int64_t>(p) + 1, h = static_cast<std::int64_t>(i) / keys;
        flat = (h * T + p) * T + static_cast<std::int64_t>(i) % keys;
      }
      if (!tolerance.holds(row[i], want.at(flat)))
        return name_of(hook) + " row " + std::to_string(p) + " [" + std::to_string(i) + "]: " + std::to_string(row[i]) + " for " +
               std::to_string(want.at(flat));
    }
  }
  return {};
}

/// Every hook of the reference, within the tolerances of the hook table; the reference may lack hook_result and split inputs alone.
inline void expect_reference(const SafetensorsFile& reference, const Trace& trace) {
  std::size_t compared = 0;
  for (const HookId hook : all_hooks(trace.config().n_layer)) {
    const auto* entry = reference.find(name_of(hook));
    if (entry == nullptr) {
      EXPECT_TRUE(hook.kind == HookKind::Result || is_split_input(hook.kind)) << name_of(hook) << " is missing in the reference";
      continue;
    }
    std::vector<std::shared_ptr<const void>> storage;
    const auto view = reference.view(*entry, storage);
    ASSERT_TRUE(view) << view.error().message;
    ASSERT_EQ(difference_to(*view, hook, trace), "");
    ++compared;
  }
  EXPECT_EQ(compared, reference.entries().size());
}

}  // namespace gf::testing
