// Cameras by name, and flights to a panel.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "app/scene/builder_state.h"
#include "app/scene/cards/cell_numbers.h"
#include "app/scene/close_up.h"
#include "app/scene/guides.h"
#include "app/scene/label_box.h"
#include "app/scene/operations/show.h"
#include "app/scene/placed_names.h"
#include "app/scene/views.h"
#include "model/base/text.h"

namespace gf::scene {
namespace {

render::Camera angled(float yaw, float pitch) {
  render::Camera c;
  c.yaw = yaw;
  c.pitch = pitch;
  return c;
}

std::optional<int> number(std::string_view text, int below) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0 || value >= below) return std::nullopt;
  return value;
}

/// Bounds of the panels that are wanted; low is above high where there are none.
template <class Wanted>
ViewScene::Box bounds_of_panels(const ViewScene& scene, const Wanted& wanted) {
  ViewScene::Box box{glm::vec3(1e9F), glm::vec3(-1e9F)};
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    if (!wanted(scene.panels[i])) continue;
    const render::Panel& p = scene.scene->panels[i];
    box.low = glm::min(box.low, p.origin);
    box.high = glm::max(box.high, p.origin + p.across + p.down);
  }
  return box;
}

/// From left to right on the screen.
struct ScreenSpan {
  float low = 1e9F, high = -1e9F;
};
/// nullopt: part of the box is behind the eye.
std::optional<ScreenSpan> span_of(const ViewScene::Box& box, const render::Projection& view) {
  ScreenSpan span;
  for (unsigned corner = 0; corner < 8; ++corner) {
    const glm::bvec3 far{(corner & 1U) != 0, (corner & 2U) != 0, (corner & 4U) != 0};
    const glm::vec3 at = view.pixel(glm::mix(box.low, box.high, far));
    if (at.z <= 0) return std::nullopt;
    span.low = std::min(span.low, at.x);
    span.high = std::max(span.high, at.x);
  }
  return span;
}

/// Moves a camera at an end of the machine sideways, so that a wide window shows more of the machine in place of empty ground. What
/// it looks at stays in the middle of the picture, with some part of it.
render::Camera beside_nothing_empty(render::Camera camera, const ViewScene::Box& box, const ViewScene::Box& page, float aspect) {
  constexpr float kBorder = 0.03F;  // of the view's height, which is 1 here
  constexpr float kInside = 0.1F;   // of the box, beyond the middle
  const render::Projection view(camera, {aspect, 1});
  const auto whole = span_of(page, view), end = span_of(box, view);
  if (!whole || !end) return camera;  // there is no end of the machine in sight
  const float left = whole->low - kBorder, right = aspect - kBorder - whole->high;
  const float inside = kInside * (end->high - end->low), middle = aspect / 2;
  // Where all of it has room at last, empty ground is the same at both sides.
  const float evenly = (left - right) / 2;
  float aside = 0;
  if (left > 0 && right < 0) aside = std::min({left, std::max(-right, evenly), std::max(0.0F, end->high - inside - middle)});
  if (right > 0 && left < 0) aside = -std::min({right, std::max(-left, -evenly), std::max(0.0F, middle - end->low - inside)});
  const glm::mat4 axes = camera.view();
  const glm::vec3 to_the_right{axes[0][0], axes[1][0], axes[2][0]};
  const float a_height = 2 * std::tan(camera.fov_y / 2) * camera.distance;
  camera.target += to_the_right * (aside * a_height);
  return camera;
}

/// "blocks.4.attn.hook_q", "h.4.attn.c_proj.weight", and with a head's number behind it "blocks.4.attn.hook_pattern 3".
std::optional<CameraName> tensor_named(std::string_view name, const ModelConfig& config) {
  CameraName found{CameraName::Kind::Tensor};
  if (const std::size_t blank = name.rfind(' '); blank != std::string_view::npos) {
    const auto head = number(name.substr(blank + 1), config.n_head);
    if (!head) return std::nullopt;
    found.head = *head;
    name = name.substr(0, blank);
  }
  if (name.empty()) return std::nullopt;
  if (const auto hook = parse_hook(name, config.n_layer)) found.tensor.hook = *hook;
  else found.tensor.weight = name;
  return found;
}

