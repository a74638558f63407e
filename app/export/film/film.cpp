#include "app/export/film/film.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "app/export/film/film_moments.h"
#include "app/export/film/frame_sink.h"
#include "app/export/formats.h"
#include "app/export/legend.h"
#include "app/scene/glide.h"
#include "app/scene/views.h"
#include "model/base/text.h"

namespace gf::exporting {
namespace {

using FilmClock = std::chrono::steady_clock;

/// Which frames a shot has: [first, first + count).
struct Stretch {
  int first = 0, count = 0;
};

std::vector<Stretch> stretches_of(std::span<const Shot> shots, int fps) {
  std::vector<Stretch> all;
  double seconds = 0;
  int first = 0;
  for (const Shot& shot : shots) {
    seconds += std::max(0.0, shot.seconds);
    const int end = static_cast<int>(std::lround(seconds * fps));
    all.push_back({first, end - first});
    first = end;
  }
  if (!all.empty() && first == 0) all.back().count = 1;
  return all;
}

int frames_in(const std::vector<Stretch>& stretches) { return stretches.empty() ? 0 : stretches.back().first + stretches.back().count; }

/// Composes the frames of a film; keeps from one frame to the next what they share.
class Projector {
 public:
  Projector(scene::SceneBuilder& builder, std::span<const Shot> shots, const FilmOptions& options, const std::stop_token& stop = {})
      : builder_(builder), shots_(shots), options_(options), stretches_(stretches_of(shots, options.fps)), stop_(stop) {}

  [[nodiscard]] int frames() const { return frames_in(stretches_); }

  /// Whether frame n is the same picture as the one before. That is so in stills, such as those that show a lesson's text.
  [[nodiscard]] bool repeats(int n) const {
    const std::size_t index = shot_at(n);
    const Shot& shot = shots_[index];
    return n > stretches_[index].first && shot.from == shot.to && shot.veil == shot.unveil &&
           (!shot.camera || shot.camera->from == shot.camera->to);
  }

  /// Frame n, ready to be drawn.
  struct Ready {
    scene::Frame composed;
    render::Overlay overlay;
  };
  Result<Ready> prepare(int n) {
    EXPECTS(n >= 0 && n < frames(), "a frame of the film");
    const std::size_t index = shot_at(n);
    const Shot& shot = shots_[index];
    const Stretch& stretch = stretches_[index];
    // The first frame of the next shot shows where this one ends; the last shot has to show its end itself.
    const int steps = index + 1 < shots_.size() ? stretch.count : std::max(1, stretch.count - 1);
    const double s = static_cast<double>(n - stretch.first) / steps;
    GF_TRY(enter(index));
    doc::Document document = shot.document;
    const double time = shot.from == shot.to ? shot.from : shot.from + (shot.to - shot.from) * s;
    (document.cube ? document.cube->time : document.time) = time;
    if (shot.follow) document.camera = shot.follow->at(document.time);
    else document.camera = shot.camera ? scene::glide(shot.camera->from, shot.camera->to, static_cast<float>(s)) : camera_;
    PictureOptions picture = picture_of(options_);
    picture.spoken = shot.spoken_share;
    const bool moving = shot.camera && shot.camera->from != shot.camera->to && s > 0 && s < 1;
    Caption caption;
    caption.veil = shot.veil + (shot.unveil - shot.veil) * static_cast<float>(s);
    if (options_.captions) {
      caption.text = shot.caption;
      caption.spoken = shot.spoken;
      if (shot.tell_moment) {
        caption.moment = moments_->text(document.time);
        caption.widest = moments_->widest();
      }
    }
    if (!caption.spoken) picture.caption = caption.text, picture.moment = caption.moment, picture.widest = caption.widest;
    GF_TRY_ASSIGN(scene::Frame composed, compose(builder_, input_, document, picture, moving));
    render::Overlay overlay = picture_overlay(composed, document, picture, std::move(caption));
    return Ready{std::move(composed), std::move(overlay)};
  }

 private:
  /// Index of the shot that frame n belongs to.
  [[nodiscard]] std::size_t shot_at(int n) const {
    const auto at = std::find_if(stretches_.begin(), stretches_.end(), [n](const Stretch& s) { return n < s.first + s.count; });
    return static_cast<std::size_t>(at - stretches_.begin());
  }

  Result<void> enter(std::size_t index) {
    if (entered_ == static_cast<int>(index)) return {};
    const Shot& shot = shots_[index];
    const bool same = input_.run == shot.input.run && input_.model == shot.input.model;
    if (!same) input_ = shot.input;
    // The run is read for the view here, once for all frames.
    GF_TRY_ASSIGN(input_, scene::read_for(shot.document.view, std::move(input_), stop_));
    if (!shot.camera && !shot.follow) {
      const scene::Pane pane =
          pane_of(picture_of(options_), letters_of(shot.document), scene::is_halved(shot.document, input_.run != nullptr));
      camera_ = shot.document.camera ? *shot.document.camera : builder_.home(input_, shot.document, pane);
    }
    if (shot.tell_moment && (!same || !moments_)) moments_.emplace(input_);
    entered_ = static_cast<int>(index);
    return {};
  }

