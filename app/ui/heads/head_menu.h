// The rows of a menu for a head or an MLP.
#pragma once

#include "app/document/part_edits.h"

class QMenu;

namespace gf::doc {
class Lab;
}

namespace gf::ui {

/// Adds rows that cut or restore it, replace it by its mean, and scale it. The Lab outlives the menu.
void add_part_edits(QMenu& menu, doc::Lab& lab, const doc::BlockPart& part);
/// Adds rows that copy what it writes from the second prompt's run; where that is not possible, a row that says why not.
void add_part_patches(QMenu& menu, doc::Lab& lab, const doc::BlockPart& part);
/// Adds rows that put its edits on the clipboard, as a recipe, and paste those that are there: onto it, onto its block's heads (an MLP:
/// every MLP), and onto the same place of each block.
void add_part_copies(QMenu& menu, doc::Lab& lab, const doc::BlockPart& part);

}  // namespace gf::ui
