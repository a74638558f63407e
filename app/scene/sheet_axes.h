// What the rows and the columns of a sheet are, and so how they are named.
#pragma once

#include "app/scene/scene_builder.h"

namespace gf::scene {

/// What the rows of a sheet are, or its columns. `first`: the number of the first one, counted from 0.
struct SheetAxis {
  enum class Kind : std::uint8_t {
    None,       ///< they have no names, such as those of a folded vector
    Position,   ///< named by the run's tokens
    Dimension,  ///< of the residual stream
    OfHeads,    ///< dimensions of one head after the other
    Neuron,
    Word  ///< named by the vocabulary's tokens
  } kind = Kind::None;
  int first = 0;
  friend bool operator==(const SheetAxis&, const SheetAxis&) = default;
};
struct SheetAxes {
  SheetAxis rows, cols;
};
[[nodiscard]] SheetAxes axes_of(const PanelInfo& info, const ModelConfig& config);

}  // namespace gf::scene
