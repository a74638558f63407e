// The window's colours and fonts, and how Qt gets them.
#pragma once

#include <QColor>
#include <QFont>
#include <QString>

#include "renderer/colormap.h"

class QApplication;
class QLabel;
class QPainter;
class QRectF;
class QVariant;
class QWidget;

namespace gf::ui {

/// The palette of a theme. Colours are named after their roles.
struct Skin {
  bool dark = true;
  QColor ground;              ///< behind everything, and in the viewport
  QColor panel;               ///< docks and bars
  QColor card;                ///< raised things on a panel: buttons, fields, chips
  QColor hover;               ///< a card under the pointer
  QColor line;                ///< borders and rules
  QColor text, dim;           ///< text, and text of less weight
  QColor accent;              ///< the one accent: selection, focus, what is on
  QColor on_accent;           ///< text on the accent
  QColor positive, negative;  ///< signed numbers, as in the scene
  QColor notice;              ///< KL and other things that deserve a look
  QColor error;
};

/// The palette of the present theme. GUI thread.
[[nodiscard]] const Skin& skin();
/// Sets palette and style sheet of the whole application, with its open windows.
void wear(QApplication& app, render::Theme theme);
[[nodiscard]] render::Theme worn_theme();
/// Loads Inter from the assets; without it the system's font is used.
void load_fonts(QApplication& app);
/// A font at the scale of scale_text().
[[nodiscard]] QFont font_of(double points, bool bold = false);
/// Gives a widget font_of(), and again when the scale changes.
void give_font(QWidget& widget, double points, bool bold = false);
/// Scales all text of the window: 1, or more for a hall.
void scale_text(QApplication& app, double scale);
[[nodiscard]] double worn_scale();  ///< that of the last scale_text(); 1: usual letters
/// The font for numbers in columns.
[[nodiscard]] QFont figures(double points, bool bold = false);

/// The colour of a cell with this value in the scene.
[[nodiscard]] QColor heat(float value, float scale, render::ColorMap map);
/// Dark or light, whichever reads better on `ground`.
[[nodiscard]] QColor ink_on(const QColor& ground);
[[nodiscard]] QColor mix(const QColor& a, const QColor& b, double t);
/// Sets a property that rules of the style sheet name, and applies the rules again, which Qt does not do by itself.
void restyle(QWidget& widget, const char* property, const QVariant& value);
/// A label that wraps its text. `name`: its object name; `role`: as the style sheet names it, "dim" or "notice"; empty: plain text.
[[nodiscard]] QLabel* wrapped_label(QWidget* parent, const QString& name, const char* role = "");
/// Draws the frame of the keyboard focus; all widgets that paint themselves use it.
void draw_focus(QPainter& painter, const QRectF& around, double radius);

}  // namespace gf::ui
