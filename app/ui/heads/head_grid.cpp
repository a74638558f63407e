#include "app/ui/heads/head_grid.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "app/document/head_colour.h"
#include "app/ui/heads/head_edits.h"
#include "app/ui/heads/head_menu.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {

HeadGridView::HeadGridView(doc::Lab& lab, QWidget* parent) : QWidget(parent), lab_(lab) {
  setObjectName("head_grid");
  setAccessibleName(text("Head grid"));
  setFocusPolicy(Qt::TabFocus);  // not by a click: after one, Space still plays
  setMouseTracking(true);
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

double HeadGridView::pitch(int width) const {
  if (n_head_ == 0) return 0;
  return std::clamp((width - kLeft - 2.0) / n_head_, 15.0, 40.0);
}

int HeadGridView::heightForWidth(int width) const { return kTop + static_cast<int>(std::ceil(pitch(width) * n_layer_)) + 2; }
// Hints do not depend on the present width: a scroll area around the grid would show and hide its bar without end.
QSize HeadGridView::sizeHint() const { return {340, heightForWidth(std::max(340, minimumSizeHint().width()))}; }
QSize HeadGridView::minimumSizeHint() const {
  const int least = kLeft + 2 + 15 * n_head_;
  return {least, heightForWidth(least)};
}

QRect HeadGridView::cell_rect(int layer, int head) const {
  const double p = pitch(width());
  const double gap = p > 24 ? 4 : 2;
  return QRectF(kLeft + head * p, kTop + layer * p, p - gap, p - gap).toAlignedRect();
}

HeadGridView::Cell HeadGridView::at(QPoint point) const {
  const double p = pitch(width());
  if (p <= 0 || point.x() < kLeft || point.y() < kTop) return {};
  const Cell cell{static_cast<int>((point.y() - kTop) / p), static_cast<int>((point.x() - kLeft) / p)};
  return cell.layer < n_layer_ && cell.head < n_head_ ? cell : Cell{};
}

std::optional<float> HeadGridView::score(Cell cell) const {
  if (!scores_ || scores_->shape != std::vector{n_layer_, n_head_}) return std::nullopt;
  const float value = scores_->at(cell.layer, cell.head);
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

void HeadGridView::refresh() {
  const auto model = lab_.model();
  const int n_layer = model ? model->weights->config.n_layer : 0, n_head = model ? model->weights->config.n_head : 0;
  if (const std::string& colour = lab_.document().head_colour; watched_ != colour) {
    watched_ = colour;
    part_ = doc::head_colour_named(colour);
    study_ = part_ ? lab_.studies().watch(doc::scores_of(*part_)) : doc::Watch<Answer>();
  }
  const doc::Study study = study_.now();
  const Grid* grid = study.answer && part_ ? study.answer->get<Grid>(part_->part->name) : nullptr;
  scores_ = grid ? std::shared_ptr<const Grid>(study.answer, grid) : nullptr;
  scale_ = 0;
  if (scores_)
    for (const float v : scores_->values)
      if (std::isfinite(v)) scale_ = std::max(scale_, std::abs(v));
  if (scale_ <= 0) scale_ = 1;
  if (n_layer != n_layer_ || n_head != n_head_) {
    n_layer_ = n_layer;
    n_head_ = n_head;
    current_ = n_layer > 0 ? Cell{0, 0} : Cell{};
    hovered_ = {};
    updateGeometry();
  }
  update();
}

/// A hidden grid watches no scores, so they are not computed.
void HeadGridView::hideEvent(QHideEvent*) {
  study_ = {};
  watched_.clear();
}

QString HeadGridView::describe(Cell cell) const {
  QString said = text("block {0}, head {1}", cell.layer, cell.head);
  if (const auto value = score(cell)) said += text("\nscore {0}", signed_number(static_cast<double>(*value), 3));
  if (const auto edit = head_edit(lab_.document().recipe, cell.layer, cell.head, n_head_)) {
    if (edit->cut) said += edit->enabled ? text("\ncut") : text("\ncut, switched off");
    else said += QLatin1Char('\n') + QString::fromStdString(edit->words);
  }
  return said;
}

void HeadGridView::set_current(Cell cell) {
  if (cell == current_ || !cell.valid()) return;
  current_ = cell;
  setAccessibleDescription(describe(cell).replace('\n', QStringLiteral(", ")));
  QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&changed);
  update();
}

void HeadGridView::cut(Cell cell, bool on) {
  if (!cell.valid() || lab_.is_cut(cell.layer, cell.head) == on) return;
  // All cuts of one drag share a key, so they undo as one.
  const std::string key = dragging_ ? "drag heads " + std::to_string(drag_number_) : std::string();
  lab_.set_head_cut(cell.layer, cell.head, on, key);
}

void HeadGridView::mousePressEvent(QMouseEvent* event) {
  const Cell cell = at(event->position().toPoint());
  if (!cell.valid() || event->button() != Qt::LeftButton) return;
  set_current(cell);
  dragging_ = true;
  ++drag_number_;
  drag_cuts_ = !lab_.is_cut(cell.layer, cell.head);
  dragged_ = cell;
  cut(cell, drag_cuts_);
}

void HeadGridView::mouseMoveEvent(QMouseEvent* event) {
  const Cell cell = at(event->position().toPoint());
  if (cell != hovered_) {
    hovered_ = cell;
    update();
  }
  if (!dragging_ || !cell.valid() || cell == dragged_) return;
  dragged_ = cell;
  set_current(cell);
  cut(cell, drag_cuts_);
}

void HeadGridView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) dragging_ = false;
}

