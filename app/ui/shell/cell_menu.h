// What the menu of a cell offers beyond selecting and flying there: edits, copies and files.
#pragma once

#include <string>
#include <vector>

#include "app/document/lab.h"

class QMenu;

namespace gf::ui {

class MainWindow;

/// An edit at a cell, and its name in the menu.
struct CellEdit {
  std::string words;
  Edit edit;
};
/// Edits of one operation at the cell: at its position, at its neuron, everywhere in its hook. Those that the operation does not
/// take are left out; none for a weight.
[[nodiscard]] std::vector<CellEdit> edits_at(const scene::CellRef& cell, EditOp op);

/// Selects the position that a hook's cell belongs to; none for a weight.
void add_position(QMenu& menu, doc::Lab& lab, const scene::CellRef& cell);
/// Appends them to the menu of a cell. Heads have entries of their own, see head_menu.h.
void add_cell_edits(QMenu& menu, MainWindow& window, doc::Lab& lab, const scene::CellRef& cell);
/// Copy value, row or tensor; numbers or a figure as a file.
void add_cell_copies(QMenu& menu, MainWindow& window, doc::Lab& lab, const scene::CellRef& cell);

/// Copies the lines of PyTorch that give the cell's number, and says so.
void copy_code_of(MainWindow& window, doc::Lab& lab, const scene::CellRef& cell);

/// The numbers of a tensor as CSV: one a line, behind its indices. `row`: of the row through a cell alone. Errors: NotFound
/// where the run did not keep it; InvalidArgument where they are more than `most`.
[[nodiscard]] Result<std::string> numbers_of(const doc::Lab& lab, const scene::CellRef& cell, bool row, std::int64_t most = 200'000);

}  // namespace gf::ui
