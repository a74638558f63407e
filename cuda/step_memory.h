// Memory of a step: rows that hooks are computed into, and small things that go to the device for this step alone.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <span>
#include <vector>

#include "cuda/handles.h"

namespace gf::cuda {

/// Buffers by a key, as large as they ever had to be. Growing one waits for the device.
class Workspace {
 public:
  explicit Workspace(Api& api) : api_(api) {}
  /// nullptr after the queue has failed.
  float* floats(Queue& queue, int key, std::size_t count) {
    DeviceBuffer& buffer = buffers_[key];
    if (buffer.bytes() < count * sizeof(float)) {
      buffer = {};
      auto larger = DeviceBuffer::make(api_, count * sizeof(float), phrase("for a prompt of this length"));
      if (!larger) {
        queue.fail(std::move(larger.error()));
        return nullptr;
      }
      buffer = std::move(*larger);
    }
    return buffer.as<float>();
  }

 private:
  Api& api_;
  std::map<int, DeviceBuffer> buffers_;
};

/// Hands out memory from large pieces and takes all of it back at once.
template <bool kPinned>
class Pieces {
 public:
  explicit Pieces(Api& api) : api_(api) {}
  /// 256-byte aligned; nullptr after the queue has failed.
  std::byte* take(Queue& queue, std::size_t bytes) {
    const std::size_t rounded = (bytes + 255) / 256 * 256;
    while (piece_ < pieces_.size() && used_ + rounded > pieces_[piece_].bytes()) ++piece_, used_ = 0;
    if (piece_ == pieces_.size()) {
      auto more = Buffer<kPinned>::make(api_, std::max(rounded, kPieceBytes), phrase("for this step"));
      if (!more) {
        queue.fail(std::move(more.error()));
        return nullptr;
      }
      pieces_.push_back(std::move(*more));
    }
    std::byte* memory = pieces_[piece_].template as<>() + used_;
    used_ += rounded;
    return memory;
  }
  void reset() { piece_ = used_ = 0; }

 private:
  static constexpr std::size_t kPieceBytes = std::size_t{256} << 10;
  Api& api_;
  std::vector<Buffer<kPinned>> pieces_;
  std::size_t piece_ = 0, used_ = 0;
};

/// What goes to the device for one step: reset it when the step is over and the device has done with it.
class StepMemory {
 public:
  explicit StepMemory(Api& api) : device_(api), pinned_(api) {}
  template <class T>
  T* take(Queue& queue, std::size_t count) {
    return reinterpret_cast<T*>(device_.take(queue, count * sizeof(T)));
  }
  /// `values` on the device, as soon as the queue gets there; nullptr if there are none.
  template <class T>
  const T* put(Queue& queue, std::span<const T> values) {
    if (values.empty()) return nullptr;
    T* to = take<T>(queue, values.size());
    if (to != nullptr) upload(queue, to, values.data(), values.size_bytes());
    return to;
  }
  /// Through pinned memory: `from` may change at once.
  void upload(Queue& queue, void* to, const void* from, std::size_t bytes) {
    std::byte* staged = pinned_.take(queue, bytes);
    if (staged == nullptr) return;
    std::memcpy(staged, from, bytes);
    queue.upload(to, staged, bytes);
  }
  /// Waits for the device. For what cannot go on without the values.
  void download(Queue& queue, void* to, const void* from, std::size_t bytes) {
    std::byte* staged = pinned_.take(queue, bytes);
    if (staged == nullptr) return;
    queue.download(staged, from, bytes);
    queue.finish();
    if (queue.result()) std::memcpy(to, staged, bytes);
  }
  void reset() {
    device_.reset();
    pinned_.reset();
  }

 private:
  Pieces<false> device_;
  Pieces<true> pinned_;
};

}  // namespace gf::cuda
