// A page that scrolls down where it has no room.
#pragma once

class QWidget;

namespace gf::ui {

/// Fills `parent`, which has no layout yet, and gives the widget for the page's own: as wide as there is room for, and as high as
/// it needs. Without it the least height of all that a page can show would be that of its dock, and at last of the window.
[[nodiscard]] QWidget* scrolling_page(QWidget* parent, const char* name);

}  // namespace gf::ui
