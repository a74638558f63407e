// The Api without a device: kernels run on the executor, and everything that CUDA leaves open is decided by a seed.
// Streams go on in any order that their events allow, memory that was never written or was given back holds NaN, and a
// copy to the host happens only when the program waits for it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "cuda/host/executor.h"

namespace gf::cuda::host {

struct Totals {
  std::uint64_t launches = 0, bytes_read = 0, bytes_written = 0, flops = 0;
};

class HostApi final : public Api {
 public:
  struct Options {
    unsigned seed = 1;
    std::size_t memory_bytes = std::size_t{64} << 20;
    bool check_races = true;
    bool compute_products = true;  ///< false: gemm only counts, and writes zeros
    bool own_products = false;     ///< gemm launches Kernel::product, as on a GPU without cuBLAS
  };
  explicit HostApi(Options options);
  ~HostApi() override;

  // For tests:
  Executor& executor() { return executor_; }
  /// Waits for events of this name are left out: of streams, or of the calling thread.
  void leave_out_waits(std::string event, bool of_host) { left_out_ = {std::move(event), of_host}; }
  /// {event, whether the calling thread waits for it}, as far as it was waited for.
  [[nodiscard]] const std::set<std::pair<std::string, bool>>& waits_seen() const { return waits_; }
  /// The call after `calls` more of them fails with `status`, and Lost stays.
  void fail_after(int calls, Status status) { calls_left_ = calls, failure_ = status; }
  /// By kernel; "gemm" and "copies" too.
  [[nodiscard]] const std::map<std::string, Totals>& totals() const { return totals_; }
  void reset_totals() { totals_.clear(); }

  Status card(Card& card) override;
  const char* last_error() const override { return error_.c_str(); }
  Status allocate(std::size_t bytes, void** memory) override;
  void release(void* memory) override;
  Status allocate_pinned(std::size_t bytes, void** memory) override;
  void release_pinned(void* memory) override;
  Status upload(void* to, const void* from, std::size_t bytes, Stream stream) override;
  Status download(void* to, const void* from, std::size_t bytes, Stream stream) override;
  Status copy(void* to, const void* from, std::size_t bytes, Stream stream) override;
  Status fill(void* to, int byte, std::size_t bytes, Stream stream) override;
  Status create_stream(Stream* stream) override;
  void destroy_stream(Stream stream) override;
  Status synchronize(Stream stream) override;
  Status create_event(const char* name, Event* event) override;
  void destroy_event(Event event) override;
  Status record(Event event, Stream stream) override;
  Status wait(Stream stream, Event event) override;
  Status synchronize(Event event) override;
  /// A launch or a product takes one millisecond: the executor's own time would say nothing.
  Status elapsed_ms(Event from, Event to, float* ms) override;
  Status launch(Kernel kernel, Grid grid, unsigned threads, std::size_t shared_bytes, Stream stream, const void* args,
                std::size_t args_bytes) override;
  Status gemm(const Gemm& gemm, Stream stream) override;

 private:
  struct EventState {
    std::string name;
    std::uint64_t recorded = 0, reached = 0;
    std::uint64_t clock = 0;  ///< when it was reached last
  };
  struct Work {
    std::function<void()> act;
    EventState* awaited = nullptr;  ///< goes no further before this one has reached `ticket`
    std::uint64_t ticket = 0;
  };
  using Queue = std::deque<Work>;
  static Queue& of(Stream stream) { return *static_cast<Queue*>(stream.value); }
  static EventState& of(Event event) { return *static_cast<EventState*>(event.value); }

  Status check();
  Status fail(Status status, std::string why);
  void push(Stream stream, std::function<void()> act) { of(stream).push_back({std::move(act)}); }
  /// Takes one step in some stream that can take one.
  void step();
  template <class Done>
  void run_until(Done done);
  [[nodiscard]] bool is_pinned(const void* at, std::size_t bytes) const;
  void count(const std::string& what, std::uint64_t read, std::uint64_t written, std::uint64_t flops);
  void compute(const Gemm& g);

  Options options_;
  Memory memory_;
  Executor executor_;
  std::mt19937 random_;
  std::vector<std::unique_ptr<Queue>> streams_;
  std::vector<std::unique_ptr<EventState>> events_;
  std::map<std::byte*, std::vector<std::byte>> pinned_;
  std::map<std::string, Totals> totals_;
  std::set<std::pair<std::string, bool>> waits_;
  std::pair<std::string, bool> left_out_;
  Queue* favourite_ = nullptr;
  Status status_ = Status::Ok, failure_ = Status::Ok;
  std::string error_;
  int calls_left_ = -1;
  std::uint64_t clock_ = 0;
};

}  // namespace gf::cuda::host
