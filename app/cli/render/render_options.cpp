#include "app/cli/render/render_options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "app/export/formats.h"
#include "model/base/text.h"

namespace gf::cli {
namespace {

constexpr int kSmallest = 16;

/// Numbers between commas; empty where a part is not a number.
template <class T>
std::vector<T> numbers_in(std::string_view words) {
  std::vector<T> all;
  while (true) {
    while (words.starts_with(' ')) words.remove_prefix(1);
    T v{};
    const auto [end, error] = std::from_chars(words.data(), words.data() + words.size(), v);
    if (error != std::errc()) return {};
    all.push_back(v);
    words.remove_prefix(static_cast<std::size_t>(end - words.data()));
    while (words.starts_with(' ')) words.remove_prefix(1);
    if (words.empty()) return all;
    if (!words.starts_with(',')) return {};
    words.remove_prefix(1);
  }
}

}  // namespace

Result<PictureSize> parse_size(std::string_view words) {
  const auto x = words.find('x');
  if (x != std::string_view::npos) {
    const auto width = numbers_in<int>(words.substr(0, x)), height = numbers_in<int>(words.substr(x + 1));
    if (width.size() == 1 && height.size() == 1 && std::min(width[0], height[0]) >= kSmallest &&
        std::max(width[0], height[0]) <= exporting::kLargestSide)
      return PictureSize{width[0], height[0]};
  }
  return fail(ErrorCode::InvalidArgument, text("'{0}' is not a size; write it as 1280x720, from 16 to 16384 pixels each way", words));
}

Result<std::optional<render::Camera>> parse_camera(std::string_view words) {
  const auto v = numbers_in<float>(words);
  if (v.empty()) return std::optional<render::Camera>{};
  if (v.size() != 6 || !(v[3] > 0) || !std::isfinite(v[0] + v[1] + v[2] + v[3] + v[4] + v[5]))
    return fail(ErrorCode::InvalidArgument,
                text("'{0}' is not a camera; give x,y,z,distance,yaw,pitch (distance above 0, angles in radians) or a name", words));
  render::Camera camera;
  camera.target = {v[0], v[1], v[2]};
  camera.distance = v[3];
  camera.yaw = v[4];
  camera.pitch = v[5];
  return std::optional{camera};
}

Result<scene::CellRef> parse_cell(std::string_view words, int n_layer) {
  const auto open = words.find('[');
  const auto wrong = [&] {
    return fail(
        ErrorCode::InvalidArgument,
        text("'{0}' is not a cell; write a hook or weight with its indices, as blocks.0.attn.hook_pattern[3,13,1] or wte.weight[262,7]",
             words));
  };
  if (open == std::string_view::npos || !words.ends_with(']')) return wrong();
  const auto index = numbers_in<int>(words.substr(open + 1, words.size() - open - 2));
  if (index.empty() || index.size() > 3) return wrong();
  scene::CellRef cell;
  const std::string_view name = words.substr(0, open);
  if (const auto hook = parse_hook(name, n_layer)) cell.tensor.hook = *hook;
  else if (name.starts_with("blocks.") || name.find("hook_") != std::string_view::npos)
    return fail(ErrorCode::InvalidArgument,
                text("'{0}' is not a hook of this model, whose blocks are 0 to {1}; hooks are named as in blocks.0.attn.hook_pattern", name,
                     n_layer - 1));
  else cell.tensor.weight = std::string(name);
  for (std::size_t i = 0; i < index.size(); ++i) cell.index[i] = index[i];
  if (!cell.tensor.is_weight() && info_of(cell.tensor.hook.kind).shape == RowShape::One && index.size() == 1) cell.index[1] = 0;
  return cell;
}

Result<TimeRange> parse_range(std::string_view words) {
  const auto v = numbers_in<double>(words);
  if (v.size() == 2 && v[0] >= 0 && v[0] <= v[1] && std::isfinite(v[1])) return TimeRange{v[0], v[1]};
  return fail(ErrorCode::InvalidArgument,
              text("'{0}' is not part of a pass; give FROM,TO in operations, such as 0,206 for two tokens of fable", words));
}

Result<Comparison> parse_comparison(std::string_view words) {
  const auto colon = words.find(':');
  const auto what = scene::named<scene::Compare>(words.substr(0, colon));
  if (what && colon == std::string_view::npos) return Comparison{*what, std::nullopt};
  if (what == scene::Compare::Split) {
    const auto share = numbers_in<double>(words.substr(colon + 1));
    if (share.size() == 1 && share[0] >= 0 && share[0] <= 1) return Comparison{*what, share[0]};
  }
  return fail(ErrorCode::InvalidArgument,
              text("'{0}' is not a comparison; write edited, base, difference, side, split, or split:0.4 with a share from 0 to 1", words));
}

Result<void> check_format(std::string_view path) {
  if (exporting::picture_format(path) != nullptr || exporting::film_format(path) != nullptr) return {};
  return fail(ErrorCode::Unsupported, text("cannot write '{0}': a picture's name ends in {1}, a film's in {2}; choose one of these", path,
                                           exporting::picture_endings(false), exporting::film_endings()));
}

}  // namespace gf::cli
