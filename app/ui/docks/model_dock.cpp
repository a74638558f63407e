#include "app/ui/docks/model_dock.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSlider>
#include <QToolButton>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <string_view>
#include <vector>

#include "app/document/training.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/heads/head_edits.h"
#include "app/ui/widgets/elided_label.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/model_size.h"

namespace gf::ui {
namespace {

constexpr int kItemsBeforeBlocks = 2;  // the embeddings
constexpr int kCameraRole = Qt::UserRole + 1, kLayerRole = Qt::UserRole + 2, kHeadRole = Qt::UserRole + 3, kNoteRole = Qt::UserRole + 4;

QTreeWidgetItem* outline_item(const QString& text, const QString& camera, const QString& note = {}) {
  auto* item = new QTreeWidgetItem({text, note});
  item->setData(0, kCameraRole, camera);
  item->setData(1, kNoteRole, note);
  item->setToolTip(0, note);  // the note is cut off where the dock is narrow
  item->setToolTip(1, note);
  item->setForeground(1, skin().dim);
  item->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
  return item;
}

}  // namespace

Dock* make_model_dock(const DockInfo& info, const DockContext& context) { return new ModelDock(info, context); }

ModelDock::ModelDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  name_ = new ElidedLabel(body(), Qt::ElideMiddle);
  name_->setObjectName("model_name");
  give_font(*name_, 12, true);
  facts_ = new QLabel(body());
  facts_->setObjectName("model_facts");
  facts_->setProperty("role", "dim");
  facts_->setWordWrap(true);
  tree_ = new QTreeWidget(body());
  tree_->setObjectName("model_tree");
  tree_->setAccessibleName(text("Outline of the model"));
  tree_->setColumnCount(2);
  tree_->setHeaderHidden(true);
  tree_->header()->setStretchLastSection(false);
  // In a narrow dock the facts are cut off, not the names.
  tree_->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
  tree_->header()->setSectionResizeMode(1, QHeaderView::Stretch);
  tree_->header()->setMinimumSectionSize(0);  // so that a note ends in dots, and does not lie beyond the edge
  tree_->setIndentation(16);
  tree_->setUniformRowHeights(true);
  training_ = new QWidget(body());
  auto* steps = new QVBoxLayout(training_);
  steps->setContentsMargins(0, 0, 4, 0);
  steps->setSpacing(2);
  auto* training = new QHBoxLayout;
  slider_ = new QSlider(Qt::Horizontal, training_);
  slider_->setObjectName("training_slider");
  slider_->setAccessibleName(text("Training step"));
  slider_->setPageStep(1);
  slider_->setTickPosition(QSlider::TicksBelow);
  step_ = new QLabel(training_);
  step_->setObjectName("training_step");
  step_->setProperty("role", "dim");
  training->addWidget(slider_, 1);
  training->addWidget(step_);
  // A series says by itself from which step on a head does something; the dock that shows it is another one.
  auto* learnt = new QToolButton(training_);
  learnt->setObjectName("training_heads");
  learnt->setProperty("flat", true);
  learnt->setText(text("What its heads learnt, and when"));
  learnt->setToolTip(text("The Train dock: what each head does, over the steps"));
  connect(learnt, &QToolButton::clicked, this, [this] { runner().trigger("show-dock", {"train", "on"}); });
  steps->addLayout(training);
  steps->addWidget(learnt);
  connect(slider_, &QSlider::valueChanged, this, [this](int at) {
    const auto i = static_cast<std::size_t>(at);
    runner().trigger("training-step", {i < steps_.size() ? std::to_string(steps_[i]) : "end"});
  });
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 6, 8);
  all->setSpacing(3);
  all->addWidget(name_);
  all->addWidget(facts_);
  all->addWidget(training_);
  all->addSpacing(4);
  all->addWidget(tree_, 1);
  const auto fly = [this](QTreeWidgetItem* item) {
    if (const QString camera = item->data(0, kCameraRole).toString(); !camera.isEmpty()) runner().trigger("camera", {camera.toStdString()});
  };
  connect(tree_, &QTreeWidget::itemClicked, this, [fly](QTreeWidgetItem* item) { fly(item); });
  connect(tree_, &QTreeWidget::itemActivated, this, [fly](QTreeWidgetItem* item) { fly(item); });
}

