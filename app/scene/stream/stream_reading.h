// What the Stream shows beside the values of a trace: its logit lens, and the lengths of what is written. Costs about
// as much as running the prompt again, so it is made where runs are made and handed to the scene.
#pragma once

#include <memory>
#include <stop_token>

#include "app/scene/machine.h"
#include "model/analysis/logit_lens.h"
#include "model/analysis/stream_norms.h"

namespace gf::scene {

struct StreamReading {
  LogitLens lens;
  StreamNorms norms;
};
/// Blocks. Errors: NotCaptured (a plan other than default or full), Cancelled.
[[nodiscard]] Result<std::shared_ptr<const StreamReading>> read_stream(const Model& model, const Trace& trace, std::stop_token stop = {});
/// The input with a reading of each of its runs; those that are there are kept. Blocks. Errors: as read_stream().
[[nodiscard]] Result<SceneInput> with_readings(SceneInput input, std::stop_token stop = {});

}  // namespace gf::scene
