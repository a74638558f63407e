// The menus: every command with its shortcut and tooltip.
#include <QAction>
#include <QDockWidget>
#include <QMenu>
#include <QMenuBar>
#include <QSettings>
#include <QSpinBox>
#include <QStyle>

#include "app/ui/shell/main_window.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/transport.h"
#include "app/ui/widgets/words.h"
#include "model/io/loaders.h"

namespace gf::ui {
namespace {

const QString kTimesSetting = QStringLiteral("view/pass_times");

}  // namespace

QAction* MainWindow::add(QMenu* menu, const QString& text, const QKeySequence& key, std::function<void()> act, const QString& tip) {
  QAction* action = menu->addAction(text);
  if (!key.isEmpty()) action->setShortcut(key);
  action->setToolTip(tip.isEmpty() ? text : tip);
  connect(action, &QAction::triggered, this, [act = std::move(act)] { act(); });
  addAction(action);  // shortcuts hold when the menu bar is hidden, too
  actions_.push_back(action);
  return action;
}

void MainWindow::build_menus() {
  build_file_menu();
  build_edit_menu();
  build_view_menu();
  build_play_menu();
  build_probe_menu();
  build_lessons_menu();
  build_help_menu();
}

void MainWindow::build_file_menu() {
  QMenu* file = menuBar()->addMenu(text("&File"));
  add(file, text("Open model folder …"), QKeySequence::Open, [this] { open_folder(); }, text("A Hugging Face directory"));
  add(file, text("Open model file …"), QKeySequence("Ctrl+Shift+O"), [this] { open_file(); });
  QMenu* bundled = file->addMenu(text("Bundled models"));
  for (const BundledModel& model : bundled_models())
    add(
        bundled, QString::fromStdString(model.name), {}, [this, name = model.name] { lab_.open_model(name); },
        QString::fromStdString(model.description));
  recent_menu_ = file->addMenu(text("Recent models"));
  file->addSeparator();
  add(file, text("Open session …"), QKeySequence("Ctrl+Alt+O"), [this] { open_session_dialog(); });
  add(file, text("Save session …"), QKeySequence::Save, [this] { save_session(); });
  add(
      file, text("Save picture …"), QKeySequence("Ctrl+P"), [this] { save_picture_dialog(); },
      text("A PNG or SVG of any size, with a file that reproduces it"));
  add(
      file, text("Save film …"), QKeySequence("Ctrl+Shift+P"), [this] { save_film_dialog(); },
      text("The run as an MP4, a GIF or PNG frames, with a file that reproduces it"));
  file->addSeparator();
  add(file, text("Quit"), QKeySequence::Quit, [this] { close(); });
}

void MainWindow::build_edit_menu() {
  QMenu* edit = menuBar()->addMenu(text("&Edit"));
  undo_ = add(edit, text("Undo"), QKeySequence::Undo, [this] { undo(false); });
  redo_ = add(edit, text("Redo"), QKeySequence("Ctrl+Shift+Z"), [this] { undo(true); });
  edit->addSeparator();
  add(edit, text("Edit the prompt"), QKeySequence("Ctrl+L"), [this] { prompt_->focus_prompt(); });
  add(edit, text("Select nothing, or up a level"), QKeySequence("Esc"), [this] { viewport_->level_up(); });
  add(edit, text("Commands …"), QKeySequence("Ctrl+K"), [this] { show_palette(); }, text("Find any command by its name"));
}

void MainWindow::build_view_menu() {
  QMenu* view = menuBar()->addMenu(text("&View"));
  add(
      view, text("Switch between Machine and Stream"), QKeySequence("V"), [this] { switch_view(); },
      text("Every tensor as a block, or tokens by depth"));
  ribbons_ = add(
      view, text("Ribbons as wide as what is moved"), QKeySequence("W"),
      [this] {
        const bool moved = lab_.document().ribbons == scene::RibbonWidth::Moved;
        lab_.execute(doc::set_ribbons(moved ? scene::RibbonWidth::Weight : scene::RibbonWidth::Moved));
      },
      text("In the Stream: the norm of what attention moves, instead of its weight"));
  ribbons_->setCheckable(true);
  view->addSeparator();
  add(view, text("Fit everything"), QKeySequence("F"), [this] { viewport_->fit(); });
  add(view, text("Home"), QKeySequence("H"), [this] { viewport_->home(); });
  add(view, text("Fly to the selection"), QKeySequence("G"), [this] { fly_to_selection(); });
  add(view, text("Closer"), QKeySequence("+"), [this] { viewport_->zoom(1); });
  add(view, text("Farther"), QKeySequence("-"), [this] { viewport_->zoom(-1); });
  view->addSeparator();
  difference_ = add(view, text("Show the difference"), QKeySequence("D"), [this] { toggle_difference(); }, text("Edited minus base"));
  difference_->setCheckable(true);
  add(view, text("Show base"), {}, [this] { set_compare(scene::Compare::Base); }, text("Hold B to see it for a moment"));
  add(view, text("Show edited"), {}, [this] { set_compare(scene::Compare::Edited); });
  view->addSeparator();
  theme_ = add(view, text("Light theme"), QKeySequence("Ctrl+T"), [this] {
    lab_.execute({gf::text("change the theme"),
                  [](doc::Document& d) { d.theme = d.theme == render::Theme::Dark ? render::Theme::Light : render::Theme::Dark; },
                  {}});
  });
  theme_->setCheckable(true);
  QAction* legend = add(view, text("Legend"), QKeySequence("L"), [] {});
  legend->setCheckable(true);
  legend->setChecked(true);
  connect(legend, &QAction::toggled, this, [this](bool on) { viewport_->set_legend(on); });
  QAction* times = add(
      view, text("Where the time goes"), QKeySequence("T"), [] {},
      text("What the newest pass spent its time on, and how near it came to this machine's limits"));
  times->setObjectName("times_action");
  times->setCheckable(true);
  connect(times, &QAction::toggled, this, [this](bool on) {
    lab_.set_timing(on);
    QSettings().setValue(kTimesSetting, on);
  });
  times->setChecked(QSettings().value(kTimesSetting, false).toBool());
  present_ = add(view, text("Present"), QKeySequence("F11"), [] {}, text("Full screen, large text, no docks"));
  present_->setCheckable(true);
  connect(present_, &QAction::toggled, this, [this](bool on) { present(on); });
  view->addSeparator();
  for (QDockWidget* dock : docks_) {
    QAction* action = dock->toggleViewAction();
    action->setText(text("{0} dock", dock->windowTitle()));
    view->addAction(action);
    actions_.push_back(action);
  }
}

void MainWindow::build_play_menu() {
  QMenu* play = menuBar()->addMenu(text("&Play"));
  add(play, text("Play or pause"), QKeySequence("Space"), [this] { transport_->toggle(); });
  add(play, text("Step forward"), QKeySequence("Right"), [this] { transport_->step(1); });
  add(play, text("Step back"), QKeySequence("Left"), [this] { transport_->step(-1); });
  add(play, text("To the start"), QKeySequence("Home"), [this] { transport_->first(); });
  add(play, text("To the end"), QKeySequence("End"), [this] { transport_->last(); });
  play->addSeparator();
  const auto unit = [&](const QString& text, const char* key, scene::Timeline::Unit which) {
    add(play, text, QKeySequence(key),
        [this, which] { lab_.execute({gf::text("change the step"), [which](doc::Document& d) { d.unit = which; }, {}}); });
  };
  unit(text("Step by operation"), "1", scene::Timeline::Unit::Operation);
  unit(text("Step by block"), "2", scene::Timeline::Unit::Block);
  unit(text("Step by token"), "3", scene::Timeline::Unit::Token);
  play->addSeparator();
  add(play, text("Generate a token"), QKeySequence("Ctrl+Right"), [this] { lab_.generate(1); });
  add(play, text("Generate tokens"), QKeySequence("Ctrl+G"), [this] {
    const auto* n = findChild<QSpinBox*>("generate_count");
    lab_.generate(n ? n->value() : 8);
  });
}

void MainWindow::build_probe_menu() {
  QMenu* probe = menuBar()->addMenu(text("P&robe"));
  cut_ = add(probe, text("Cut or restore the selected head"), QKeySequence("X"), [this] { cut_selected(); });
  add(probe, text("Remove all edits"), QKeySequence("Ctrl+Shift+X"), [this] { lab_.execute(doc::clear_edits()); });
  add(probe, text("Observe: edits kept but off"), QKeySequence("Ctrl+1"), [this] { lab_.execute(doc::set_mode(doc::Mode::Observe)); });
  add(probe, text("Intervene: edits on"), QKeySequence("Ctrl+2"), [this] { lab_.execute(doc::set_mode(doc::Mode::Intervene)); });
  probe->addSeparator();
  add(probe, text("Open recipe …"), QKeySequence("Ctrl+R"), [this] { open_recipe(); });
  add(probe, text("Save recipe …"), QKeySequence("Ctrl+Shift+R"), [this] { save_recipe(); });
}

void MainWindow::build_help_menu() {
  QMenu* help = menuBar()->addMenu(text("&Help"));
  add(help, text("Keys and pointer"), QKeySequence("F1"), [this] { show_help(); });
  add(help, text("About Glassformer"), {},
      [this] { say(text("Glassformer {0} · GPL-3.0-or-later · every cell is a value of the running model", GLASSFORMER_VERSION)); });
}

void MainWindow::fill_recent() {
  recent_menu_->clear();
  for (const std::string& model : lab_.recent_models())
    recent_menu_->addAction(QString::fromStdString(model), this, [this, model] { lab_.open_model(model); });
  recent_menu_->setEnabled(!recent_menu_->isEmpty());
}

}  // namespace gf::ui
