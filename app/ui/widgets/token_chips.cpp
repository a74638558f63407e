#include "app/ui/widgets/token_chips.h"

#include <QAccessible>
#include <QFontMetrics>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {
constexpr int kChipHeight = 26, kChipTop = 3, kChipGap = 5, kChipPad = 8, kNumberTop = 31;
}

TokenChips::TokenChips(QWidget* parent) : QWidget(parent) {
  setObjectName("token_chips");
  setAccessibleName(text("Tokens"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setFixedHeight(46);
}

void TokenChips::set_chips(std::vector<Chip> chips, std::optional<Chip> prediction, QString measure) {
  chips_ = std::move(chips);
  prediction_ = std::move(prediction);
  measure_ = std::move(measure);
  lay_out();
  update();
}

void TokenChips::set_selected(int position) {
  if (position == selected_) return;
  selected_ = position;
  if (selected_ >= 0 && selected_ < count()) {
    const Chip& chip = chips_[static_cast<std::size_t>(selected_)];
    setAccessibleDescription(text("position {0}, {1}, {2} {3}", selected_, label_of(chip), measure_, chip.number));
    QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&changed);
  }
  update();
}

void TokenChips::lay_out() {
  rects_.clear();
  const QFontMetrics metrics(font_of(10)), small(font_of(7.5));
  int x = 3;
  const auto place = [&](const Chip& chip, int more) {
    const int whole = metrics.horizontalAdvance(chip.text) + 2 * kChipPad + more;
    const int wide = std::max((whole + chip.pieces - 1) / chip.pieces, small.horizontalAdvance(chip.number) + 6);
    rects_.emplace_back(x, kChipTop, wide, kChipHeight);
    x += wide + (chip.piece + 1 < chip.pieces ? 0 : kChipGap);
  };
  for (const Chip& chip : chips_) place(chip, 0);
  if (prediction_) place(*prediction_, 6);
  setMinimumWidth(x);
}

QRect TokenChips::chip_rect(int position) const {
  return position >= 0 && position < count() ? rects_[static_cast<std::size_t>(position)] : QRect();
}

QString TokenChips::label_of(const Chip& chip) {
  return chip.pieces == 1 ? chip.text : QStringLiteral("%1 %2/%3").arg(chip.text).arg(chip.piece + 1).arg(chip.pieces);
}

QRect TokenChips::joined_rect(int index) const {
  const QRect own = rects_[static_cast<std::size_t>(index)];
  if (index >= count()) return own;
  const Chip& chip = chips_[static_cast<std::size_t>(index)];
  const int first = std::max(0, index - chip.piece), last = std::min(count() - 1, first + chip.pieces - 1);
  return rects_[static_cast<std::size_t>(first)].united(rects_[static_cast<std::size_t>(last)]);
}

QRect TokenChips::prediction_rect() const { return prediction_ ? rects_.back() : QRect(); }

int TokenChips::at(QPoint point) const {
  for (std::size_t i = 0; i < rects_.size(); ++i)
    if (rects_[i].adjusted(-2, 0, 2, 18).contains(point)) return static_cast<int>(i);
  return -1;
}

void TokenChips::paint_chip(QPainter& painter, int index) const {
  const bool predicted = index == count();
  const Chip& chip = predicted ? *prediction_ : chips_[static_cast<std::size_t>(index)];
  const QRectF box = QRectF(rects_[static_cast<std::size_t>(index)]).adjusted(0.5, 0.5, -0.5, -0.5);
  const Skin& s = skin();
  QColor fill = mix(s.card, s.positive, 0.55 * chip.strength);
  if (index == hovered_) fill = mix(fill, s.text, 0.08);
  QPen border(mix(s.line, s.positive, 0.5 * chip.strength), 1);
  if (chip.generated) border = QPen(mix(s.line, s.accent, 0.6), 1);
  if (index == selected_) border = QPen(s.accent, 2);
  if (predicted) {
    fill = index == hovered_ ? s.hover : QColor(Qt::transparent);
    border = QPen(s.accent, 1.5, Qt::CustomDashLine);
    border.setDashPattern({3, 2.5});
  }
  // Of chips that are one, each draws its part of the whole.
  const QRectF whole = QRectF(joined_rect(index)).adjusted(0.5, 0.5, -0.5, -0.5);
  if (chip.pieces > 1) {
    painter.save();
    painter.setClipRect(rects_[static_cast<std::size_t>(index)]);
  }
  painter.setPen(border);
  painter.setBrush(fill);
  painter.drawRoundedRect(whole, 6, 6);
  if (chip.piece > 0) {
    painter.setPen(QPen(border.color(), 1, Qt::DotLine));
    painter.drawLine(QPointF(box.left(), box.top() + 1), QPointF(box.left(), box.bottom() - 1));
  }
  painter.setFont(font_of(10));
  painter.setPen(predicted ? s.accent : s.text);
  painter.drawText(whole, Qt::AlignCenter, chip.text);
  if (chip.pieces > 1) {
    painter.restore();
    if (index == selected_) {
      painter.setPen(border);
      painter.setBrush(Qt::NoBrush);
      painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5));
    }
  }
  painter.setFont(font_of(7.5));
  painter.setPen(predicted ? s.accent : s.dim);
  painter.drawText(QRectF(box.left() - 4, kNumberTop, box.width() + 8, 13), Qt::AlignCenter, chip.number);
}

