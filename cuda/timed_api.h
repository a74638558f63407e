// An Api that measures another one: how long each kernel and matrix product took, by events around it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cuda/cuda_api.h"

namespace gf::cuda {

struct KernelTime {
  int launches = 0;
  double ms = 0;
};

/// Events make the device wait a little between kernels, so the sum is above the time of an unmeasured run.
class TimedApi final : public Api {
 public:
  explicit TimedApi(std::unique_ptr<Api> api) : api_(std::move(api)) {}
  ~TimedApi() override;
  TimedApi(const TimedApi&) = delete;
  TimedApi& operator=(const TimedApi&) = delete;

  /// Time by kernel since the last call. Call it when the device has nothing left to do.
  Status take(std::map<std::string, KernelTime>* times);

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
  };
  template <class Call>
  Status measure(const char* what, Stream stream, Call call);

  std::unique_ptr<Api> api_;
  std::vector<Interval> intervals_;  ///< the first used_ are of this measurement; all own their events
  std::size_t used_ = 0;
};

}  // namespace gf::cuda
