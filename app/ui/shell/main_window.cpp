#include "app/ui/shell/main_window.h"

#include <QAction>
#include <QApplication>
#include <QButtonGroup>
#include <QCloseEvent>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QMimeData>
#include <QScreen>
#include <QSettings>
#include <QSpinBox>
#include <QTextEdit>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/scene/views.h"
#include "app/ui/dialogs/film_maker.h"
#include "app/ui/docks/dock_title.h"
#include "app/ui/docks/head_grid.h"
#include "app/ui/docks/lessons_dock.h"
#include "app/ui/docks/logits_dock.h"
#include "app/ui/docks/model_dock.h"
#include "app/ui/docks/probe_dock.h"
#include "app/ui/shell/state_file.h"
#include "app/ui/shell/status_line.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/glyphs.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/transport.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kLayoutVersion = 1;
/// A state file is a test aid: often enough for a test to wait on, seldom enough not to matter.
constexpr int kStateDelayMs = 40;

bool is_text_field(const QObject* object) {
  return qobject_cast<const QLineEdit*>(object) || qobject_cast<const QAbstractSpinBox*>(object) || qobject_cast<const QTextEdit*>(object);
}

}  // namespace

MainWindow::MainWindow(doc::Lab& lab) : lab_(lab) {
  setObjectName("main_window");
  setWindowTitle(text("Glassformer"));
  setAcceptDrops(true);
  setDockNestingEnabled(true);
  build_centre();
  build_docks();
  build_menus();
  status_ = new StatusLine(lab_, this);
  setStatusBar(status_);
  restore_layout();
  wear_theme();

  prompt_->on_ran = [this] {
    viewport_->setFocus();
    if (lab_.up_to_date()) transport_->play_from(0);
    else play_next_run_ = true;
  };
  model_->on_fly = [this](const std::string& camera) { viewport_->fly_to(camera); };
  probe_->grid().on_focus_head = [this](int layer, int head) {
    viewport_->fly_to("head " + std::to_string(layer) + "." + std::to_string(head));
  };
  viewport_->on_error = [this](const Error& error) {
    errors_->show_error(error);
    write_state_soon();
  };
  viewport_->on_report = [this] {
    status_->set_device(viewport_->device_name());
    write_state_soon();
  };
  viewport_->on_drop = [this](const QString& path) { open_path(path); };
  viewport_->on_context_menu = [this](const Picked& picked, QPoint global) { show_cell_menu(picked, global); };

  player_->on_change = [this] { follow_lesson(); };
  player_->on_ready = [this](const lessons::Step& step) { show_lesson_step(step); };
  player_->on_finished = [this](const std::string& lesson) {
    set_lesson_finished(lesson);
    lessons_->refresh();
    say(text("Lesson finished; your own work is back"));
  };

  state_path_ = qEnvironmentVariable("GLASSFORMER_STATE_FILE");
  state_timer_.setSingleShot(true);
  connect(&state_timer_, &QTimer::timeout, this, [this] { write_state(*this, lab_, state_path_); });
  connect(qApp, &QApplication::focusChanged, this, [this] { write_state_soon(); });
  qApp->installEventFilter(this);
  lab_.on_change([this](const doc::Changes& changes) { changed(changes); });
  changed({true, true, true, true, true, true, true, true});
}

MainWindow::~MainWindow() { qApp->removeEventFilter(this); }

