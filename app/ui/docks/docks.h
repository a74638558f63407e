// The list of docks: app/document/docks.def with the functions that make them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gf::doc {
class Lab;
}
namespace gf::lessons {
class Player;
}

namespace gf::ui {

class ActionRunner;
class Dock;
struct DockInfo;

enum class DockPlace : std::uint8_t { Left, LeftTab, Right, RightTab };
enum class DockNeeds : std::uint8_t { Nothing, Model, Run };

/// What docks read and change. All of it lives as long as the window.
struct DockContext {
  doc::Lab& lab;
  lessons::Player& player;
  ActionRunner& runner;
};

struct DockInfo {
  const char* id;
  const char* title;  ///< a phrase()
  const char* about;  ///< a phrase()
  DockPlace place;
  DockNeeds needs;
  Dock* (*make)(const DockInfo& info, const DockContext& context);
};
[[nodiscard]] std::span<const DockInfo> docks();
/// null: no dock has that id.
[[nodiscard]] const DockInfo* find_dock(std::string_view id);

// Each is defined in ID_dock.cpp.
#define GF_DOCK(id, title, about, place, needs) Dock* make_##id##_dock(const DockInfo& info, const DockContext& context);
#include "app/document/docks.def"
#undef GF_DOCK

}  // namespace gf::ui
