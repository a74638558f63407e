// The edits of a recipe as lines of PyTorch, for explain_code.cpp.
#pragma once

#include <string>
#include <vector>

#include "app/scene/cards/explain_parts.h"

namespace gf::scene::explaining {

/// A line behind the one that makes the hook.
struct CodeEdit {
  HookId hook;
  std::string line;
};
struct CodeEdits {
  std::vector<CodeEdit> lines;
  /// Why there are none although the recipe has edits that reach the hook: the first that cannot be written as a line, in words.
  std::string left_out;
};
/// What the recipe does at hooks from which `to` is computed, at the first `positions` positions.
[[nodiscard]] CodeEdits code_edits(const Pass& pass, HookId to, int positions);

}  // namespace gf::scene::explaining
