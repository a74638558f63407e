#include "app/scene/subject.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/scene/builder_state.h"
#include "app/scene/guides.h"
#include "app/scene/pointed.h"
#include "app/scene/sheet_in_focus.h"
#include "app/scene/views.h"

namespace gf::scene {
namespace {

using CameraKind = CameraName::Kind;

constexpr float kFar = 1e6F;
constexpr float kBesideMlp = 0.15F;  // of what part_of_block() leaves left of the MLP

/// How far a camera is from another, as a share of what that shows.
float away_from(const render::Camera& own, const render::Camera& camera) {
  const float high = 2 * std::tan(own.fov_y / 2) * own.distance;
  return std::max({glm::length(own.target - camera.target) / high, std::abs(std::log(camera.distance / own.distance)),
                   std::abs(own.yaw - camera.yaw), std::abs(own.pitch - camera.pitch)});
}

glm::vec3 middle_of(const render::Line& line) {
  return line.points.empty() ? glm::vec3(kFar) : (line.points.front() + line.points[line.points.size() / 2]) * 0.5F;
}

/// The plates of a block, or one of them; nullopt: the run did not keep them.
std::optional<ViewScene::Box> plates_of_block(const ViewScene& scene, int block, int head) {
  ViewScene::Box box{glm::vec3(kFar), glm::vec3(-kFar)};
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const PanelInfo& info = scene.panels[i];
    if (info.tensor.is_weight() || info.tensor.hook != HookId{HookKind::Pattern, block} || (head >= 0 && info.head != head)) continue;
    const render::Panel& plate = scene.scene->panels[i];
    box.low = glm::min(box.low, plate.origin);
    box.high = glm::max(box.high, plate.origin + plate.across + plate.down);
  }
  return box.low.x < box.high.x ? std::optional(box) : std::nullopt;
}

std::optional<ViewScene::Box> box_of_subject(const CameraName& name, const ViewScene& scene, bool tiles) {
  switch (name.kind) {
    case CameraKind::Block: return scene.blocks[static_cast<std::size_t>(name.block) + 1];
    case CameraKind::Attention:
    case CameraKind::Mlp: {
      const ViewScene::Box& block = scene.blocks[static_cast<std::size_t>(name.block) + 1];
      if (tiles) return name.kind == CameraKind::Mlp ? block : plates_of_block(scene, name.block, -1);
      ViewScene::Box part = part_of_block(scene, name.block, name.kind == CameraKind::Attention);
      if (part.low.x > part.high.x) return std::nullopt;
      // Attention ends where the MLP begins, whose LayerNorm stands below the slab that attention adds to.
      if (const ViewScene::Box mlp = part_of_block(scene, name.block, false); name.kind == CameraKind::Attention && mlp.low.x > part.low.x)
        part.high.x = std::min(part.high.x, mlp.low.x + kBesideMlp);
      part.low.y = std::min(part.low.y, block.low.y);  // the stream that it reads stands above it
      part.high.y = std::max(part.high.y, block.high.y);
      return part;
    }
    case CameraKind::Head: return plates_of_block(scene, name.block, name.head);
    case CameraKind::Embedding: {
      ViewScene::Box box = scene.blocks.front();
      box.low.x = -kFar;  // the words
      if (!tiles) box.low.y = -kFar, box.high.y = kFar;
      return box;
    }
    case CameraKind::Logits: {
      ViewScene::Box box = scene.blocks.back();
      box.high.x = kFar;
      return box;
    }
    default: return std::nullopt;
  }
}

/// Whether something that is marked, selected or at work lies beside it.
bool speaks_of_more(const ViewScene& scene, const Subject& subject, const ViewState& view) {
  if (scene.focus &&
      std::ranges::any_of(scene.focus->lines, [&](const render::Line& lit) { return lit.on_top && !subject.has(middle_of(lit)); }))
    return true;
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    if (subject.has(scene.scene->panels[i])) continue;
    const auto is_of = [&](const CellRef& cell) { return is_marked(scene.panels[i], cell); };
    if (std::ranges::any_of(view.highlights, is_of)) return true;
    if (view.selection && scene.panels[i].tensor == view.selection->tensor && is_of(*view.selection)) return true;
  }
  return false;
}

}  // namespace