/// nullopt: the model has no camera of this name.
std::optional<CameraName> parse_camera_name(std::string_view name, const ModelConfig& config) {
  using Kind = CameraName::Kind;
  constexpr std::pair<std::string_view, Kind> kPlain[] = {{"home", Kind::Home},     {"whole", Kind::Whole}, {"front", Kind::Front},
                                                          {"logits", Kind::Logits}, {"work", Kind::Work},   {"embedding", Kind::Embedding}};
  constexpr std::pair<std::string_view, Kind> kOfBlock[] = {{"block ", Kind::Block}, {"attention ", Kind::Attention}, {"MLP ", Kind::Mlp}};
  for (const auto& [word, kind] : kPlain)
    if (name == word) return CameraName{kind};
  for (const auto& [word, kind] : kOfBlock) {
    if (!name.starts_with(word)) continue;
    if (const auto block = number(name.substr(word.size()), config.n_layer)) return CameraName{kind, *block};
  }
  if (!name.starts_with("head ")) return tensor_named(name, config);
  const auto head = one_head_named(name.substr(5), &config);
  return head ? std::optional(CameraName{Kind::Head, head->layer, head->head}) : std::nullopt;
}

/// The panel that shows a head's pattern; -1 where the run did not keep the pattern.
int plate_of(const ViewScene& scene, const CameraName& name) {
  const HookId pattern{HookKind::Pattern, name.block};
  const auto plate = std::ranges::find_if(
      scene.panels, [&](const PanelInfo& p) { return !p.tensor.is_weight() && p.tensor.hook == pattern && p.head == name.head; });
  return plate == scene.panels.end() ? -1 : static_cast<int>(plate - scene.panels.begin());
}

/// The patterns over a block of the Stream, with as many rows below them as the pane has room for below path and title, which take `head`
/// of its height; none where the run did not keep them.
std::optional<ViewScene::Box> plates_of(const ViewScene& scene, int block, const Pane& pane, float head) {
  auto [low, high] =
      bounds_of_panels(scene, [&](const PanelInfo& p) { return p.mapping == PanelInfo::Mapping::Causal && p.tensor.hook.layer == block; });
  if (low.x > high.x) return std::nullopt;
  constexpr float kNamesPx = 84, kNames = 0.08F, kMostNames = 0.2F;  // room for the rows' names, and, in widths, at least and at most
  constexpr float kAbove = 0.01F, kAir = 0.02F;                      // round it all, in widths
  const float wide = high.x - low.x;
  low -= glm::vec3(std::clamp(kNamesPx * pane.presentation / pane.size.x, kNames, kMostNames) * wide, kAbove * wide, 0);
  high.x += kAir * wide;
  high.y = std::max(high.y, low.y + (high.x - low.x) / pane.aspect() * (1 - pane.foot - head));
  return ViewScene::Box{low, high};
}

/// Where the rows of plates over a block of the Stream are lower than the names that would stand beside each of them, a list of these
/// stands left of all (row_fan.h): what is free at the right is given to it.
render::Camera beside_list(render::Camera camera, const ViewScene& scene, int block, const Pane& pane) {
  constexpr float kListPx = 150, kAirPx = 16;
  const auto is_plate = [&](const PanelInfo& p) { return p.mapping == PanelInfo::Mapping::Causal && p.tensor.hook.layer == block; };
  const auto first = std::ranges::find_if(scene.panels, is_plate);
  if (first == scene.panels.end()) return camera;
  const render::Panel& plate = scene.scene->panels[static_cast<std::size_t>(first - scene.panels.begin())];
  const render::Projection view(camera, pane.size);
  const float high = view.pixel(plate.origin + plate.down).y - view.pixel(plate.origin).y;
  if (high >= kTokenRowPx * static_cast<float>(first->rows)) return camera;
  const auto [low, far] = bounds_of_panels(scene, is_plate);
  const float left = kListPx * pane.presentation - view.pixel(low).x, right = pane.size.x - kAirPx - view.pixel(far).x;
  camera.target.x -= std::max(0.0F, std::min(left, right)) * plate.down.y / high;
  return camera;
}

/// The panels that show a tensor, or of one of its heads; low is above high where there are none.
ViewScene::Box panels_of(const ViewScene& scene, const CameraName& name) {
  return bounds_of_panels(
      scene, [&](const PanelInfo& p) { return p.tensor == name.tensor && (name.head < 0 || p.head < 0 || p.head == name.head); });
}

