#include "app/ui/widgets/skin.h"

#include <QApplication>
#include <QLabel>
#include <QPainter>
#include <QPalette>
#include <QStyle>
#include <QStyleFactory>
#include <QVariant>
#include <QWidget>
#include <algorithm>

#include "app/export/qt_fonts.h"
#include "app/ui/widgets/style_sheet.h"

namespace gf::ui {
namespace {

render::Theme skin_theme = render::Theme::Dark;
constexpr double kUsualPoints = 9.75;
QString skin_family = QStringLiteral("Inter");
double text_scale = 1;

const Skin kDarkSkin{
    .dark = true,
    .ground = QColor(0x0e1116),
    .panel = QColor(0x1a1e26),
    .card = QColor(0x222732),
    .hover = QColor(0x2a303d),
    .line = QColor(0x2c3340),
    .text = QColor(0xe8ecf3),
    .dim = QColor(0x93a0b5),
    .accent = QColor(0x6ea8fe),
    .on_accent = QColor(0x0b1220),
    .positive = QColor(0xff8a52),
    .negative = QColor(0x5fb0ff),
    .notice = QColor(0xffd166),
    .error = QColor(0xff7b7b),
};

const Skin kLightSkin{
    .dark = false,
    .ground = QColor(0xf0eee9),
    .panel = QColor(0xfaf9f6),
    .card = QColor(0xffffff),
    .hover = QColor(0xf1f4f9),
    .line = QColor(0xd9d6cf),
    .text = QColor(0x1b2330),
    .dim = QColor(0x5d687a),
    .accent = QColor(0x2b68ad),
    .on_accent = QColor(0xffffff),
    .positive = QColor(0xc0471c),
    .negative = QColor(0x2f6fb7),
    .notice = QColor(0x9a6a00),
    .error = QColor(0xb3261e),
};

QPalette palette_of(const Skin& s) {
  QPalette p;
  p.setColor(QPalette::Window, s.panel);
  p.setColor(QPalette::WindowText, s.text);
  p.setColor(QPalette::Base, s.card);
  p.setColor(QPalette::AlternateBase, s.panel);
  p.setColor(QPalette::Text, s.text);
  p.setColor(QPalette::PlaceholderText, s.dim);
  p.setColor(QPalette::Button, s.card);
  p.setColor(QPalette::ButtonText, s.text);
  p.setColor(QPalette::BrightText, s.error);
  p.setColor(QPalette::Highlight, s.accent);
  p.setColor(QPalette::HighlightedText, s.on_accent);
  p.setColor(QPalette::ToolTipBase, s.card);
  p.setColor(QPalette::ToolTipText, s.text);
  p.setColor(QPalette::Link, s.accent);
  p.setColor(QPalette::Light, s.hover);
  p.setColor(QPalette::Midlight, s.hover);
  p.setColor(QPalette::Mid, s.line);
  p.setColor(QPalette::Dark, s.line);
  p.setColor(QPalette::Shadow, s.ground);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    p.setColor(QPalette::Disabled, role, mix(s.dim, s.panel, 0.45));
  return p;
}

}  // namespace

const Skin& skin() { return skin_theme == render::Theme::Dark ? kDarkSkin : kLightSkin; }
render::Theme worn_theme() { return skin_theme; }

void wear(QApplication& app, render::Theme theme) {
  skin_theme = theme;
  static bool dressed = false;
  if (!dressed) QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  dressed = true;
  QApplication::setPalette(palette_of(skin()));
  app.setStyleSheet(style_sheet(skin()));
}

void load_fonts(QApplication& app) {
  exporting::add_bundled_fonts();
  skin_family = exporting::picture_family();
  app.setFont(font_of(kUsualPoints));
}

void give_font(QWidget& widget, double points, bool bold) {
  widget.setProperty("points", points);
  widget.setProperty("bold", bold);
  widget.setFont(font_of(points, bold));
}

void restyle(QWidget& widget, const char* property, const QVariant& value) {
  if (widget.property(property) == value) return;
  widget.setProperty(property, value);
  widget.style()->unpolish(&widget);
  widget.style()->polish(&widget);
}

double worn_scale() { return text_scale; }

void scale_text(QApplication& app, double scale) {
  if (text_scale == scale) return;
  text_scale = scale;
  app.setFont(font_of(kUsualPoints));
  // Under a style sheet, widgets take over neither the application's new font nor their parents', so each one gets it.
  for (QWidget* widget : QApplication::allWidgets()) {
    const QVariant points = widget->property("points");
    widget->setFont(points.isValid() ? font_of(points.toDouble(), widget->property("bold").toBool()) : font_of(kUsualPoints));
  }
}

QFont font_of(double points, bool bold) {
  QFont font(skin_family);
  font.setPointSizeF(points * text_scale);
  font.setWeight(bold ? QFont::DemiBold : QFont::Normal);
  font.setHintingPreference(QFont::PreferNoHinting);
  return font;
}

QFont figures(double points, bool bold) {
  // Inter's figures are proportional, and Qt 6.4 cannot ask for `tnum`, so columns are right-aligned.
  return font_of(points, bold);
}

QColor heat(float value, float scale, render::ColorMap map) {
  const render::Rgb8 c = render::color_of(value, scale > 0 ? scale : 1.0F, 0.0F, map, skin_theme);
  return QColor(c[0], c[1], c[2]);
}

QColor ink_on(const QColor& ground) {
  const double luminance = 0.2126 * ground.redF() + 0.7152 * ground.greenF() + 0.0722 * ground.blueF();
  return luminance > 0.5 ? QColor(0x10, 0x16, 0x20) : QColor(0xf2, 0xf5, 0xfa);
}

QColor mix(const QColor& a, const QColor& b, double t) {
  const auto blend = [t](double x, double y) { return static_cast<float>(x + (y - x) * t); };
  return QColor::fromRgbF(blend(a.redF(), b.redF()), blend(a.greenF(), b.greenF()), blend(a.blueF(), b.blueF()),
                          blend(a.alphaF(), b.alphaF()));
}

QLabel* wrapped_label(QWidget* parent, const QString& name, const char* role) {
  auto* label = new QLabel(parent);
  label->setObjectName(name);
  label->setProperty("role", QLatin1String(role));
  label->setWordWrap(true);
  return label;
}

void draw_focus(QPainter& painter, const QRectF& around, double radius) {
  painter.save();
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(skin().accent, 2));
  painter.drawRoundedRect(around, radius, radius);
  painter.restore();
}

}  // namespace gf::ui
