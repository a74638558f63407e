#include "renderer/viewer/mailbox.h"

#include <utility>

namespace gf::render {

void Mailbox::set_surface(const Surface& surface) {
  const std::scoped_lock lock(mutex_);
  wanted_ = surface;
  wake_.notify_all();
}

void Mailbox::resize(int width, int height, float dpr) {
  const std::scoped_lock lock(mutex_);
  wanted_.width = width;
  wanted_.height = height;
  wanted_.dpr = dpr;
  wake_.notify_all();
}

bool Mailbox::take_surface_back(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  wanted_ = {};
  wake_.notify_all();
  return gone_.wait_for(lock, limit, [&] { return held_ == nullptr; });
}

void Mailbox::show(Frame frame) {
  const std::scoped_lock lock(mutex_);
  input_.insert(input_.end(), frame.input.begin(), frame.input.end());
  frame.input.clear();
  frame_ = std::move(frame);
  shown_ = true;
  wake_.notify_all();
}

void Mailbox::set_busy(bool busy) {
  const std::scoped_lock lock(mutex_);
  busy_ = busy;
  wake_.notify_all();
}

void Mailbox::released() {
  const std::scoped_lock lock(mutex_);
  held_ = nullptr;
  gone_.notify_all();
}

Mailbox::Work Mailbox::next(std::stop_token stop, const Surface& held, bool can_draw, bool redraw, bool tiles_missing,
                            Clock::time_point earliest, Clock::duration busy_interval) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stop.stop_requested()) return {};
    if (wanted_.handle != held.handle) {
      // In the caller's hands from here on: take_surface_back() must wait even before it has been opened.
      if (wanted_.handle != nullptr) held_ = wanted_.handle;
      return {Work::Kind::Surface, wanted_, {}, {}};
    }
    const bool drawable = can_draw && shown_ && held.handle != nullptr && wanted_.width > 0 && wanted_.height > 0;
    if (drawable && (frame_ || redraw || wanted_ != held)) {
      const Clock::time_point start = busy_ ? earliest + busy_interval : earliest;
      if (Clock::now() < start) {
        // Whatever arrives meanwhile is looked at again: a surface that must go does not wait for the pace.
        const bool slowed = start > earliest;
        wake_.wait_until(lock, stop, start, [&] { return wanted_.handle != held.handle || (slowed && !busy_); });
        continue;
      }
      return {Work::Kind::Draw, wanted_, std::exchange(frame_, {}), std::exchange(input_, {})};
    }
    if (drawable && tiles_missing) return {Work::Kind::Tiles, wanted_, {}, {}};
    wake_.wait(lock, stop, [&] {
      return wanted_.handle != held.handle ||
             (can_draw && shown_ && held.handle != nullptr && wanted_.width > 0 && wanted_.height > 0 && (frame_ || wanted_ != held));
    });
  }
}

}  // namespace gf::render