QWidget* MainWindow::build_view_bar() {
  auto* bar = new QWidget(this);
  bar->setObjectName("view_bar");
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(8, 0, 8, 0);
  row->setSpacing(0);
  const auto segment = [&](QButtonGroup* group, const char* name, const char* place, const QString& text, const QString& tip, auto act) {
    auto* b = new QToolButton(bar);
    b->setObjectName(name);
    b->setText(text);
    b->setToolTip(tip);
    b->setCheckable(true);
    if (qstrcmp(place, "middle") == 0) b->setProperty("segment", true);
    else b->setProperty("segment", QString::fromLatin1(place));
    b->setAccessibleName(tip);
    group->addButton(b);
    connect(b, &QToolButton::clicked, this, act);
    row->addWidget(b);
    return b;
  };
  auto* views = new QButtonGroup(bar);
  for (const scene::ViewInfo& view : scene::views()) {
    const bool first = &view == &scene::views().front(), last = &view == &scene::views().back();
    const QByteArray name = QByteArray("view_") + view.name;
    view_buttons_.push_back(segment(views, name.constData(),
                                    first  ? "first"
                                    : last ? "last"
                                           : "middle",
                                    text(view.title), text("{0} (V)", text(view.doc)),
                                    [this, &view] { lab_.execute(doc::show_view(view.value)); }));
  }
  row->addSpacing(16);
  auto* runs = new QButtonGroup(bar);
  const auto compare = [this](scene::Compare which) { return [this, which] { set_compare(which); }; };
  compare_buttons_ = {
      segment(runs, "compare_edited", "first", text("Edited"), text("Show the edited run"), compare(scene::Compare::Edited)),
      segment(runs, "compare_base", "middle", text("Base"), text("Show the run without edits (hold B)"), compare(scene::Compare::Base)),
      segment(runs, "compare_difference", "last", text("Difference"), text("Show edited minus base (D)"),
              compare(scene::Compare::Difference))};
  row->addStretch(1);
  const auto tool = [&](const char* name, Glyph glyph, const QString& text, const QString& tip, auto act) {
    auto* b = new QToolButton(bar);
    b->setObjectName(name);
    b->setIcon(icon_of(glyph));
    b->setProperty("glyph", static_cast<int>(glyph));
    b->setProperty("flat", true);
    b->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    b->setIconSize({14, 14});
    b->setText(text);
    b->setToolTip(tip);
    b->setAccessibleName(tip);
    connect(b, &QToolButton::clicked, this, act);
    row->addWidget(b);
    row->addSpacing(4);
  };
  tool("fit_button", Glyph::Fit, text("Fit"), text("Fit everything in the view (F)"), [this] { viewport_->fit(); });
  tool("home_button", Glyph::Home, text("Home"), text("Back to the first view (H)"), [this] { viewport_->home(); });
  tool("picture_button", Glyph::Picture, text("Picture"), text("Save a picture (Ctrl+P)"), [this] { save_picture_dialog(); });
  return bar;
}

void MainWindow::build_centre() {
  auto* centre = new QWidget(this);
  centre->setObjectName("centre");
  auto* column = new QVBoxLayout(centre);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  prompt_ = new PromptBar(lab_, centre);
  viewport_ = new Viewport(lab_, centre);
  transport_ = new Transport(lab_, centre);
  errors_ = new ErrorStrip(lab_, centre);
  auto* strip = new QHBoxLayout;
  strip->setContentsMargins(8, 0, 8, 0);
  strip->addWidget(errors_);
  column->addWidget(prompt_);
  column->addWidget(build_view_bar());
  column->addWidget(viewport_, 1);
  column->addLayout(strip);
  column->addWidget(transport_);
  setCentralWidget(centre);
}

