#include "app/ui/shell/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenuBar>
#include <QScreen>
#include <QSettings>
#include <QVBoxLayout>
#include <cstdio>
#include <utility>

#include "app/ui/actions/menus.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/dialogs/machine_dialog.h"
#include "app/ui/dialogs/shortcuts_dialog.h"
#include "app/ui/shell/crash_strip.h"
#include "app/ui/shell/languages.h"
#include "app/ui/shell/layout_desk.h"
#include "app/ui/shell/recover_strip.h"
#include "app/ui/shell/state_file.h"
#include "app/ui/shell/status_line.h"
#include "app/ui/shell/talk.h"
#include "app/ui/shell/view_bar.h"
#include "app/ui/shell/wheel_guard.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/glyphs.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/transport.h"
#include "app/ui/widgets/words.h"
#include "model/base/printable.h"
#include "model/run/remarks.h"

namespace gf::ui {
namespace {

/// Delay before the state file is written: short enough for tests, long enough not to slow the window down.
constexpr int kStateDelayMs = 40;
/// So long after the newest run the check of the model's numbers begins: not while a user tries things one after the other.
constexpr int kParityDelayMs = 1500;
const QString kTimesSetting = QStringLiteral("view/pass_times"), kLargeCardsSetting = QStringLiteral("view/large_cards"),
              kCardDepthSetting = QStringLiteral("view/card_depth");

}  // namespace

MainWindow::MainWindow(doc::Lab& lab) : lab_(lab), keeper_(lab, kept_sessions_folder()), closing_(*this, lab, keeper_) {
  setObjectName("main_window");
  setWindowTitle(text("Glassformer"));
  setAcceptDrops(true);
  player_ = std::make_unique<lessons::Player>(lab_, window_language());
  story_ = std::make_unique<story::Player>(lab_);
  new WheelGuard(this);
  runner_ = std::make_unique<ActionRunner>(ActionContext{lab_, *this}, *this);
  files_ = std::make_unique<FileDesk>(*this, lab_);
  layout_desk_ = std::make_unique<LayoutDesk>(*this);
  talk_ = std::make_unique<Talk>(*this, lab_);
  build_centre();
  docks_ = std::make_unique<DockFrames>(*this, DockContext{lab_, *player_, *runner_});
  build_menus(*menuBar(), *runner_);
  status_ = new StatusLine(lab_, this);
  setStatusBar(status_);
  script_ = std::make_unique<Script>(*runner_, lab_);
  keyboard_ = std::make_unique<Keyboard>(*this, *viewport_);
  restore_layout();
  wear_theme();
  connect_parts();
  connect_lessons();
  connect_story();

  state_path_ = qEnvironmentVariable("GLASSFORMER_STATE_FILE");
  state_timer_.setSingleShot(true);
  connect(&state_timer_, &QTimer::timeout, this, [this] { write_state(*this, lab_, state_path_); });
  parity_timer_.setSingleShot(true);
  connect(&parity_timer_, &QTimer::timeout, this, [this] { lab_.check_parity(); });
  connect(qApp, &QApplication::focusChanged, this, [this] { write_state_soon(); });
  qApp->installEventFilter(this);
  lab_.on_change([this, alive = alive_](const doc::Changes& changes) {
    if (*alive) changed(changes);
  });
  lab_.set_timing(QSettings().value(kTimesSetting, false).toBool());
  viewport_->set_large_cards(QSettings().value(kLargeCardsSetting, false).toBool());
  const std::string depth = QSettings().value(kCardDepthSetting).toString().toStdString();
  viewport_->set_card_depth(scene::named<scene::CardDepth>(depth).value_or(scene::CardDepth::Formula));
  changed(doc::Changes::all());
}

MainWindow::~MainWindow() {
  *alive_ = false;  // the docks' destructors end their watches, and the Lab notifies its observers of that
  qApp->removeEventFilter(this);
}

void MainWindow::build_centre() {
  auto* centre = new QWidget(this);
  centre->setObjectName("centre");
  column_ = new QVBoxLayout(centre);
  column_->setContentsMargins(0, 0, 0, 0);
  column_->setSpacing(4);
  viewport_ = new Viewport(lab_, centre);
  notes_ = new QVBoxLayout;
  make_bars();
  auto* strip = new QHBoxLayout;
  strip->setContentsMargins(8, 0, 8, 0);
  for (QWidget* note : std::initializer_list<QWidget*>{crash_, recover_, errors_}) notes_->addWidget(note);
  strip->addLayout(notes_);
  column_->addWidget(prompt_);
  column_->addWidget(view_bar_);
  column_->addWidget(viewport_, 1);
  column_->addLayout(strip);
  column_->addWidget(transport_);
  setCentralWidget(centre);
}

void MainWindow::make_bars() {
  QWidget* centre = viewport_->parentWidget();
  prompt_ = new PromptBar(lab_, centre);
  view_bar_ = new ViewBar(*runner_, centre);
  transport_ = new Transport(lab_, *story_, centre);
  errors_ = new ErrorStrip(lab_, centre);
  recover_ = new RecoverStrip(lab_, *runner_, centre);
  crash_ = new CrashStrip(centre);
}

void MainWindow::connect_parts() {
  runner_->on_error = [this](const Error& error) { show_error(error); };
  keeper_.on_error = [this](const Error& error) { show_error(error); };
  runner_->on_done = [this] { errors_->forget_own(); };
  script_->on_failed = [this](const ActionCall& call, const Error& error) {
    std::fprintf(stderr, "glassformer: --do %s: %s\n", call.id.c_str(), printable(error.message).c_str());
    show_error(error);
  };
  connect_bars();
  keyboard_->on_base = [this](bool down) { lab_.hold_base(down); };
  keyboard_->on_orbit = [this](int dx, int dy) { viewport_->orbit_by(static_cast<float>(dx), static_cast<float>(dy)); };
  keyboard_->on_enter = [this] { runner_->trigger("open-product", {}); };
  viewport_->on_open = [this](const scene::CellRef& cell) {
    const auto model = lab_.model();
    const auto cube = model ? scene::cube_of(cell, model->weights->config) : std::nullopt;
    if (!cube || lab_.document().cube) return viewport_->fly_to_cell(cell);
    if (const auto opened = open_product(*cube); !opened) show_error(opened.error());
  };
  viewport_->on_error = [this](const Error& error) { show_error(error); };
  viewport_->on_report = [this] {
    status_->set_device(viewport_->device_name());
    write_state_soon();
  };
  runner_->on_keys = [this] { follow_keys(); };
  viewport_->pin_keys = shown_keys(*find_action("pin-card"));
  viewport_->on_drop = [this](const QString& path) { open_dropped(path.toStdString()); };
  viewport_->on_context_menu = [this](const Picked& picked, QPoint global) { show_cell_menu(picked, global); };
  viewport_->on_ground_menu = [this](QPoint global) { show_ground_menu(global); };
}

void MainWindow::connect_bars() {
  prompt_->on_ran = [this] {
    withdraw_story();
    viewport_->setFocus();
    if (lab_.up_to_date()) transport_->play_from(0);
    else play_next_run_ = true;
  };
  transport_->on_play = [this] { viewport_->hold_on_again(); };
  connect(prompt_->findChild<QLineEdit*>("prompt_edit"), &QLineEdit::textChanged, this, [this] { write_state_soon(); });
}

void MainWindow::restore_layout() {
  const QSettings settings;
  const bool placed = restoreGeometry(settings.value("window/geometry").toByteArray());
  const DockLayout kept = closed_layout(settings);
  if (!kept.state.isEmpty()) docks_->set_layout(kept);
  constexpr int kFrame = 40;  // room for the window manager's frame
  const QSize room = screen()->availableSize() - QSize(8, kFrame);
  // It may have been left on a larger screen, or at another scale.
  if (placed && !isMaximized() && size() != size().boundedTo(room)) resize(size().boundedTo(room));
  if (placed) return;
  layout()->activate();  // until then the least size is that of all docks side by side
  resize(QSize(1600, 1000).boundedTo(room));
  layout()->invalidate();
  layout()->activate();  // at the new size, of which the docks get their share
  if (kept.state.isEmpty()) docks_->arrange(layouts().front());
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!closing_.may()) return event->ignore();
  QSettings settings;
  if (!presenting_) {
    settings.setValue("window/geometry", saveGeometry());
    docks_->go_back();  // a dock that floats as large as the window would come to stand behind it
    keep_closed_layout(settings, layout_before_ ? *layout_before_ : docks_->layout());
  }
  settings.setValue("window/theme", lab_.document().theme == render::Theme::Light ? "light" : "dark");
  lab_.cancel();
  event->accept();
}

