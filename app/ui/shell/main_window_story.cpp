// The window in the story of a pass: its camera, its sentence, and what one worked on before.
#include <QSettings>
#include <utility>

#include "app/ui/actions/shortcuts.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/shell/talk.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/transport.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

const QString kStoryToldSetting = QStringLiteral("story/told");

}  // namespace

void MainWindow::connect_story() {
  story_->on_start = [this] { framing_before_ = viewport_->framing(); };
  story_->on_change = [this] { follow_story(); };
  story_->on_error = [this](const Error& error) { show_error(error); };
  story_->on_camera = [this](const render::Camera& camera) { viewport_->look_with_story(camera); };
  story_->on_veil = [this](float share) { viewport_->set_veil(share); };
  story_->on_wants_places = [this] {
    viewport_->with_scenes([this, told = story_->told(), model = lab_.model()](scene::SceneBuilder& scenes,
                                                                               const ViewRequest& newest) -> std::function<void()> {
      // Another model or a shorter text may be shown by now. That ends this story, which has no places there.
      const auto& run = newest.input.run;
      if (newest.input.model != model || !run || run->base->length() <= told->position) return [] {};
      std::vector<story::Place> places;
      for (const story::Step& step : told->steps) {
        auto place = story::place_of(step, scenes, newest.input, newest.view, newest.pane);
        if (!place) return [this, error = place.error()] { show_error(error); };
        places.push_back(*std::move(place));
      }
      return [this, told, places = std::move(places)] {
        if (story_->told() == told) story_->set_places(places);
      };
    });
  };
  viewport_->on_own_move = [this] { story_->pause(); };
  viewport_->on_reshaped = [this] {
    if (story_->showing()) story_->on_wants_places();
  };
}

void MainWindow::follow_story() {
  const bool showing = story_->showing();
  if (showing && !in_story_) viewport_->setFocus();
  if (showing != in_story_) {
    in_story_ = showing;
    viewport_->set_story(showing);
    if (!showing && !story_->preparing()) viewport_->set_framing(framing_before_);
  }
  viewport_->set_caption(story_->caption());
  viewport_->set_spoken(showing ? story::foot_of(story_->step().sentence, viewport_->pane()) : 0);
  transport_->follow_story();
  talk_->refresh();
  runner_->refresh();
  write_state_soon();
}

void MainWindow::tell_story() {
  player_->leave();
  transport_->pause();
  story_offered_ = false;
  QSettings().setValue(kStoryToldSetting, true);
  story_->start();
}

void MainWindow::offer_story() {
  if (QSettings().value(kStoryToldSetting, false).toBool()) return;
  story_offered_ = true;
  offered_after_ = lab_.history().past_names().size();
  viewport_->set_caption(gf::text("{0} tells what happens in this pass, in about a minute.", keys_or_title("play")));
}

void MainWindow::withdraw_story() {
  if (std::exchange(story_offered_, false)) viewport_->set_caption({});
}

void MainWindow::play() {
  if (story_offered_ && !story_->active() && !player_->active() && scene::alone_name(lab_.document()).empty()) return tell_story();
  transport_->toggle();
}

}  // namespace gf::ui
