#include "app/ui/docks/model_dock.h"

#include <QHeaderView>
#include <QLabel>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "app/ui/docks/head_edits.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kCameraRole = Qt::UserRole + 1, kLayerRole = Qt::UserRole + 2, kHeadRole = Qt::UserRole + 3;

QTreeWidgetItem* outline_item(const QString& text, const QString& camera, const QString& note = {}) {
  auto* item = new QTreeWidgetItem({text, note});
  item->setData(0, kCameraRole, camera);
  item->setForeground(1, skin().dim);
  item->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
  return item;
}

}  // namespace

ModelDock::ModelDock(doc::Lab& lab, QWidget* parent) : QWidget(parent), lab_(lab) {
  setObjectName("dock_body");
  name_ = new QLabel(this);
  name_->setObjectName("model_name");
  name_->setFont(font_of(12, true));
  facts_ = new QLabel(this);
  facts_->setObjectName("model_facts");
  facts_->setProperty("role", "dim");
  facts_->setWordWrap(true);
  tree_ = new QTreeWidget(this);
  tree_->setObjectName("model_tree");
  tree_->setAccessibleName(text("Outline of the model"));
  tree_->setColumnCount(2);
  tree_->setHeaderHidden(true);
  tree_->header()->setStretchLastSection(false);
  // In a narrow dock the names stay and the facts give way.
  tree_->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
  tree_->header()->setSectionResizeMode(1, QHeaderView::Stretch);
  tree_->setIndentation(16);
  tree_->setUniformRowHeights(true);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(10, 8, 6, 8);
  all->setSpacing(3);
  all->addWidget(name_);
  all->addWidget(facts_);
  all->addSpacing(4);
  all->addWidget(tree_, 1);
  const auto fly = [this](QTreeWidgetItem* item) {
    if (on_fly && !item->data(0, kCameraRole).toString().isEmpty()) on_fly(item->data(0, kCameraRole).toString().toStdString());
  };
  connect(tree_, &QTreeWidget::itemClicked, this, [fly](QTreeWidgetItem* item) { fly(item); });
  connect(tree_, &QTreeWidget::itemActivated, this, [fly](QTreeWidgetItem* item) { fly(item); });
}

void ModelDock::fill() {
  tree_->clear();
  const auto model = lab_.model();
  if (!model) {
    name_->setText(text("no model"));
    facts_->setText(text("Open one with Ctrl+O, or drop a model folder anywhere."));
    return;
  }
  const Weights& w = *model->weights;
  const ModelConfig& c = w.config;
  name_->setText(QString::fromStdString(w.name));
  name_->setToolTip(QString::fromStdString(w.path));
  facts_->setText(text("{0} parameters · {1}\n{3} blocks · {4} heads · d_model {5}\ncontext {2} · vocabulary {6}",
                       short_count(w.parameters()), name_of(w.dtype), c.n_ctx, c.n_layer, c.n_head, c.d_model, count(c.n_vocab)));
  tree_->addTopLevelItem(outline_item(text("embedding"), "embedding", text("{0} × {1}", count(c.n_vocab), c.d_model)));
  for (int l = 0; l < c.n_layer; ++l) {
    auto* block = outline_item(text("block {0}", l), QStringLiteral("block %1").arg(l));
    block->setData(0, kLayerRole, l);
    auto* attention = outline_item(text("attention"), QStringLiteral("block %1").arg(l), text("{0} heads", c.n_head));
    for (int h = 0; h < c.n_head; ++h) {
      auto* head = outline_item(text("head {0}", h), QStringLiteral("head %1.%2").arg(l).arg(h));
      head->setData(0, kLayerRole, l);
      head->setData(0, kHeadRole, h);
      attention->addChild(head);
    }
    block->addChild(attention);
    block->addChild(outline_item(text("MLP"), QStringLiteral("block %1").arg(l), text("{0} neurons", count(c.d_mlp))));
    tree_->addTopLevelItem(block);
  }
  tree_->addTopLevelItem(outline_item(text("final LayerNorm"), "logits"));
  tree_->addTopLevelItem(outline_item(text("unembedding"), "logits", c.tied ? text("tied") : QString()));
  tree_->topLevelItem(c.n_layer + 1)->setFirstColumnSpanned(true);  // no note: its name has the whole width
  if (QTreeWidgetItem* first = tree_->topLevelItem(1)) {
    first->setExpanded(true);
    first->child(0)->setExpanded(c.n_head <= 12);
  }
}

void ModelDock::mark_edits() {
  const Recipe& recipe = lab_.document().recipe;
  for (int i = 0; i < tree_->topLevelItemCount(); ++i) {
    QTreeWidgetItem* block = tree_->topLevelItem(i);
    if (block->childCount() == 0) continue;
    QTreeWidgetItem* attention = block->child(0);
    int edited = 0;
    for (int h = 0; h < attention->childCount(); ++h) {
      QTreeWidgetItem* head = attention->child(h);
      const auto edit = head_edit(recipe, head->data(0, kLayerRole).toInt(), head->data(0, kHeadRole).toInt(), attention->childCount());
      const bool cut = edit && edit->cut;
      if (edit) ++edited;
      head->setText(1, !edit ? QString() : !edit->enabled ? text("off") : cut ? text("cut") : QString::fromStdString(edit->tag));
      head->setForeground(1, edit && edit->enabled ? skin().positive : skin().dim);
      QFont font = tree_->font();
      font.setStrikeOut(cut && edit->enabled);
      head->setFont(0, font);
    }
    block->setText(1, edited == 0 ? QString() : counted(edited, "{0} edit", "{0} edits"));
    block->setForeground(1, skin().positive);
  }
}

void ModelDock::refresh(const doc::Changes& changes) {
  const bool first = shown_ != lab_.model() || (changes.model && !shown_);
  shown_ = lab_.model();
  if (first) fill();
  mark_edits();
}

}  // namespace gf::ui