void TokenChips::paintEvent(QPaintEvent* event) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  for (std::size_t i = 0; i < rects_.size(); ++i)
    if (rects_[i].adjusted(-4, -4, 4, 20).intersects(event->rect())) paint_chip(painter, static_cast<int>(i));
  if (hasFocus() && selected_ >= 0 && selected_ < count())
    draw_focus(painter, QRectF(rects_[static_cast<std::size_t>(selected_)]).adjusted(-1.5, -1.5, 1.5, 1.5), 7);
}

void TokenChips::mousePressEvent(QMouseEvent* event) {
  const int hit = at(event->position().toPoint());
  if (event->button() != Qt::LeftButton || hit < 0) return;
  if (hit == count()) {
    if (on_prediction) on_prediction();
  } else if (on_select) {
    on_select(hit);
  }
}

void TokenChips::mouseMoveEvent(QMouseEvent* event) {
  const int hit = at(event->position().toPoint());
  if (hit == hovered_) return;
  hovered_ = hit;
  setCursor(hit >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
  update();
}

void TokenChips::leaveEvent(QEvent*) {
  hovered_ = -1;
  update();
}

void TokenChips::keyPressEvent(QKeyEvent* event) {
  const int last = count() - 1;
  const int now = selected_ < 0 ? last : selected_;
  int next = 0;
  switch (event->key()) {
    case Qt::Key_Left: next = std::max(0, now - 1); break;
    case Qt::Key_Right: next = std::min(last, now + 1); break;
    case Qt::Key_Home: next = 0; break;
    case Qt::Key_End: next = last; break;
    default: QWidget::keyPressEvent(event); return;
  }
  if (next >= 0 && on_select) on_select(next);
}

bool TokenChips::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const int hit = at(help->pos());
    if (hit < 0) QToolTip::hideText();
    else QToolTip::showText(help->globalPos(), hit == count() ? prediction_->tooltip : chips_[static_cast<std::size_t>(hit)].tooltip, this);
    return true;
  }
  if (event->type() == QEvent::ShortcutOverride && hasFocus()) {
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool ours = key->key() == Qt::Key_Left || key->key() == Qt::Key_Right || key->key() == Qt::Key_Home || key->key() == Qt::Key_End;
    if (ours && key->modifiers() == Qt::NoModifier) event->accept();
  }
  return QWidget::event(event);
}

void TokenChips::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange) lay_out();
  QWidget::changeEvent(event);
}

}  // namespace gf::ui
