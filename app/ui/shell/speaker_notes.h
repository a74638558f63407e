// What a speaker reads while the audience sees the scene: the present bookmark's note, and which one comes next.
#pragma once

#include <QWidget>

#include "app/document/document.h"

class QLabel;

namespace gf::ui {

class ActionRunner;

/// A window of its own. The keys of a talk work in it too.
class SpeakerNotes : public QWidget {
 public:
  SpeakerNotes(ActionRunner& runner, QWidget* parent);
  /// `at`: index of the present one; -1: the talk has not begun.
  void show_talk(const std::vector<doc::Bookmark>& bookmarks, int at);
  /// The letters of the note, in points: as large as the note has room for.
  [[nodiscard]] double note_points() const { return note_points_; }

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void fit_note();

  double note_points_ = 0;
  QLabel *number_, *name_, *note_, *next_;
};

}  // namespace gf::ui
