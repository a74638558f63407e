#include "app/ui/heads/edit_card.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/document/edit_changes.h"
#include "app/document/kept.h"
#include "app/ui/heads/edit_grip.h"
#include "app/ui/heads/head_edits.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/glyphs.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/switch.h"
#include "app/ui/widgets/words.h"
#include "model/base/text.h"
#include "model/edits/head_cuts.h"
#include "model/edits/ops/operation.h"

namespace gf::ui {
namespace {

constexpr float kFirstFactor = 0.5F;
constexpr double kMostNumber = 1000;
constexpr int kSliderSteps = 100;  // on each side of 0

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

/// The operations that a card offers: those that need at most a factor.
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

/// How far the slider goes at least: as far as is usual for what the number means.
double usual_span(const Edit& edit) {
  constexpr double kUsualFactor = 2, kUsualPush = 8;
  return edit.op == EditOp::Add || doc::strength_kind(edit) == doc::Strength::Value ? kUsualPush : kUsualFactor;
}

QString mark_of(doc::Strength kind) {
  switch (kind) {
    case doc::Strength::Factor: return QStringLiteral("× ");
    case doc::Strength::Value: return QStringLiteral("= ");
    case doc::Strength::Deviation: return QStringLiteral("σ × ");
  }
  return {};
}

/// A scope that has a name: as a recipe has it, and in words.
struct NamedScope {
  const char *word, *title;
};
constexpr NamedScope kScopes[] = {{"all", phrase("all positions")},
                                  {"prompt", phrase("prompt positions")},
                                  {"generated", phrase("generated positions")},
                                  {"last", phrase("last position")}};
constexpr int kSelectedScope = static_cast<int>(std::size(kScopes));  // its place in the list

}  // namespace

EditCard::EditCard(doc::Lab& lab, std::size_t index, QWidget* parent) : QFrame(parent), lab_(lab), index_(index) {
  setProperty("role", "card");
  setObjectName(QStringLiteral("edit_%1").arg(index));
  make_widgets();
  lay_out();
  listen();
}

void EditCard::make_widgets() {
  on_ = new Switch(this);
  on_->setObjectName(QStringLiteral("edit_switch_%1").arg(index_));
  on_->setToolTip(text("Switch this edit on or off"));
  grip_ = new EditGrip(this);
  grip_->setObjectName(QStringLiteral("edit_grip_%1").arg(index_));
  grip_->setAccessibleName(text("Move edit {0}", index_));
  grip_->setToolTip(
      text("Edits of the same values act in this order, from top to bottom: drag one to another place, or move it with Up and Down"));
  title_ = new QLabel(this);
  title_->setProperty("role", "title");
  words_ = new QLabel(this);
  words_->setObjectName(QStringLiteral("edit_words_%1").arg(index_));
  receipt_ = new QLabel(this);
  // Long words are broken or cut off, so that the controls stay in the card.
  for (QLabel* label : {title_, words_, receipt_}) {
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  }
  receipt_->setProperty("role", "dim");
  receipt_->setObjectName(QStringLiteral("edit_receipt_%1").arg(index_));
  op_ = new QComboBox(this);
  op_->setProperty("compact", true);
  op_->setObjectName(QStringLiteral("edit_op_%1").arg(index_));
  for (const EditOperation* operation : chosen_here()) op_->addItem(QString::fromStdString(gf::text(operation->title)));
  op_->setAccessibleName(text("What edit {0} does", index_));
  make_narrow(*op_, 5);
  number_ = new QDoubleSpinBox(this);
  number_->setProperty("compact", true);
  number_->setObjectName(QStringLiteral("edit_strength_%1").arg(index_));
  number_->setRange(-kMostNumber, kMostNumber);
  number_->setSingleStep(0.25);
  number_->setDecimals(2);
  number_->setKeyboardTracking(false);
  number_->setAccessibleName(text("Strength of edit {0}", index_));
  slider_ = new QSlider(Qt::Horizontal, this);
  slider_->setObjectName(QStringLiteral("edit_slider_%1").arg(index_));
  slider_->setPageStep(10);
  slider_->setMinimumWidth(60);
  scope_label_ = new QLabel(text("at"), this);
  scope_label_->setProperty("role", "dim");
  scope_ = new QComboBox(this);
  scope_->setProperty("compact", true);
  scope_->setObjectName(QStringLiteral("edit_scope_%1").arg(index_));
  scope_->setEditable(true);
  scope_->setInsertPolicy(QComboBox::NoInsert);
  scope_->setAccessibleName(text("Positions of edit {0}", index_));
  make_narrow(*scope_, 6);
  for (const NamedScope& scope : kScopes) scope_->addItem(text(scope.title), QString::fromLatin1(scope.word));
}

void EditCard::lay_out() {
  auto* remove = new QToolButton(this);
  set_glyph(*remove, Glyph::Close);
  remove->setIconSize({12, 12});
  remove->setProperty("flat", true);
  remove->setObjectName(QStringLiteral("edit_remove_%1").arg(index_));
  remove->setToolTip(text("Remove this edit"));
  remove->setAccessibleName(text("Remove edit {0}", index_));
  connect(remove, &QToolButton::clicked, this, [this] { lab_.execute(doc::remove_edit(index_)); });
  auto* top = new QHBoxLayout;
  top->setSpacing(6);
  top->addWidget(title_, 1);
  top->addWidget(remove, 0, Qt::AlignTop);
  auto* what = new QHBoxLayout;
  what->setSpacing(6);
  what->addWidget(op_, 1);
  what->addWidget(scope_label_);
  what->addWidget(scope_, 1);
  auto* strength = new QHBoxLayout;
  strength->setSpacing(8);
  strength->addWidget(slider_, 1);
  strength->addWidget(number_);
  auto* column = new QVBoxLayout;
  column->setSpacing(2);
  column->addLayout(top);
  column->addWidget(words_);
  column->addWidget(receipt_);
  column->addLayout(what);
  column->addLayout(strength);
  auto* all = new QHBoxLayout(this);
  all->setContentsMargins(9, 3, 4, 4);
  all->setSpacing(10);
  auto* left = new QVBoxLayout;
  left->setSpacing(4);
  left->addWidget(on_);
  left->addWidget(grip_);
  left->addStretch(1);
  all->addLayout(left);
  all->addLayout(column, 1);
}

void EditCard::listen() {
  connect(on_, &Switch::clicked, this, [this](bool on) { lab_.execute(doc::enable_edit(index_, on)); });
  connect(op_, &QComboBox::activated, this, [this](int choice) { set_op(choice); });
  connect(number_, &QDoubleSpinBox::valueChanged, this,
          [this](double number) { lab_.execute(doc::set_strength(index_, static_cast<float>(number), "number")); });
  connect(slider_, &QSlider::sliderPressed, this, [this] {
    dragged_ = true;
    ++drags_;
  });
  connect(slider_, &QSlider::sliderReleased, this, [this] {
    dragged_ = false;
    refresh();
  });
  connect(slider_, &QSlider::valueChanged, this, [this](int value) {
    if (quiet_) return;
    const std::string hand = dragged_ ? "drag " + std::to_string(drags_) : "keys";
    lab_.execute(doc::set_strength(index_, static_cast<float>(span_ * value / kSliderSteps), hand));
  });
  connect(scope_, &QComboBox::activated, this, [this](int) { choose_scope(); });
  connect(scope_->lineEdit(), &QLineEdit::editingFinished, this, [this] { choose_scope(); });
}

const Edit& EditCard::edit() const { return lab_.document().recipe.edits[index_]; }

void EditCard::set_op(int choice) {
  const EditOperation& operation = *chosen_here().at(static_cast<std::size_t>(choice));
  lab_.execute({gf::text("make an edit {0}", operation.name),
                [index = index_, &operation](doc::Document& d) {
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

void EditCard::choose_scope() {
  const auto run = lab_.run();
  if (!run || quiet_ || index_ >= lab_.document().recipe.edits.size()) return;
  // Words of the list are read as what they mean, and others as a recipe has them.
  const QString typed = scope_->lineEdit()->text().trimmed();
  const int named = scope_->findText(typed, Qt::MatchFixedString);
  const std::string words = (named >= 0 ? scope_->itemData(named).toString() : typed).toStdString();
  if (words == doc::scope_of(edit())) return show_scope();
  const auto scope = doc::scope_named(words, index_, run->edited->length());
  if (scope) return lab_.execute(doc::set_scope(index_, *scope));
  show_scope();
  if (on_error) on_error(scope.error());
}

void EditCard::show_title() {
  const auto head = whole_head_of(edit(), lab_.model());
  const doc::Direction* direction = doc::direction_of(lab_.document(), edit());
  const QString title = head        ? text("block {0}   head {1}", head->layer, head->head)
                        : direction ? text("along “{0}”", shortened(direction->name))
                                    : shortened(summary(edit()));
  title_->setText(title);
  title_->setToolTip(QString::fromStdString(summary(edit())));
  on_->setChecked(edit().enabled);
  on_->setAccessibleName(text("Edit of {0}", title));
  const bool in_list = std::ranges::find(chosen_here(), edit().op, &EditOperation::op) != chosen_here().end();
  // An operation that the list does not offer says its name and its source here.
  words_->setVisible(direction != nullptr || (head && !in_list));
  words_->setText(direction ? shortened(gf::text("added at {0}", place_of(edit())))
                            : shortened(gf::text(operation_of(edit().op).title) + ": " + words_of(edit())));
  words_->setToolTip(title_->toolTip());
}

void EditCard::show_op() {
  const auto& choices = chosen_here();
  const auto choice = std::ranges::find(choices, edit().op, &EditOperation::op);
  op_->setVisible(choice != choices.end());
  op_->setCurrentIndex(choice == choices.end() ? 0 : static_cast<int>(choice - choices.begin()));
}

void EditCard::show_strength() {
  const auto kind = doc::strength_kind(edit());
  number_->setVisible(kind.has_value());
  slider_->setVisible(kind.has_value());
  if (!kind) return;
  const bool same = shown_ && doc::same_but_factor(doc::with_strength(*shown_, 0), doc::with_strength(edit(), 0));
  const auto strength = static_cast<double>(doc::strength_of(edit()));
  if (!same) span_ = usual_span(edit());
  if (!same) shown_ = edit();
  // Twice as far until the number fits, so that it stays where it is while the slider is dragged.
  while (span_ < std::abs(strength) && span_ < kMostNumber) span_ *= 2;
  span_ = std::min(span_, kMostNumber);
  quiet_ = true;
  slider_->setRange(kind == doc::Strength::Deviation ? 0 : -kSliderSteps, kSliderSteps);
  if (!dragged_) slider_->setValue(static_cast<int>(std::lround(strength / span_ * kSliderSteps)));
  quiet_ = false;
  slider_->setAccessibleName(text("Strength of edit {0}, from {1} to {2}", index_,
                                  significant(kind == doc::Strength::Deviation ? 0 : -span_, 4), significant(span_, 4)));
  slider_->setToolTip(text("{0} to {1}; the run follows while it is dragged", significant(kind == doc::Strength::Deviation ? 0 : -span_, 4),
                           significant(span_, 4)));
  const QSignalBlocker quiet(number_);
  number_->setPrefix(mark_of(*kind));
  number_->setMinimum(kind == doc::Strength::Deviation ? 0 : -kMostNumber);
  number_->setValue(strength);
}

void EditCard::show_scope() {
  const auto run = lab_.run();
  const std::string now = doc::scope_of(edit());
  const QString stays = QString::fromStdString(doc::why_scope_stays(edit()));
  const bool was_quiet = std::exchange(quiet_, true);
  while (scope_->count() > kSelectedScope) scope_->removeItem(kSelectedScope);
  const int length = run ? run->edited->length() : 0;
  if (length > 0) {
    const int here = scene::selected_position_in(lab_.document(), length);
    scope_->addItem(text("selected position, {0}", here), QString::number(here));
  }
  int choice = scope_->findData(QString::fromStdString(now));
  if (choice >= kSelectedScope) choice = -1;  // it stays there when another position is selected
  scope_->setCurrentIndex(choice);
  if (choice < 0 && !scope_->lineEdit()->hasFocus()) scope_->setEditText(QString::fromStdString(now));
  if (choice >= 0) scope_->setEditText(scope_->itemText(choice));
  quiet_ = was_quiet;
  scope_->setEnabled(stays.isEmpty());
  scope_->setToolTip(stays.isEmpty() ? text("Where it acts: choose, or type a list (3, 5), a range (2:7), or a position from the end (-1)")
                                     : stays);
}

void EditCard::show_receipt() {
  const doc::Document& d = lab_.document();
  const bool on = edit().enabled && doc::edits_act(d.mode);
  const auto run = lab_.run();
  const bool known = run && lab_.up_to_date() && index_ < run->receipts.size();
  if (on && !known && dragged_) return;  // a receipt that came and went with each run could not be read
  receipt_->setText(!on ? text("off") : known ? receipt_text(run->receipts[index_]) : text("running …"));
  // An edit that changed nothing is marked, so that the user does not think that it has no effect on the prediction.
  restyle(*receipt_, "role", on && known && !run->receipts[index_].changed ? "notice" : "dim");
}

void EditCard::refresh() {
  if (index_ >= lab_.document().recipe.edits.size()) return;
  grip_->setVisible(lab_.document().recipe.edits.size() > 1);
  show_title();
  show_op();
  show_strength();
  show_scope();
  show_receipt();
}

}  // namespace gf::ui
