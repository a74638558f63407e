// An Api that measures another one while it is asked to: how long each kernel and matrix product took, by events around
// it, with what it had to move and compute. Otherwise it hands every call on.
#pragma once

#include <memory>
#include <vector>

#include "cuda/cuda_api.h"
#include "cuda/kernel_cost.h"
#include "model/pass_times.h"

namespace gf::cuda {

/// Events make the device wait a little between kernels, so a measured step takes longer than others.
class TimedApi final : public Api {
 public:
  explicit TimedApi(std::unique_ptr<Api> api) : api_(std::move(api)) {}
  ~TimedApi() override;
  TimedApi(const TimedApi&) = delete;
  TimedApi& operator=(const TimedApi&) = delete;

  /// Measures what goes to the stream from here on.
  Status start(Stream stream);
  /// Ends that: `ms` from start to the end of what was queued, `operations` by kernel in the order in which they came first,
  /// and the device's limits. Waits for the stream.
  Status stop(Stream stream, PassTimes* times);
  /// Ends that without an answer.
  void forget() { is_on_ = false; }

  Status card(Card& card) override { return api_->card(card); }
  const char* last_error() const override { return api_->last_error(); }
  Status allocate(std::size_t bytes, void** memory) override { return api_->allocate(bytes, memory); }
  void release(void* memory) override { api_->release(memory); }
  Status allocate_pinned(std::size_t bytes, void** memory) override { return api_->allocate_pinned(bytes, memory); }
  void release_pinned(void* memory) override { api_->release_pinned(memory); }
  Status upload(void* to, const void* from, std::size_t bytes, Stream stream) override { return api_->upload(to, from, bytes, stream); }
  Status download(void* to, const void* from, std::size_t bytes, Stream stream) override { return api_->download(to, from, bytes, stream); }
  Status copy(void* to, const void* from, std::size_t bytes, Stream stream) override { return api_->copy(to, from, bytes, stream); }
  Status fill(void* to, int byte, std::size_t bytes, Stream stream) override { return api_->fill(to, byte, bytes, stream); }
  Status create_stream(Stream* stream) override { return api_->create_stream(stream); }
  void destroy_stream(Stream stream) override { api_->destroy_stream(stream); }
  Status synchronize(Stream stream) override { return api_->synchronize(stream); }
  Status create_event(const char* name, Event* event) override { return api_->create_event(name, event); }
  void destroy_event(Event event) override { api_->destroy_event(event); }
  Status record(Event event, Stream stream) override { return api_->record(event, stream); }
  Status wait(Stream stream, Event event) override { return api_->wait(stream, event); }
  Status synchronize(Event event) override { return api_->synchronize(event); }
  Status elapsed_ms(Event from, Event to, float* ms) override { return api_->elapsed_ms(from, to, ms); }
  Status launch(Kernel kernel, Grid grid, unsigned threads, std::size_t shared_bytes, Stream stream, const void* args,
                std::size_t args_bytes) override;
  Status gemm(const Gemm& gemm, Stream stream) override;

 private:
  struct Interval {
    const char* what;
    Event from, to;
    Cost cost;
  };
  Status make(Interval* interval);
  template <class Call>
  Status measure(const char* what, Cost cost, Stream stream, Call call);

  std::unique_ptr<Api> api_;
  Interval whole_{};
  std::vector<Interval> intervals_;  ///< the first used_ are of this measurement; all own their events
  std::size_t used_ = 0;
  bool is_on_ = false;
};

}  // namespace gf::cuda
