#include "app/ui/plots/head_thumbs.h"

#include <QImage>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

constexpr double kThumbLeft = 18, kThumbTop = 14, kLeastThumb = 18, kLargestThumb = 52;

QImage picture_of_head(const doc::HeadPatterns& all, int layer, int head) {
  QImage image(all.side, all.side, QImage::Format_ARGB32);
  image.fill(Qt::transparent);
  const float* cell = all.of(layer, head);
  for (int r = 0; r < all.side; ++r)
    for (int c = 0; c < all.side; ++c, ++cell)
      if (c <= r) image.setPixelColor(c, r, heat(*cell, 1, render::ColorMap::Sequential));
  return image;
}

}  // namespace

HeadThumbs::HeadThumbs(QWidget* parent) : Plot(parent) {
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

void HeadThumbs::set_patterns(std::shared_ptr<const doc::HeadPatterns> patterns) {
  if (patterns == patterns_) return;
  patterns_ = std::move(patterns);
  images_.clear();
  updateGeometry();
  update();
}

void HeadThumbs::set_current(int layer, int head) {
  if (layer == layer_ && head == head_) return;
  layer_ = layer;
  head_ = head;
  say_current(text("block {0}, head {1}", layer, head));
  if (on_current) on_current(thumb_rect(layer, head).toAlignedRect());
  update();
}

double HeadThumbs::pitch(double width) const {
  return std::clamp((width - kThumbLeft - 2) / std::max(1, patterns_ ? patterns_->n_head : 1), kLeastThumb, kLargestThumb);
}

QRectF HeadThumbs::thumb_rect(int layer, int head) const {
  const double p = pitch(width());
  return {kThumbLeft + head * p, kThumbTop + layer * p, p - 3, p - 3};
}

int HeadThumbs::heightForWidth(int width) const {
  return static_cast<int>(std::ceil(kThumbTop + pitch(width) * (patterns_ ? patterns_->n_layer : 1))) + 2;
}
QSize HeadThumbs::minimumSizeHint() const {
  const int least = static_cast<int>(kThumbLeft + 2 + kLeastThumb * (patterns_ ? patterns_->n_head : 1));
  return {least, heightForWidth(least)};
}
QSize HeadThumbs::picture_size() const { return {width(), heightForWidth(width())}; }

bool HeadThumbs::head_at(QPointF point, int& layer, int& head) const {
  const double p = pitch(width());
  layer = static_cast<int>(std::floor((point.y() - kThumbTop) / p));
  head = static_cast<int>(std::floor((point.x() - kThumbLeft) / p));
  return patterns_ && layer >= 0 && head >= 0 && layer < patterns_->n_layer && head < patterns_->n_head;
}

void HeadThumbs::draw(QPainter& painter, QSizeF size, bool picture) const {
  if (!patterns_) return;
  if (const bool light = worn_theme() == render::Theme::Light; images_.empty() || light != light_) {
    light_ = light;
    images_.clear();
    for (int layer = 0; layer < patterns_->n_layer; ++layer)
      for (int head = 0; head < patterns_->n_head; ++head) images_.push_back(picture_of_head(*patterns_, layer, head));
  }
  const double p = pitch(size.width());
  painter.setFont(figures(7));
  painter.setPen(skin().dim);
  for (int head = 0; head < patterns_->n_head; ++head)
    painter.drawText(QRectF(kThumbLeft + head * p, 0, p - 3, kThumbTop), Qt::AlignCenter, QString::number(head));
  for (int layer = 0; layer < patterns_->n_layer; ++layer) {
    painter.setPen(skin().dim);
    painter.drawText(QRectF(0, kThumbTop + layer * p, kThumbLeft - 4, p - 3), Qt::AlignRight | Qt::AlignVCenter, QString::number(layer));
    for (int head = 0; head < patterns_->n_head; ++head) {
      const QRectF box(kThumbLeft + head * p, kThumbTop + layer * p, p - 3, p - 3);
      painter.fillRect(box, skin().card);
      painter.drawImage(box, images_[static_cast<std::size_t>(layer * patterns_->n_head + head)]);
      if (layer == layer_ && head == head_ && !picture) draw_focus(painter, box.adjusted(-1, -1, 1, 1), 3);
    }
  }
}

std::string HeadThumbs::csv() const {
  std::string rows = "layer,head,query_bin,key_bin,largest_weight\n";
  for (int layer = 0; patterns_ && layer < patterns_->n_layer; ++layer)
    for (int head = 0; head < patterns_->n_head; ++head)
      for (int r = 0; r < patterns_->side; ++r)
        for (int c = 0; c <= r; ++c)
          rows += std::to_string(layer) + "," + std::to_string(head) + "," + std::to_string(r) + "," + std::to_string(c) + "," +
                  numbers::exact(patterns_->of(layer, head)[r * patterns_->side + c]) + "\n";
  return rows;
}

void HeadThumbs::point_at(QPoint point) {
  int layer = 0, head = 0;
  if (!head_at(point, layer, head)) return;
  set_current(layer, head);
  if (on_pick) on_pick(layer, head);
}

void HeadThumbs::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) point_at(event->position().toPoint());
}

void HeadThumbs::keyPressEvent(QKeyEvent* event) {
  if (!patterns_) return Plot::keyPressEvent(event);
  int layer = layer_, head = head_;
  switch (event->key()) {
    case Qt::Key_Up: --layer; break;
    case Qt::Key_Down: ++layer; break;
    case Qt::Key_Left: --head; break;
    case Qt::Key_Right: ++head; break;
    case Qt::Key_Return:
    case Qt::Key_Enter: break;
    default: Plot::keyPressEvent(event); return;
  }
  layer = std::clamp(layer, 0, patterns_->n_layer - 1);
  head = std::clamp(head, 0, patterns_->n_head - 1);
  set_current(layer, head);
  if (on_pick) on_pick(layer, head);
}

Plot::Hint HeadThumbs::hint_at(QPoint point) const {
  int layer = 0, head = 0;
  return head_at(point, layer, head) ? Hint{text("block {0}, head {1}", layer, head), thumb_rect(layer, head).toAlignedRect()} : Hint{};
}

}  // namespace gf::ui