/// Near to the operation that is at work at the scene's moment.
std::optional<render::Camera> at_work(const ViewScene& scene, const Pane& pane) {
  const Show& show = *scene.focus->show;
  std::vector<HookId> sources;
  for (const ShowMark& mark : show.marks)
    if (mark.kind == ShowMark::Kind::Source && !mark.cell.tensor.is_weight()) sources.push_back(mark.cell.tensor.hook);
  const HookId made = show.result.tensor.hook;
  if (const auto near = close_up_of_work(scene, made, sources, pane)) return near;
  // Scores that the run did not keep go straight into the plates of the pattern.
  return close_up_of_work(scene, {HookKind::Pattern, made.layer}, sources, pane);
}

/// Whether the scene has what a camera of this name looks at.
bool is_there(const ViewScene& scene, const CameraName& name) {
  using Kind = CameraName::Kind;
  if (name.kind == Kind::Head) return plate_of(scene, name) >= 0;
  if (name.kind == Kind::Work) return scene.focus && at_work(scene, Pane{});
  if (name.kind == Kind::Home || name.kind == Kind::Whole || name.kind == Kind::Front) return true;
  if (name.kind != Kind::Tensor) return !scene.blocks.empty();  // a cube stands alone
  const ViewScene::Box box = panels_of(scene, name);
  return box.low.x <= box.high.x;
}

render::Camera at_box(const render::Camera& from, const ViewScene::Box& box, const Pane& pane, float margin) {
  return render::fit(from, box.low, box.high, pane.aspect(), margin, pane.foot);
}

/// What path and titles take of a pane's height above the Stream's tiles: they stand at the upper edge, before what lies there.
float head_over_tiles(const Pane& pane) {
  constexpr float kMostHead = 0.3F, kTitlePx = 22, kBelowTitle = 8;
  const float path = path_is_shown(pane, true) ? path_height(pane) : 0, title = kLineOfLabel * kTitlePx * pane.presentation + kBelowTitle;
  return std::min(kMostHead, (path + title) / pane.size.y);
}

/// What a camera of a part keeps free, so that nothing stands over the part: above it the path and the block's title, left of it the names
/// of its rows.
struct PartRoom {
  float head = 0, side = 0;
};
PartRoom room_of_part(const Pane& pane, std::size_t rows) {
  constexpr float kTitlePx = 20, kRowsPx = 78, kTwoColumnsPx = 150, kMostOfHeight = 0.24F, kMostOfWidth = 0.22F;
  // Where one column of names would be higher than most of the pane they stand in two.
  constexpr float kLinePx = 12.2F, kMuchOfHeight = 0.6F;
  const bool two = static_cast<float>(rows) * kLinePx * pane.presentation > kMuchOfHeight * pane.size.y * (1 - pane.foot);
  const float names = two ? kTwoColumnsPx : kRowsPx;
  const float path = path_is_shown(pane) ? path_height(pane) : 0, title = kTitlePx * pane.presentation;
  return {std::min(kMostOfHeight, (pane_is_low(pane) ? std::max(path, title) : path + title) / pane.size.y),
          rows > 0 ? std::min(kMostOfWidth, names * pane.presentation / pane.size.x) : 0};
}
render::Camera at_part(const render::Camera& from, const ViewScene::Box& box, const Pane& pane, float margin, std::size_t rows) {
  const PartRoom room = room_of_part(pane, rows);
  return render::fit(from, box.low, box.high, pane.aspect(), margin, pane.foot, room.head, room.side);
}

/// A pattern in a picture with large letters has two lines of keys below it, and the block's title beside it at the left.
render::Camera at_plate_of_large_letters(const ViewScene::Box& plate, const Pane& pane) {
  constexpr float kKeysPx = 44, kAir = 1.03F, kTitlePx = 255;  // of the title and the names of rows
  const float s = pane.presentation, head = room_of_part(pane, 0).head, keys = kKeysPx * s / pane.size.y;
  const float path = (path_is_shown(pane) ? path_height(pane) : 0) / pane.size.y;
  // About where the plate will begin.
  const float high = (1 - pane.foot - keys - path) * pane.size.y, left = (pane.size.x - high) / 2;
  return render::fit(angled(0.12F, 0.2F), plate.low, plate.high, pane.aspect(), kAir, pane.foot + keys, left > kTitlePx * s ? path : head);
}

