// The window: menus, prompt bar, viewport, transport, docks; everything it changes goes through the Lab.
#pragma once

#include <QMainWindow>
#include <QTimer>
#include <memory>
#include <vector>

#include "app/document/lab.h"
#include "app/lessons/player.h"
#include "app/ui/shell/autosave.h"

class QAction;
class QMenu;
class QToolButton;

namespace gf::ui {

class ErrorStrip;
class FilmMaker;
class LogitsDock;
class LessonsDock;
class ModelDock;
class ProbeDock;
class PromptBar;
class StatusLine;
class Transport;
class Viewport;
struct Picked;

class MainWindow : public QMainWindow {
 public:
  explicit MainWindow(doc::Lab& lab);
  ~MainWindow() override;
  MainWindow(const MainWindow&) = delete;
  MainWindow& operator=(const MainWindow&) = delete;

  [[nodiscard]] const PromptBar& prompt_bar() const { return *prompt_; }
  [[nodiscard]] PromptBar& prompt() const { return *prompt_; }
  [[nodiscard]] Viewport& viewport() const { return *viewport_; }
  [[nodiscard]] Transport& transport() const { return *transport_; }
  [[nodiscard]] ProbeDock& probe() const { return *probe_; }
  [[nodiscard]] const lessons::Player& player() const { return *player_; }
  [[nodiscard]] QString last_message() const { return message_; }

  /// A session file from the command line. Errors show in the window.
  void open_session(const QString& path);
  /// Opens what was open when the program last ended unexpectedly; false: nothing to open.
  bool restore_left_behind();
  /// Plays the first run from its start, as it comes.
  void play_next_run() { play_next_run_ = true; }

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  void build_centre();
  void build_docks();
  QWidget* build_view_bar();
  void build_menus();
  void build_file_menu();
  void build_edit_menu();
  void build_view_menu();
  void build_play_menu();
  void build_probe_menu();
  void build_lessons_menu();
  void build_help_menu();
  QAction* add(QMenu* menu, const QString& text, const QKeySequence& key, std::function<void()> act, const QString& tip = {});

  void changed(const doc::Changes& changes);
  void wear_theme();
  void fill_recent();
  void undo(bool forward);
  void set_compare(scene::Compare compare);
  void switch_view();
  void toggle_difference();
  void open_folder();
  void open_file();
  void open_path(const QString& path);
  void save_session();
  void open_session_dialog();
  void save_picture_dialog();
  void save_film_dialog();
  [[nodiscard]] doc::Document document_in_view() const;
  void open_recipe();
  void save_recipe();
  void cut_selected();
  void fly_to_selection();
  void show_cell_menu(const Picked& picked, QPoint global);
  void present(bool on);
  void show_palette();
  void show_help();
  void say(const QString& message);
  void write_state_soon();
  void restore_layout();
  void follow_lesson();
  void show_lesson_docks();
  void show_lesson_step(const lessons::Step& step);
  void fill_lessons();

  doc::Lab& lab_;
  PromptBar* prompt_ = nullptr;
  Viewport* viewport_ = nullptr;
  Transport* transport_ = nullptr;
  ErrorStrip* errors_ = nullptr;
  StatusLine* status_ = nullptr;
  ModelDock* model_ = nullptr;
  ProbeDock* probe_ = nullptr;
  LogitsDock* logits_ = nullptr;
  std::unique_ptr<lessons::Player> player_;
  LessonsDock* lessons_ = nullptr;
  std::vector<class QDockWidget*> docks_;
  std::vector<QToolButton*> compare_buttons_, view_buttons_;
  QAction *undo_ = nullptr, *redo_ = nullptr, *theme_ = nullptr, *difference_ = nullptr, *present_ = nullptr, *cut_ = nullptr,
          *ribbons_ = nullptr;
  QMenu *recent_menu_ = nullptr, *lessons_menu_ = nullptr;
  std::vector<QAction*> lesson_actions_;  ///< that need a lesson: next, back, leave
  QByteArray layout_before_;              ///< the window's before the lesson; empty: none is played
  int lesson_step_ = -1;
  std::vector<QAction*> actions_;
  std::unique_ptr<FilmMaker> film_;
  Autosave autosave_;
  QTimer state_timer_;
  QString state_path_, message_;
  bool play_next_run_ = false, dressed_ = false;
  render::Theme worn_ = render::Theme::Dark;
};

}  // namespace gf::ui
