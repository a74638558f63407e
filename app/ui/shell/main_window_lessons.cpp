// The window while a lesson is played: docks, camera and time follow its steps.
#include <QAction>
#include <QDockWidget>
#include <QMenu>
#include <QMenuBar>
#include <algorithm>

#include "app/ui/docks/lessons_dock.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/transport.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {
constexpr int kLessonWidth = 330, kPresentedWidth = 480, kLayoutMs = 120;
}

void MainWindow::build_lessons_menu() {
  lessons_menu_ = menuBar()->addMenu(text("&Lessons"));
  const auto only_in_lesson = [&](const QString& text, const char* key, std::function<void()> act, const QString& tip) {
    lesson_actions_.push_back(add(lessons_menu_, text, QKeySequence(key), std::move(act), tip));
    lesson_actions_.back()->setEnabled(false);
  };
  only_in_lesson(text("Next step"), "PgDown", [this] { player_->next(); }, text("The next step of the lesson"));
  only_in_lesson(text("Step back"), "PgUp", [this] { player_->back(); }, text("The step before"));
  only_in_lesson(text("Leave the lesson"), "Ctrl+Shift+L", [this] { player_->leave(); }, text("Back to your own work"));
  lessons_menu_->addSeparator();
  fill_lessons();
}

void MainWindow::fill_lessons() {
  const auto& all = player_->lessons();
  if (lessons_menu_->actions().size() > 4 || all.empty()) return;  // they are read once
  for (const auto& lesson : all) {
    const lessons::LessonText& texts = player_->texts_of(*lesson);
    add(
        lessons_menu_, text("Lesson: {0}", texts.title), {}, [this, lesson] { player_->start(lesson); },
        QString::fromStdString(texts.about));
  }
}

/// Puts the lesson's dock where the reader looks, and the others as the step says.
void MainWindow::show_lesson_docks() {
  for (QDockWidget* dock : docks_) {
    if (dock->widget() == lessons_) {
      dock->show();
      dock->raise();
      resizeDocks({dock}, {present_->isChecked() ? kPresentedWidth : kLessonWidth}, Qt::Horizontal);
      continue;
    }
    const auto& wanted = player_->step().docks;
    if (wanted.empty()) continue;
    const bool on = std::any_of(wanted.begin(), wanted.end(),
                                [&](const std::string& name) { return dock->objectName() == QString::fromStdString(name + "_dock"); });
    dock->setVisible(on && !present_->isChecked());
  }
}

void MainWindow::follow_lesson() {
  fill_lessons();
  const bool active = player_->active();
  if (active && layout_before_.isEmpty()) layout_before_ = saveState(1);
  if (active && lesson_step_ != player_->index()) {
    lesson_step_ = player_->index();
    transport_->pause();
    show_lesson_docks();
  }
  if (!active && !layout_before_.isEmpty()) {
    transport_->pause();
    restoreState(std::exchange(layout_before_, {}), 1);
    lesson_step_ = -1;
    viewport_->adopt_camera();
  }
  for (QAction* action : lesson_actions_) action->setEnabled(active);
  lessons_->refresh();
  write_state_soon();
}

void MainWindow::show_lesson_step(const lessons::Step& step) {
  // Docks may just have come or gone: the camera suits the view's new shape, which the next layout gives it.
  QTimer::singleShot(kLayoutMs, this, [this, camera = step.camera, place = step.document.camera, index = lesson_step_] {
    if (!player_->active() || index != lesson_step_) return;
    if (camera == "home") viewport_->home();
    else if (!camera.empty()) viewport_->fly_to(camera);
    else if (place) viewport_->fly_to(*place);
  });
  const scene::Timeline* timeline = transport_->timeline();
  if (!timeline || !step.to) return;
  const auto to = lessons::time_of(*step.to, *timeline);
  const auto from = step.from ? lessons::time_of(*step.from, *timeline) : to;
  if (!to || !from) return;  // the model lacks the hook: the step stands still at its end
  if (step.from) transport_->play_from(*from, *to);
  else lab_.set_time(*to);
}

}  // namespace gf::ui
