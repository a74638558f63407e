// A window without a display, and what stands on it as text.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/document/lab.h"
#include "app/ui/shell/main_window.h"

class QTemporaryDir;

namespace gf::ui {

/// The one QApplication, with settings and sessions in a folder of its own.
void need_application();

/// What a widget and all below it show, from top to bottom: labels and buttons by their text ("[Run]", "[x] on"),
/// fields as "name: text", tables by rows, "a | b", trees indented. What is hidden is left out.
[[nodiscard]] std::string screen_text(const QWidget& widget);

[[nodiscard]] inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class Screen {
 public:
  Screen();
  ~Screen();
  /// Opens a bundled model and waits for its run.
  void open(const std::string& model, const std::string& prompt = {});
  /// Runs what is posted and waits for more, until it holds; false after a minute.
  [[nodiscard]] bool until(const std::function<bool()>& holds);
  /// The newest run is that of the document.
  [[nodiscard]] bool settle();
  [[nodiscard]] bool jobs_end();
  /// Of the dock with this id, which is shown for it.
  [[nodiscard]] std::string dock(const std::string& id);
  /// An action, as --do takes it; "" or what went wrong.
  std::string run(const std::string& line);
  /// "Space", "Ctrl+K": to the widget that has the keyboard.
  void key(const std::string& keys);
  void type(const std::string& text);
  [[nodiscard]] std::string focus() const;

  doc::Lab& lab() { return *lab_; }
  MainWindow& window() { return *window_; }

 private:
  std::unique_ptr<doc::Lab> lab_;
  std::unique_ptr<MainWindow> window_;
};

}  // namespace gf::ui
