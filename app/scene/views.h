// The views of a run, each listed once: its names, how its scene is built and where its cameras stand.
#pragma once

#include <span>

#include "app/scene/scene_builder.h"
#include "app/scene/view.h"
#include "model/base/text.h"

namespace gf::scene {

struct BuilderState;

/// A camera's name, taken apart: "block 2", "head 4.3", "blocks.4.attn.hook_q".
struct CameraName {
  enum class Kind : std::uint8_t { Home, Whole, Front, Embedding, Logits, Block, Attention, Mlp, Head, Tensor, Work } kind = Kind::Home;
  int block = -1, head = -1;
  TensorRef tensor = {};
};
/// The name of the camera that shows a tensor, or one head of it; -1: all.
[[nodiscard]] std::string camera_name(const TensorRef& tensor, int head);

struct ViewInfo {
  View value;
  const char* name;    ///< in files and on the command line
  const char* title;   ///< a phrase()
  const char* doc;     ///< a phrase() of one line
  bool needs_reading;  ///< shows the results of read_stream()
  bool ribbons;        ///< draws attention as ribbons, whose width ViewState::ribbons decides
  bool tiles;          ///< a cell of the stream is part of a tile, whose card says what the logit lens reads there
  bool climbs;         ///< Esc flies from a cell to its block and on to the whole; where false, Esc only deselects the cell
  ViewScene (*build)(BuilderState& state, const SceneInput& input, const ViewState& view, const Pane& pane);
  bool (*settled)(const BuilderState& state);  ///< everything that it shows has been read
  render::Camera (*camera)(const CameraName& name, const ViewScene& scene, const Pane& pane);
};
[[nodiscard]] std::span<const ViewInfo> views();
[[nodiscard]] inline std::span<const ViewInfo> names_of(View) { return views(); }
[[nodiscard]] const ViewInfo& info_of(View view);
/// The next one in the list; after the last, the first.
[[nodiscard]] View next_view(View view);

/// The input with the readings that the view needs. Readings that it has are kept. Blocks. Errors: as read_stream().
[[nodiscard]] Result<SceneInput> read_for(View view, SceneInput input, std::stop_token stop = {});

}  // namespace gf::scene
