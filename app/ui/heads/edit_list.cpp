#include "app/ui/heads/edit_list.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "app/ui/heads/head_edits.h"
#include "app/ui/widgets/glyphs.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/switch.h"
#include "app/ui/widgets/words.h"
#include "model/base/text.h"
#include "model/edits/head_cuts.h"
#include "model/edits/ops/operation.h"

namespace gf::ui {
namespace {

/// More cards than this would cost time and not be read; a line counts the others.
constexpr std::size_t kMostCards = 60;

/// The head, where the edit acts on one alone and at every position.
std::optional<HeadOf> whole_head_of(const Edit& edit, const std::shared_ptr<const Model>& model) {
  return model && acts_everywhere(edit) ? head_of(edit, model->weights->config) : std::nullopt;
}

/// A prompt in it may be long.
QString shortened(const std::string& sentence) {
  constexpr int kMost = 200;
  const QString whole = QString::fromStdString(sentence);
  return whole.size() > kMost ? whole.left(kMost) + QStringLiteral("…") : whole;
}

constexpr float kFirstFactor = 0.5F;

/// The operations that the list offers: those that need at most a factor.
const std::vector<const EditOperation*>& chosen_here() {
  static const std::vector<const EditOperation*> all = [] {
    std::vector<const EditOperation*> chosen;
    for (const EditOperation* operation : edit_operations()) {
      Edit plain = edit_of_head(0, 0, operation->op);
      if (operation->needs.has(EditKey::Factor)) plain.factor = kFirstFactor;
      if (problem_of(plain).empty()) chosen.push_back(operation);
    }
    return chosen;
  }();
  return all;
}

/// An edit without keys of an operation.
Edit at_the_place_of(const Edit& edit) {
  Edit place;
  place.hook = edit.hook;
  place.positions = edit.positions, place.heads = edit.heads, place.dims = edit.dims;
  place.neurons = edit.neurons, place.queries = edit.queries, place.keys = edit.keys;
  place.renormalize = edit.renormalize;
  place.enabled = edit.enabled;
  return place;
}

QString receipt_text(const Receipt& receipt) {
  if (receipt.fired == 0) return text("wrote nothing");
  const QString wrote = counted(receipt.fired, "wrote {0} value", "wrote {0} values");
  if (receipt.attention > 0) return text("{0}, moved {1} of the rows' attention", wrote, fixed(receipt.attention, 2));
  return receipt.changed ? text("{0}, changed by {1} in norm", wrote, fixed(receipt.norm, 2)) : text("{0}, changed nothing", wrote);
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
}

EditList::Row EditList::make_row(std::size_t index) {
  Row row{};
  auto* card = new QFrame(this);
  card->setProperty("role", "card");
  card->setObjectName(QStringLiteral("edit_%1").arg(index));
  row.card = card;
  row.on = new Switch(card);
  row.on->setObjectName(QStringLiteral("edit_switch_%1").arg(index));
  row.on->setToolTip(text("Switch this edit on or off"));
  row.title = new QLabel(card);
  row.title->setProperty("role", "title");
  row.words = new QLabel(card);
  row.words->setObjectName(QStringLiteral("edit_words_%1").arg(index));
  row.receipt = new QLabel(card);
  // Long words are broken or cut off, so that the controls stay in the card.
  for (QLabel* label : {row.title, row.words, row.receipt}) {
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  }
  row.receipt->setProperty("role", "dim");
  row.receipt->setObjectName(QStringLiteral("edit_receipt_%1").arg(index));
  row.op = new QComboBox(card);
  row.op->setProperty("compact", true);
  for (const EditOperation* operation : chosen_here()) row.op->addItem(QString::fromStdString(gf::text(operation->title)));
  row.op->setAccessibleName(text("What edit {0} does", index));
  row.factor = new QDoubleSpinBox(card);
  row.factor->setProperty("compact", true);
  row.factor->setRange(-100, 100);
  row.factor->setSingleStep(0.25);
  row.factor->setDecimals(2);
  row.factor->setPrefix(QStringLiteral("× "));
  row.factor->setKeyboardTracking(false);
  row.factor->setAccessibleName(text("Strength of edit {0}", index));
  auto* remove = new QToolButton(card);
  set_glyph(*remove, Glyph::Close);
  remove->setIconSize({12, 12});
  remove->setProperty("flat", true);
  remove->setObjectName(QStringLiteral("edit_remove_%1").arg(index));
  remove->setToolTip(text("Remove this edit"));
  remove->setAccessibleName(text("Remove edit {0}", index));

  auto* top = new QHBoxLayout;
  top->setSpacing(6);
  top->addWidget(row.title, 1);
  top->addWidget(remove, 0, Qt::AlignTop);
  auto* controls = new QHBoxLayout;
  controls->setSpacing(6);
  controls->addWidget(row.op);
  controls->addWidget(row.factor);
  controls->addStretch(1);
  auto* column = new QVBoxLayout;
  column->setSpacing(0);
  column->addLayout(top);
  column->addWidget(row.words);
  column->addWidget(row.receipt);
  column->addLayout(controls);
  auto* all = new QHBoxLayout(card);
  all->setContentsMargins(9, 3, 4, 4);
  all->setSpacing(10);
  all->addWidget(row.on, 0, Qt::AlignTop);
  all->addLayout(column, 1);

  connect(row.on, &Switch::clicked, this, [this, index](bool on) { lab_.execute(doc::enable_edit(index, on)); });
  connect(remove, &QToolButton::clicked, this, [this, index] { lab_.execute(doc::remove_edit(index)); });
  connect(row.op, &QComboBox::activated, this, [this, index](int choice) { set_op(index, choice); });
  connect(row.factor, &QDoubleSpinBox::valueChanged, this, [this, index](double factor) { set_factor(index, factor); });
  layout_->insertWidget(static_cast<int>(index), card);
  return row;
}

void EditList::set_op(std::size_t index, int choice) {
  const EditOperation& operation = *chosen_here().at(static_cast<std::size_t>(choice));
  lab_.execute({gf::text("make an edit {0}", operation.name),
                [index, &operation](doc::Document& d) {
                  if (index >= d.recipe.edits.size()) return;
                  Edit& edit = d.recipe.edits[index];
                  // The keys of the operation before mean nothing to this one, and a recipe with them is refused.
                  Edit next = at_the_place_of(edit);
                  next.op = operation.op;
                  if (operation.needs.has(EditKey::Factor)) next.factor = edit.factor.value_or(kFirstFactor);
                  edit = std::move(next);
                },
                {}});
}

void EditList::set_factor(std::size_t index, double factor) {
  lab_.execute({gf::text("change an edit's strength"),
                [index, factor](doc::Document& d) {
                  if (index < d.recipe.edits.size()) d.recipe.edits[index].factor = static_cast<float>(factor);
                },
                "strength " + std::to_string(index)});
}

void EditList::fill_row(std::size_t index) {
  Row& row = rows_[index];
  const doc::Document& d = lab_.document();
  const Edit& edit = d.recipe.edits[index];
  const auto head = whole_head_of(edit, lab_.model());
  const QString title = head ? text("block {0}   head {1}", head->layer, head->head) : shortened(summary(edit));
  row.title->setText(title);
  row.title->setToolTip(QString::fromStdString(summary(edit)));
  row.on->setChecked(edit.enabled);
  row.on->setAccessibleName(text("Edit of {0}", title));
  const auto& choices = chosen_here();
  const auto choice = std::ranges::find(choices, edit.op, &EditOperation::op);
  row.op->setVisible(choice != choices.end());
  // An operation that the list does not offer says its name and its source here.
  row.words->setVisible(head && choice == choices.end());
  row.words->setText(shortened(gf::text(operation_of(edit.op).title) + ": " + words_of(edit)));
  row.words->setToolTip(row.title->toolTip());
  row.op->setCurrentIndex(choice == choices.end() ? 0 : static_cast<int>(choice - choices.begin()));
  row.factor->setVisible(choice != choices.end() && (*choice)->needs.has(EditKey::Factor));
  const QSignalBlocker quiet(row.factor);
  row.factor->setValue(static_cast<double>(edit.factor.value_or(1.0F)));
  const bool on = edit.enabled && d.mode == doc::Mode::Intervene;
  const auto run = lab_.run();
  const bool known = run && lab_.up_to_date() && index < run->receipts.size();
  row.receipt->setText(!on ? text("off") : known ? receipt_text(run->receipts[index]) : text("running …"));
  // An edit that changed nothing is marked, so that the user does not think that it has no effect on the prediction.
  restyle(*row.receipt, "role", on && known && !run->receipts[index].changed ? "notice" : "dim");
}

void EditList::refresh() {
  const std::size_t wanted = lab_.document().recipe.edits.size(), shown = std::min(wanted, kMostCards);
  while (rows_.size() > shown) {
    rows_.back().card->deleteLater();
    rows_.back().card->hide();
    rows_.pop_back();
  }
  while (rows_.size() < shown) rows_.push_back(make_row(rows_.size()));
  for (std::size_t i = 0; i < shown; ++i) fill_row(i);
  more_->setVisible(wanted == 0 || wanted > shown);
  more_->setText(wanted == 0 ? text("No edits yet: click a head above to cut it.")
                             : counted(static_cast<long long>(wanted - shown), "and {0} more edit", "and {0} more edits"));
}

}  // namespace gf::ui