void MainWindow::wear_theme() {
  const render::Theme theme = lab_.document().theme;
  if (dressed_ && worn_ == theme) return;
  dressed_ = true;
  worn_ = theme;
  wear(*qApp, theme);
  docks_->refresh({});
  redraw_glyphs(*this);
}

void MainWindow::changed(const doc::Changes& changes) {
  if (changes.training) closing_.follow_training();
  if (changes.training_alone()) {
    docks_->dock("train").refresh(changes);
    return write_state_soon();
  }
  wear_theme();
  prompt_->refresh(changes);
  transport_->refresh(changes);
  if (changes.run && play_next_run_ && lab_.up_to_date()) {
    play_next_run_ = false;
    transport_->play_from(0);
  }
  if (changes.run && lab_.run() && lab_.model())
    if (const auto remark = remark_on_stop(*lab_.run(), *lab_.model())) say(QString::fromStdString(*remark));
  if (changes.run && lab_.run()) parity_timer_.start(kParityDelayMs);
  viewport_->refresh(changes);
  if (!changes.moment_alone()) refresh_all_but_time(changes);
  if (changes.model && lab_.model()) setWindowTitle(text("{0} – Glassformer", lab_.model()->weights->name));
  player_->refresh(changes);
  story_->refresh();
  if (player_->active() || lab_.history().past_names().size() > offered_after_) withdraw_story();
  keeper_.follow(changes);
  recover_->refresh();
  script_->go_on();
  write_state_soon();
}

