// The Stream's readings of a trace: its lens, the norms of the vectors that each block writes, and the features of a dictionary. A reading
// costs about as much as running the prompt again, so it is made where runs are made and handed to the scene.
#pragma once

#include <memory>
#include <stop_token>

#include "app/scene/scene_builder.h"
#include "app/scene/stream/feature_marks.h"
#include "model/analysis/logit_lens.h"
#include "model/analysis/stream_norms.h"

namespace gf::scene {

/// How many words of the lens a tile's card gives; the tile itself shows the first.
inline constexpr int kLensWords = 5;

struct StreamReading {
  LogitLens lens;  ///< with kLensWords words
  StreamNorms norms;
  std::string lens_name;  ///< of the file that the stream was read through; empty: the logit lens
  std::optional<FeatureMarks> features;
  /// The lens's likeliest word at a node.
  [[nodiscard]] const LogitLens::Token& word(int depth, int position) const;
};
/// Blocks. Errors: NotCaptured (a plan other than default or full), Cancelled, those of read_lens() and feature_marks().
[[nodiscard]] Result<std::shared_ptr<const StreamReading>> read_stream(const Model& model, const Trace& trace,
                                                                       const ReadingThrough& through = {}, std::stop_token stop = {});
/// The input with a reading of each of its traces, through what it says. Readings that it has are kept. Blocks. Errors: as read_stream().
[[nodiscard]] Result<SceneInput> with_readings(SceneInput input, std::stop_token stop = {});

}  // namespace gf::scene
