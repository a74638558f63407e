#include "app/scene/views.h"

#include <algorithm>

#include "app/scene/page/machine_state.h"
#include "app/scene/stream/stream_reading.h"

namespace gf::scene {
namespace {

constexpr ViewInfo kViews[] = {
    {View::Machine, "machine", phrase("Machine"), phrase("Every tensor of the model as a block"), false, false, true, build_page,
     page_settled, page_camera},
    {View::Stream, "stream", phrase("Stream"), phrase("Tokens by depth: what each position holds after each block"), true, true, false,
     build_stream, stream_settled, stream_camera},
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
