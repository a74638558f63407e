#include "app/story/player.h"

#include <algorithm>
#include <utility>

#include "app/document/request.h"
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

void Player::begin(int at) {
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
      [this, run, at](Result<Story> told) {
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
        places_.clear();
        index_ = std::clamp(at, 0, std::max(0, count() - 1));
        playing_ = true;
        from_before_ = false;
        show();
        if (on_wants_places) on_wants_places();
      });
  tell();
}

void Player::say_anew() {
  if (!active()) return;
  const int at = showing() ? index_ : 0;
  story_.reset();
  playing_ = false;
  begin(at);
}

void Player::show() {
  at_ = 0;
  picture_ = Picture::None;
  show_moment();
  tell();
}

void Player::show_moment() {
  const std::vector<Leg> legs = way();
  const double worked = at_ - seconds_of(legs);
  const Step& now = step();
  const auto i = static_cast<std::size_t>(index_);
  Picture picture = Picture::There;
  OnTheWay moment;
  if (worked < 0) {
    moment = moment_of(legs, at_);
    picture = moment.before ? Picture::Before : Picture::Coming;
  } else {
    moment.time = view_of(now, now.work > 0 ? worked / now.work : 1, {}).time;
    if (i < places_.size()) moment.camera = places_[i].camera;
  }
  if (picture == picture_) {
    lab_.set_time(moment.time);
  } else {
    picture_ = picture;
    doc::Document document = lab_.document();
    scene::ViewState& view = document;
    view = picture == Picture::There ? view_of(now, 0, view)
                                     : view_of(*std::ranges::find(legs, moment.before, &Leg::before), story_->steps[i - 1], now, view);
    view.time = moment.time;
    view.camera.reset();
    if (!std::exchange(staged_, true)) lab_.stage(std::move(document));
    else lab_.adjust_view([&](scene::ViewState& shown) { shown = document; });
  }
  if (on_veil) on_veil(moment.veil);
  if (i < places_.size() && on_camera) on_camera(moment.camera);
}

void Player::play() {
  if (!showing() || playing_) return;
  if (index_ + 1 == count() && at_ - way_takes() >= step().seconds) return go(0);
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
  if (was_active && on_veil) on_veil(0);
  if (was_active && !staged_) tell();
  if (!std::exchange(staged_, false)) return;
  lab_.leave_stage([](doc::Document& own, const doc::Document& staged) {
    own.theme = staged.theme;
    own.speed = staged.speed;
    own.pace = staged.pace;
  });
  tell();
}

std::vector<Leg> Player::way() const {
  const auto i = static_cast<std::size_t>(index_);
  if (!from_before_ || i >= places_.size()) return {};
  return way_between(story_->steps[i - 1], step(), places_[i - 1], places_[i]);
}

void Player::set_places(std::vector<Place> places) {
  if (!showing()) return;
  places_ = std::move(places);
  show_moment();
}

void Player::advance(double seconds) {
  if (!playing()) return;
  const double way = way_takes();
  const bool was_there = at_ >= way;
  at_ += seconds;
  if (at_ - way >= step().seconds) {
    if (index_ + 1 < count()) return go(index_ + 1);
    show_moment();
    return pause();  // the last picture stays
  }
  show_moment();
  if (!was_there && at_ >= way) tell();  // the sentence comes with the picture that it speaks of
}

std::string Player::caption() const {
  if (preparing()) return gf::text("Looking for what mattered in this pass …");
  if (!showing() || at_ < way_takes()) return {};
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
