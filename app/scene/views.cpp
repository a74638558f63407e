#include "app/scene/views.h"

#include <algorithm>

#include "app/scene/builder_state.h"
#include "app/scene/stream/stream_reading.h"

namespace gf::scene {
namespace {

constexpr ViewInfo kViews[] = {
    {.value = View::Machine,
     .name = "machine",
     .title = phrase("Machine"),
     .doc = phrase("Every tensor of the model as a block"),
     .needs_reading = false,
     .ribbons = false,
     .tiles = false,
     .climbs = true,
     .build = build_machine,
     .settled = machine_settled,
     .camera = machine_camera},
    {.value = View::Stream,
     .name = "stream",
     .title = phrase("Stream"),
     .doc = phrase("Tokens by depth: what each position holds after each block"),
     .needs_reading = true,
     .ribbons = true,
     .tiles = true,
     .climbs = false,
     .build = build_stream,
     .settled = stream_settled,
     .camera = stream_camera},
};

}  // namespace

std::span<const ViewInfo> views() { return kViews; }

const ViewInfo& info_of(View view) {
  const auto row = std::ranges::find(kViews, view, &ViewInfo::value);
  EXPECTS(row != std::end(kViews), "each view is listed");
  return *row;
}

View next_view(View view) {
  const ViewInfo* next = &info_of(view) + 1;
  return next == std::end(kViews) ? kViews[0].value : next->value;
}

Result<SceneInput> read_for(View view, SceneInput input, std::stop_token stop) {
  if (!info_of(view).needs_reading) return input;
  return with_readings(std::move(input), std::move(stop));
}

}  // namespace gf::scene
