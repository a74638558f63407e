#include "tests/app/ui/screen.h"

#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QDockWidget>
#include <QEventLoop>
#include <QHeaderView>
#include <QKeySequence>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QSettings>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTextDocument>
#include <QTimer>
#include <QTreeWidget>
#include <ctime>
#include <gtest/gtest.h>
#include <mutex>
#include <utility>

#include "app/ui/shell/qt_words.h"
#include "app/ui/widgets/skin.h"

namespace gf::ui {
namespace {

constexpr int kLongestWaitMs = 60000;

std::string plain(const QString& text) {
  QString shown = text;
  if (Qt::mightBeRichText(text)) {
    QTextDocument document;
    document.setHtml(text);
    shown = document.toPlainText();
  }
  return shown.toStdString();
}

void add_tree(std::string& to, const QTreeWidgetItem& item, int depth) {
  to += std::string(static_cast<std::size_t>(2 * depth), ' ') + item.text(0).toStdString();
  if (!item.text(1).isEmpty()) to += " | " + item.text(1).toStdString();
  to += '\n';
  if (item.isExpanded())
    for (int i = 0; i < item.childCount(); ++i) add_tree(to, *item.child(i), depth + 1);
}

void add_table(std::string& to, const QTableView& table) {
  const QAbstractItemModel& model = *table.model();
  const auto row = [&](const QString& head, auto cell) {
    std::string line = head.toStdString();
    for (int c = 0; c < model.columnCount(); ++c) {
      if (table.isColumnHidden(c)) continue;
      line += (line.empty() ? "" : " | ") + cell(c).toString().toStdString();
    }
    to += line + '\n';
  };
  const bool named = !table.verticalHeader()->isHidden();
  if (!table.horizontalHeader()->isHidden()) row({}, [&](int c) { return model.headerData(c, Qt::Horizontal); });
  for (int r = 0; r < model.rowCount(); ++r)
    row(named ? model.headerData(r, Qt::Vertical).toString() : QString(), [&](int c) { return model.data(model.index(r, c)); });
}

/// Adds the text of widgets whose children need not be visited; false: it is none of them.
bool add_own(std::string& to, const QWidget& widget) {
  if (const auto* tree = qobject_cast<const QTreeWidget*>(&widget)) {
    for (int i = 0; i < tree->topLevelItemCount(); ++i) add_tree(to, *tree->topLevelItem(i), 0);
  } else if (const auto* table = qobject_cast<const QTableView*>(&widget)) {
    add_table(to, *table);
  } else if (const auto* list = qobject_cast<const QListWidget*>(&widget)) {
    for (int i = 0; i < list->count(); ++i) to += list->item(i)->text().toStdString() + '\n';
  } else if (const auto* label = qobject_cast<const QLabel*>(&widget)) {
    if (!label->text().isEmpty()) to += plain(label->text()) + '\n';
  } else if (const auto* combo = qobject_cast<const QComboBox*>(&widget)) {
    to += "<" + combo->currentText().toStdString() + ">\n";
  } else if (const auto* spin = qobject_cast<const QAbstractSpinBox*>(&widget)) {
    to += spin->accessibleName().toStdString() + ": " + spin->text().toStdString() + '\n';
  } else if (const auto* line = qobject_cast<const QLineEdit*>(&widget)) {
    const QString shown = line->text().isEmpty() ? QStringLiteral("(%1)").arg(line->placeholderText()) : line->text();
    to += line->accessibleName().toStdString() + ": " + shown.toStdString() + '\n';
  } else if (const auto* button = qobject_cast<const QAbstractButton*>(&widget)) {
    const std::string name = (button->text().isEmpty() ? button->accessibleName() : button->text()).toStdString();
    to += button->isCheckable() ? (button->isChecked() ? "[x] " : "[ ] ") + name + '\n' : "[" + name + "]\n";
  } else {
    return false;
  }
  return true;
}

void add_text(std::string& to, const QWidget& widget) {
  if (!widget.isVisible() || add_own(to, widget)) return;
  for (const QObject* child : widget.children())
    if (child->isWidgetType()) add_text(to, *static_cast<const QWidget*>(child));
}

SlowEvent slowest;
std::vector<std::string>* shown_so_far = nullptr;  ///< where shown_within() collects

/// Whether the window's own layout hears at once that this part of a dock shows.
bool is_heard_by_the_window(const QWidget& part) {
  bool in_dock = false;
  for (const QWidget* at = part.parentWidget(); at && at->isVisible() && at->layout(); at = at->parentWidget()) {
    if (at->isWindow()) return in_dock;
    in_dock = in_dock || qobject_cast<const QDockWidget*>(at);
  }
  return false;
}

/// The processor's time that this thread has taken so far.
double thread_cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

/// Notes how long each event takes, in the time of this thread alone.
class WatchedApplication : public QApplication {
 public:
  using QApplication::QApplication;
  bool notify(QObject* receiver, QEvent* event) override {
    if (shown_so_far && event->type() == QEvent::Show && receiver->isWidgetType() &&
        is_heard_by_the_window(*static_cast<QWidget*>(receiver)))
      shown_so_far->push_back(receiver->objectName().toStdString());
    if (depth_ > 0) return QApplication::notify(receiver, event);
    const std::string name = receiver->objectName().toStdString() + " (" + receiver->metaObject()->className() + ")";
    const int type = event->type();
    ++depth_;
    const double before = thread_cpu_ms();
    const bool done = QApplication::notify(receiver, event);  // the receiver may be gone afterwards
    const double took = thread_cpu_ms() - before;
    --depth_;
    if (took > slowest.cpu_ms) slowest = {took, name + ", event " + std::to_string(type)};
    return done;
  }