/// `tiles`: of a view whose titles stand on a strip at the upper edge.
render::Camera at_tensor(const ViewScene& scene, const CameraName& name, const Pane& pane, bool tiles = false) {
  ViewScene::Box box = panels_of(scene, name);
  const glm::vec3 extent = box.high - box.low;
  // A shelf is seen below the sheet that stands over it, so not from high above.
  const bool lies = extent.z > extent.y;
  if (!name.tensor.is_weight() && info_of(name.tensor.hook.kind).shape == RowShape::Causal) {
    constexpr float kQueries = 0.14F, kKeys = 0.1F, kAir = 1.12F;  // room for the tokens beside and below a plate, in plates
    box.low.x -= kQueries * extent.x;
    constexpr float kLargeLetters = 450;  // of a pane's height, in which values would be too small beside room for all this
    if (!tiles && pane.presentation > 1 && pane.size.y < kLargeLetters * pane.presentation && !pane_is_low(pane))
      return at_plate_of_large_letters(box, pane);
    box.high.y += kKeys * extent.y;
    // Where letters are large in the pane that is less than two lines of keys and what the plate leans, in a low one less than one line.
    constexpr float kLinesPx = 66, kLinePx = 26, kOfPane = 0.07F;
    const float keys = pane_is_low(pane) ? kLinePx : kLinesPx;
    const float foot = std::clamp(keys * pane.presentation / pane.size.y - kOfPane, 0.0F, 0.1F);
    const float head = tiles ? head_over_tiles(pane) : room_of_part(pane, 0).head;
    return render::fit(angled(0.12F, 0.2F), box.low, box.high, pane.aspect(), kAir, pane.foot + foot, head);
  }
  return at_box(angled(0.12F, lies ? 0.42F : 0.2F), box, pane, 1.35F);
}

/// The pattern of a head.
CameraName pattern_of(const CameraName& head) {
  return {CameraName::Kind::Tensor, head.block, head.head, {{HookKind::Pattern, head.block}, {}}};
}

const ViewScene::Box& box_of_block(const ViewScene& scene, int block) { return scene.blocks[static_cast<std::size_t>(block) + 1]; }

render::Camera at_end(const render::Camera& from, const ViewScene::Box& box, const ViewScene& scene, const Pane& pane) {
  return beside_nothing_empty(at_box(from, box, pane, 1.1F), box, {scene.scene->low, scene.scene->high}, pane.aspect());
}

/// The embedding of the Machine: all words of the run, their sheets, and at the right, where there is room, how it goes on.
render::Camera at_embedding(const ViewScene& scene, const Pane& pane) {
  const render::Camera from = angled(0.06F, 0.2F);
  ViewScene::Box box = scene.blocks.front();
  if (scene.tokens.low.x >= scene.tokens.high.x) return at_end(from, box, scene, pane);  // without a run there are no words
  constexpr float kAir = 0.15F;
  box.low.x = scene.tokens.low.x - kAir;
  box.high.y = std::max(
      bounds_of_panels(scene, [](const PanelInfo& p) { return !p.tensor.is_weight() && p.tensor.hook.kind == HookKind::PosEmbed; }).high.y,
      scene.tokens.high.y);
  ViewScene::Box page{scene.scene->low, scene.scene->high};
  page.low.x = box.low.x;
  // The whole page stands for the end that stays in sight: its left end is the embedding's own.
  const float head = pane.guides && path_is_shown(pane) ? path_height(pane) / pane.size.y : 0;
  const render::Camera camera = render::fit(from, box.low, box.high, pane.aspect(), 1.05F, pane.foot, head);
  return beside_nothing_empty(camera, page, page, pane.aspect());
}

render::Camera home_from(const ViewScene& scene) {
  if (!scene.home_from) return angled(0, 0.13F);
  render::Camera camera = angled(scene.home_from->yaw, scene.home_from->pitch);
  camera.fov_y = scene.home_from->fov_y;
  return camera;
}

/// The numbers of a head alone could not be read in a low pane, so that it keeps no room for them.
render::Camera at_head_alone(const ViewScene& scene, const Pane& pane) {
  constexpr float kMost = 0.3F;
  ViewScene::Box sheets = scene.home;
  sheets.low.y = scene.title_of_head->sheets_top;
  if (pane_is_low(pane)) {
    constexpr float kAir = 0.04F;  // of a sheet's height
    const ViewScene::Box panels = bounds_of_panels(scene, [](const PanelInfo&) { return true; });
    sheets.high = {std::min(sheets.high.x, panels.high.x + kAir), std::min(sheets.high.y, panels.high.y + kAir), 0};
  }
  const float head = std::min(kMost, height_above_sheets(pane) / pane.size.y);
  render::Camera camera = render::fit(home_from(scene), sheets.low, sheets.high, pane.aspect(), 1.02F, pane.foot, head);
  if (pane.presentation <= 1) return camera;
  // A board with large letters needs the room below the sheets more than they need air above them.
  const float above = render::project(camera, sheets.low, pane.size).y - head * pane.size.y;
  camera.target.y += std::max(0.0F, above) * 2 * std::tan(camera.fov_y / 2) * camera.distance / pane.size.y;
  return camera;
}