void ModelDock::fill_outline() {
  tree_->clear();
  marked_.reset();
  const auto model = lab().model();
  const Weights& w = *model->weights;
  const ModelConfig& c = w.config;
  name_->setText(QString::fromStdString(w.name));
  name_->setToolTip(QString::fromStdString(w.path));
  const QString what = w.has_values() ? QString::fromLatin1(name_of(w.dtype)) : text("no weights, so no values");
  facts_->setText(text("{0} parameters · {1}\n{3} blocks · {4} heads · d_model {5}\ncontext {2} · vocabulary {6}",
                       short_count(w.parameters()), what, c.n_ctx, c.n_layer, c.n_head, c.d_model, count(c.n_vocab)));
  const std::vector<ModelPart> parts = parts_of(w);
  const auto parameters = [&](std::string_view part) { return std::ranges::find(parts, part, &ModelPart::name)->parameters; };
  // The count comes first: it stays where the dock is narrow.
  const auto with_count = [&](const QString& size, std::string_view part) {
    return text("{0} · {1}", short_count(parameters(part)), size);
  };
  tree_->addTopLevelItem(
      outline_item(text("embedding"), "embedding", with_count(text("{0} × {1}", count(c.n_vocab), c.d_model), "token embedding")));
  tree_->addTopLevelItem(
      outline_item(text("positions"), "embedding", with_count(text("{0} × {1}", count(c.n_ctx), c.d_model), "position embedding")));
  for (int l = 0; l < c.n_layer; ++l) {
    auto* block = outline_item(text("block {0}", l), QStringLiteral("block %1").arg(l), short_count(parameters_of_block(parts)));
    block->setData(0, kLayerRole, l);
    auto* attention =
        outline_item(text("attention"), QStringLiteral("block %1").arg(l), with_count(text("{0} heads", c.n_head), "attention"));
    for (int h = 0; h < c.n_head; ++h) {
      auto* head = outline_item(text("head {0}", h), QStringLiteral("head %1.%2").arg(l).arg(h));
      head->setData(0, kLayerRole, l);
      head->setData(0, kHeadRole, h);
      attention->addChild(head);
    }
    block->addChild(attention);
    block->addChild(outline_item(text("MLP"), QStringLiteral("block %1").arg(l), with_count(text("{0} neurons", count(c.d_mlp)), "MLP")));
    tree_->addTopLevelItem(block);
  }
  tree_->addTopLevelItem(outline_item(text("final LayerNorm"), "logits", short_count(parameters("final LayerNorm"))));
  tree_->addTopLevelItem(outline_item(text("unembedding"), "logits", c.tied ? text("tied") : short_count(parameters("unembedding"))));
  if (QTreeWidgetItem* first = tree_->topLevelItem(kItemsBeforeBlocks)) {
    first->setExpanded(true);
    first->child(0)->setExpanded(c.n_head <= 12);
  }
}

void ModelDock::mark_edits() {
  const Recipe& recipe = lab().document().recipe;
  std::pair marks(recipe, lab().document().mode);
  if (marked_ == marks) return;
  marked_ = std::move(marks);
  const int n_layer = lab().model()->weights->config.n_layer;
  std::vector<int> in_block(static_cast<std::size_t>(n_layer)), in_mlp(in_block);  // how many edits act there
  for (const Edit& edit : recipe.edits)
    for (const HookId hook : hooks_named(edit.hook, n_layer)) {
      if (hook.layer < 0) continue;
      const auto layer = static_cast<std::size_t>(hook.layer);
      ++in_block[layer];
      if (edit.hook.find("mlp") != std::string::npos) ++in_mlp[layer];
    }
  const bool observed = !doc::edits_act(lab().document().mode);  // edits are kept and do not act
  for (int i = 0; i < tree_->topLevelItemCount(); ++i) {
    QTreeWidgetItem* block = tree_->topLevelItem(i);
    if (block->childCount() == 0) continue;
    QTreeWidgetItem* attention = block->child(0);
    const int layer = block->data(0, kLayerRole).toInt();
    const int edited = in_block.at(static_cast<std::size_t>(layer)), mlp_edited = in_mlp.at(static_cast<std::size_t>(layer));
    QTreeWidgetItem* mlp = block->child(1);
    mlp->setText(1, mlp_edited == 0 ? mlp->data(1, kNoteRole).toString()
                    : observed      ? text("off")
                                    : counted(mlp_edited, "{0} edit", "{0} edits"));
    mlp->setForeground(1, mlp_edited > 0 && !observed ? skin().positive : skin().dim);
    for (int h = 0; h < attention->childCount(); ++h) {
      QTreeWidgetItem* head = attention->child(h);
      const auto edit = head_edit(recipe, head->data(0, kLayerRole).toInt(), head->data(0, kHeadRole).toInt(), attention->childCount());
      const bool cut = edit && edit->cut, acts = edit && edit->enabled && !observed;
      head->setText(1, !edit ? QString() : !acts ? text("off") : cut ? text("cut") : QString::fromStdString(edit->tag));
      head->setForeground(1, acts ? skin().positive : skin().dim);
      QFont font = tree_->font();
      font.setStrikeOut(cut && acts);
      head->setFont(0, font);
    }
    block->setText(1, edited == 0 ? block->data(1, kNoteRole).toString()
                      : observed  ? text("off")
                                  : counted(edited, "{0} edit", "{0} edits"));
    block->setForeground(1, observed || edited == 0 ? skin().dim : skin().positive);
  }
}

void ModelDock::find_steps() {
  steps_ = doc::training_steps_of(lab().document().model);
  training_->setVisible(!steps_.empty());
  const QSignalBlocker quiet(slider_);
  slider_->setRange(0, static_cast<int>(steps_.size()));  // the last one is the trained model
}

void ModelDock::show_step() {
  if (steps_.empty()) return;
  const auto now = doc::training_step_of(lab().document().model);
  const auto at = now ? std::ranges::find(steps_, *now) : steps_.end();
  const QSignalBlocker quiet(slider_);
  slider_->setValue(static_cast<int>(at - steps_.begin()));
  const doc::TrainingState& training = lab().training().state();
  const bool live = training.running() && training.folder == lab().document().model;
  step_->setText(now ? text("step {0}", count(*now)) : live ? text("now") : text("trained"));
  const std::string& model = lab().document().model;
  slider_->setToolTip(text("The model at a training step: {0}", model.empty() ? shown_->weights->name : model));
}

void ModelDock::fill(const doc::Changes& changes) {
  const bool first = shown_ != lab().model() || (changes.model && !shown_);
  // Another state of the same model, as a training makes them, has the same outline.
  const bool renewed = shown_ && lab().model() && shown_->weights->config == lab().model()->weights->config &&
                       shown_->weights->name == lab().model()->weights->name;
  shown_ = lab().model();
  if (first && !renewed) fill_outline();
  if (first) find_steps();
  show_step();
  mark_edits();
}

}  // namespace gf::ui