void HeadGridView::leaveEvent(QEvent*) {
  hovered_ = {};
  update();
}

void HeadGridView::keyPressEvent(QKeyEvent* event) {
  if (!current_.valid()) return QWidget::keyPressEvent(event);
  Cell next = current_;
  switch (event->key()) {
    case Qt::Key_Left: next.head = std::max(0, next.head - 1); break;
    case Qt::Key_Right: next.head = std::min(n_head_ - 1, next.head + 1); break;
    case Qt::Key_Up: next.layer = std::max(0, next.layer - 1); break;
    case Qt::Key_Down: next.layer = std::min(n_layer_ - 1, next.layer + 1); break;
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter: cut(current_, !lab_.is_cut(current_.layer, current_.head)); return;
    case Qt::Key_Menu: show_menu(current_, mapToGlobal(cell_rect(current_.layer, current_.head).center())); return;
    default: QWidget::keyPressEvent(event); return;
  }
  set_current(next);
}

void HeadGridView::contextMenuEvent(QContextMenuEvent* event) {
  const Cell cell = event->reason() == QContextMenuEvent::Keyboard ? current_ : at(event->pos());
  if (cell.valid()) show_menu(cell, event->globalPos());
}

void HeadGridView::solo(Cell cell) {
  lab_.execute({gf::text("solo head {0} of block {1}", cell.head, cell.layer),
                [cell, n_layer = n_layer_, n = n_head_](doc::Document& d) {
                  for (int h = 0; h < n; ++h) doc::set_head_cut(cell.layer, h, n_layer, n, h != cell.head).apply(d);
                },
                {}});
}

void HeadGridView::show_menu(Cell cell, QPoint global) {
  set_current(cell);
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->setObjectName("head_menu");
  add_head_edits(*menu, lab_, cell.layer, cell.head);
  menu->addAction(text("Solo: cut the block's other heads"), this, [this, cell] { solo(cell); });
  menu->addSeparator();
  menu->addAction(text("Show it in the scene"), this, [this, cell] {
    if (on_focus_head) on_focus_head(cell.layer, cell.head);
  });
  if (const auto edit = head_edit(lab_.document().recipe, cell.layer, cell.head, n_head_))
    menu->addAction(text("Remove the edit"), this, [this, index = edit->index] { lab_.execute(doc::remove_edit(index)); });
  menu->popup(global);
}

bool HeadGridView::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const Cell cell = at(help->pos());
    if (cell.valid()) QToolTip::showText(help->globalPos(), describe(cell), this, cell_rect(cell.layer, cell.head));
    else QToolTip::hideText();
    return true;
  }
  if (event->type() == QEvent::ShortcutOverride) {
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->modifiers() == Qt::NoModifier && (key->key() == Qt::Key_Left || key->key() == Qt::Key_Right || key->key() == Qt::Key_Space))
      event->accept();  // while the grid has the focus, it gets these keys, not the transport
  }
  return QWidget::event(event);
}

}  // namespace gf::ui
