// Icons, drawn: they follow the theme and any scale.
#pragma once

#include <QIcon>

namespace gf::ui {

enum class Glyph { First, Back, Play, Pause, Forward, Last, Fit, Home, Close, Float, Cut, Undo, Redo, Folder, Picture, Sun, Dot };
[[nodiscard]] QIcon icon_of(Glyph glyph);

}  // namespace gf::ui
