// Writes a run's captured hooks to a file.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/io/arrays/arrays.h"
#include "model/trace.h"

namespace gf::cli {

/// Whether a name matches a pattern of *, ? and plain characters. `*` crosses dots.
[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view name);

/// The hooks that comma-separated globs name; `none`, `default` and `full` name those plans. Empty: default.
struct HookChoice {
  CapturePlan plan = CapturePlan::defaults();
  std::vector<HookId> hooks;  ///< to write, in the order of the forward pass
};
/// Errors: InvalidArgument, naming the glob that matches nothing.
[[nodiscard]] Result<HookChoice> choose_hooks(std::string_view globs, int n_layer);

/// Writes the hooks under their names, rows 0..T-1, float32, in the format that the path's ending names (arrays.h), with
/// the metadata. Causal hooks become n_head x T x T, with -inf (scores) or 0 (pattern) where key > query.
/// Errors: those of write_arrays(), Cancelled. If it fails, the path holds what it held before.
[[nodiscard]] Result<void> write_trace(const std::string& path, const Trace& trace, const std::vector<HookId>& hooks,
                                       const ArrayMetadata& metadata, const std::stop_token& stop = {});

}  // namespace gf::cli
