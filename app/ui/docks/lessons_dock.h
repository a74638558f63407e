// The list of lessons, or the step that is played, with its question.
#pragma once

#include <QStringList>
#include <vector>

#include "app/lessons/player.h"
#include "app/ui/docks/dock.h"

class QFrame;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;
class QScrollArea;
class QStackedLayout;
class QVBoxLayout;

namespace gf::ui {

class HeadGridView;

class LessonsDock : public Dock {
 public:
  LessonsDock(const DockInfo& info, const DockContext& context);
  [[nodiscard]] bool accompanies() const override { return player().active(); }
  [[nodiscard]] int reading_width(bool presented) const override;
  void set_presented(bool on) override;

 private:
  void fill(const doc::Changes& changes) override;
  QWidget* build_contents();
  QWidget* build_step();
  void fill_contents();
  void show_step();
  /// Shows the grid of heads where the step speaks of it and the Probe dock is hidden.
  void show_grid();
  void ask();
  void ask_choice();
  void ask_head();
  void ask_token();
  void ask_until();
  void show_verdict();
  /// Frames the right answer once it has been given.
  void frame_right();

  QStackedLayout* pages_;
  QListWidget* list_ = nullptr;
  QStringList finished_;  ///< those that the list marks as finished
  QLabel *title_ = nullptr, *progress_ = nullptr, *caption_ = nullptr, *question_ = nullptr, *verdict_ = nullptr;
  QScrollArea* scroll_ = nullptr;
  QFrame* card_ = nullptr;
  QWidget* answers_ = nullptr;  ///< a new one for each question
  QVBoxLayout* card_column_ = nullptr;
  HeadGridView* grid_ = nullptr;
  bool presented_ = false;
  QPushButton *back_ = nullptr, *next_ = nullptr, *leave_ = nullptr, *hint_ = nullptr;
  const lessons::Lesson* shown_ = nullptr;
  int shown_step_ = -1;
  std::shared_ptr<const Model> asked_of_;  ///< the model whose heads the question shows
  render::Theme worn_ = render::Theme::Dark;
};

/// A lesson's Markdown as the HTML of a label. `below_px`: the space below a paragraph.
[[nodiscard]] QString lesson_html(const std::string& markdown, int below_px = 9);
/// Whether the user has finished the lesson; stored in the settings.
[[nodiscard]] bool lesson_finished(const std::string& name);
void set_lesson_finished(const std::string& name);

}  // namespace gf::ui
