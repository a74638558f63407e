#include "cuda/host/host_api.h"

#include <algorithm>
#include <cstring>

#include "cuda/host/kernels.h"
#include "cuda/launch.h"
#include "model/base/error.h"

namespace gf::cuda::host {

HostApi::HostApi(Options options)
    : options_(options), memory_(options.memory_bytes), executor_(memory_, options.seed * 7919U + 1), random_(options.seed) {
  executor_.check_races(options.check_races);
}

HostApi::~HostApi() = default;

Status HostApi::fail(Status status, std::string why) {
  error_ = std::move(why);
  if (status != Status::OutOfMemory) status_ = status;
  return status;
}

Status HostApi::check() {
  if (status_ != Status::Ok || calls_left_ < 0) return status_;
  --calls_left_;  // below 0: this call is the one that fails; later ones do not
  if (calls_left_ >= 0) return status_;
  return fail(failure_, failure_ == Status::Lost ? "the device has gone" : "a call was told to fail");
}

void HostApi::count(const std::string& what, std::uint64_t read, std::uint64_t written, std::uint64_t flops) {
  Totals& t = totals_[what];
  ++t.launches;
  t.bytes_read += read;
  t.bytes_written += written;
  t.flops += flops;
}

Status HostApi::card(Card& card) {
  card = {};
  std::strncpy(card.name, "kernels on the CPU", sizeof(card.name) - 1);
  std::strncpy(card.products, options_.own_products ? "own kernel" : "plain loops", sizeof(card.products) - 1);
  card.memory_bytes = memory_.size();
  card.free_bytes = memory_.free_bytes();
  return check();
}

Status HostApi::allocate(std::size_t bytes, void** memory) {
  if (const Status s = check(); s != Status::Ok) return s;
  *memory = memory_.take(bytes);
  if (*memory == nullptr) return fail(Status::OutOfMemory, "out of memory");
  return Status::Ok;
}

void HostApi::release(void* memory) {
  if (memory == nullptr) return;
  run_until([&] { return std::ranges::all_of(streams_, [](const auto& q) { return q->empty(); }); });
  EXPECTS(memory_.give_back(memory), "device memory is given back once, by whoever took it");
}

Status HostApi::allocate_pinned(std::size_t bytes, void** memory) {
  if (const Status s = check(); s != Status::Ok) return s;
  std::vector<std::byte> block(std::max<std::size_t>(bytes, 1), std::byte{0xff});
  *memory = block.data();
  pinned_.emplace(block.data(), std::move(block));
  return Status::Ok;
}

void HostApi::release_pinned(void* memory) {
  if (memory == nullptr) return;
  run_until([&] { return std::ranges::all_of(streams_, [](const auto& q) { return q->empty(); }); });
  EXPECTS(pinned_.erase(static_cast<std::byte*>(memory)) == 1, "pinned memory is given back once, by whoever took it");
}

bool HostApi::is_pinned(const void* at, std::size_t bytes) const {
  const auto* p = static_cast<const std::byte*>(at);
  return std::ranges::any_of(pinned_, [&](const auto& b) { return p >= b.first && p + bytes <= b.first + b.second.size(); });
}

Status HostApi::upload(void* to, const void* from, std::size_t bytes, Stream stream) {
  if (const Status s = check(); s != Status::Ok) return s;
  if (!is_pinned(from, bytes) || !memory_.owns(to, bytes))
    return fail(Status::Failed, "an upload from elsewhere than pinned memory, or to nowhere");
  push(stream, [this, to, from, bytes] {
    std::memcpy(to, from, bytes);
    count("copies", 0, bytes, 0);
  });
  return Status::Ok;
}

Status HostApi::download(void* to, const void* from, std::size_t bytes, Stream stream) {
  if (const Status s = check(); s != Status::Ok) return s;
  if (!is_pinned(to, bytes) || !memory_.owns(from, bytes))
    return fail(Status::Failed, "a download to elsewhere than pinned memory, or from nowhere");
  std::memset(to, 0xff, bytes);
  push(stream, [this, to, from, bytes] {
    std::memcpy(to, from, bytes);
    count("copies", bytes, 0, 0);
  });
  return Status::Ok;
}

Status HostApi::copy(void* to, const void* from, std::size_t bytes, Stream stream) {
  if (const Status s = check(); s != Status::Ok) return s;
  if (!memory_.owns(to, bytes) || !memory_.owns(from, bytes)) return fail(Status::Failed, "a copy outside of device memory");
  push(stream, [this, to, from, bytes] {
    std::memmove(to, from, bytes);
    count("copies", bytes, bytes, 0);
  });
  return Status::Ok;
}

Status HostApi::fill(void* to, int byte, std::size_t bytes, Stream stream) {
  if (const Status s = check(); s != Status::Ok) return s;
  if (!memory_.owns(to, bytes)) return fail(Status::Failed, "a fill outside of device memory");
  push(stream, [this, to, byte, bytes] {
    std::memset(to, byte, bytes);
    count("copies", 0, bytes, 0);
  });
  return Status::Ok;
}

Status HostApi::create_stream(Stream* stream) {
  if (const Status s = check(); s != Status::Ok) return s;
  streams_.push_back(std::make_unique<Queue>());
  stream->value = streams_.back().get();
  return Status::Ok;
}

void HostApi::destroy_stream(Stream stream) {
  if (stream.value == nullptr) return;
  run_until([&] { return of(stream).empty(); });
  favourite_ = nullptr;
  std::erase_if(streams_, [&](const auto& q) { return q.get() == stream.value; });
}

void HostApi::step() {
  std::vector<Queue*> able;
  for (const auto& q : streams_)
    if (!q->empty() && (status_ != Status::Ok || q->front().awaited == nullptr || q->front().awaited->reached >= q->front().ticket))
      able.push_back(q.get());
  EXPECTS(!able.empty(), "streams that wait for each other would stand still forever");
  // Mostly one stream runs ahead as far as it may, because steps in turn would hide a missing wait.
  const bool goes_on = std::ranges::find(able, favourite_) != able.end() && random_() % 16 != 0;
  if (!goes_on) favourite_ = able[random_() % able.size()];
  Work work = std::move(favourite_->front());
  favourite_->pop_front();
  if (work.act && status_ == Status::Ok) work.act();
}

template <class Done>
void HostApi::run_until(Done done) {
  while (!done()) step();
}

Status HostApi::synchronize(Stream stream) {
  if (const Status s = check(); s != Status::Ok) return s;
  run_until([&] { return of(stream).empty(); });
  return status_;
}

Status HostApi::create_event(const char* name, Event* event) {
  if (const Status s = check(); s != Status::Ok) return s;
  events_.push_back(std::make_unique<EventState>());
  events_.back()->name = name;
  event->value = events_.back().get();
  return Status::Ok;
}

void HostApi::destroy_event(Event event) {
  if (event.value == nullptr) return;
  run_until([&] { return of(event).reached >= of(event).recorded || status_ != Status::Ok; });
  for (const auto& q : streams_)
    for (Work& w : *q)
      if (w.awaited == event.value) w.awaited = nullptr;
  std::erase_if(events_, [&](const auto& e) { return e.get() == event.value; });
}

Status HostApi::record(Event event, Stream stream) {
  if (const Status s = check(); s != Status::Ok) return s;
  EventState& e = of(event);
  push(stream, [this, &e, ticket = ++e.recorded] {
    e.reached = ticket;
    e.clock = clock_;
  });
  return Status::Ok;
}

Status HostApi::wait(Stream stream, Event event) {
  if (const Status s = check(); s != Status::Ok) return s;
  EventState& e = of(event);
  if (e.recorded == 0) return Status::Ok;
  waits_.insert({e.name, false});
  if (left_out_ == std::pair{e.name, false}) return Status::Ok;
  of(stream).push_back({{}, &e, e.recorded});
  return Status::Ok;
}

Status HostApi::synchronize(Event event) {
  if (const Status s = check(); s != Status::Ok) return s;
  EventState& e = of(event);
  if (e.recorded == 0) return Status::Ok;
  waits_.insert({e.name, true});
  if (left_out_ == std::pair{e.name, true}) return Status::Ok;
  run_until([&] { return e.reached >= e.recorded || status_ != Status::Ok; });
  return status_;
}

Status HostApi::elapsed_ms(Event from, Event to, float* ms) {
  if (const Status s = check(); s != Status::Ok) return s;
  const EventState &a = of(from), &b = of(to);
  if (a.recorded == 0 || a.reached < a.recorded || b.recorded == 0 || b.reached < b.recorded)
    return fail(Status::Failed, "the time between events that were not both reached");
  *ms = static_cast<float>(b.clock - a.clock);
  return Status::Ok;
}

Status HostApi::launch(Kernel kernel, Grid grid, unsigned threads, std::size_t shared_bytes, Stream stream, const void* args,
                       std::size_t bytes) {
  if (const Status s = check(); s != Status::Ok) return s;
  EXPECTS(bytes == args_bytes(kernel), "a kernel gets its own struct");
  std::vector<std::byte> kept(bytes);
  std::memcpy(kept.data(), args, bytes);
  push(stream, [this, kernel, grid, threads, shared_bytes, kept = std::move(kept)] {
    const std::string wrong = executor_.run(grid, threads, shared_bytes, [&] { run_kernel(kernel, kept.data()); });
    if (!wrong.empty()) fail(Status::Failed, std::string(name_of(kernel)) + ": " + wrong);
    ++clock_;
    const Traffic& t = memory_.traffic();
    count(name_of(kernel), t.sectors_read * 32, t.sectors_written * 32, t.flops);
  });
  return Status::Ok;
}

Status HostApi::gemm(const Gemm& g, Stream stream) {
  if (const Status s = check(); s != Status::Ok) return s;
  const auto fits = [&](const float* x, int rows, int columns, int ld) {
    return ld >= rows &&
           memory_.owns(x, (static_cast<std::size_t>(columns - 1) * static_cast<std::size_t>(ld) + static_cast<std::size_t>(rows)) * 4);
  };
  if (g.m < 1 || g.n < 1 || g.k < 1 || !fits(g.a, g.transpose_a ? g.k : g.m, g.transpose_a ? g.m : g.k, g.lda) ||
      !fits(g.b, g.transpose_b ? g.n : g.k, g.transpose_b ? g.k : g.n, g.ldb) || !fits(g.c, g.m, g.n, g.ldc))
    return fail(Status::Failed, "a matrix product outside of device memory, or with a leading dimension that is too small");
  if (options_.own_products) {
    const ProductLaunch own(g);
    return launch(Kernel::product, own.grid, kProductThreads, ProductLaunch::kSharedBytes, stream, &own.args, sizeof(own.args));
  }
  push(stream, [this, g] {
    compute(g);
    ++clock_;
    const auto m = static_cast<std::uint64_t>(g.m), n = static_cast<std::uint64_t>(g.n), k = static_cast<std::uint64_t>(g.k);
    count("gemm", 4 * (m * k + k * n + (g.beta != 0 ? m * n : 0)), 4 * m * n, 2 * m * n * k);
  });
  return Status::Ok;
}

void HostApi::compute(const Gemm& g) {
  const auto at = [](bool transposed, int row, int column, int ld) {
    return transposed ? static_cast<std::size_t>(row) * static_cast<std::size_t>(ld) + static_cast<std::size_t>(column)
                      : static_cast<std::size_t>(column) * static_cast<std::size_t>(ld) + static_cast<std::size_t>(row);
  };
  for (int j = 0; j < g.n; ++j)
    for (int i = 0; i < g.m; ++i) {
      float sum = 0;
      if (options_.compute_products)
        for (int p = 0; p < g.k; ++p) sum += g.a[at(g.transpose_a, i, p, g.lda)] * g.b[at(g.transpose_b, p, j, g.ldb)];
      float& c = g.c[at(false, i, j, g.ldc)];
      c = g.beta == 0 ? g.alpha * sum : g.alpha * sum + g.beta * c;  // beta 0 must not read: there may be NaN
    }
}

}  // namespace gf::cuda::host
