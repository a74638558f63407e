#include "app/scene/edge_names.h"

#include <algorithm>
#include <utility>

#include "app/scene/sheet_naming.h"

namespace gf::scene {

std::vector<EdgeName> edge_names(const ViewScene& scene, const SceneInput& input, const SheetInFocus& focus, const render::Projection& view,
                                 glm::vec3 target, const EdgeRoom& room) {
  if (focus.panel < 0 || !scene.scene->panels[static_cast<std::size_t>(focus.panel)].source) return {};
  const std::vector<SeenPlate> plates = plates_on_screen(scene, view);
  SheetNaming sheet(scene, input, focus, view, target, room, plates);
  std::vector<EdgeName> names = sheet.all();
  std::vector<std::pair<int, SheetNaming::Keys>> left_out;  // panels not all of whose keys are named
  const auto note_later = [&](int panel, const SheetNaming::Keys& keys) {
    if (keys.named > 0 && keys.named < keys.all) left_out.emplace_back(panel, keys);
  };
  note_later(focus.panel, sheet.named_keys());
  // The other patterns carry their keys as well.
  EdgeRoom left = room;
  for (const EdgeName& name : names) left.taken.push_back(name.box);
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    if (scene.panels[i].mapping != PanelInfo::Mapping::Causal || static_cast<int>(i) == focus.panel) continue;
    const render::Panel& plate = scene.scene->panels[i];
    const glm::vec3 foot = view.pixel(plate.origin + plate.across * 0.5F + plate.down);
    if (foot.z <= 0 || foot.x < room.free.low.x || foot.x > room.free.high.x || foot.y < room.free.low.y || foot.y > room.free.high.y)
      continue;
    const SheetInFocus other{static_cast<int>(i)};
    SheetNaming naming(scene, input, other, view, target, left, plates);
    for (EdgeName& name : naming.keys()) {
      left.taken.push_back(name.box);
      names.push_back(std::move(name));
    }
    note_later(other.panel, naming.named_keys());
  }
  // Beside one of them the picture says how many are named.
  for (const auto& [panel, keys] : left_out) {
    const SheetInFocus of{panel};
    auto note = SheetNaming(scene, input, of, view, target, left, plates).note_of_keys(names, keys);
    if (!note) continue;
    names.push_back(*std::move(note));
    break;
  }
  return names;
}

bool stand_beside(std::span<const EdgeName> names, std::span<const ScreenBox> taken) {
  return std::ranges::none_of(names, [&](const EdgeName& name) {
    return std::ranges::any_of(taken, [air = SheetNaming::with_air(name.box)](const ScreenBox& other) { return air.meets(other); });
  });
}

}  // namespace gf::scene
