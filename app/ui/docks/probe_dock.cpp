#include "app/ui/docks/probe_dock.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonObject>
#include <QLabel>
#include <QResizeEvent>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/document/head_colour.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/docks/what_if_panel.h"
#include "app/ui/heads/edit_list.h"
#include "app/ui/heads/head_grid.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/later.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// A scroll area that is as high as its grid wants for the width, up to a limit.
class GridArea : public QScrollArea {
 public:
  using QScrollArea::QScrollArea;
  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override {
    return widget() == nullptr ? 0 : std::min(widget()->heightForWidth(width) + 2, 460);
  }
  [[nodiscard]] QSize sizeHint() const override { return {340, heightForWidth(width() > 0 ? width() : 340)}; }
  [[nodiscard]] QSize minimumSizeHint() const override { return {180, 80}; }

 protected:
  void resizeEvent(QResizeEvent* event) override {
    QScrollArea::resizeEvent(event);
    updateGeometry();
  }
};

}  // namespace

Dock* make_probe_dock(const DockInfo& info, const DockContext& context) { return new ProbeDock(info, context); }

ProbeDock::ProbeDock(const DockInfo& info, const DockContext& context) : Dock(info, context), predictions_(context.lab) {
  constexpr int kLeastLetters = 5;
  colour_ = narrow_combo(body(), "score_combo", text("Score that colours the heads"), kLeastLetters);
  for (const PartRef& part : doc::head_colours()) colour_->addItem(text(part.part->title), QString::fromStdString(part.name()));
  const auto mode_button = [&](const char* name, const char* place, const QString& text, const QString& tip) {
    auto* b = new QToolButton(body());
    b->setObjectName(name);
    b->setText(text);
    b->setToolTip(tip);
    b->setCheckable(true);
    b->setProperty("segment", place);
    return b;
  };
  observe_ = mode_button("observe_button", "first", text("Observe"), text("Edits are kept but off"));
  intervene_ = mode_button("intervene_button", "true", text("Intervene"), text("Edits are on"));
  what_if_ = mode_button("what_if_button", "last", text("What if"),
                         text("Edits are on, and the model writes on from the prompt with and without them, with the same noise"));
  auto* group = new QButtonGroup(body());
  group->addButton(observe_);
  group->addButton(intervene_);
  group->addButton(what_if_);
  grid_ = new HeadGridView(lab());
  grid_scroll_ = new GridArea(body());
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  grid_scroll_->setSizePolicy(policy);
  grid_scroll_->setWidgetResizable(true);
  grid_scroll_->setWidget(grid_);
  hint_ = new QLabel(body());
  hint_->setObjectName("head_hint");
  hint_->setProperty("role", "dim");
  hint_->setWordWrap(true);
  kl_ = new QLabel(body());
  kl_->setObjectName("kl_label");
  kl_->setProperty("role", "notice");
  kl_->setWordWrap(true);
  what_if_panel_ = new WhatIfPanel(lab(), runner(), body());
  edits_ = new EditList(lab());
  edits_->on_error = [this](const Error& error) { runner().tell(error); };
  auto* scroll = new QScrollArea(body());
  scroll->setWidgetResizable(true);
  scroll->setWidget(edits_);
  scroll->setMinimumHeight(70);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);

  auto* top = new QHBoxLayout;
  top->setSpacing(0);
  top->addWidget(colour_, 1);
  auto* modes = new QHBoxLayout;  // in a row of their own, because a narrow dock has no room for them beside the list
  modes->setSpacing(0);
  modes->addWidget(observe_);
  modes->addWidget(intervene_);
  modes->addWidget(what_if_);
  modes->addStretch(1);
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(7);
  all->addLayout(top);
  all->addLayout(modes);
  all->addWidget(grid_scroll_);
  all->addWidget(hint_);
  all->addWidget(kl_);
  all->addWidget(what_if_panel_);
  all->addWidget(scroll, 1);

  grid_->on_focus = [this](const doc::BlockPart& part) {
    const std::string layer = std::to_string(part.layer);
    runner().trigger("camera", {part.is_mlp() ? "MLP " + layer : "head " + layer + "." + std::to_string(part.head)});
  };
  grid_->on_error = [this](const Error& error) { runner().tell(error); };
  connect(colour_, &QComboBox::activated, this, [this](int index) {
    lab().execute({gf::text("colour the heads by {0}", colour_->itemText(index).toStdString()),
                   [name = colour_->itemData(index).toString().toStdString()](doc::Document& d) { d.head_colour = name; },
                   {}});
  });
  connect(observe_, &QToolButton::clicked, this, [this] { lab().execute(doc::set_mode(doc::Mode::Observe)); });
  connect(intervene_, &QToolButton::clicked, this, [this] { lab().execute(doc::set_mode(doc::Mode::Intervene)); });
  connect(what_if_, &QToolButton::clicked, this, [this] { lab().execute(doc::set_mode(doc::Mode::WhatIf)); });
}

