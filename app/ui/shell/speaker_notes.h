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

 private:
  QLabel *number_, *name_, *note_, *next_;
};

}  // namespace gf::ui
