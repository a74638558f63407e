// The style sheet of the window, made from a palette.
#pragma once

#include <QString>

namespace gf::ui {

struct Skin;
[[nodiscard]] QString style_sheet(const Skin& skin);

}  // namespace gf::ui
