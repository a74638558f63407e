// The window: menus, prompt bar, viewport, transport, docks; everything it changes goes through the Lab, and everything
// it can be told to do is an action.
#pragma once

#include <QMainWindow>
#include <QPointer>
#include <QTimer>
#include <memory>
#include <optional>

#include "app/document/lab.h"
#include "app/lessons/player.h"
#include "app/ui/actions/command_palette.h"
#include "app/ui/actions/commands.h"
#include "app/ui/actions/script.h"
#include "app/ui/shell/autosave.h"
#include "app/ui/shell/dock_frames.h"
#include "app/ui/shell/file_desk.h"
#include "app/ui/shell/help_window.h"
#include "app/ui/shell/keyboard.h"

namespace gf::ui {

class ErrorStrip;
class PromptBar;
class StatusLine;
class Transport;
class ViewBar;
class Viewport;
struct Picked;

class MainWindow : public QMainWindow {
 public:
  explicit MainWindow(doc::Lab& lab);
  ~MainWindow() override;
  MainWindow(const MainWindow&) = delete;
  MainWindow& operator=(const MainWindow&) = delete;

  // Its parts, for actions and for what tests read.
  [[nodiscard]] PromptBar& prompt() const { return *prompt_; }
  [[nodiscard]] Viewport& viewport() const { return *viewport_; }
  [[nodiscard]] Transport& transport() const { return *transport_; }
  [[nodiscard]] StatusLine& status() const { return *status_; }
  [[nodiscard]] DockFrames& docks() const { return *docks_; }
  [[nodiscard]] Commands& commands() const { return *commands_; }
  [[nodiscard]] FileDesk& files() const { return *files_; }
  [[nodiscard]] lessons::Player& player() const { return *player_; }
  [[nodiscard]] CommandPalette* palette() const { return palette_; }  ///< null: not open

  void open_model(const std::string& name);
  void undo(bool forward);
  /// Esc: out of a text field, else the viewport's level up.
  void level_up();
  /// The selected cell, where it is an activation of a block.
  [[nodiscard]] std::optional<scene::CellRef> selected_in_block() const;
  Result<void> cut_selected_head();
  void show_palette();
  void show_help();
  [[nodiscard]] bool legend() const { return legend_; }
  void set_legend(bool on);
  /// The panel of times, remembered.
  void set_times(bool on);
  [[nodiscard]] bool presenting() const { return presenting_; }
  void present(bool on);
  /// A remark that passes by itself.
  void say(const QString& message);
  [[nodiscard]] QString last_message() const { return message_; }
  /// Stands until it is dismissed.
  void show_error(const Error& error);
  void write_state_soon();

  /// Opens what was open when the program last ended unexpectedly; false: nothing to open.
  bool restore_left_behind();
  /// Plays the first run from its start, as it comes.
  void play_next_run() { play_next_run_ = true; }
  /// Done one after the other, once the first run is there.
  void do_calls(std::vector<ActionCall> calls) { script_->add(std::move(calls)); }

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  void build_centre();
  void connect_parts();
  void connect_lessons();
  void changed(const doc::Changes& changes);
  void wear_theme();
  void show_cell_menu(const Picked& picked, QPoint global);
  void restore_layout();
  void follow_lesson();
  void show_lesson_step(const lessons::Step& step);
  void fly_to_step(const lessons::Step& step);
  /// The view is about to get another shape: what it shows stays in it.
  void keep_framed();

  doc::Lab& lab_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<lessons::Player> player_;
  std::unique_ptr<Commands> commands_;
  std::unique_ptr<FileDesk> files_;
  PromptBar* prompt_ = nullptr;
  ViewBar* view_bar_ = nullptr;
  Viewport* viewport_ = nullptr;
  Transport* transport_ = nullptr;
  ErrorStrip* errors_ = nullptr;
  StatusLine* status_ = nullptr;
  std::unique_ptr<DockFrames> docks_;
  std::unique_ptr<Keyboard> keyboard_;
  std::unique_ptr<Script> script_;
  QPointer<CommandPalette> palette_;
  QPointer<HelpWindow> help_;
  std::optional<DockFrames::Layout> layout_before_;  ///< before the lesson or Present; none: neither goes on
  int lesson_step_ = -1;
  Autosave autosave_;
  QTimer state_timer_;
  QString state_path_, message_;
  bool play_next_run_ = false, dressed_ = false, legend_ = true, presenting_ = false;
  render::Theme worn_ = render::Theme::Dark;
};

}  // namespace gf::ui