void MainWindow::build_docks() {
  const auto dock = [&](const char* name, const QString& title, QWidget* body, Qt::DockWidgetArea area) {
    auto* d = new QDockWidget(title, this);
    d->setObjectName(name);
    d->setWidget(body);
    d->setTitleBarWidget(new DockTitle(d));
    addDockWidget(area, d);
    docks_.push_back(d);
    return d;
  };
  model_ = new ModelDock(lab_);
  probe_ = new ProbeDock(lab_);
  logits_ = new LogitsDock(lab_);
  player_ = std::make_unique<lessons::Player>(lab_, QLocale().name().section('_', 0, 0).toStdString());
  lessons_ = new LessonsDock(lab_, *player_);
  QDockWidget* left = dock("model_dock", text("Model"), model_, Qt::LeftDockWidgetArea);
  QDockWidget* top = dock("probe_dock", text("Probe"), probe_, Qt::RightDockWidgetArea);
  QDockWidget* low = dock("logits_dock", text("Logits"), logits_, Qt::RightDockWidgetArea);
  QDockWidget* lessons = dock("lessons_dock", text("Lessons"), lessons_, Qt::LeftDockWidgetArea);
  tabifyDockWidget(left, lessons);
  lessons->hide();
  setCorner(Qt::TopLeftCorner, Qt::LeftDockWidgetArea);
  setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
  setCorner(Qt::TopRightCorner, Qt::RightDockWidgetArea);
  setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
  resizeDocks({left, top}, {236, 400}, Qt::Horizontal);
  resizeDocks({top, low}, {640, 300}, Qt::Vertical);
}

void MainWindow::restore_layout() {
  const QSettings settings;
  if (!restoreGeometry(settings.value("window/geometry").toByteArray())) {
    constexpr int kFrame = 40;  // what a window manager draws around
    const QSize room = screen()->availableSize() - QSize(8, kFrame);
    resize(QSize(1600, 1000).boundedTo(room));
  }
  restoreState(settings.value("window/layout").toByteArray(), kLayoutVersion);
}

void MainWindow::closeEvent(QCloseEvent* event) {
  QSettings settings;
  if (!present_->isChecked()) {
    settings.setValue("window/geometry", saveGeometry());
    settings.setValue("window/layout", layout_before_.isEmpty() ? saveState(kLayoutVersion) : layout_before_);
  }
  settings.setValue("window/theme", lab_.document().theme == render::Theme::Light ? "light" : "dark");
  autosave_.forget();
  lab_.cancel();
  event->accept();
}

void MainWindow::wear_theme() {
  const render::Theme theme = lab_.document().theme;
  if (dressed_ && worn_ == theme) return;
  dressed_ = true;
  worn_ = theme;
  wear(*qApp, theme);
  lessons_->refresh();
  // Painted icons are pictures: they are made anew in the theme's ink.
  for (QToolButton* button : findChildren<QToolButton*>())
    if (const QVariant glyph = button->property("glyph"); glyph.isValid()) button->setIcon(icon_of(static_cast<Glyph>(glyph.toInt())));
}

void MainWindow::changed(const doc::Changes& changes) {
  const doc::Document& d = lab_.document();
  wear_theme();
  prompt_->refresh(changes);
  transport_->refresh(changes);
  if (changes.run && play_next_run_ && lab_.up_to_date()) {
    play_next_run_ = false;
    transport_->play_from(0);
  }
  viewport_->refresh(changes);
  const bool beyond_time = changes.model || changes.run || changes.studies || changes.jobs || changes.error;
  // While playing only the time changes: the docks don't show it, so they rest.
  if (!transport_->playing() || beyond_time) {
    model_->refresh(changes);
    probe_->refresh(changes);
    logits_->refresh(changes);
  }
  status_->refresh();
  errors_->refresh();
  if (changes.recent || changes.model) fill_recent();
  const doc::History& history = lab_.history();
  undo_->setEnabled(history.can_undo());
  redo_->setEnabled(history.can_redo());
  undo_->setText(history.can_undo() ? text("Undo {0}", history.undo_name()) : text("Undo"));
  redo_->setText(history.can_redo() ? text("Redo {0}", history.redo_name()) : text("Redo"));
  for (std::size_t i = 0; i < compare_buttons_.size(); ++i) compare_buttons_[i]->setChecked(static_cast<std::size_t>(d.compare) == i);
  for (std::size_t i = 0; i < view_buttons_.size(); ++i) view_buttons_[i]->setChecked(static_cast<std::size_t>(d.view) == i);
  ribbons_->setChecked(d.ribbons == scene::RibbonWidth::Moved);
  ribbons_->setEnabled(scene::info_of(d.view).ribbons);
  difference_->setChecked(d.compare == scene::Compare::Difference);
  theme_->setChecked(d.theme == render::Theme::Light);
  const bool head = d.selection && !d.selection->tensor.is_weight() && d.selection->tensor.hook.layer >= 0;
  cut_->setEnabled(head);
  if (changes.model && lab_.model()) setWindowTitle(text("{0} – Glassformer", lab_.model()->weights->name));
  player_->refresh(changes);
  if (changes.model) lessons_->refresh();
  if (changes.document && lab_.model()) autosave_.keep(lab_.history().own());
  write_state_soon();
}

