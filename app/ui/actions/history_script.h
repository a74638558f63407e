// What was done, as actions that do it again.
#pragma once

#include <QString>
#include <string>
#include <vector>

#include "app/document/document.h"
#include "app/ui/actions/actions.h"

namespace gf::ui {

/// Actions that lead from one document to another, camera and time left out.
struct HistoryScript {
  std::vector<ActionCall> calls;
  std::vector<std::string> left_out;  ///< sentences about what no action does
};
void add_calls(HistoryScript& script, const doc::Document& from, const doc::Document& to);
/// All documents of a history, from a new document on.
[[nodiscard]] HistoryScript script_of(const std::vector<doc::Document>& documents);
/// As a command for a shell: `glassformer --do cut-head 4.3 ...`; what is left out stands above it as remarks.
[[nodiscard]] std::string shell_command(const HistoryScript& script);

}  // namespace gf::ui
