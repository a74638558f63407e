#include "app/ui/docks/docks.h"

#include <algorithm>
#include <string>

#include "model/base/text.h"

namespace gf::ui {

std::span<const DockInfo> docks() {
  static constexpr DockInfo kDocks[] = {
#define GF_DOCK(id, title, about, place, needs) {#id, title, about, DockPlace::place, DockNeeds::needs, make_##id##_dock},
#include "app/document/docks.def"
#undef GF_DOCK
  };
  return kDocks;
}

const DockInfo* find_dock(std::string_view id) {
  const auto all = docks();
  std::string word(id);  // people write two-prompts
  std::ranges::replace(word, '-', '_');
  const auto found = std::ranges::find_if(all, [&](const DockInfo& dock) { return word == dock.id; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace gf::ui
