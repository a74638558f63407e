#include "app/ui/docks/finding_rows.h"

#include <QAbstractItemView>
#include <QPainter>
#include <array>
#include <utility>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

constexpr int kPadPx = 8, kGapPx = 3, kBarWidthPx = 46, kBarHeightPx = 5;
constexpr int kSeamPx = 4;  // between rows, and below descenders
constexpr double kKindPoints = 8.5, kSentencePoints = 10;

constexpr std::array kKindWords{
    std::pair{"matters", phrase("a head that matters")},
    std::pair{"writes", phrase("writes the answer")},
    std::pair{"repair", phrase("self-repair")},
    std::pair{"mlp", phrase("an MLP that matters")},
    std::pair{"previous", phrase("previous-token head")},
    std::pair{"sink", phrase("attention sink")},
    std::pair{"duplicate", phrase("duplicate-token head")},
    std::pair{"induction", phrase("induction head")},
    std::pair{"lens", phrase("where it is decided")},
    std::pair{"neuron", phrase("neuron")},
    std::pair{"dimension", phrase("outlier dimension")},
    std::pair{"surprise", phrase("surprising token")},
};

QRect sentence_box(const QRect& row) { return row.adjusted(kPadPx, kPadPx, -kPadPx, -kPadPx); }

}  // namespace

QString kind_of_finding(const std::string& kind) {
  for (const auto& [word, said] : kKindWords)
    if (kind == word) return text(said);
  return QString::fromStdString(kind);
}

std::vector<FindingRow> finding_rows(const Answer::Table& t) {
  const auto words = [&](const char* name) -> const std::vector<std::string>& {
    return std::get<std::vector<std::string>>(t.find(name)->cells);
  };
  const auto numbers_in = [&](const char* name) -> const std::vector<float>& { return std::get<std::vector<float>>(t.find(name)->cells); };
  std::vector<FindingRow> rows;
  for (std::size_t i = 0; i < t.rows(); ++i) {
    const std::string& part = words("part")[i];
    const std::string place = written_place(std::get<std::vector<std::vector<int>>>(t.find("indices")->cells)[i]);
    rows.push_back({static_cast<double>(numbers_in("strength")[i]), kind_of_finding(words("kind")[i]),
                    QString::fromStdString(words("sentence")[i]),
                    QString::fromStdString(words("question")[i] + (part.empty() ? "" : "." + part) + "[" + place +
                                           "] = " + numbers::fixed(static_cast<double>(numbers_in("value")[i]), 4))});
  }
  return rows;
}

QSize FindingPainter::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const auto* view = qobject_cast<const QAbstractItemView*>(option.widget);
  const int width = view ? view->viewport()->width() : option.rect.width();
  const int inner = sentence_box(QRect(0, 0, width, 10)).width();
  const QFontMetrics kind(font_of(kKindPoints)), sentence(font_of(kSentencePoints));
  const QRect words = sentence.boundingRect(QRect(0, 0, inner, 10000), Qt::TextWordWrap, index.data().toString());
  return {width, 2 * kPadPx + kind.height() + kGapPx + words.height() + kSeamPx};
}

void FindingPainter::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  painter->save();
  const QRect row = option.rect.adjusted(1, 1, -1, -2);
  const bool current = option.state.testFlag(QStyle::State_Selected), hover = option.state.testFlag(QStyle::State_MouseOver);
  painter->setRenderHint(QPainter::Antialiasing);
  painter->setPen(Qt::NoPen);
  painter->setBrush(current ? mix(skin().card, skin().accent, 0.25) : hover ? skin().hover : skin().card);
  painter->drawRoundedRect(row, 4, 4);
  const QRect box = sentence_box(row);
  const QFont kind_font = font_of(kKindPoints);
  const int kind_height = QFontMetrics(kind_font).height();
  const double strength = index.data(kFindingStrength).toDouble();
  const QRectF bar(box.left(), box.top() + (kind_height - kBarHeightPx) / 2.0, kBarWidthPx, kBarHeightPx);
  painter->setBrush(skin().line);
  painter->drawRoundedRect(bar, 2, 2);
  painter->setBrush(skin().accent);
  painter->drawRoundedRect(QRectF(bar.topLeft(), QSizeF(bar.width() * strength, bar.height())), 2, 2);
  painter->setFont(kind_font);
  painter->setPen(skin().dim);
  const QRect kind_box(box.left() + kBarWidthPx + kPadPx, box.top(), box.width() - kBarWidthPx - kPadPx, kind_height);
  painter->drawText(kind_box, Qt::AlignLeft | Qt::AlignVCenter,
                    QFontMetrics(kind_font).elidedText(index.data(kFindingKind).toString(), Qt::ElideRight, kind_box.width()));
  painter->setFont(font_of(kSentencePoints));
  painter->setPen(skin().text);
  painter->drawText(box.adjusted(0, kind_height + kGapPx, 0, 0), Qt::TextWordWrap, index.data().toString());
  if (current && option.state.testFlag(QStyle::State_HasFocus)) draw_focus(*painter, QRectF(row), 4);
  painter->restore();
}

}  // namespace gf::ui
