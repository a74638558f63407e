#include "app/ui/docks/passage_list.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kPassagePadPx = 8, kPassageGapPx = 4;
constexpr double kPassagePoints = 9.5, kIntervalPoints = 8.5;
constexpr double kLineStretch = 1.25;

/// Where each token stands: lines of a width, broken at blanks before tokens.
struct PassageLayout {
  std::vector<QRectF> boxes;
  double height = 0;
};
PassageLayout layout_of(const Passage& passage, const QFontMetricsF& metrics, double width) {
  PassageLayout out;
  const double line = metrics.height() * kLineStretch;
  double x = 0, y = 0;
  for (const QString& token : passage.tokens) {
    const double w = metrics.horizontalAdvance(token);
    if (x > 0 && x + w > width) x = 0, y += line;
    out.boxes.emplace_back(x, y, w, line);
    x += w;
  }
  out.height = y + line;
  return out;
}

class PassagePainter : public QStyledItemDelegate {
 public:
  explicit PassagePainter(PassageList* list) : QStyledItemDelegate(list), list_(*list) {}

  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override {
    const int width = list_.viewport()->width();
    const auto layout = layout_of(passage_at(index), QFontMetricsF(font_of(kPassagePoints)), inner_width(width));
    const int heading = QFontMetrics(font_of(kIntervalPoints)).height();
    return {width, 2 * kPassagePadPx + heading + kPassageGapPx + static_cast<int>(std::ceil(layout.height)) + 2};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const Passage& passage = passage_at(index);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRect row = option.rect.adjusted(1, 1, -1, -2);
    const bool current = option.state.testFlag(QStyle::State_Selected), hover = option.state.testFlag(QStyle::State_MouseOver);
    painter->setPen(Qt::NoPen);
    painter->setBrush(hover ? skin().hover : skin().card);
    painter->drawRoundedRect(row, 4, 4);
    QPointF at(option.rect.left() + kPassagePadPx, option.rect.top() + kPassagePadPx);
    painter->setFont(font_of(kIntervalPoints));
    painter->setPen(skin().dim);
    const double heading = painter->fontMetrics().height();
    painter->drawText(QRectF(at, QSizeF(inner_width(option.rect.width()), heading)), Qt::AlignLeft | Qt::AlignVCenter,
                      text("{0} · {1}", passage.interval, significant(static_cast<double>(passage.activation), 3)));
    at.ry() += heading + kPassageGapPx;
    const QFont font = font_of(kPassagePoints);
    painter->setFont(font);
    const auto layout = layout_of(passage, QFontMetricsF(font), inner_width(option.rect.width()));
    for (std::size_t i = 0; i < passage.tokens.size(); ++i) {
      const double share = std::clamp(static_cast<double>(passage.values[i] / std::max(list_.largest(), 1e-9F)), 0.0, 1.0);
      const QRectF box = layout.boxes[i].translated(at).adjusted(0, 1, 0, -1);
      QColor ink = skin().text;
      if (share > 0) {
        const QColor ground = mix(skin().card, skin().accent, share);
        painter->fillRect(box, ground);
        if (share > 0.5) ink = ink_on(ground);
      }
      painter->setPen(ink);
      painter->drawText(box, Qt::AlignLeft | Qt::AlignVCenter, passage.tokens[i]);
      if (static_cast<int>(i) != passage.peak) continue;
      painter->setPen(QPen(skin().accent, 1.2));
      painter->setBrush(Qt::NoBrush);
      painter->drawRect(box);
    }
    if (current && option.state.testFlag(QStyle::State_HasFocus)) draw_focus(*painter, QRectF(row), 4);
    painter->restore();
  }

 private:
  [[nodiscard]] static double inner_width(int width) { return std::max(40, width - 2 * kPassagePadPx - 2); }
  [[nodiscard]] const Passage& passage_at(const QModelIndex& index) const {
    return list_.passages()[static_cast<std::size_t>(index.row())];
  }
  const PassageList& list_;
};

}  // namespace

PassageList::PassageList(QWidget* parent) : QListWidget(parent) {
  setItemDelegate(new PassagePainter(this));
  setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setResizeMode(QListView::Adjust);
  setFrameShape(QFrame::NoFrame);
  connect(this, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) {
    if (on_chosen) on_chosen(row(item));
  });
  connect(this, &QListWidget::itemActivated, this, [this](QListWidgetItem* item) {
    if (on_chosen) on_chosen(row(item));
  });
}

void PassageList::set_passages(std::vector<Passage> passages) {
  clear();
  passages_ = std::move(passages);
  largest_ = 0;
  for (const Passage& p : passages_) largest_ = std::max(largest_, p.activation);
  for (const Passage& p : passages_) {
    QString words;
    for (const QString& token : p.tokens) words += token;
    addItem(text("{0} · {1}", p.interval, significant(static_cast<double>(p.activation), 3)) + QStringLiteral(" · ") + words);
  }
}

}  // namespace gf::ui
