// Owners of device memory, pinned memory, streams and events; and the queue that a forward pass gives its work to.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "cuda/args.h"
#include "cuda/cuda_api.h"
#include "model/base/error.h"
#include "model/base/text.h"

namespace gf::cuda {

/// `what`, from phrase(), says what was being done: "to make a stream". Codes: OutOfMemory, Device.
[[nodiscard]] inline Error device_error(const Api& api, Status status, std::string_view what) {
  const std::string reason = api.last_error();
  const std::string doing = reason.empty() ? text(what) : text("{0} ({1})", text(what), reason);
  if (status == Status::OutOfMemory) return {ErrorCode::OutOfMemory, text("the GPU has too little memory {0}", doing), "cuda"};
  return {ErrorCode::Device, text("the GPU failed {0}", doing), "cuda"};
}

/// Memory of the device, or pinned memory of the host, and the Api that it goes back to. Letting go waits for the device.
template <bool kPinned>
class Buffer {
 public:
  Buffer() = default;
  ~Buffer() { reset(); }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    reset();
    swap(other);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  static Result<Buffer> make(Api& api, std::size_t bytes, std::string_view what) {
    Buffer b;
    const Status status = kPinned ? api.allocate_pinned(bytes, &b.memory_) : api.allocate(bytes, &b.memory_);
    if (status != Status::Ok) {
      b.memory_ = nullptr;
      return tl::unexpected(device_error(api, status, what));
    }
    b.api_ = &api;
    b.bytes_ = bytes;
    return b;
  }

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  template <class T = std::byte>
  [[nodiscard]] T* as() const {
    return static_cast<T*>(memory_);
  }

 private:
  void swap(Buffer& other) noexcept {
    std::swap(api_, other.api_);
    std::swap(memory_, other.memory_);
    std::swap(bytes_, other.bytes_);
  }
  void reset() {
    if (memory_ != nullptr) kPinned ? api_->release_pinned(memory_) : api_->release(memory_);
    memory_ = nullptr;
    bytes_ = 0;
  }
  Api* api_ = nullptr;
  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
};
using DeviceBuffer = Buffer<false>;
using PinnedBuffer = Buffer<true>;

/// A stream or an event.
template <class Kind>
class Handle {
 public:
  explicit Handle(Api& api) : api_(&api) {}
  ~Handle() {
    if constexpr (std::is_same_v<Kind, Stream>) api_->destroy_stream(kind_);
    else api_->destroy_event(kind_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  [[nodiscard]] Kind get() const { return kind_; }
  Kind* out() { return &kind_; }

 private:
  Api* api_;
  Kind kind_;
};

/// Work for one stream. The queue keeps the first failure and drops all work after it, so that a forward pass needs to look at
/// result() only once a block. Nothing here synchronises but finish().
class Queue {
 public:
  Queue(Api& api, Stream stream) : api_(api), stream_(stream) {}

  template <class Args>
  void launch(Kernel kernel, Grid grid, unsigned threads, std::size_t shared_bytes, const Args& args) {
    note(api_.launch(kernel, grid, threads, shared_bytes, stream_, &args, sizeof(Args)));
  }
  void gemm(const Gemm& g) { note(api_.gemm(g, stream_)); }
  void copy(float* to, const float* from, std::size_t floats) { note(api_.copy(to, from, floats * sizeof(float), stream_)); }
  void upload(void* to, const void* pinned, std::size_t bytes) { note(api_.upload(to, pinned, bytes, stream_)); }
  void download(void* pinned, const void* from, std::size_t bytes) { note(api_.download(pinned, from, bytes, stream_)); }
  void record(Event event) { note(api_.record(event, stream_)); }
  void wait(Event event) { note(api_.wait(stream_, event)); }
  /// The calling thread waits for all that was queued.
  void finish() { note(api_.synchronize(stream_)); }

  void fail(Error error) {
    if (result_) result_ = tl::unexpected(std::move(error));
  }
  [[nodiscard]] const Result<void>& result() const { return result_; }
  [[nodiscard]] Api& api() { return api_; }

 private:
  void note(Status status) {
    if (status != Status::Ok && result_) result_ = tl::unexpected(device_error(api_, status, phrase("while it computed")));
  }
  Api& api_;
  Stream stream_;
  Result<void> result_;
};

}  // namespace gf::cuda
