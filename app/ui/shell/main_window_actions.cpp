// What the commands of the menus do.
#include <QApplication>
#include <QClipboard>
#include <QDialog>
#include <QDir>
#include <QDockWidget>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QStandardPaths>
#include <QVBoxLayout>

#include "app/ui/dialogs/film_dialog.h"
#include "app/ui/dialogs/picture_dialog.h"
#include "app/ui/docks/lessons_dock.h"
#include "app/ui/shell/command_palette.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/shell/status_line.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/transport.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"
#include "model/base/whole_file.h"

namespace gf::ui {
namespace {

/// A file dialog that neither blocks nor depends on the desktop.
QFileDialog* file_dialog(QWidget* parent, const QString& title, const QString& filter = {}) {
  auto* dialog = new QFileDialog(parent, title, QDir::currentPath(), filter);
  dialog->setObjectName("file_dialog");
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setOption(QFileDialog::DontUseNativeDialog);
  return dialog;
}

QString folder_for(QStandardPaths::StandardLocation location) {
  const QString folder = QStandardPaths::writableLocation(location);
  return QFileInfo(folder).isDir() ? folder : QDir::currentPath();
}

}  // namespace

void MainWindow::open_path(const QString& path) {
  player_->leave();
  lab_.open_model(path.toStdString());
}

void MainWindow::open_folder() {
  QFileDialog* dialog = file_dialog(this, text("Open model folder"));
  dialog->setFileMode(QFileDialog::Directory);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { open_path(path); });
  dialog->open();
}

void MainWindow::open_file() {
  QFileDialog* dialog = file_dialog(this, text("Open model file"));
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { open_path(path); });
  dialog->open();
}

void MainWindow::open_session(const QString& path) {
  player_->leave();
  if (const auto opened = lab_.load(path.toStdString()); !opened) errors_->show_error(opened.error());
  else viewport_->adopt_camera();
}

bool MainWindow::restore_left_behind() {
  const auto left = autosave_.take_left_behind();
  if (!left || !lab_.load(left->toStdString())) return false;
  viewport_->adopt_camera();
  say(text("Your last session is back"));
  return true;
}

void MainWindow::open_session_dialog() {
  QFileDialog* dialog = file_dialog(this, text("Open session"), text("Sessions (*.json)"));
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { open_session(path); });
  dialog->open();
}

void MainWindow::save_session() {
  QFileDialog* dialog = file_dialog(this, text("Save session"), text("Sessions (*.json)"));
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix("json");
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    if (const auto saved = lab_.save(path.toStdString()); !saved) errors_->show_error(saved.error());
    else say(text("Saved {0}", path));
  });
  dialog->open();
}

void MainWindow::open_recipe() {
  QFileDialog* dialog = file_dialog(this, text("Open recipe"), text("Recipes (*.json)"));
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    auto recipe = read_recipe(path.toStdString());
    if (!recipe) return errors_->show_error(recipe.error());
    lab_.execute({gf::text("open a recipe"),
                  [recipe = std::move(*recipe)](doc::Document& d) {
                    d.recipe = recipe;
                    d.mode = doc::Mode::Intervene;
                  },
                  {}});
  });
  dialog->open();
}

void MainWindow::save_recipe() {
  QFileDialog* dialog = file_dialog(this, text("Save recipe"), text("Recipes (*.json)"));
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix("json");
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    if (const auto saved = write_whole_file(path.toStdString(), to_json(lab_.document().recipe)); !saved)
      return errors_->show_error(saved.error());
    say(text("Saved {0}", path));
  });
  dialog->open();
}

/// What one sees, flights too. The whole from home is fitted anew: a picture has its own shape and legend.
doc::Document MainWindow::document_in_view() const {
  doc::Document document = lab_.document();
  document.camera.reset();
  if (!viewport_->at_home()) document.camera = viewport_->report().camera;
  document.compare = viewport_->view_state().compare;
  return document;
}

