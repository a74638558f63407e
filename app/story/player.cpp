#include "app/story/player.h"

#include <algorithm>
#include <utility>

#include "app/document/request.h"
#include "app/scene/glide.h"
#include "model/base/text.h"

namespace gf::story {

void Player::tell() const {
  if (on_change) on_change();
}

void Player::start() {
  if (!lab_.run() || !lab_.session() || !lab_.up_to_date()) return;
  leave();
  begin();
}

void Player::begin() {
  const auto model = lab_.model();
  const auto run = lab_.run();
  const doc::Document& document = lab_.document();
  const int position = scene::selected_position_in(document, run->base->length());
  const auto a = doc::token_of(document.target, *model), b = doc::token_of(document.rival, *model);
  telling_ = lab_.jobs().start<Story>(
      gf::text("telling this pass"), doc::on_session(lab_.session(), "story"),
      [session = lab_.session().get(), run, position, a = a.value_or(std::nullopt),
       b = b.value_or(std::nullopt)](const doc::JobWork& work) -> Result<Story> {
        Asking about{.session = *session, .request = run->request, .run = *run, .a = a, .b = b, .params = {}};
        about.position = position;
        about.stop = work.stop();
        about.progress = [&work](double share) { work.progress(share); };
        return gf::story::tell(about);
      },
      [this, run](Result<Story> told) {
        if (!told) {
          if (told.error().code != ErrorCode::Cancelled && on_error) on_error(told.error());
          leave();
          return tell();
        }
        if (lab_.run() != run) {  // another one has come meanwhile
          leave();
          return tell();
        }
        if (!staged_ && on_start) on_start();
        story_ = std::make_shared<const Story>(std::move(*told));
        run_ = run;
        cameras_.clear();
        index_ = 0;
        playing_ = true;
        from_before_ = false;
        show();
        if (on_wants_cameras) on_wants_cameras();
      });
  tell();
}

void Player::show() {
  at_ = 0;
  doc::Document document = lab_.document();
  static_cast<scene::ViewState&>(document) = view_of(step(), 0, document);
  if (way() > 0) document.time = story_->steps[static_cast<std::size_t>(index_) - 1].to;  // from there it goes on while the camera comes
  document.camera.reset();
  if (!std::exchange(staged_, true)) lab_.stage(std::move(document));
  else lab_.adjust_view([&](scene::ViewState& view) { view = document; });
  place_camera();
  tell();
}

void Player::play() {
  if (!showing() || playing_) return;
  if (index_ + 1 == count() && at_ - way() >= step().seconds) return go(0);
  playing_ = true;
  tell();
}

void Player::pause() {
  if (!playing()) return;
  playing_ = false;
  tell();
}

void Player::go(int step) {
  if (!showing()) return;
  if (step >= count()) return leave();
  const int before = index_;
  index_ = std::max(0, step);
  from_before_ = index_ == before + 1;
  playing_ = true;
  show();
}

void Player::leave() {
  const bool was_active = active();
  telling_.drop();
  story_.reset();
  run_.reset();
  playing_ = false;
  if (was_active && !staged_) tell();
  if (!std::exchange(staged_, false)) return;
  lab_.leave_stage([](doc::Document& own, const doc::Document& staged) {
    own.theme = staged.theme;
    own.speed = staged.speed;
    own.pace = staged.pace;
  });
  tell();
}

double Player::way() const {
  const auto i = static_cast<std::size_t>(index_);
  if (!from_before_ || i >= cameras_.size()) return 0;
  return way_seconds(story_->steps[i - 1], step(), cameras_[i - 1], cameras_[i]);
}

void Player::place_camera() const {
  const auto i = static_cast<std::size_t>(index_);
  if (i >= cameras_.size() || !on_camera) return;
  const double seconds = way();
  if (at_ >= seconds) return on_camera(cameras_[i]);
  on_camera(scene::glide(cameras_[i - 1], cameras_[i], static_cast<float>(at_ / seconds)));
}

void Player::set_cameras(std::vector<render::Camera> cameras) {
  if (!showing()) return;
  cameras_ = std::move(cameras);
  place_camera();
}

void Player::advance(double seconds) {
  if (!playing()) return;
  const bool was_there = at_ >= way();
  at_ += seconds;
  const double worked = at_ - way();
  const Step& now = step();
  if (worked >= now.seconds) {
    if (index_ + 1 < count()) return go(index_ + 1);
    return pause();  // the last picture stays
  }
  const double before = from_before_ ? story_->steps[static_cast<std::size_t>(index_) - 1].to : now.from;
  if (worked < 0) lab_.set_time(before + (now.from - before) * at_ / way());
  else lab_.set_time(now.work > 0 ? view_of(now, worked / now.work, {}).time : now.to);
  place_camera();
  if (!was_there && worked >= 0) tell();  // the sentence comes with the picture that it speaks of
}

std::string Player::caption() const {
  if (preparing()) return gf::text("Looking for what mattered in this pass …");
  if (!showing() || at_ < way()) return {};
  return step().sentence;
}

void Player::refresh() {
  // An edit has made another run: what is told of the old one holds no longer.
  if (showing() && lab_.up_to_date() && lab_.run() != run_) {
    story_.reset();
    playing_ = false;
    begin();
  }
}

}  // namespace gf::story
