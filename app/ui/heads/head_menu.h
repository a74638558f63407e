// The rows of a menu for a head.
#pragma once

class QMenu;

namespace gf::doc {
class Lab;
}

namespace gf::ui {

/// Adds rows that cut or restore the head, replace it by its mean, and scale it. The Lab outlives the menu.
void add_head_edits(QMenu& menu, doc::Lab& lab, int layer, int head);

}  // namespace gf::ui