 private:
  int depth_ = 0;
};

}  // namespace

SlowEvent slowest_event() { return slowest; }
void forget_slowest_event() { slowest = {}; }

std::vector<std::string> shown_within(const std::function<void()>& act) {
  std::vector<std::string> all;
  shown_so_far = &all;
  act();
  shown_so_far = nullptr;
  return all;
}

/// Between the threads that compute and the window's event loop.
struct Screen::Gate {
  std::mutex mutex;
  bool shut = false;
  std::vector<std::function<void()>> waiting;
  void let_in(std::function<void()> work) { QMetaObject::invokeMethod(qApp, std::move(work), Qt::QueuedConnection); }
  void post(std::function<void()> work) {
    const std::lock_guard lock(mutex);
    if (shut) waiting.push_back(std::move(work));
    else let_in(std::move(work));
  }
};

void need_application() {
  static QTemporaryDir home;
  static QApplication* app = [] {
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"}) qputenv(name, home.path().toUtf8());
    static int argc = 1;
    static char name[] = "ui_test", *argv[] = {name, nullptr};
    auto* made = new WatchedApplication(argc, argv);
    QApplication::setApplicationName("glassformer");
    QApplication::setOrganizationName("glassformer");
    load_fonts(*made);
    translate_qt_words(*made);
    return made;
  }();
  ASSERT_TRUE(app && home.isValid());
}

std::string screen_text(const QWidget& widget) {
  std::string all;
  add_text(all, widget);
  return all;
}

Screen::Screen() {
  need_application();
  QSettings().clear();   // the settings that the window before this one stored
  scale_text(*qApp, 1);  // the letters, if that window presented when it was closed
  gate_ = std::make_shared<Gate>();
  lab_ = std::make_unique<doc::Lab>([gate = gate_](std::function<void()> work) { gate->post(std::move(work)); });
  window_ = std::make_unique<MainWindow>(*lab_);
  window_->resize(1500, 950);
  window_->show();
  window_->activateWindow();
  EXPECT_TRUE(QTest::qWaitForWindowActive(window_.get()));
}

Screen::~Screen() {
  window_->close();
  window_.reset();
  lab_.reset();
  QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

bool Screen::until(const std::function<bool()>& holds) {
  bool late = false;
  QTimer limit;
  limit.setSingleShot(true);
  QObject::connect(&limit, &QTimer::timeout, &limit, [&late] { late = true; });
  limit.start(kLongestWaitMs);
  while (!holds()) {
    if (late) return false;
    QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
  }
  return true;
}

bool Screen::settle() {
  return until([this] { return lab_->up_to_date() || lab_->error(); });
}

void Screen::open(const std::string& model, const std::string& prompt) {
  if (!prompt.empty()) lab_->execute(doc::set_prompt(prompt));
  lab_->open_model(model);
  ASSERT_TRUE(settle()) << model;
  ASSERT_FALSE(lab_->error()) << lab_->error()->message;
}

std::string Screen::dock(const std::string& id) {
  window_->docks().show(id, true);
  QCoreApplication::processEvents();
  return screen_text(window_->docks().dock(id));
}

std::string Screen::run(const std::string& line) {
  const auto call = parse_call(line);
  if (!call) return call.error().message;
  const auto done = window_->runner().run(*call);
  return done ? std::string() : done.error().message;
}

void Screen::post(const std::string& line) {
  QMetaObject::invokeMethod(window_.get(), [this, line] { EXPECT_EQ(run(line), "") << line; }, Qt::QueuedConnection);
  QCoreApplication::processEvents();
}

bool Screen::rest() {
  bool still = false;
  return until([&] {
    const bool now = (lab_->up_to_date() || lab_->error()) && !lab_->busy();
    if (now && still) return true;
    still = now;  // an event later, because what has ended may begin something else
    if (now) QCoreApplication::postEvent(window_.get(), new QEvent(QEvent::User));
    return false;
  });
}

void Screen::hold_back(bool on) {
  const std::lock_guard lock(gate_->mutex);
  gate_->shut = on;
  if (on) return;
  for (auto& work : std::exchange(gate_->waiting, {})) gate_->let_in(std::move(work));
}

void Screen::key(const std::string& keys) {
  QWidget* to = QApplication::focusWidget() ? QApplication::focusWidget() : window_.get();
  const int code = QKeySequence(QString::fromStdString(keys))[0].toCombined();
  QTest::keyClick(to, static_cast<Qt::Key>(code & ~static_cast<int>(Qt::KeyboardModifierMask)),
                  QFlags<Qt::KeyboardModifier>(code & static_cast<int>(Qt::KeyboardModifierMask)));
}

void Screen::type(const std::string& text) {
  for (const char c : text) QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : window_.get(), c);
}

std::string Screen::focus() const {
  const QWidget* now = QApplication::focusWidget();
  return now ? now->objectName().toStdString() : std::string();
}

}  // namespace gf::ui
