// The views of a run, each listed once: its names, how its scene is built and where its cameras stand.
#pragma once

#include <span>

#include "app/scene/machine.h"
#include "app/scene/view.h"
#include "model/base/text.h"

namespace gf::scene {

struct MachineState;

/// A camera's name, taken apart: "block 2", "head 4.3".
struct CameraName {
  enum class Kind : std::uint8_t { Home, Whole, Front, Embedding, Logits, Block, Attention, Mlp, Head } kind = Kind::Home;
  int block = -1, head = -1;
};

struct ViewInfo {
  View value;
  const char* name;    ///< in files and on the command line
  const char* title;   ///< a phrase()
  const char* doc;     ///< the same, of one line
  bool needs_reading;  ///< shows what read_stream() finds in a run
  bool ribbons;        ///< draws attention as ribbons, whose width ViewState::ribbons decides
  bool climbs;         ///< Esc flies from a cell to its block and on to the whole; otherwise it lets go of the cell alone
  MachineScene (*build)(MachineState& state, const SceneInput& input, const ViewState& view, const Pane& pane);
  bool (*settled)(const MachineState& state);  ///< nothing of what it shows is still being read
  render::Camera (*camera)(const CameraName& name, const MachineScene& scene, const Pane& pane);
};
[[nodiscard]] std::span<const ViewInfo> views();
[[nodiscard]] const ViewInfo& info_of(View view);
/// The one after it in the list, around the end.
[[nodiscard]] View next_view(View view);

/// The input with what the view reads of a run; what is there already is kept. Blocks. Errors: as read_stream().
[[nodiscard]] Result<SceneInput> read_for(View view, SceneInput input, std::stop_token stop = {});

}  // namespace gf::scene
