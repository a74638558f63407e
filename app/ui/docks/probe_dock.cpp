#include "app/ui/docks/probe_dock.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QResizeEvent>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/document/head_colour.h"
#include "app/ui/docks/edit_list.h"
#include "app/ui/docks/head_grid.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// Gives a grid with height-for-width the room that it wants, up to a limit; beyond it scrolls.
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

ProbeDock::ProbeDock(doc::Lab& lab, QWidget* parent) : QWidget(parent), lab_(lab) {
  setObjectName("dock_body");
  colour_ = new QComboBox(this);
  colour_->setObjectName("score_combo");
  colour_->setAccessibleName(text("Score that colours the heads"));
  colour_->setToolTip(text("Score that colours the heads"));
  for (const PartRef& part : doc::head_colours()) colour_->addItem(text(part.part->title), QString::fromStdString(part.name()));
  const auto mode_button = [&](const char* name, const char* place, const QString& text, const QString& tip) {
    auto* b = new QToolButton(this);
    b->setObjectName(name);
    b->setText(text);
    b->setToolTip(tip);
    b->setCheckable(true);
    b->setProperty("segment", place);
    return b;
  };
  observe_ = mode_button("observe_button", "first", text("Observe"), text("Edits are kept but off"));
  intervene_ = mode_button("intervene_button", "last", text("Intervene"), text("Edits are on"));
  auto* group = new QButtonGroup(this);
  group->addButton(observe_);
  group->addButton(intervene_);
  grid_ = new HeadGridView(lab);
  grid_scroll_ = new GridArea(this);
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  grid_scroll_->setSizePolicy(policy);
  grid_scroll_->setWidgetResizable(true);
  grid_scroll_->setWidget(grid_);
  hint_ = new QLabel(this);
  hint_->setObjectName("head_hint");
  hint_->setProperty("role", "dim");
  hint_->setWordWrap(true);
  kl_ = new QLabel(this);
  kl_->setObjectName("kl_label");
  kl_->setProperty("role", "notice");
  kl_->setWordWrap(true);
  edits_ = new EditList(lab);
  auto* scroll = new QScrollArea(this);
  scroll->setWidgetResizable(true);
  scroll->setWidget(edits_);
  scroll->setMinimumHeight(70);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);

  auto* top = new QHBoxLayout;
  top->setSpacing(0);
  top->addWidget(colour_, 1);
  top->addSpacing(8);
  top->addWidget(observe_);
  top->addWidget(intervene_);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(7);
  all->addLayout(top);
  all->addWidget(grid_scroll_);
  all->addWidget(hint_);
  all->addWidget(kl_);
  all->addWidget(scroll, 1);

  connect(colour_, &QComboBox::activated, this, [this](int index) {
    lab_.execute({gf::text("colour the heads by {0}", colour_->itemText(index).toStdString()),
                  [name = colour_->itemData(index).toString().toStdString()](doc::Document& d) { d.head_colour = name; },
                  {}});
  });
  connect(observe_, &QToolButton::clicked, this, [this] { lab_.execute(doc::set_mode(doc::Mode::Observe)); });
  connect(intervene_, &QToolButton::clicked, this, [this] { lab_.execute(doc::set_mode(doc::Mode::Intervene)); });
}

void ProbeDock::show_hint() {
  QString what;
  const auto model = lab_.model();
  const auto a = lab_.target(), b = lab_.rival();
  const QString pair = model && a ? (b ? QStringLiteral("logit(%1 − %2)").arg(token_text(*model, *a), token_text(*model, *b))
                                       : QStringLiteral("logit(%1)").arg(token_text(*model, *a)))
                                  : text("logit");
  const auto colour = doc::head_colour_named(lab_.document().head_colour);
  if (colour) what = text(colour->part->doc, pair);
  if (colour && colour->question->needs.sweeps) what = text("{0} (in the base run)", what);
  hint_->setText(text("{0}.  Click: cut · drag: many · right-click: more", what));
}

void ProbeDock::show_kl() {
  const auto run = lab_.run();
  const bool on = run && run->kl.has_value() && !lab_.document().recipe.empty();
  kl_->setVisible(on);
  if (!on) return;
  kl_->setText(text("KL(base || edited) = {0} nats: {1}", fixed(*run->kl, *run->kl < 0.1 ? 4 : 2), kl_words(*run->kl)));
}

void ProbeDock::refresh(const doc::Changes& changes) {
  const doc::Document& d = lab_.document();
  colour_->setCurrentIndex(colour_->findData(QString::fromStdString(d.head_colour)));
  observe_->setChecked(d.mode == doc::Mode::Observe);
  intervene_->setChecked(d.mode == doc::Mode::Intervene);
  if (changes.model) grid_scroll_->updateGeometry();
  grid_->refresh();
  show_hint();
  show_kl();
  edits_->refresh();
}

}  // namespace gf::ui