void ProbeDock::publish(QJsonObject& state) const {
  QJsonArray heads;
  for (int layer = 0; grid_->isVisible() && layer < grid_->n_layer(); ++layer) {
    QJsonArray row;
    for (int head = 0; head < grid_->n_head(); ++head) {
      const QRect box = grid_->cell_rect(layer, head);
      const QPoint corner = grid_->mapToGlobal(box.topLeft());
      row.append(QJsonArray{corner.x(), corner.y(), box.width(), box.height()});
    }
    heads.append(row);
  }
  state["heads"] = heads;
}

void ProbeDock::show_hint() {
  QString what;
  const auto model = lab().model();
  const auto a = lab().target(), b = lab().rival();
  const bool named = model && a && !lab().document().hide_prediction;
  const QString pair = named ? (b ? QStringLiteral("logit(%1 − %2)").arg(token_text(*model, *a), token_text(*model, *b))
                                  : QStringLiteral("logit(%1)").arg(token_text(*model, *a)))
                             : text("logit");
  const auto colour = doc::head_colour_named(lab().document().head_colour);
  if (colour) what = text(colour->part->doc, pair);
  const auto run = lab().run();
  if (colour && colour->question->needs.position && model && run)
    what = text("{0}, {1}", what, after_position(*model, run->base->ids(), predictions_.position()));
  if (colour && colour->question->needs.sweeps) what = text("{0} (in the base run)", what);
  if (colour && !colour->question->needs.sweeps && run && run->has_edits()) what = text("{0} (in the edited run)", what);
  hint_words_ = text("{0}.  Click: cut · drag: many · right-click: more", what);
  say_hint();
}

void ProbeDock::say_hint() {
  hint_->setText(hint_words_.isEmpty() || grid_->has_room_for_numbers() ? hint_words_ : text("{0} · pointing: the number", hint_words_));
}

void ProbeDock::show_kl() {
  const auto run = lab().run();
  const bool off = lab().document().mode == doc::Mode::Observe && !lab().document().recipe.empty();
  const bool on = run && run->kl.has_value() && !lab().document().recipe.empty();
  kl_->setVisible(on || off);
  if (off) kl_->setText(text("Edits are off: this is the model as it is."));
  if (!on || off) return;
  const auto kl = predictions_.kl();
  const QString place = after_position(*lab().model(), run->base->ids(), predictions_.position());
  kl_->setText(kl ? text("KL(base || edited) {0} = {1} nats: {2}", place, fixed(*kl, *kl < 0.1 ? 4 : 2), kl_words(*kl))
                  : text("KL(base || edited) {0}: on its way", place));
}

void ProbeDock::resizeEvent(QResizeEvent* event) {
  Dock::resizeEvent(event);
  later(this, [this] { say_hint(); });  // when the grid has its size
}

void ProbeDock::hideEvent(QHideEvent* event) {
  predictions_.let_go();
  what_if_panel_->let_go();
  Dock::hideEvent(event);
}

void ProbeDock::fill(const doc::Changes& changes) {
  if (!lab().model()->weights->has_values()) return show_instead(QString::fromStdString(lab().model()->weights->no_values_error().message));
  predictions_.follow();
  const doc::Document& d = lab().document();
  colour_->setCurrentIndex(colour_->findData(QString::fromStdString(d.head_colour)));
  colour_->setToolTip(text("Score that colours the heads: {0}", colour_->currentText()));
  observe_->setChecked(d.mode == doc::Mode::Observe);
  intervene_->setChecked(d.mode == doc::Mode::Intervene);
  what_if_->setChecked(d.mode == doc::Mode::WhatIf);
  what_if_panel_->refresh();
  if (changes.model) grid_scroll_->updateGeometry();
  grid_->refresh();
  show_hint();
  show_kl();
  edits_->refresh();
}

}  // namespace gf::ui
