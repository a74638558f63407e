// Layouts: which docks show, on which side and how large. Four come with the program, each for a purpose; the user's own ones stand
// in the settings under layouts.
#pragma once

#include <QByteArray>
#include <QString>
#include <span>
#include <string>
#include <string_view>
#include <vector>

class QSettings;

namespace gf::ui {

/// Docks in one place, as tabs; the first is in front.
struct LayoutStack {
  std::vector<const char*> docks;  ///< their ids
  int share = 1;                   ///< of the side's height, in proportion to the other stacks there
};

/// A layout that comes with the program.
struct LayoutInfo {
  const char* id;                                  ///< "explore"
  const char* title;                               ///< a phrase()
  const char* about;                               ///< a phrase(): what it is for
  std::vector<LayoutStack> left = {}, right = {};  ///< from top to bottom; empty: the scene reaches to that side
  int left_width = 0, right_width = 0;             ///< in pixels, where the window has room for them
};
/// The first one is that of the first start.
[[nodiscard]] std::span<const LayoutInfo> layouts();
/// By its id, in any case of letters. null: no layout of the program has it.
[[nodiscard]] const LayoutInfo* find_layout(std::string_view id);

/// The docks as they stand, to have them again.
struct DockLayout {
  QByteArray state;              ///< of QMainWindow::saveState(); empty: none
  std::vector<std::string> ids;  ///< the docks that show
};

/// The layout with which the window was closed; its state is empty where there is none.
[[nodiscard]] DockLayout closed_layout(const QSettings& settings);
void keep_closed_layout(QSettings& settings, const DockLayout& layout);
/// The name of the layout that was chosen last: an id, or the name of an own one. The first start's where none was.
[[nodiscard]] std::string chosen_layout();
void keep_chosen_layout(const std::string& name);

struct OwnLayout {
  QString name;
  DockLayout layout;
};
/// In the order in which they were saved first.
[[nodiscard]] std::vector<OwnLayout> own_layouts();
void keep_own_layouts(const std::vector<OwnLayout>& all);

}  // namespace gf::ui