std::optional<Subject> subject_of(const ViewScene& scene, const render::Camera& camera, const Pane& pane, const ViewState& view) {
  constexpr float kGone = 0.12F, kPale = 0.84F;
  if (scene.blocks.empty()) return std::nullopt;
  const ViewInfo& info = info_of(view.view);
  const std::size_t middle = block_in_middle(scene, camera, pane);
  const int block = static_cast<int>(middle) - 1;
  // In a wide window the middle of the picture belongs to what stands beside an end of the model.
  std::vector<CameraName> names{{CameraKind::Embedding}, {CameraKind::Logits}};
  if (block >= 0 && middle + 1 < scene.blocks.size())
    names.insert(names.end(), {{CameraKind::Block, block}, {CameraKind::Attention, block}, {CameraKind::Mlp, block}});
  if (const int sheet = sheet_in_middle(scene, camera, pane); sheet >= 0) {
    const PanelInfo& plate = scene.panels[static_cast<std::size_t>(sheet)];
    if (plate.mapping == PanelInfo::Mapping::Causal && plate.tensor.hook.kind == HookKind::Pattern)
      names.push_back({CameraKind::Head, plate.tensor.hook.layer, plate.head});
  }
  std::optional<Subject> found;
  float least = kGone;
  for (const CameraName& name : names) {
    const auto box = box_of_subject(name, scene, info.tiles);
    const float away = box ? away_from(info.camera(name, scene, pane), camera) : kGone;
    if (!(away < least)) continue;
    least = away;
    const float t = away / kGone;
    found = Subject{*box, name.block, kPale * (1 - t * t * (3 - 2 * t))};
  }
  if (!found) return std::nullopt;
  // In a small pane the camera of an end of the model is much the same as that of the whole model, which has nothing beside it.
  for (const CameraKind all : {CameraKind::Home, CameraKind::Whole}) {
    const float from_all = away_from(info.camera({all}, scene, pane), camera);
    if (from_all <= least) return std::nullopt;
    found->pale *= std::min(1.0F, 2 * (from_all - least) / from_all);
  }
  if (found && speaks_of_more(scene, *found, view)) return std::nullopt;
  return found;
}

void make_pale(render::Scene& drawn, const ViewScene& scene, const Subject& subject, std::size_t labels) {
  const float left = 1 - subject.pale;
  // Patterns over the blocks beside one of the Stream reach into its columns.
  std::vector<ViewScene::Box> beside;
  for (std::size_t i = 0; i < drawn.panels.size(); ++i) {
    render::Panel& panel = drawn.panels[i];
    const bool pattern = i < scene.panels.size() && scene.panels[i].mapping == PanelInfo::Mapping::Causal;
    const bool of_other = pattern && subject.block >= 0 && scene.panels[i].tensor.hook.layer != subject.block;
    if (of_other) beside.push_back({panel.origin, panel.origin + panel.across + panel.down});
    if (of_other || !subject.has(panel)) panel.alpha *= left;
  }
  const auto is_beside = [&](glm::vec3 at) {
    const auto has = [at](const ViewScene::Box& box) {
      return at.x >= box.low.x && at.y >= box.low.y && at.x <= box.high.x && at.y <= box.high.y;
    };
    return !subject.has(at) || std::ranges::any_of(beside, has);
  };
  // Behind those of the scene stand the board's, which is none of its parts.
  for (std::size_t i = 0; i < scene.scene->ribbons.size(); ++i) {
    render::Ribbon& ribbon = drawn.ribbons[i];
    if (!subject.has((ribbon_point(ribbon, 0.5F, false) + ribbon_point(ribbon, 0.5F, true)) * 0.5F))
      ribbon.color.a *= left, ribbon.color_end.a *= left;
  }
  for (std::size_t i = 0; i < scene.scene->lines.size(); ++i)
    if (!subject.has(middle_of(drawn.lines[i]))) drawn.lines[i].color.a *= left;
  // The names of the subject's rows stand left of its line, and titles above it.
  std::vector<bool> stays(labels, false);
  for (const std::size_t index : scene.row_names)
    if (const float y = scene.scene->labels[index].anchor.y; y >= subject.box.low.y && y <= subject.box.high.y) stays[index] = true;
  for (const std::size_t index : scene.column_names)
    if (const float x = scene.scene->labels[index].anchor.x; x >= subject.box.low.x && x <= subject.box.high.x) stays[index] = true;
  for (const ViewScene::Title& title : scene.titles)
    if (subject.block >= 0 && title.block == subject.block) stays[title.label] = true;
  for (std::size_t i = 0; i < labels; ++i)
    if (!stays[i] && is_beside(drawn.labels[i].anchor)) drawn.labels[i].alpha *= left;
  // A tag is read wherever it stands, so that it would seem to belong to the subject.
  for (const std::size_t index : scene.kept_whole)
    if (!subject.has(scene.scene->labels[index].anchor)) drawn.labels[index].alpha *= left * left;
}

}  // namespace gf::scene
