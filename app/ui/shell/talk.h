// A talk that is given from the bookmarks: which one is shown, its name as the scene's caption, and the speaker's notes.
#pragma once

#include <QPointer>

#include "app/document/lab.h"
#include "model/base/error.h"

namespace gf::ui {

class MainWindow;
class SpeakerNotes;

/// Lives as long as the window.
class Talk {
 public:
  Talk(MainWindow& window, doc::Lab& lab) : window_(window), lab_(lab) {}
  ~Talk();
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;

  /// Shows a bookmark, and flies to its camera. Errors: InvalidArgument where there is none of that index.
  Result<void> go_to(std::size_t index);
  /// To the next bookmark (1) or the one before (-1); the first `go_on(1)` of a talk shows the first one.
  void go_on(int direction);
  /// Index of the bookmark that was gone to last; -1: none.
  [[nodiscard]] int at() const { return at_; }
  /// The camera that a bookmark of the present view keeps; none: home.
  [[nodiscard]] std::optional<render::Camera> camera() const;
  /// The window begins or ends to present. With a second screen the notes stand there.
  void present(bool on);
  [[nodiscard]] bool notes_shown() const;
  void show_notes(bool on);
  /// The notes in the present language, where they stand.
  void say_anew();
  /// After a change of the document.
  void refresh();

 private:
  void place_notes();
  /// Of the only screen.
  void place_in_corner();

  MainWindow& window_;
  doc::Lab& lab_;
  int at_ = -1;
  QPointer<SpeakerNotes> notes_;
  bool notes_by_present_ = false;  ///< they go when Present ends
  bool captioned_ = false;         ///< the scene's caption is a bookmark's name
};

}  // namespace gf::ui
