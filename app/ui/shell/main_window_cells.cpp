// The window's reactions to cells and drops: heads, the menu of a cell, dropped files.
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDragEnterEvent>
#include <QMenu>
#include <QMimeData>
#include <QStatusTipEvent>
#include <algorithm>

#include "app/scene/cards/explain.h"
#include "app/scene/cube/cube_product.h"
#include "app/ui/actions/values_needed.h"
#include "app/ui/heads/head_menu.h"
#include "app/ui/shell/cell_menu.h"
#include "app/ui/shell/file_desk.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/transport.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"
#include "model/io/dictionaries/open_dictionary.h"

namespace gf::ui {
std::optional<scene::CellRef> MainWindow::selected_in_block() const {
  const auto& selection = lab_.document().selection;
  if (!lab_.model() || !selection || selection->tensor.is_weight() || selection->tensor.hook.layer < 0) return std::nullopt;
  return selection;
}

void MainWindow::select_head(int layer, int head) {
  const auto cell = selected_in_block();
  if (cell && cell->tensor.hook.layer == layer && scene::head_in(*cell) == head) return;
  const HookId pattern{HookKind::Pattern, layer};
  const auto run = lab_.run();
  if (!run || !run->edited->has(pattern)) return;  // the scene does not show the head
  const int query = scene::selected_position_in(lab_.document(), run->edited->length());
  const auto row = run->edited->causal_row(pattern, head, query);
  const int key = static_cast<int>(std::ranges::max_element(row) - row.begin());
  lab_.execute(doc::select_cell(scene::CellRef{{pattern, {}}, {head, query, key}}));
}

Result<void> MainWindow::cut_selected_head() {
  const auto cell = selected_in_block();
  const int head = cell ? scene::head_in(*cell).value_or(-1) : -1;
  if (head < 0) {
    say(text("Select a cell of a head (q, k, v, z or a pattern) to cut it."));
    return {};
  }
  const int layer = cell->tensor.hook.layer;
  lab_.set_cut({layer, head}, !lab_.is_cut({layer, head}));
  return {};
}

void MainWindow::show_cell_menu(const Picked& picked, QPoint global) {
  auto* menu = new QMenu(this);
  menu->setObjectName("cell_menu");
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const scene::CellRef cell = picked.cell;
  const QString named =
      picked.words.empty() ? QString::fromStdString(cell.tensor.name()) : text("{0}, position {1}", picked.words, cell.index[0]);
  menu->addAction(named)->setEnabled(false);
  menu->addAction(text("Select"), this, [this, cell] { lab_.execute(doc::select_cell(cell)); });
  menu->addAction(text("Fly there"), this, [this, cell] { viewport_->fly_to_cell(cell); });
  menu->setToolTipsVisible(true);
  const qsizetype first_of_values = menu->actions().size();
  const auto input = lab_.scene_input();
  const auto& open = lab_.document().cube;
  if (const auto cube = input.model ? scene::cube_of(cell, input.model->weights->config) : std::nullopt;
      cube && !(open && scene::cube_name(*open) == scene::cube_name(*cube)))
    menu->addAction(text("Open {0} as a cube", scene::title_of(*cube)), this, [this, cube] {
      if (const auto opened = open_product(*cube); !opened) show_error(opened.error());
    });
  const bool pinned = is_pinned(viewport_->cards().cards(), cell);
  menu->addAction(pinned ? text("Unpin its card") : text("Pin its card"), this, [this, cell] { viewport_->pin_card(cell); });
  add_position(*menu, lab_, cell);
  if (const int head = scene::head_in(cell).value_or(-1); head >= 0) {
    if (const scene::OneHead one{cell.tensor.hook.layer, head}; !lab_.document().one_head || !lab_.document().one_head->same_place(one))
      menu->addAction(text("See head {0} alone", scene::one_head_name(one)), this, [this, one] { lab_.execute(doc::open_one_head(one)); });
    menu->addSeparator();
    add_part_edits(*menu, lab_, {cell.tensor.hook.layer, head});
    add_part_copies(*menu, lab_, {cell.tensor.hook.layer, head});
  }
  menu->addSeparator();
  add_cell_edits(*menu, *this, lab_, cell);
  menu->addSeparator();
  const auto value = input.model ? scene::value_of(cell, input, viewport_->view_state()) : std::nullopt;
  const QString label = value ? text("Copy the value {0}", significant(static_cast<double>(*value), 6)) : text("Copy the value");
  QAction* copy = menu->addAction(label, this, [this, value] {
    if (value) QApplication::clipboard()->setText(QString::fromStdString(numbers::exact(*value)));
    say(text("Copied"));
  });
  copy->setEnabled(value.has_value());
  add_cell_copies(*menu, *this, lab_, cell);
  if (const QString lack = lack_of_values(lab_); !lack.isEmpty())
    for (QAction* action : menu->actions().sliced(first_of_values)) {
      action->setEnabled(action->isSeparator());
      action->setToolTip(lack);
    }
  menu->popup(global);
  write_state_soon();
}

void MainWindow::show_ground_menu(QPoint global) {
  auto* menu = new QMenu(this);
  menu->setObjectName("ground_menu");
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (const char* id :
       {"home",   "fit", "up",     "",    "view",  "split",      "side",        "difference", "ribbons",      "",         "play", "tell",
        "follow", "",    "legend", "map", "theme", "card-depth", "close-cards", "",           "save-picture", "save-film"}) {
    if (*id == '\0') menu->addSeparator();
    else if (QAction* action = runner_->qaction(id); action->isEnabled()) menu->addAction(action);
  }
  menu->popup(global);
  write_state_soon();
}

void MainWindow::open_dropped(const std::string& path) {
  if (!looks_like_dictionary(path)) return open_model(path);
  if (const auto done = files_->open_dictionary(path, {}); !done) show_error(done.error());
}

Result<void> MainWindow::open_product(const scene::Cube& cube) {
  const std::string problem = scene::why_not_open(lab_.scene_input(), lab_.document(), cube);
  if (!problem.empty())
    return fail(ErrorCode::InvalidArgument, gf::text("{0} cannot be opened: {1}.", scene::title_of(cube), problem), "open_product");
  lab_.execute(doc::open_cube(cube));
  transport_->play_from(0);
  return {};
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  const QList<QUrl> urls = event->mimeData()->urls();
  if (urls.isEmpty() || !urls.front().isLocalFile()) return;
  event->acceptProposedAction();
  open_dropped(urls.front().toLocalFile().toStdString());
}

bool MainWindow::eventFilter(QObject* object, QEvent* event) {
  // A file that is dropped on a text field goes to the window, because it is a model and not text.
  const bool drag = event->type() == QEvent::DragEnter, drop = event->type() == QEvent::Drop;
  if ((drag || drop) && object != this && object->isWidgetType() && is_text_field(object)) {
    auto* dropped = static_cast<QDropEvent*>(event);
    if (dropped->mimeData()->hasUrls()) {
      if (drag) dropped->acceptProposedAction();
      else dropEvent(dropped);
      return true;
    }
  }
  switch (event->type()) {
    case QEvent::StatusTip: {  // what a part of the window has to say, see save_file.h; menus send empty ones
      const QString words = static_cast<QStatusTipEvent*>(event)->tip();
      if (words.isEmpty()) break;
      say(words);
      return true;
    }
    case QEvent::Resize:
    case QEvent::Move:
    case QEvent::Show:
    case QEvent::Hide:
    case QEvent::WindowActivate: write_state_soon(); break;
    default: break;
  }
  return QMainWindow::eventFilter(object, event);
}

}  // namespace gf::ui
