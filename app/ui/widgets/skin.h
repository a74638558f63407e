// Colours of the window, and what makes Qt wear them.
#pragma once

#include <QColor>
#include <QFont>

#include "renderer/colormap.h"

class QApplication;
class QPainter;
class QRectF;
class QWidget;

namespace gf::ui {

/// One theme's palette. Roles, not places.
struct Skin {
  bool dark = true;
  QColor ground;              ///< behind everything, and the viewport's
  QColor panel;               ///< docks and bars
  QColor card;                ///< raised things on a panel: buttons, fields, chips
  QColor hover;               ///< a card under the pointer
  QColor line;                ///< borders and rules
  QColor text, dim;           ///< text, and text of less weight
  QColor accent;              ///< the one accent: selection, focus, what is on
  QColor on_accent;           ///< text on the accent
  QColor positive, negative;  ///< signed numbers, as in the scene
  QColor notice;              ///< KL and other things that ask for a glance
  QColor error;
};

/// The palette of the theme that is worn. GUI thread.
[[nodiscard]] const Skin& skin();
/// Palette and style sheet for the whole application; windows that exist change too.
void wear(QApplication& app, render::Theme theme);
[[nodiscard]] render::Theme worn_theme();
/// Inter from the assets where it is there, else what the system has.
void load_fonts(QApplication& app);
/// At the scale of scale_text().
[[nodiscard]] QFont font_of(double points, bool bold = false);
/// font_of() for a widget, which follows the scale.
void give_font(QWidget& widget, double points, bool bold = false);
/// All letters of the window by this much: 1, or larger for a hall.
void scale_text(QApplication& app, double scale);
/// Numbers that stand in columns: figures of one width.
[[nodiscard]] QFont figures(double points, bool bold = false);

/// What a cell of this value shows in the scene.
[[nodiscard]] QColor heat(float value, float scale, render::ColorMap map);
/// Black or white, whichever reads better on `ground`.
[[nodiscard]] QColor ink_on(const QColor& ground);
[[nodiscard]] QColor mix(const QColor& a, const QColor& b, double t);
/// Keyboard focus, drawn the same on everything that paints itself.
void draw_focus(QPainter& painter, const QRectF& around, double radius);

}  // namespace gf::ui
