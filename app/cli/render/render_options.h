// Reads the options of `render`. Separate from CLI11, so that tests can call it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/scene/scene_builder.h"
#include "model/base/error.h"

namespace gf::cli {

struct PictureSize {
  int width = 1280, height = 720;
};
/// "1280x720". Errors: InvalidArgument.
[[nodiscard]] Result<PictureSize> parse_size(std::string_view text);
/// "x,y,z,distance,yaw,pitch". nullopt if it is not a list of numbers, so a name. Errors: InvalidArgument.
[[nodiscard]] Result<std::optional<render::Camera>> parse_camera(std::string_view text);
/// "blocks.4.attn.hook_pattern[3,13,1]", "h.0.attn.c_attn.weight[5,77]". Errors: InvalidArgument.
[[nodiscard]] Result<scene::CellRef> parse_cell(std::string_view text, int n_layer);

/// A part of a run, in operations of scene::Timeline.
struct TimeRange {
  double from = 0, to = 0;
};
/// "FROM,TO", with 0 <= FROM <= TO. Errors: InvalidArgument.
[[nodiscard]] Result<TimeRange> parse_range(std::string_view text);

/// What of a run with edits a picture shows.
struct Comparison {
  scene::Compare what = scene::Compare::Edited;
  std::optional<double> split;  ///< ViewState::split, where it is given
};
/// "difference", "split", "split:0.4". Errors: InvalidArgument.
[[nodiscard]] Result<Comparison> parse_comparison(std::string_view text);

/// Whether the name's ending is that of a format of pictures or films (app/export/formats.h). Errors: Unsupported, naming all.
[[nodiscard]] Result<void> check_format(std::string_view path);

}  // namespace gf::cli
