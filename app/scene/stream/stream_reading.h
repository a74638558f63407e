// The Stream's readings of a trace: its logit lens, and the norms of the vectors that each block writes. A reading costs about
// as much as running the prompt again, so it is made where runs are made and handed to the scene.
#pragma once

#include <memory>
#include <stop_token>

#include "app/scene/scene_builder.h"
#include "model/analysis/logit_lens.h"
#include "model/analysis/stream_norms.h"

namespace gf::scene {

/// How many words of the lens a tile's card gives; the tile itself shows the first.
inline constexpr int kLensWords = 5;

struct StreamReading {
  LogitLens lens;  ///< with kLensWords words
  StreamNorms norms;
  /// The lens's likeliest word at a node.
  [[nodiscard]] const LogitLens::Token& word(int depth, int position) const;
};
/// Blocks. Errors: NotCaptured (a plan other than default or full), Cancelled.
[[nodiscard]] Result<std::shared_ptr<const StreamReading>> read_stream(const Model& model, const Trace& trace, std::stop_token stop = {});
/// The input with a reading of each of its traces. Readings that it has are kept. Blocks. Errors: as read_stream().
[[nodiscard]] Result<SceneInput> with_readings(SceneInput input, std::stop_token stop = {});

}  // namespace gf::scene