void MainWindow::undo(bool forward) {
  // Undo takes back decisions. Where one stands in time and space is none: it stays, unless the text is another.
  const doc::Document before = lab_.document();
  forward ? lab_.redo() : lab_.undo();
  const doc::Document& now = lab_.document();
  if (now.prompt != before.prompt || now.model != before.model || now.continuation != before.continuation || now.view != before.view)
    return;
  lab_.set_time(before.time);
  if (before.camera) lab_.set_camera(*before.camera);
}

void MainWindow::set_compare(scene::Compare compare) {
  const char* names[] = {phrase("show the edited run"), phrase("show the base run"), phrase("show the difference")};
  lab_.execute({gf::text(names[static_cast<int>(compare)]), [compare](doc::Document& d) { d.compare = compare; }, {}});
}

void MainWindow::switch_view() { lab_.execute(doc::show_view(scene::next_view(lab_.document().view))); }

void MainWindow::toggle_difference() {
  set_compare(lab_.document().compare == scene::Compare::Difference ? scene::Compare::Edited : scene::Compare::Difference);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  const QList<QUrl> urls = event->mimeData()->urls();
  if (urls.isEmpty() || !urls.front().isLocalFile()) return;
  event->acceptProposedAction();
  open_path(urls.front().toLocalFile());
}

bool MainWindow::eventFilter(QObject* object, QEvent* event) {
  const bool down = event->type() == QEvent::KeyPress, up = event->type() == QEvent::KeyRelease;
  if ((down || up) && object->isWidgetType()) {
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool plain = key->modifiers() == Qt::NoModifier && !is_text_field(QApplication::focusWidget());
    if (key->key() == Qt::Key_B && plain && !key->isAutoRepeat()) viewport_->hold_base(down);
    if (down && object == viewport_ && key->modifiers() == Qt::ShiftModifier) {
      constexpr float kStep = 24;
      switch (key->key()) {
        case Qt::Key_Left: viewport_->orbit_by(-kStep, 0); return true;
        case Qt::Key_Right: viewport_->orbit_by(kStep, 0); return true;
        case Qt::Key_Up: viewport_->orbit_by(0, -kStep); return true;
        case Qt::Key_Down: viewport_->orbit_by(0, kStep); return true;
        default: break;
      }
    }
  }
  // Fields take text, not models: what is dropped on them goes to the window.
  if (event->type() == QEvent::DragEnter && object != this && object->isWidgetType()) {
    auto* drag = static_cast<QDragEnterEvent*>(event);
    if (drag->mimeData()->hasUrls() && is_text_field(object)) {
      drag->acceptProposedAction();
      return true;
    }
  }
  if (event->type() == QEvent::Drop && object != this && is_text_field(object)) {
    auto* drop = static_cast<QDropEvent*>(event);
    if (drop->mimeData()->hasUrls()) {
      dropEvent(drop);
      return true;
    }
  }
  if (event->type() == QEvent::Resize || event->type() == QEvent::Show || event->type() == QEvent::Hide) write_state_soon();
  return QMainWindow::eventFilter(object, event);
}

void MainWindow::say(const QString& message) {
  message_ = message;
  status_->say(message);
  write_state_soon();
}

void MainWindow::write_state_soon() {
  if (!state_path_.isEmpty() && !state_timer_.isActive()) state_timer_.start(kStateDelayMs);
}

}  // namespace gf::ui
