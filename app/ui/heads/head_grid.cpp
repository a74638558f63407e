#include "app/ui/heads/head_grid.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
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
  return std::clamp((width - kLeft - kMlpGap - 2.0) / (n_head_ + 1), 15.0, 40.0);
}

int HeadGridView::heightForWidth(int width) const { return kTop + static_cast<int>(std::ceil(pitch(width) * n_layer_)) + 2; }
// Hints do not depend on the present width: a scroll area around the grid would show and hide its bar without end.
QSize HeadGridView::sizeHint() const { return {340, heightForWidth(std::max(340, minimumSizeHint().width()))}; }
QSize HeadGridView::minimumSizeHint() const {
  const int least = kLeft + kMlpGap + 2 + 15 * (n_head_ + 1);
  return {least, heightForWidth(least)};
}

QRect HeadGridView::cell_rect(int layer, int head) const {
  const double p = pitch(width());
  const double gap = p > 24 ? 4 : 2;
  const double left = kLeft + head * p + (head == n_head_ ? kMlpGap : 0);
  // All alike, to the pixel: what fits into one of them fits into each.
  const int side = static_cast<int>(p - gap);
  return {static_cast<int>(left), static_cast<int>(kTop + layer * p), side, side};
}

HeadGridView::Cell HeadGridView::at(QPoint point) const {
  const double p = pitch(width());
  if (p <= 0 || point.x() < kLeft || point.y() < kTop) return {};
  const double across = point.x() - kLeft, mlps = n_head_ * p;
  if (across >= mlps && across < mlps + kMlpGap) return {};
  const Cell cell{static_cast<int>((point.y() - kTop) / p), static_cast<int>((across < mlps ? across : across - kMlpGap) / p)};
  return cell.layer < n_layer_ && cell.head <= n_head_ ? cell : Cell{};
}

doc::BlockPart HeadGridView::part_of(Cell cell) const { return {cell.layer, is_mlp(cell) ? doc::BlockPart::kMlp : cell.head}; }

std::optional<PartRef> HeadGridView::colour_of(Cell cell) const { return is_mlp(cell) ? mlp_part_ : part_; }

std::optional<float> HeadGridView::score(Cell cell) const {
  if (is_mlp(cell)) {
    if (!mlp_scores_ || mlp_scores_->shape != std::vector{n_layer_}) return std::nullopt;
    const float value = mlp_scores_->values[static_cast<std::size_t>(cell.layer)];
    return std::isnan(value) ? std::nullopt : std::optional(value);
  }
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
    mlp_part_ = part_ ? doc::mlp_colour_of(*part_) : std::nullopt;
    study_ = part_ ? lab_.studies().watch(doc::scores_of(*part_)) : doc::Watch<Answer>();
  }
  const doc::Study study = study_.now();
  const auto grid_of = [&](const std::optional<PartRef>& part) -> std::shared_ptr<const Grid> {
    const Grid* grid = study.answer && part ? study.answer->get<Grid>(part->part->name) : nullptr;
    return grid ? std::shared_ptr<const Grid>(study.answer, grid) : nullptr;
  };
  scores_ = grid_of(part_);
  mlp_scores_ = grid_of(mlp_part_);
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
  QString said = is_mlp(cell) ? text("block {0}, MLP", cell.layer) : text("block {0}, head {1}", cell.layer, cell.head);
  if (const auto value = score(cell)) said += text("\nscore {0}", signed_number(static_cast<double>(*value), 3));
  if (const auto edit = part_edit(lab_.document().recipe, part_of(cell), n_head_)) {
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
  if (!cell.valid() || lab_.is_cut(part_of(cell)) == on) return;
  // All cuts of one drag share a key, so they undo as one.
  lab_.set_cut(part_of(cell), on, dragging_ ? "drag heads " + std::to_string(drag_number_) : std::string());
}

void HeadGridView::copy(Cell cell) {
  const auto model = lab_.model();
  if (!model || !cell.valid()) return;
  if (const std::string edits = doc::copied_edits(lab_.document().recipe, part_of(cell), model->weights->config); !edits.empty())
    QApplication::clipboard()->setText(QString::fromStdString(edits));
}

void HeadGridView::paste(Cell cell) {
  const auto model = lab_.model();
  if (!model || !cell.valid()) return;
  const auto edits = doc::edits_to_paste(QApplication::clipboard()->text().toStdString(), part_of(cell));
  if (!edits) {
    if (on_error) on_error(edits.error());
    return;
  }
  const std::string key = dragging_ ? "paste heads " + std::to_string(drag_number_) : std::string();
  lab_.execute(doc::paste_edits(*edits, {part_of(cell)}, model->weights->config, key));
}

/// Of a drag, on each cell that it comes to.
void HeadGridView::act_on(Cell cell) {
  dragged_ = cell;
  if (drag_pastes_) paste(cell);
  else cut(cell, drag_cuts_);
}

void HeadGridView::mousePressEvent(QMouseEvent* event) {
  const Cell cell = at(event->position().toPoint());
  if (!cell.valid() || event->button() != Qt::LeftButton) return;
  set_current(cell);
  dragging_ = true;
  ++drag_number_;
  drag_pastes_ = event->modifiers().testFlag(Qt::ControlModifier);
  drag_cuts_ = !lab_.is_cut(part_of(cell));
  act_on(cell);
}

void HeadGridView::mouseMoveEvent(QMouseEvent* event) {
  const Cell cell = at(event->position().toPoint());
  if (cell != hovered_) {
    hovered_ = cell;
    update();
  }
  if (!dragging_ || !cell.valid() || cell == dragged_) return;
  set_current(cell);
  act_on(cell);
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
  if (event->matches(QKeySequence::Copy)) return copy(current_);
  if (event->matches(QKeySequence::Paste)) return paste(current_);
  Cell next = current_;
  switch (event->key()) {
    case Qt::Key_Left: next.head = std::max(0, next.head - 1); break;
    case Qt::Key_Right: next.head = std::min(n_head_, next.head + 1); break;
    case Qt::Key_Up: next.layer = std::max(0, next.layer - 1); break;
    case Qt::Key_Down: next.layer = std::min(n_layer_ - 1, next.layer + 1); break;
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter: cut(current_, !lab_.is_cut(part_of(current_))); return;
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
  if (!lab_.model()) return;
  lab_.execute({gf::text("solo head {0} of block {1}", cell.head, cell.layer),
                [cell, config = lab_.model()->weights->config](doc::Document& d) {
                  for (int h = 0; h < config.n_head; ++h) doc::set_part_cut({cell.layer, h}, config, h != cell.head).apply(d);
                },
                {}});
}

void HeadGridView::show_menu(Cell cell, QPoint global) {
  set_current(cell);
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->setObjectName("head_menu");
  menu->setToolTipsVisible(true);
  add_part_edits(*menu, lab_, part_of(cell));
  add_part_patches(*menu, lab_, part_of(cell));
  add_part_copies(*menu, lab_, part_of(cell));
  if (!is_mlp(cell)) menu->addAction(text("Solo: cut the block's other heads"), this, [this, cell] { solo(cell); });
  menu->addSeparator();
  menu->addAction(text("Show it in the scene"), this, [this, cell] {
    if (on_focus) on_focus(part_of(cell));
  });
  if (const auto edit = part_edit(lab_.document().recipe, part_of(cell), n_head_))
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
      event->accept();
    if (key->matches(QKeySequence::Copy) || key->matches(QKeySequence::Paste))
      event->accept();  // while the grid has the focus, it gets these keys, not the transport
  }
  return QWidget::event(event);
}

}  // namespace gf::ui
