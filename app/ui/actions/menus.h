// The menu bar: a structure of ids.
#pragma once

#include <span>
#include <vector>

class QMenuBar;

namespace gf::ui {

class Commands;

struct MenuRow {
  const char* id = nullptr;       ///< of an action; null: a line between
  bool choices = false;           ///< its choices instead of itself
  const char* group = "";         ///< of the choices: this group alone
  const char* submenu = nullptr;  ///< a phrase(): the choices stand in a menu of that name
};
struct MenuInfo {
  const char* title;  ///< a phrase() with & before its letter
  std::vector<MenuRow> rows;
};
[[nodiscard]] std::span<const MenuInfo> menus();

void build_menus(QMenuBar& bar, Commands& commands);

}  // namespace gf::ui