void MainWindow::refresh_all_but_time(const doc::Changes& changes) {
  docks_->refresh(changes);
  status_->refresh();
  errors_->refresh();
  runner_->refresh();
  view_bar_->refresh();
  talk_->refresh();
}

void MainWindow::open_model(const std::string& name) {
  player_->leave();
  story_->leave();
  lab_.open_model(name);
}

bool MainWindow::begin_keeping(bool restore) {
  if (const std::string folder = crash_folder(); !folder.empty()) crash_->offer(doctor::newest_crash(folder));
  keeper_.begin();
  auto left = keeper_.left();
  const doc::KeptSession* crashed = restore ? left_by_crash(left, false) : nullptr;
  const bool restored = crashed && files_->recover(crashed->id);
  if (restored) {
    say(text("Your last session is back"));
    left = keeper_.left();
  }
  recover_->offer(left, !restored);
  return restored;
}

void MainWindow::renew_offer() { recover_->renew(keeper_.left()); }

void MainWindow::end() {
  closing_.ask_nothing();
  close();
}

void MainWindow::undo(bool forward) {
  const std::size_t done = lab_.history().done();
  if (forward || done > 0) go_in_history(forward ? done + 1 : done - 1);
}

void MainWindow::go_in_history(std::size_t done) {
  // Time and camera are not decisions, so undo keeps them, unless the text, the model or the view is another.
  const doc::Document before = lab_.document();
  lab_.go_to(done);
  const doc::Document& now = lab_.document();
  if (now.prompt != before.prompt || now.model != before.model || now.continuation != before.continuation || now.view != before.view ||
      scene::alone_name(now) != scene::alone_name(before))
    return;
  lab_.set_time(before.time);
  lab_.set_camera(before.camera);
}

void MainWindow::level_up() {
  if (!keyboard_->leave_field()) {
    if (lab_.document().cube) lab_.execute(doc::close_cube());
    else if (lab_.document().one_head && !player_->active()) lab_.execute(doc::close_one_head());
    else if (story_->active()) story_->leave();
    else if (presenting_ && !player_->active() && !viewport_->has_level_above()) present(false);
    else viewport_->level_up();
    return;
  }
  prompt_->take_back();
}

void MainWindow::show_palette() {
  if (palette_) return;
  palette_ = new CommandPalette(*runner_, this);
  palette_->open();
}

void MainWindow::show_help() {
  if (!help_) help_ = new HelpWindow(*runner_, this);
  help_->show();
  help_->raise();
  help_->activateWindow();
}

void MainWindow::show_machine() {
  auto* dialog = findChild<QDialog*>(QStringLiteral("machine_dialog"));
  if (!dialog) dialog = new MachineDialog(lab_.jobs(), this);
  dialog->show();
  dialog->raise();
  dialog->activateWindow();
}

void MainWindow::show_shortcuts() {
  auto* dialog = findChild<QDialog*>(QStringLiteral("shortcuts_dialog"));
  if (!dialog) dialog = new ShortcutsDialog(*runner_, this);
  dialog->show();
  dialog->raise();
  dialog->activateWindow();
}

void MainWindow::follow_keys() {
  viewport_->pin_keys = shown_keys(*find_action("pin-card"));
  renew_key_tips(*this);
  if (help_) help_->refresh();
  if (story_offered_) offer_story();
  changed(doc::Changes::all());
}

void MainWindow::set_legend(bool on) {
  legend_ = on;
  viewport_->set_legend(on);
  runner_->refresh();
}

void MainWindow::set_times(bool on) {
  lab_.set_timing(on);
  QSettings().setValue(kTimesSetting, on);
  runner_->refresh();
}

void MainWindow::set_large_cards(bool on) {
  viewport_->set_large_cards(on);
  QSettings().setValue(kLargeCardsSetting, on);
  runner_->refresh();
}

void MainWindow::set_card_depth(scene::CardDepth depth) {
  viewport_->set_card_depth(depth);
  QSettings().setValue(kCardDepthSetting, QString::fromLatin1(scene::spelled(depth)));
  runner_->refresh();
}

void MainWindow::say(const QString& message) {
  message_ = message;
  status_->say(message);
  write_state_soon();
}

void MainWindow::show_error(const Error& error) {
  errors_->show_error(error);
  write_state_soon();
}

void MainWindow::write_state_soon() {
  if (!state_path_.isEmpty() && !state_timer_.isActive()) state_timer_.start(kStateDelayMs);
}

}  // namespace gf::ui
