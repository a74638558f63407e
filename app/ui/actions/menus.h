// The menu bar, as lists of action ids.
#pragma once

#include <span>
#include <vector>

class QMenuBar;

namespace gf::ui {

class ActionRunner;

struct MenuRow {
  const char* id = nullptr;       ///< of an action; null: a separator
  bool choices = false;           ///< shows the action's choices instead of the action
  const char* group = "";         ///< shows the choices of this group alone; empty: all
  const char* submenu = nullptr;  ///< a phrase(): the row stands in the submenu with that name; rows that follow each other share it
};
struct MenuInfo {
  const char* title;  ///< a phrase(); & stands before the letter of its shortcut
  std::vector<MenuRow> rows;
};
[[nodiscard]] std::span<const MenuInfo> menus();

/// In place of those that the bar has. Not while one of its menus is open.
void build_menus(QMenuBar& bar, ActionRunner& runner);

}  // namespace gf::ui