/// Where a cube's notes are much of the picture's height, as in a low pane, they have it for themselves, and so have the names of axes.
render::Camera at_home(const ViewScene& scene, const Pane& pane) {
  constexpr float kLittle = 0.15F, kTwice = 1.5F, kMost = 0.26F, kOfNames = 0.55F;
  const float head = std::clamp(kTwice * (height_of_notes(scene, pane, 2) / pane.size.y - kLittle), 0.0F, kMost);
  if (scene.title_of_head) return at_head_alone(scene, pane);
  return render::fit(home_from(scene), scene.home.low, scene.home.high, pane.aspect(), 1.02F, pane.foot + kOfNames * head, head);
}

/// A block of the Stream: of a long text its last rows alone, since its two columns would be a thin line beside all of them.
render::Camera at_columns(const render::Camera& from, const ViewScene& scene, int block, const Pane& pane) {
  constexpr int kMostRows = 16, kLeastRows = 8;
  constexpr float kRowPx = 24;
  ViewScene::Box box = box_of_block(scene, block);
  const int T = static_cast<int>(scene.row_names.size());
  // Its patterns and their title stand below the path.
  const float path = path_is_shown(pane, true) ? path_height(pane) / pane.size.y : 0;
  if (T <= kMostRows) {
    constexpr float kTitlePx = 17, kLow = 300;  // a title that is as small as can be read, in a pane that lets it be no larger
    const float title = pane.size.y < kLow * pane.presentation ? kTitlePx * pane.presentation / pane.size.y : 0;
    return render::fit(from, box.low, box.high, pane.aspect(), 1.02F, pane.foot, std::max(path, title));
  }
  const float head = head_over_tiles(pane), free_px = pane.size.y * (1 - pane.foot - head);
  const int rows = std::clamp(static_cast<int>(free_px / (kRowPx * pane.presentation)), kLeastRows, kMostRows);
  const float last = scene.scene->labels[scene.row_names[static_cast<std::size_t>(T - 1)]].anchor.y,
              first = scene.scene->labels[scene.row_names[static_cast<std::size_t>(T - rows)]].anchor.y;
  constexpr float kHalfTile = 0.6F;
  box.low.y = first - kHalfTile;
  box.high.y = std::max(box.high.y, last + kHalfTile);
  return render::fit(from, box.low, box.high, pane.aspect(), 1.02F, pane.foot, head);
}

}  // namespace

ViewScene::Box part_of_block(const ViewScene& scene, int block, bool attention) {
  const auto [low, high] = bounds_of_panels(scene, [&](const PanelInfo& p) {
    if (p.tensor.is_weight() || p.tensor.hook.layer != block) return false;
    return stands_at(p.tensor.hook.kind, attention ? HookPlace::Attention : HookPlace::Mlp);
  });
  return {{low.x - 0.2F, low.y - 0.25F, 0}, {high.x + 0.1F, high.y + 0.1F, 0}};
}

std::string camera_name(const TensorRef& tensor, int head) { return tensor.name() + (head < 0 ? "" : " " + std::to_string(head)); }

render::Camera camera_for(const ViewScene& scene, int panel, float aspect) {
  const render::Panel& p = scene.scene->panels[static_cast<std::size_t>(panel)];
  const glm::vec3 far = p.origin + p.across + p.down;
  const bool lies = std::abs(p.down.z) > std::abs(p.down.y);
  return render::fit(angled(0.12F, lies ? 0.85F : 0.2F), glm::min(p.origin, far), glm::max(p.origin, far), aspect, 1.35F);
}