  scene::SceneBuilder& builder_;
  std::span<const Shot> shots_;
  FilmOptions options_;
  std::vector<Stretch> stretches_;
  std::stop_token stop_;
  int entered_ = -1;
  scene::SceneInput input_;  ///< of the shot at hand
  render::Camera camera_;
  std::optional<FilmMoments> moments_;
};

/// Hands frames to a sink on a thread of its own. At most two frames wait for it.
class Writer {
 public:
  Writer(std::unique_ptr<FrameSink> sink, const std::stop_token& stop) : sink_(std::move(sink)), stop_(stop), thread_([this] { work(); }) {}
  ~Writer() { close(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Blocks while two frames wait. Errors: the sink's.
  Result<void> add(render::Image frame) {
    constexpr std::size_t kMostWaiting = 2;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.size() < kMostWaiting || failed_; });
    if (failed_) return tl::unexpected(*failed_);
    waiting_.push_back(std::move(frame));
    changed_.notify_all();
    return {};
  }
  Result<void> finish() {
    close();
    if (failed_) return tl::unexpected(*failed_);
    return sink_->finish(stop_);
  }

 private:
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }
  void work() {
    while (true) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return !waiting_.empty() || closed_; });
      if (waiting_.empty()) return;
      const render::Image frame = std::move(waiting_.front());
      waiting_.pop_front();
      changed_.notify_all();
      lock.unlock();
      if (const auto added = sink_->add(frame, stop_); !added) {
        lock.lock();
        failed_ = added.error();
        changed_.notify_all();
        return;
      }
    }
  }

  std::unique_ptr<FrameSink> sink_;
  std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<render::Image> waiting_;
  std::optional<Error> failed_;
  bool closed_ = false;
  std::thread thread_;
};

Result<render::Image> draw_ready(render::Offscreen& target, const Projector::Ready& ready, const FilmOptions& o) {
  return target.draw(*ready.composed.scene.scene, ready.composed.camera, o.width, o.height, o.dpr, ready.overlay);
}

}  // namespace

PictureOptions picture_of(const FilmOptions& o) {
  constexpr float kWidth = 1000, kHeight = 480;  // logical pixels
  const bool room = static_cast<float>(o.width) >= kWidth * o.dpr && static_cast<float>(o.height) >= kHeight * o.dpr;
  return {o.width, o.height, o.dpr, o.legend && room, {}};
}

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

Result<void> check_film(const std::string& path, const FilmOptions& options) {
  EXPECTS(options.width > 0 && options.height > 0 && options.fps > 0 && options.dpr > 0, "a film has a size and a speed");
  const FilmFormat* format = film_format(path);
  if (format == nullptr)
    return fail(ErrorCode::Unsupported, text("cannot write '{0}': a film's name ends in {1}", path, film_endings()), "check_film");
  return format->check(path, options);
}

int frames_of(std::span<const Shot> shots, const FilmOptions& options) { return frames_in(stretches_of(shots, options.fps)); }

Result<render::Image> draw_frame(render::Offscreen& target, scene::SceneBuilder& builder, std::span<const Shot> shots,
                                 const FilmOptions& options, int n) {
  Projector projector(builder, shots, options);
  GF_TRY_ASSIGN(const Projector::Ready ready, projector.prepare(n));
  return draw_ready(target, ready, options);
}

Result<FilmReport> write_film(render::Offscreen& target, scene::SceneBuilder& builder, std::span<const Shot> shots,
                              const FilmOptions& options, const std::string& path, const FilmProgress& progress,
                              const std::stop_token& stop) {
  GF_TRY(check_film(path, options));
  Projector projector(builder, shots, options, stop);
  const int frames = projector.frames();
  EXPECTS(frames > 0, "a film has frames");
  const auto start = FilmClock::now();
  GF_TRY_ASSIGN(auto sink, film_format(path)->open(path, options));
  Writer writer(std::move(sink), stop);
  // A pipeline of three: frame n+1 is composed while n is drawn and earlier ones are encoded.
  const auto prepare = [&](int n) { return std::async(std::launch::async, [&projector, n] { return projector.prepare(n); }); };
  const auto drawn_after = [&](int n) {
    do ++n;
    while (n < frames && projector.repeats(n));
    return n;
  };
  auto next = prepare(0);
  render::Image image;
  for (int n = 0; n < frames; ++n) {
    if (stop.stop_requested()) return fail(ErrorCode::Cancelled, text("The film {0} was stopped.", path), "write_film");
    if (!projector.repeats(n)) {
      GF_TRY_ASSIGN(const Projector::Ready ready, next.get());
      if (const int m = drawn_after(n); m < frames) next = prepare(m);
      GF_TRY_ASSIGN(image, draw_ready(target, ready, options));
    }
    GF_TRY(writer.add(image));
    if (progress) progress(n + 1, frames);
  }
  GF_TRY(writer.finish());
  const double wall_ms = std::chrono::duration<double, std::milli>(FilmClock::now() - start).count();
  return FilmReport{path, frames, static_cast<double>(frames) / options.fps, wall_ms};
}

}  // namespace gf::exporting
