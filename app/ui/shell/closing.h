// What comes before the window closes: a question about a session with a name, and a word where the session cannot be kept.
#pragma once

#include <QPointer>

#include "app/document/lab.h"

class QMessageBox;

namespace gf::ui {

class MainWindow;
class SessionKeeper;

class Closing {
 public:
  Closing(MainWindow& window, doc::Lab& lab, SessionKeeper& keeper) : window_(window), lab_(lab), keeper_(keeper) {}

  /// Whether the window may close now; the session is then kept. False: the user is asked or told first, and closes again.
  [[nodiscard]] bool may();
  /// The training has changed: a window that waited for its checkpoint closes.
  void follow_training();
  /// From here on nothing is asked: nobody may be there to answer.
  void ask_nothing() { answered_ = told_ = true; }

 private:
  /// Whether the session has a file and is not as that file says.
  [[nodiscard]] bool named_and_changed() const;
  void ask();
  /// False: the training keeps its present step first, and the window closes by itself after that.
  [[nodiscard]] bool training_kept();

  MainWindow& window_;
  doc::Lab& lab_;
  SessionKeeper& keeper_;
  QPointer<QMessageBox> question_;
  bool answered_ = false, told_ = false;
  bool waits_ = false;  ///< for the checkpoint of a training
};

}  // namespace gf::ui
