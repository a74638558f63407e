// The window: menus, prompt bar, viewport, transport and docks. It changes everything through the Lab, and everything that a
// user can tell it to do is an action.
#pragma once

#include <QMainWindow>
#include <QPointer>
#include <QTimer>
#include <memory>
#include <optional>

#include "app/document/lab.h"
#include "app/lessons/player.h"
#include "app/story/player.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/actions/command_palette.h"
#include "app/ui/actions/script.h"
#include "app/ui/shell/closing.h"
#include "app/ui/shell/dock_frames.h"
#include "app/ui/shell/file_desk.h"
#include "app/ui/shell/help_window.h"
#include "app/ui/shell/keyboard.h"
#include "app/ui/shell/session_keeper.h"
#include "app/ui/viewport/framing.h"

class QVBoxLayout;

namespace gf::scene {
enum class CardDepth : std::uint8_t;
}

namespace gf::ui {

class ErrorStrip;
class PromptBar;
class CrashStrip;
class LayoutDesk;
class RecoverStrip;
class StatusLine;
class Talk;
class Transport;
class ViewBar;
class Viewport;
struct Picked;

/// How much larger letters are in Present.
inline constexpr float kPresentedScale = 1.5F;

class MainWindow : public QMainWindow {
 public:
  explicit MainWindow(doc::Lab& lab);
  ~MainWindow() override;
  MainWindow(const MainWindow&) = delete;
  MainWindow& operator=(const MainWindow&) = delete;

  // Its parts, for actions and for the state file.
  [[nodiscard]] PromptBar& prompt() const { return *prompt_; }
  [[nodiscard]] Viewport& viewport() const { return *viewport_; }
  [[nodiscard]] Transport& transport() const { return *transport_; }
  [[nodiscard]] StatusLine& status() const { return *status_; }
  [[nodiscard]] DockFrames& docks() const { return *docks_; }
  [[nodiscard]] ActionRunner& runner() const { return *runner_; }
  [[nodiscard]] FileDesk& files() const { return *files_; }
  [[nodiscard]] LayoutDesk& layout_desk() const { return *layout_desk_; }
  [[nodiscard]] lessons::Player& player() const { return *player_; }
  [[nodiscard]] story::Player& story() const { return *story_; }
  [[nodiscard]] Talk& talk() const { return *talk_; }
  [[nodiscard]] CommandPalette* palette() const { return palette_; }  ///< null: it is not open

  void open_model(const std::string& name);
  /// A file or folder that was dropped: a dictionary of features, or else a model.
  void open_dropped(const std::string& path);
  /// Tells the story of the present pass.
  void tell_story();
  /// Says below the first picture that Space tells its story, which it then does once; not where it has been told before.
  void offer_story();
  /// The user does something else: nobody waits for the story any more.
  void withdraw_story();
  /// Space: plays or pauses the pass, or its story, which on a first start it begins.
  void play();
  void undo(bool forward);
  /// Undoes or redoes until so many commands are done.
  void go_in_history(std::size_t done);
  /// Esc: leaves a text field; else the viewport goes a level up.
  void level_up();
  /// The selected cell, where it is an activation of a block.
  [[nodiscard]] std::optional<scene::CellRef> selected_in_block() const;
  Result<void> cut_selected_head();
  /// Opens a product as a cube and plays it. Errors: it cannot be opened, with the reason.
  Result<void> open_product(const scene::Cube& cube);
  /// Selects the head where the selected position looks most, unless a cell of the head is selected already.
  void select_head(int layer, int head);
  void show_palette();
  void show_help();
  void show_machine();
  void show_shortcuts();
  [[nodiscard]] bool legend() const { return legend_; }
  void set_legend(bool on);
  /// Shows or hides the panel of times, and stores that in the settings.
  void set_times(bool on);
  /// Makes the cards large, and stores that in the settings.
  void set_large_cards(bool on);
  void set_card_depth(scene::CardDepth depth);
  /// Says everything in another language from the next event on; what one works on stays as it is. Errors: those of choose_language().
  Result<void> speak(const std::string& language);
  /// Moves the docks; in a lesson they stay so after it, and its own dock shows in any case. Precondition: not presenting().
  void arrange_docks(const std::function<void(DockFrames& docks)>& move);
  [[nodiscard]] bool presenting() const { return presenting_; }
  void present(bool on);
  /// Shows a remark for some seconds.
  void say(const QString& message);
  [[nodiscard]] QString last_message() const { return message_; }
  /// Shows an error until the user dismisses it or runs an action.
  void show_error(const Error& error);
  void write_state_soon();

