// The window in a lesson and in Present: docks, camera and time follow.
#include <QApplication>
#include <QMenuBar>
#include <algorithm>
#include <utility>

#include "app/lessons/markdown.h"
#include "app/ui/docks/lessons_dock.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/shell/recover_strip.h"
#include "app/ui/shell/status_line.h"
#include "app/ui/shell/talk.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/transport.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
void MainWindow::connect_lessons() {
  player_->on_start = [this] {
    story_->leave();
    framing_before_ = viewport_->framing();
  };
  player_->on_change = [this] { follow_lesson(); };
  player_->on_ready = [this](const lessons::Step& step) { show_lesson_step(step); };
  player_->on_finished = [this](const std::string& lesson) {
    set_lesson_finished(lesson);
    docks_->refresh({});
    say(text("Lesson finished; your own work is back"));
  };
}

void MainWindow::follow_lesson() {
  const bool active = player_->active();
  if (active && !layout_before_) layout_before_ = docks_->layout();
  if (active && lesson_step_ != player_->index()) {
    lesson_step_ = player_->index();
    transport_->pause();
    docks_->show_only(player_->step().docks, presenting_);
    viewport_->setFocus();
  }
  if (!active && lesson_step_ >= 0) {
    lesson_step_ = -1;
    transport_->pause();
    if (!presenting_) docks_->set_layout(*std::exchange(layout_before_, std::nullopt));
    else docks_->show_only({}, true);
    viewport_->set_framing(framing_before_);
  }
  // After a right answer the scene gets the keyboard; after a wrong one the user may go on typing.
  if (active && player_->verdict() == lessons::Player::Verdict::Right) keyboard_->leave_field();
  docks_->refresh({});
  runner_->refresh();
  write_state_soon();
}

void MainWindow::arrange_docks(const std::function<void(DockFrames& docks)>& move) {
  move(*docks_);
  if (layout_before_) layout_before_ = docks_->layout();
  if (player_->active()) docks_->show_only({}, false);
  viewport_->setFocus();
  runner_->refresh();
  write_state_soon();
}

void MainWindow::show_docks_of_lesson() {
  docks_->set_layout(*layout_before_);
  docks_->show_only(lessons::docks_at(player_->lesson(), player_->index()), false);
}

void MainWindow::fly_to_step(const lessons::Step& step) {
  if (step.camera == "home") viewport_->home();
  else if (!step.camera.empty()) viewport_->fly_to(step.camera);
  else if (step.document.camera) viewport_->fly_to(*step.document.camera);
}

void MainWindow::show_lesson_step(const lessons::Step& step) {
  fly_to_step(step);
  if (const auto& cube = step.document.cube) return transport_->play_from(0, cube->time);
  const scene::Timeline* timeline = transport_->timeline();
  if (!timeline || !step.to) return;
  const auto to = lessons::time_of(*step.to, *timeline);
  const auto from = step.from ? lessons::time_of(*step.from, *timeline) : to;
  if (!to || !from) return;  // the model lacks the hook, so the step does not play
  if (step.from && lessons::goes_with_text(*from, *to, *timeline))
    transport_->play_from(*from, *to, lessons::reading_seconds(lessons::to_plain(player_->text().text)));
  else if (step.from) transport_->play_from(*from, *to);
  else lab_.set_time(*to);
}

void MainWindow::present(bool on) {
  if (on == presenting_) return;
  presenting_ = on;
  withdraw_story();
  if (on && !layout_before_) layout_before_ = docks_->layout();
  menuBar()->setVisible(!on);
  statusBar()->setVisible(!on);
  prompt_->setVisible(!on);
  recover_->set_aside(on);
  const float scale = on ? kPresentedScale : 1;
  viewport_->set_presentation(scale);
  scale_text(*qApp, static_cast<double>(scale));
  transport_->set_scale(static_cast<double>(scale));
  // After the letters, because a dock is never narrower than its words. In a lesson the dock with its text stays, because it is
  // part of the presentation.
  if (on) docks_->show_only({}, true);
  else if (player_->active()) show_docks_of_lesson();
  else docks_->set_layout(*std::exchange(layout_before_, std::nullopt));
  setWindowState(windowState().setFlag(Qt::WindowFullScreen, on));  // a maximised window is maximised again afterwards
  viewport_->setFocus();
  viewport_->rest_pointer();
  talk_->present(on);
  runner_->refresh();
}

}  // namespace gf::ui
