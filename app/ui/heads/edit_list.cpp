#include "app/ui/heads/edit_list.h"

#include <QFrame>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/ui/heads/edit_card.h"
#include "app/ui/heads/edit_grip.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// More cards than this would cost time and not be read; a line counts the others.
constexpr std::size_t kMostCards = 60;

/// The one that the list stands in; null: none.
QScrollArea* scroll_area_of(const QWidget& list) {
  QWidget* around = list.parentWidget() ? list.parentWidget()->parentWidget() : nullptr;  // between them is its viewport
  return qobject_cast<QScrollArea*>(around);
}

}  // namespace

EditList::EditList(doc::Lab& lab, QWidget* parent) : QWidget(parent), lab_(lab) {
  setObjectName("edit_list");
  setAccessibleName(text("Edits"));
  layout_ = new QVBoxLayout(this);
  layout_->setContentsMargins(0, 0, 0, 0);
  layout_->setSpacing(5);
  more_ = new QLabel(this);
  more_->setProperty("role", "dim");
  layout_->addWidget(more_);
  layout_->addStretch(1);
  gap_ = new QFrame(this);
  gap_->setProperty("role", "gap");
  gap_->hide();
}

void EditList::add_card() {
  const std::size_t index = cards_.size();
  auto* card = new EditCard(lab_, index, this);
  card->on_error = [this](const Error& error) {
    if (on_error) on_error(error);
  };
  card->grip().on_drag = [this, index](int y) { drag(index, y); };
  card->grip().on_end = [this](bool drop) { end_drag(drop); };
  card->grip().on_step = [this, index](int by) {
    const std::size_t to = by < 0 ? index - 1 : index + 1;
    if ((by < 0 && index == 0) || to >= cards_.size()) return;
    move(index, to);
    cards_[to]->grip().setFocus(Qt::OtherFocusReason);
  };
  layout_->insertWidget(static_cast<int>(index), card);
  cards_.push_back(card);
}

void EditList::drag(std::size_t from, int y) {
  if (from >= cards_.size()) return;
  const int here = mapFromGlobal(QPoint(0, y)).y();
  const auto gap = static_cast<std::size_t>(
      std::ranges::count_if(cards_, [here](const EditCard* card) { return card->geometry().center().y() < here; }));
  if (!drag_) restyle(*cards_[from], "lifted", "true");
  drag_ = {from, gap};
  constexpr int kThick = 3;
  const QRect near = cards_[std::min(gap, cards_.size() - 1)]->geometry();
  const int middle = gap < cards_.size() ? near.top() - layout_->spacing() / 2 - 1 : near.bottom() + 1;
  gap_->setGeometry(near.left(), std::max(0, middle - kThick / 2), near.width(), kThick);
  gap_->raise();
  gap_->show();
  if (QScrollArea* area = scroll_area_of(*this)) area->ensureVisible(0, here, 0, 24);
}

void EditList::end_drag(bool drop) {
  gap_->hide();
  const auto drag = std::exchange(drag_, std::nullopt);
  if (!drag || drag->from >= cards_.size()) return;
  restyle(*cards_[drag->from], "lifted", "false");
  // Those below the edit move up when it goes.
  if (drop) move(drag->from, drag->gap > drag->from ? drag->gap - 1 : drag->gap);
}

void EditList::move(std::size_t from, std::size_t to) {
  if (from != to) lab_.execute(doc::move_edit(from, to));
  if (QScrollArea* area = scroll_area_of(*this); area && to < cards_.size()) area->ensureWidgetVisible(cards_[to]);
}

void EditList::refresh() {
  const std::size_t wanted = lab_.document().recipe.edits.size(), shown = std::min(wanted, kMostCards);
  if (drag_ && drag_->from >= shown) end_drag(false);
  while (cards_.size() > shown) {
    cards_.back()->deleteLater();
    cards_.back()->hide();
    cards_.pop_back();
  }
  while (cards_.size() < shown) add_card();
  for (EditCard* card : cards_) card->refresh();
  more_->setVisible(wanted == 0 || wanted > shown);
  more_->setText(wanted == 0 ? text("No edits yet: click a head above to cut it.")
                             : counted(static_cast<long long>(wanted - shown), "and {0} more edit", "and {0} more edits"));
}

}  // namespace gf::ui