void MainWindow::save_film_dialog() {
  if (!lab_.model() || !transport_->timeline()) return say(text("Run a prompt first: a film shows a run"));
  if (film_ && film_->busy()) return say(text("One film at a time: this one is not finished yet"));
  const QString name = QString::fromStdString(lab_.model()->weights->name) + QStringLiteral(".mp4");
  auto* dialog = new FilmDialog(viewport_->size(), folder_for(QStandardPaths::MoviesLocation), name, *transport_->timeline(), this);
  dialog->on_save = [this](const FilmJob& job) {
    const auto show = [this](double fraction) { status_->set_own_job(text("making the film"), fraction, [this] { film_->cancel(); }); };
    if (!film_)
      film_ = std::make_unique<FilmMaker>(FilmMaker::Callbacks{show, [this](const Result<std::string>& saved) {
                                                                 status_->set_own_job({});
                                                                 if (saved) say(text("Saved {0} and its sidecar", *saved));
                                                                 else if (saved.error().code == ErrorCode::Cancelled)
                                                                   say(text("The film was stopped; nothing is left of it"));
                                                                 else errors_->show_error(saved.error());
                                                                 write_state_soon();
                                                               }});
    show(0);
    film_->start(viewport_->device(), lab_.scene_input(), document_in_view(), job);
    write_state_soon();
  };
  dialog->open();
  write_state_soon();
}

void MainWindow::save_picture_dialog() {
  const QString name =
      (lab_.model() ? QString::fromStdString(lab_.model()->weights->name) : QStringLiteral("glassformer")) + QStringLiteral(".png");
  auto* dialog = new PictureDialog(viewport_->size(), folder_for(QStandardPaths::PicturesLocation), name, this);
  dialog->on_save = [this](const PictureJob& job) {
    status_->set_own_job(text("drawing the picture"));
    save_picture(viewport_->device(), lab_.scene_input(), document_in_view(), job, [this](const Result<std::string>& saved) {
      status_->set_own_job({});
      if (!saved) errors_->show_error(saved.error());
      else say(text("Saved {0} and its sidecar", *saved));
      write_state_soon();
    });
  };
  dialog->open();
  write_state_soon();
}

void MainWindow::cut_selected() {
  const auto selection = lab_.document().selection;
  const auto model = lab_.model();
  if (!selection || !model || selection->tensor.is_weight() || selection->tensor.hook.layer < 0) return;
  const RowShape shape = info_of(selection->tensor.hook.kind).shape;
  const int layer = selection->tensor.hook.layer;
  int head = -1;
  if (shape == RowShape::Heads || shape == RowShape::HeadsDModel) head = selection->index[1];
  if (shape == RowShape::Causal) head = selection->index[0];
  if (head < 0) return say(text("Select a cell of a head (q, k, v, z or a pattern) to cut it."));
  lab_.cut_head(layer, head, !lab_.is_cut(layer, head));
}

void MainWindow::fly_to_selection() {
  if (const auto selection = lab_.document().selection) viewport_->fly_to_cell(*selection);
}

