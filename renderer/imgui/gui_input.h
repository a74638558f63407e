// The pointer's events on their way from a window to ImGui, and whether ImGui wants the pointer.
#pragma once

#include <deque>

#include "renderer/renderer.h"

namespace gf::render {

/// One for each window; used on the drawing thread.
struct GuiInput {
  /// Not yet seen by ImGui. A frame takes the events up to and with its first button change, since ImGui 1.86 would
  /// lose a click whose press and release came in one frame. What is left asks for another frame.
  std::deque<InputEvent> events;
  bool wants_mouse = false;  ///< after a frame: the pointer is over an overlay, or dragging something of it
};

/// Appends, merging runs of moves: only where the pointer has come to matters.
void append_input(std::deque<InputEvent>& events, const std::vector<InputEvent>& more);

}  // namespace gf::render
