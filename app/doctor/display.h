// Where a window could open.
#pragma once

#include <string>

namespace gf::doctor {

/// Why no window can be opened; empty: it can. Asks the X server of $DISPLAY, which may take as long as its network does.
/// Without $QT_QPA_PLATFORM Qt opens an X11 window.
[[nodiscard]] std::string no_display();

}  // namespace gf::doctor
