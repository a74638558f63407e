#include "app/ui/plots/token_strip.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/csv.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

constexpr double kStripEdge = 4, kStripGap = 2, kTokenPad = 4;
constexpr double kStripFont = 9.5;

double strip_line() { return QFontMetricsF(font_of(kStripFont)).height() + 6; }

}  // namespace

TokenStrip::TokenStrip(QWidget* parent) : RowPlot(parent) {
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

void TokenStrip::set_tokens(std::vector<QString> tokens, std::vector<double> values, std::string of) {
  EXPECTS(tokens.size() == values.size(), "a number for each token");
  if (tokens == tokens_ && values == values_ && of == of_) return;
  tokens_ = std::move(tokens);
  values_ = std::move(values);
  of_ = std::move(of);
  updateGeometry();
  items_changed();
}

QString TokenStrip::words_of(int token) const {
  const auto at = static_cast<std::size_t>(token);
  return text("position {0}, {1}: {2} {3}", token, tokens_[at], significant(values_[at], 4), of_);
}

std::vector<QRectF> TokenStrip::boxes(double width) const {
  const QFontMetricsF metrics(font_of(kStripFont));
  const double line = strip_line(), room = std::max(40.0, width - 2 * kStripEdge);
  std::vector<QRectF> all;
  double x = kStripEdge, y = kStripEdge;
  for (const QString& token : tokens_) {
    const double wide = std::min(room, metrics.horizontalAdvance(token) + 2 * kTokenPad);
    if (x > kStripEdge && x + wide > kStripEdge + room) x = kStripEdge, y += line + kStripGap;
    all.emplace_back(x, y, wide, line);
    x += wide + kStripGap;
  }
  return all;
}

QRectF TokenStrip::box_of(int token) const { return boxes(width())[static_cast<std::size_t>(token)]; }

int TokenStrip::heightForWidth(int width) const {
  const auto all = boxes(width);
  return static_cast<int>(std::ceil((all.empty() ? strip_line() : all.back().bottom()) + kStripEdge));
}
QSize TokenStrip::sizeHint() const { return {320, heightForWidth(std::max(160, width()))}; }
QSize TokenStrip::minimumSizeHint() const { return {160, heightForWidth(std::max(160, width()))}; }

void TokenStrip::draw(QPainter& painter, QSizeF size, bool picture) const {
  const auto all = boxes(size.width());
  double largest = 0;
  for (const double value : values_)
    if (std::isfinite(value)) largest = std::max(largest, value);
  painter.setFont(font_of(kStripFont));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double share = largest > 0 && std::isfinite(values_[i]) ? std::clamp(values_[i] / largest, 0.0, 1.0) : 0;
    const QColor ground = mix(skin().card, skin().positive, share > 0 ? 0.12 + 0.88 * share : 0);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ground);
    painter.drawRoundedRect(all[i], 4, 4);
    painter.setPen(share > 0.3 ? ink_on(ground) : skin().text);
    painter.drawText(all[i].adjusted(kTokenPad, 0, -kTokenPad, 0), Qt::AlignVCenter | Qt::AlignLeft, tokens_[i]);
    if (static_cast<int>(i) != current() || picture) continue;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(skin().accent, 1.5));
    painter.drawRoundedRect(all[i].adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
  }
  if (!picture && hasFocus()) draw_focus(painter, QRectF({0, 0}, size).adjusted(1, 1, -1, -1), 4);
}

std::string TokenStrip::csv() const {
  std::string rows = "position,token," + of_ + "\n";
  for (std::size_t i = 0; i < tokens_.size(); ++i)
    rows += std::to_string(i) + "," + csv_quoted(tokens_[i].toStdString()) + "," + numbers::significant(values_[i], 9) + "\n";
  return rows;
}

int TokenStrip::item_at(QPoint point) const {
  const auto all = boxes(width());
  const auto at = std::ranges::find_if(all, [&](const QRectF& box) { return box.adjusted(-1, -1, 1, 1).contains(point); });
  return at == all.end() ? -1 : static_cast<int>(at - all.begin());
}

QPoint TokenStrip::menu_place() const { return current() >= 0 ? box_of(current()).center().toPoint() : rect().center(); }

void TokenStrip::resizeEvent(QResizeEvent* event) {
  RowPlot::resizeEvent(event);
  updateGeometry();
}

}  // namespace gf::ui
