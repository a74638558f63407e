// Where the newest pass spent its time, in a corner of the viewport: what ran, how long, how near the limit.
#pragma once

#include "app/document/times_table.h"
#include "renderer/scene.h"

namespace gf::ui {

/// Within a frame of ImGui. Top right of a viewport of this size, logical pixels; nothing where it is too small.
void draw_times(const doc::TimesContent& content, render::Theme theme, float width, float height, float scale);

}  // namespace gf::ui