void MainWindow::show_cell_menu(const Picked& picked, QPoint global) {
  auto* menu = new QMenu(this);
  menu->setObjectName("cell_menu");
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const scene::CellRef cell = picked.cell;
  QAction* title = menu->addAction(QString::fromStdString(cell.tensor.name()));
  title->setEnabled(false);
  menu->addAction(text("Select"), this, [this, cell] { lab_.execute(doc::select_cell(cell)); });
  menu->addAction(text("Fly there"), this, [this, cell] { viewport_->fly_to_cell(cell); });
  if (!cell.tensor.is_weight() && cell.tensor.hook.layer >= 0) {
    const RowShape shape = info_of(cell.tensor.hook.kind).shape;
    const int layer = cell.tensor.hook.layer;
    const int head = shape == RowShape::Heads || shape == RowShape::HeadsDModel ? cell.index[1]
                     : shape == RowShape::Causal                                ? cell.index[0]
                                                                                : -1;
    if (head >= 0) {
      const bool cut = lab_.is_cut(layer, head);
      menu->addSeparator();
      menu->addAction(cut ? text("Restore head {0} of block {1}", head, layer) : text("Ablate head {0} of block {1}", head, layer), this,
                      [this, layer, head, cut] { lab_.cut_head(layer, head, !cut); });
      menu->addAction(text("Replace by its mean"), this, [this, layer, head] { lab_.set_head_edit(layer, head, EditOp::Mean, 1); });
      menu->addAction(text("Halve it"), this, [this, layer, head] { lab_.set_head_edit(layer, head, EditOp::Scale, 0.5F); });
    }
  }
  menu->addSeparator();
  const auto input = lab_.scene_input();
  const auto value = input.model ? scene::value_of(cell, input, viewport_->view_state()) : std::nullopt;
  QAction* copy = menu->addAction(value ? text("Copy the value {0}", significant(static_cast<double>(*value), 6)) : text("Copy the value"),
                                  this, [this, value] {
                                    if (value) QApplication::clipboard()->setText(QString::fromStdString(numbers::exact(*value)));
                                    say(text("Copied"));
                                  });
  copy->setEnabled(value.has_value());
  menu->popup(global);
  write_state_soon();
}

void MainWindow::present(bool on) {
  // A lesson goes on: its text is what is presented.
  for (QDockWidget* dock : docks_) dock->setVisible(dock->widget() == lessons_ ? player_->active() : !on);
  if (player_->active()) show_lesson_docks();
  menuBar()->setVisible(!on);
  statusBar()->setVisible(!on);
  prompt_->setVisible(true);
  viewport_->set_presentation(on ? 1.5F : 1);
  lessons_->set_scale(on ? 1.5 : 1);
  on ? showFullScreen() : showNormal();
}

void MainWindow::show_palette() {
  auto* palette = new CommandPalette(actions_, this);
  palette->open();
}

void MainWindow::show_help() {
  auto* help = new QDialog(this);
  help->setAttribute(Qt::WA_DeleteOnClose);
  help->setWindowTitle(text("Keys and pointer"));
  auto* table = new QLabel(text("<table cellspacing=8>"
                                "<tr><td><b>Drag</b></td><td>turn the model; with Shift, or the right or middle button: move it</td></tr>"
                                "<tr><td><b>Wheel</b></td><td>closer and farther, towards the pointer</td></tr>"
                                "<tr><td><b>Hover</b></td><td>what a cell is, and how it came about</td></tr>"
                                "<tr><td><b>Click, double click</b></td><td>select a cell, fly to it</td></tr>"
                                "<tr><td><b>Right click</b></td><td>what can be done with it</td></tr>"
                                "<tr><td><b>F, H, G, Esc</b></td><td>fit, home, fly to the selection, up a level</td></tr>"
                                "<tr><td><b>Space, ← →, Home, End</b></td><td>play, step, to the start and the end</td></tr>"
                                "<tr><td><b>1, 2, 3</b></td><td>step by operation, block, token</td></tr>"
                                "<tr><td><b>V, W</b></td><td>Machine or Stream; its ribbons by weight or by what is moved</td></tr>"
                                "<tr><td><b>D, hold B</b></td><td>show the difference, look at base</td></tr>"
                                "<tr><td><b>X</b></td><td>cut the selected head</td></tr>"
                                "<tr><td><b>T</b></td><td>where the time of a run goes, and how near it came to the limit</td></tr>"
                                "<tr><td><b>Ctrl+K</b></td><td>any command by its name</td></tr>"
                                "</table>"),
                           help);
  auto* all = new QVBoxLayout(help);
  all->setContentsMargins(20, 16, 20, 16);
  all->addWidget(table);
  help->show();
}

}  // namespace gf::ui
