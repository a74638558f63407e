// The panel of times, in a corner of the viewport: what the newest pass ran, how long, and how near to the limit.
#pragma once

#include "app/document/times_table.h"
#include "renderer/scene.h"

namespace gf::ui {

/// Draws it at the top right of a viewport of this size in logical pixels; draws nothing where the viewport is too small. Call it
/// within a frame of ImGui.
void draw_times(const doc::TimesContent& content, render::Theme theme, float width, float height, float scale);

}  // namespace gf::ui