render::Camera machine_camera(const CameraName& name, const ViewScene& scene, const Pane& pane) {
  using Kind = CameraName::Kind;
  const ViewScene::Box whole{scene.scene->low, scene.scene->high};
  switch (name.kind) {
    case Kind::Home: return at_home(scene, pane);
    case Kind::Whole:
      if (scene.home_from) return at_home(scene, pane);  // the whole is a cube
      return at_box(home_from(scene), whole, pane, 1.05F);
    case Kind::Front: return at_box(angled(0, 0), whole, pane, 1.05F);
    case Kind::Embedding: return at_embedding(scene, pane);
    case Kind::Logits: return at_end(angled(0.1F, 0.2F), scene.blocks.back(), scene, pane);
    case Kind::Block: {
      const ViewScene::Box& box = box_of_block(scene, name.block);
      // Left of a line's first block is room for the names of its rows.
      const auto begins = [&](const ViewScene::RowLine& l) { return l.y > box.low.y && l.y < box.high.y && l.x < box.low.x + 1; };
      const float side = std::ranges::any_of(scene.row_lines, begins) ? room_of_part(pane, scene.row_texts.size()).side : 0;
      return render::fit(angled(0, 0.17F), box.low, box.high, pane.aspect(), 1.02F, pane.foot, 0, side);
    }
    case Kind::Attention:
    case Kind::Mlp: {
      const bool attention = name.kind == Kind::Attention;
      return at_part(angled(0.08F, 0.24F), part_of_block(scene, name.block, attention), pane, 1.04F,
                     attention ? scene.row_texts.size() : 0);
    }
    case Kind::Tensor: return at_tensor(scene, name, pane);
    case Kind::Work: return at_work(scene, pane).value_or(at_home(scene, pane));
    case Kind::Head: break;
  }
  return at_tensor(scene, pattern_of(name), pane);
}

render::Camera stream_camera(const CameraName& name, const ViewScene& scene, const Pane& pane) {
  using Kind = CameraName::Kind;
  const render::Camera reading = angled(0.08F, 0.04F);  // nearly from the front, so that words can be read
  const ViewScene::Box whole{scene.scene->low, scene.scene->high};
  switch (name.kind) {
    case Kind::Home: {
      // The strip of the titles stands below the path, which is there where not all rows are seen.
      const bool all = scene.home.low.y <= whole.low.y && scene.home.high.y >= whole.high.y;
      const float head = !all && path_is_shown(pane, true) ? path_height(pane) / pane.size.y : 0;
      return render::fit(reading, scene.home.low, scene.home.high, pane.aspect(), 1.02F, pane.foot, head);
    }
    case Kind::Whole: return at_box(reading, whole, pane, 1.02F);
    case Kind::Front: return at_box(angled(0, 0), whole, pane, 1.05F);
    case Kind::Embedding: return at_end(reading, scene.blocks.front(), scene, pane);
    case Kind::Logits: return at_end(reading, scene.blocks.back(), scene, pane);
    case Kind::Attention: {
      const float head = head_over_tiles(pane);
      constexpr float kKeysPx = 22;  // a line of names below the lowest plates
      const float keys = std::min(0.1F, kKeysPx * pane.presentation / pane.size.y);
      const ViewScene::Box box = plates_of(scene, name.block, pane, head + keys).value_or(box_of_block(scene, name.block));
      const auto camera = render::fit(angled(0, 0), box.low, box.high, pane.aspect(), 1.02F, pane.foot + keys, head);
      return beside_list(camera, scene, name.block, pane);
    }
    case Kind::Block:
    case Kind::Mlp: return at_columns(reading, scene, name.block, pane);
    case Kind::Tensor: return at_tensor(scene, name, pane, true);
    case Kind::Work:
    case Kind::Head: break;
  }
  return at_tensor(scene, pattern_of(name), pane, true);
}

render::Camera SceneBuilder::home(const SceneInput& input, const ViewState& view, const Pane& pane) {
  return info_of(view.view).camera({}, build(input, view, pane), pane);
}

Result<render::Camera> SceneBuilder::camera(const std::string& name, const SceneInput& input, const ViewState& view, const Pane& pane,
                                            float foot) {
  const ViewScene scene = build(input, view, pane);
  Pane framed = pane;
  framed.foot = std::max(pane.foot, foot);
  const ModelConfig& config = input.model->weights->config;
  const auto asked = parse_camera_name(name, config);
  if (asked && is_there(scene, *asked)) return info_of(view.view).camera(*asked, scene, framed);
  return fail(
      ErrorCode::InvalidArgument,
      text("There is no camera \"{0}\"; use home, whole, front, embedding, logits, \"block B\", \"attention B\" or \"MLP B\" with B "
           "from 0 to {1}, \"head B.H\" with H from 0 to {2}, the name of a tensor in the view, or, while an operation is at work, work.",
           name, config.n_layer - 1, config.n_head - 1));
}

}  // namespace gf::scene