  /// From here on the session is kept, and other kept sessions are offered. `restore`: opens the one that a crash left; false:
  /// there is none, or it cannot be opened.
  bool begin_keeping(bool restore);
  [[nodiscard]] SessionKeeper& keeper() { return keeper_; }
  /// A kept session was opened or deleted.
  void renew_offer();
  /// Closes at once and asks nothing; the session is kept.
  void end();
  /// Plays the next run from its start when it is ready.
  void play_next_run() { play_next_run_ = true; }
  /// Runs calls one after the other, once the first run is ready.
  void do_calls(std::vector<ActionCall> calls) { script_->add(std::move(calls)); }

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  void build_centre();
  /// The parts of the centre but the viewport, which are made anew in another language.
  void make_bars();
  /// All words of the window in the present language.
  void say_anew();
  void say_bars_anew();
  void say_dialogs_anew();
  void connect_parts();
  /// Those of make_bars().
  void connect_bars();
  void connect_lessons();
  void connect_story();
  void follow_story();
  void changed(const doc::Changes& changes);
  /// Actions have other keys: what names them says the new ones.
  void follow_keys();
  /// Of what shows neither time nor camera.
  void refresh_all_but_time(const doc::Changes& changes);
  void wear_theme();
  void show_cell_menu(const Picked& picked, QPoint global);
  void show_ground_menu(QPoint global);
  void restore_layout();
  void follow_lesson();
  /// After Present: as if the lesson had come to its step in the window.
  void show_docks_of_lesson();
  void show_lesson_step(const lessons::Step& step);
  void fly_to_step(const lessons::Step& step);

  doc::Lab& lab_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<lessons::Player> player_;
  std::unique_ptr<story::Player> story_;
  std::unique_ptr<ActionRunner> runner_;
  std::unique_ptr<FileDesk> files_;
  std::unique_ptr<LayoutDesk> layout_desk_;
  std::unique_ptr<Talk> talk_;
  QVBoxLayout *column_ = nullptr, *notes_ = nullptr;  ///< of the centre; of the strips above the transport
  PromptBar* prompt_ = nullptr;
  ViewBar* view_bar_ = nullptr;
  Viewport* viewport_ = nullptr;
  Transport* transport_ = nullptr;
  ErrorStrip* errors_ = nullptr;
  RecoverStrip* recover_ = nullptr;
  CrashStrip* crash_ = nullptr;
  StatusLine* status_ = nullptr;
  std::unique_ptr<DockFrames> docks_;
  std::unique_ptr<Keyboard> keyboard_;
  std::unique_ptr<Script> script_;
  QPointer<CommandPalette> palette_;
  QPointer<HelpWindow> help_;
  std::optional<DockLayout> layout_before_;  ///< from before the lesson or Present; none: neither is on
  Framing framing_before_;                   ///< from before the lesson or the story
  bool in_story_ = false, story_offered_ = false;
  std::size_t offered_after_ = 0;  ///< commands that had been done then
  int lesson_step_ = -1;
  SessionKeeper keeper_;
  Closing closing_;
  QTimer state_timer_, parity_timer_;
  QString state_path_, message_;
  bool play_next_run_ = false, dressed_ = false, legend_ = true, presenting_ = false;
  render::Theme worn_ = render::Theme::Dark;
};

}  // namespace gf::ui
