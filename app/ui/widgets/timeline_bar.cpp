#include "app/ui/widgets/timeline_bar.h"

#include <QFontMetrics>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {
constexpr double kBarTop = 6, kBarHeight = 15, kMargin = 6, kWordPoints = 7.5;

/// From the bar to the baseline of the words.
double words_below() { return 14 * font_of(kWordPoints).pointSizeF() / kWordPoints; }
int whole_height() { return static_cast<int>(kBarTop + kBarHeight + 1.5 * words_below()); }
}  // namespace

TimelineBar::TimelineBar(QWidget* parent) : QWidget(parent) {
  setObjectName("timeline");
  setAccessibleName(text("Timeline of tokens and blocks"));
  setMouseTracking(true);
  setFixedHeight(whole_height());
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void TimelineBar::set_run(std::shared_ptr<const scene::Timeline> timeline, int n_layer, QStringList words) {
  timeline_ = std::move(timeline);
  n_layer_ = n_layer;
  words_ = std::move(words);
  update();
}

void TimelineBar::set_time(double time) {
  if (time == time_) return;
  time_ = time;
  update();
}

double TimelineBar::x_of(double time) const {
  const double whole = timeline_ ? end() : 1;
  return kMargin + (width() - 2 * kMargin) * std::clamp(time / std::max(whole, 1e-9), 0.0, 1.0);
}

double TimelineBar::time_at(double x) const { return end() * std::clamp((x - kMargin) / std::max(1.0, width() - 2 * kMargin), 0.0, 1.0); }

void TimelineBar::set_single(bool single) {
  if (single == single_) return;
  single_ = single;
  update();
}

void TimelineBar::paint_single(QPainter& painter) const {
  const Skin& s = skin();
  const double left = x_of(0), now = x_of(time_);
  painter.fillRect(QRectF(left, kBarTop, x_of(1) - left, kBarHeight), mix(s.panel, s.line, 0.9));
  painter.fillRect(QRectF(left, kBarTop, now - left, kBarHeight), mix(s.panel, s.accent, 0.72));
}

void TimelineBar::paint_token(QPainter& painter, int position) const {
  const Skin& s = skin();
  const double left = x_of(timeline_->start_of(position)) + 1, right = x_of(timeline_->start_of(position + 1)) - 1;
  const int parts = n_layer_ + 2;  // the embedding, the blocks, the head
  const double step = (right - left) / parts;
  const double now = x_of(time_);
  const QColor done = mix(s.panel, s.accent, 0.72), ahead = mix(s.panel, s.line, 0.9);
  if (step < 2.2) {  // too narrow for blocks: one bar a token
    painter.fillRect(QRectF(left, kBarTop, std::max(0.5, right - left), kBarHeight), ahead);
    if (now > left) painter.fillRect(QRectF(left, kBarTop, std::max(0.5, std::min(now, right) - left), kBarHeight), done);
    return;
  }
  for (int i = 0; i < parts; ++i) {
    const QRectF box(left + i * step, kBarTop, step - 1, kBarHeight);
    painter.fillRect(box, ahead);
    if (now > box.left()) painter.fillRect(QRectF(box.left(), box.top(), std::min(now, box.right()) - box.left(), box.height()), done);
  }
}

void TimelineBar::paint_words(QPainter& painter) const {
  const QFont font = font_of(kWordPoints);
  const QFontMetrics metrics(font);
  painter.setFont(font);
  double free_from = 0;
  const int current = timeline_->at(time_).position;
  for (int p = 0; p < words_.size(); ++p) {
    const double left = x_of(timeline_->start_of(p)), right = x_of(timeline_->start_of(p + 1));
    QString word = words_[p];
    double wide = metrics.horizontalAdvance(word), x = (left + right - wide) / 2;
    if (x < free_from || x + wide > width()) {
      // A word that has no room ends in dots, so that words do not overlap; where these would leave little of it, it is left out.
      constexpr int kFewLetters = 4;  // with the dots
      x = std::max(left, free_from);
      word = metrics.elidedText(word, Qt::ElideRight, static_cast<int>(right - x));
      wide = metrics.horizontalAdvance(word);
      if (word.size() < kFewLetters || x + wide > right) continue;
    }
    painter.setPen(p == current && time_ < timeline_->end() ? skin().text : skin().dim);
    painter.drawText(QPointF(x, kBarTop + kBarHeight + words_below()), word);
    free_from = x + wide + 5;
  }
}

void TimelineBar::paintEvent(QPaintEvent*) {
  if (!timeline_) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  if (single_) {
    paint_single(painter);
  } else {
    for (int p = 0; p < timeline_->positions(); ++p) paint_token(painter, p);
    paint_words(painter);
  }
  const double x = x_of(time_);
  painter.setPen(QPen(skin().positive, 2));
  painter.drawLine(QPointF(x, 2), QPointF(x, kBarTop + kBarHeight + 3));
  painter.setBrush(skin().positive);
  painter.setPen(Qt::NoPen);
  painter.drawEllipse(QPointF(x, 3), 3, 3);
}

void TimelineBar::scrub(double x) {
  if (timeline_ && on_scrub) on_scrub(time_at(x));
}

void TimelineBar::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) scrub(event->position().x());
}

void TimelineBar::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::LeftButton) scrub(event->position().x());
}

void TimelineBar::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange) setFixedHeight(whole_height());
  QWidget::changeEvent(event);
}

bool TimelineBar::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip && timeline_ && !single_) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const scene::Timeline::Moment moment = timeline_->at(time_at(help->pos().x()));
    const scene::Op& op = timeline_->ops()[static_cast<std::size_t>(moment.op)];
    QToolTip::showText(help->globalPos(), text("position {0} “{1}”: {2}", moment.position, words_.value(moment.position), op.name), this);
    return true;
  }
  return QWidget::event(event);
}

}  // namespace gf::ui
