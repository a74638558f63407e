#include "app/ui/widgets/elided_label.h"

#include <QFontMetrics>
#include <QHelpEvent>
#include <QPainter>
#include <QStyle>
#include <QToolTip>
#include <algorithm>

namespace gf::ui {
namespace {

constexpr int kLeastLetters = 4;

}  // namespace

ElidedLabel::ElidedLabel(QWidget* parent, Qt::TextElideMode mode) : QLabel(parent), mode_(mode) { setTextFormat(Qt::PlainText); }

QSize ElidedLabel::minimumSizeHint() const {
  const QMargins around = contentsMargins();
  const int least = kLeastLetters * fontMetrics().averageCharWidth() + around.left() + around.right() + 2 * margin();
  return {std::min(least, QLabel::sizeHint().width()), QLabel::minimumSizeHint().height()};
}

QString ElidedLabel::shown() const {
  const int room = contentsRect().width() - 2 * margin();
  // sizeHint() is whole pixels, which may lack a part of one.
  return fontMetrics().horizontalAdvance(text()) <= room + 1 ? text() : fontMetrics().elidedText(text(), mode_, room);
}

void ElidedLabel::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QRect box = contentsRect().adjusted(margin(), margin(), -margin(), -margin());
  style()->drawItemText(&painter, box, static_cast<int>(alignment()), palette(), isEnabled(), shown(), foregroundRole());
}

bool ElidedLabel::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip && toolTip().isEmpty()) {
    const QString whole = shown() == text() ? QString() : text();
    QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), whole, this);
    return true;
  }
  return QLabel::event(event);
}

}  // namespace gf::ui
