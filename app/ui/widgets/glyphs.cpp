#include "app/ui/widgets/glyphs.h"

#include <QAbstractButton>
#include <QIcon>
#include <QPainter>
#include <QPainterPath>
#include <QPixmap>
#include <QVariant>

#include "app/ui/widgets/skin.h"

namespace gf::ui {
namespace {

/// All glyphs live in a 16 x 16 box.
void triangle(QPainterPath& path, double tip, double base) {
  path.moveTo(tip, 8);
  path.lineTo(base, 3.5);
  path.lineTo(base, 12.5);
  path.closeSubpath();
}

QPainterPath filled_part(Glyph glyph) {
  QPainterPath path;
  switch (glyph) {
    case Glyph::First:
      triangle(path, 5.5, 13);
      path.addRoundedRect(2.5, 3.5, 2, 9, 1, 1);
      break;
    case Glyph::Back: triangle(path, 3.5, 11.5); break;
    case Glyph::Play:
      path.moveTo(13.5, 8);
      path.lineTo(4, 2.5);
      path.lineTo(4, 13.5);
      path.closeSubpath();
      break;
    case Glyph::Pause:
      path.addRoundedRect(3.5, 3, 3.2, 10, 1, 1);
      path.addRoundedRect(9.3, 3, 3.2, 10, 1, 1);
      break;
    case Glyph::Forward: triangle(path, 12.5, 4.5); break;
    case Glyph::Last:
      triangle(path, 10.5, 3);
      path.addRoundedRect(11.5, 3.5, 2, 9, 1, 1);
      break;
    default: break;
  }
  return path;
}

QPainterPath stroked_part(Glyph glyph) {
  QPainterPath path;
  const auto poly = [&](std::initializer_list<QPointF> points) {
    bool first = true;
    for (const QPointF& p : points) {
      if (first) path.moveTo(p);
      else path.lineTo(p);
      first = false;
    }
  };
  switch (glyph) {
    case Glyph::Fit:
      poly({{2.5, 6}, {2.5, 2.5}, {6, 2.5}});
      poly({{10, 2.5}, {13.5, 2.5}, {13.5, 6}});
      poly({{13.5, 10}, {13.5, 13.5}, {10, 13.5}});
      poly({{6, 13.5}, {2.5, 13.5}, {2.5, 10}});
      break;
    case Glyph::Home:
      poly({{2.5, 8}, {8, 3}, {13.5, 8}});
      poly({{4.2, 7}, {4.2, 13}, {11.8, 13}, {11.8, 7}});
      break;
    case Glyph::Close:
      poly({{4, 4}, {12, 12}});
      poly({{12, 4}, {4, 12}});
      break;
    case Glyph::Float:
      path.addRoundedRect(3, 5.5, 7.5, 7.5, 1, 1);
      poly({{6, 5.5}, {6, 3}, {13, 3}, {13, 10}, {10.5, 10}});
      break;
    case Glyph::Picture:
      path.addRoundedRect(2, 3, 12, 10, 1.5, 1.5);
      poly({{2.5, 11.5}, {6, 7.5}, {9, 10.5}, {11, 8.5}, {13.5, 11}});
      break;
    default: break;
  }
  return path;
}

QPixmap drawn(Glyph glyph, const QColor& ink) {
  constexpr int kScale = 4;
  QPixmap map(16 * kScale, 16 * kScale);
  map.fill(Qt::transparent);
  QPainter painter(&map);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.scale(kScale, kScale);
  painter.fillPath(filled_part(glyph), ink);
  painter.setPen(QPen(ink, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.drawPath(stroked_part(glyph));
  return map;
}

QIcon icon_of(Glyph glyph) {
  QIcon icon(drawn(glyph, skin().text));
  icon.addPixmap(drawn(glyph, mix(skin().dim, skin().panel, 0.5)), QIcon::Disabled);
  return icon;
}

}  // namespace

void set_glyph(QAbstractButton& button, Glyph glyph) {
  button.setProperty("glyph", static_cast<int>(glyph));
  button.setIcon(icon_of(glyph));
}

std::optional<Glyph> glyph_of(const QAbstractButton& button) {
  const QVariant glyph = button.property("glyph");
  return glyph.isValid() ? std::optional(static_cast<Glyph>(glyph.toInt())) : std::nullopt;
}

void redraw_glyphs(const QWidget& window) {
  for (QAbstractButton* button : window.findChildren<QAbstractButton*>())
    if (const auto glyph = glyph_of(*button)) button->setIcon(icon_of(*glyph));
}

}  // namespace gf::ui
