// What the window's thread asks of the drawing thread: a place for one frame, and the surface to draw into.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>

#include "renderer/imgui/gui_input.h"
#include "renderer/renderer.h"

namespace gf::render {

/// Any thread asks; one thread takes. Needs no device.
class Mailbox {
 public:
  using Clock = std::chrono::steady_clock;

  struct Surface {
    VkSurfaceKHR_T* handle = nullptr;
    int width = 0, height = 0;
    float dpr = 1;
    friend bool operator==(const Surface&, const Surface&) = default;
  };

  void set_surface(const Surface& surface);
  void resize(int width, int height, float dpr);
  /// Asks the drawing thread to let go of the surface and waits until it has. False: it has not within the limit.
  bool take_surface_back(std::chrono::milliseconds limit);
  void show(Frame frame);
  void set_busy(bool busy);

  /// What the drawing thread has to do next.
  struct Work {
    enum class Kind { Stop, Surface, Draw, Tiles } kind = Kind::Stop;
    Surface surface;             ///< wanted now
    std::optional<Frame> frame;  ///< newer than the last one taken
    std::vector<InputEvent> input;
  };
  /// Blocks until there is something to do. `held` is the surface that the caller has; frames are drawn only while
  /// it is the wanted one and has an area. `can_draw`: false after a failure. `redraw`: the last frame must be drawn
  /// again (tiles arrived, input is left). `tiles_missing`: come back at once, to wait for tiles.
  /// Draws at once after a rest; otherwise not before `earliest`.
  Work next(std::stop_token stop, const Surface& held, bool can_draw, bool redraw, bool tiles_missing, Clock::time_point earliest,
            Clock::duration busy_interval);
  /// The surface that the last Kind::Surface replaced is not in use any more.
  void released();

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::condition_variable_any gone_;
  Surface wanted_;
  VkSurfaceKHR_T* held_ = nullptr;  ///< by the drawing thread
  std::optional<Frame> frame_;
  bool shown_ = false;  ///< there has been a frame
  std::vector<InputEvent> input_;
  bool busy_ = false;
};

}  // namespace gf::render
