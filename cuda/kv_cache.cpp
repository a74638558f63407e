#include "cuda/kv_cache.h"

namespace gf::cuda {

namespace {
constexpr HookKind kCachedKinds[] = {HookKind::K, HookKind::V};
}  // namespace

Result<std::unique_ptr<KvCache>> KvCache::make(Api& api, const ModelConfig& config) {
  auto cache = std::make_unique<KvCache>();
  cache->width_ = static_cast<std::size_t>(config.d_model);
  cache->resident_.resize(static_cast<std::size_t>(config.n_layer));
  cache->memory_.resize(static_cast<std::size_t>(config.n_layer));
  for (auto& block : cache->memory_)
    for (DeviceBuffer& buffer : block) {
      GF_TRY_ASSIGN(buffer, DeviceBuffer::make(api, static_cast<std::size_t>(config.n_ctx) * cache->width_ * sizeof(float),
                                               phrase("for keys and values of a whole context")));
    }
  return cache;
}

void KvCache::prepare(Queue& queue, StepMemory& memory, const TraceWriter& writer, int block, int rows) {
  for (std::size_t i = 0; i < 2; ++i) {
    const auto chunks = writer.chunks({kCachedKinds[i], block});
    auto& resident = resident_[static_cast<std::size_t>(block)][i];
    for (int first = 0; first < rows; first += kChunkRows) {
      const auto c = static_cast<std::size_t>(first / kChunkRows);
      const int needed = std::min(kChunkRows, rows - first);
      if (c < resident.size() && resident[c].rows >= needed && resident[c].chunk.lock() == chunks[c]) continue;
      float* const to = memory_[static_cast<std::size_t>(block)][i].as<float>() + static_cast<std::size_t>(first) * width_;
      memory.upload(queue, to, chunks[c]->data(), static_cast<std::size_t>(needed) * width_ * sizeof(float));
    }
  }
}

void KvCache::remember(const TraceWriter& writer, int block, int rows) {
  for (std::size_t i = 0; i < 2; ++i) {
    const auto chunks = writer.chunks({kCachedKinds[i], block});
    auto& resident = resident_[static_cast<std::size_t>(block)][i];
    resident.clear();
    for (int first = 0; first < rows; first += kChunkRows)
      resident.push_back({chunks[static_cast<std::size_t>(first / kChunkRows)], std::min(kChunkRows, rows - first)});
  }
}

void KvCache::forget() {
  for (auto& block : resident_)
    for (auto& list : block) list.clear();
}

}  // namespace gf::cuda
