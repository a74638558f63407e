// Keys and values of one sequence on the device, and which of a trace's chunks they are.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "cuda/step_memory.h"
#include "model/trace_writer.h"

namespace gf::cuda {

/// Rows [n_ctx, d_model] for each block. A trace that goes on where the last one ended finds its rows here. Of any other trace
/// the chunks that differ are uploaded.
class KvCache {
 public:
  static Result<std::unique_ptr<KvCache>> make(Api& api, const ModelConfig& config);
  [[nodiscard]] float* k(int block) const { return memory_[static_cast<std::size_t>(block)][0].as<float>(); }
  [[nodiscard]] float* v(int block) const { return memory_[static_cast<std::size_t>(block)][1].as<float>(); }

  /// Queues the uploads that rows [0, rows) of the block need.
  void prepare(Queue& queue, StepMemory& memory, const TraceWriter& writer, int block, int rows);
  /// Rows [0, rows) of the block are now those of the writer's chunks.
  void remember(const TraceWriter& writer, int block, int rows);
  void forget();

 private:
  struct Resident {
    std::weak_ptr<const Chunk> chunk;  ///< weak: its memory may go, but not be mistaken for a later chunk's
    int rows = 0;
  };
  std::size_t width_ = 0;
  std::vector<std::array<DeviceBuffer, 2>> memory_;
  std::vector<std::array<std::vector<Resident>, 2>> resident_;
};

}  // namespace gf::cuda
