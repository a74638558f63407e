// Icons that are drawn, so that they suit the theme and any scale.
#pragma once

#include <optional>

class QAbstractButton;
class QWidget;

namespace gf::ui {

enum class Glyph { First, Back, Play, Pause, Forward, Last, Fit, Home, Close, Float, Picture };
/// Gives the button the glyph as its icon.
void set_glyph(QAbstractButton& button, Glyph glyph);
/// The glyph that set_glyph() gave; nullopt: none.
[[nodiscard]] std::optional<Glyph> glyph_of(const QAbstractButton& button);
/// Draws the glyphs of all buttons in the window again, in the colours of the present theme.
void redraw_glyphs(const QWidget& window);

}  // namespace gf::ui
