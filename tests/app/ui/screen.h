// A window without a display, and its contents as text.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/document/lab.h"
#include "app/ui/shell/main_window.h"

class QTemporaryDir;

namespace gf::ui {

/// Makes the QApplication, once, with settings and sessions in a folder of its own.
void need_application();

/// What a widget and its children show, from top to bottom: labels and buttons by their text ("[Run]", "[x] on"), fields
/// as "name: text", tables by rows, "a | b", trees indented. Hidden widgets are left out.
[[nodiscard]] std::string screen_text(const QWidget& widget);

[[nodiscard]] inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The event whose handling has taken the most of the processor's time on the window's thread since the last
/// forget_slowest_event(). Events that one handles inside another count for the outer one.
struct SlowEvent {
  double cpu_ms = 0;
  std::string what;  ///< the receiver, and the type of the event
};
[[nodiscard]] SlowEvent slowest_event();
void forget_slowest_event();

/// Parts of docks that show before `act` returns, in layouts up to the window's: each of them has the window arrange its docks anew.
[[nodiscard]] std::vector<std::string> shown_within(const std::function<void()>& act);

class Screen {
 public:
  Screen();
  ~Screen();
  /// Opens a bundled model and waits for its run.
  void open(const std::string& model, const std::string& prompt = {});
  /// Processes events until holds() is true; false after a minute.
  [[nodiscard]] bool until(const std::function<bool()>& holds);
  /// Waits until the newest run is that of the document, or for an error.
  [[nodiscard]] bool settle();
  /// Shows the dock with this id and gives its text.
  [[nodiscard]] std::string dock(const std::string& id);
  /// Runs an action, written as after --do; gives "" or the error.
  std::string run(const std::string& line);
  /// The same from an event of its own, as a click would.
  void post(const std::string& line);
  /// Waits until the run is that of the document and nothing is computed. False after a minute.
  [[nodiscard]] bool rest();
  /// Keeps back what is computed in the background, until it is told not to: what shows meanwhile is the window's own answer.
  void hold_back(bool on);
  /// Sends "Space" or "Ctrl+K" to the widget that has the keyboard.
  void key(const std::string& keys);
  void type(const std::string& text);
  [[nodiscard]] std::string focus() const;

  doc::Lab& lab() { return *lab_; }
  MainWindow& window() { return *window_; }

 private:
  struct Gate;
  std::shared_ptr<Gate> gate_;
  std::unique_ptr<doc::Lab> lab_;
  std::unique_ptr<MainWindow> window_;
};

}  // namespace gf::ui
