#include "cuda/timed_api.h"

#include <algorithm>

namespace gf::cuda {

TimedApi::~TimedApi() {
  intervals_.push_back(whole_);
  for (const Interval& i : intervals_) {
    api_->destroy_event(i.from);
    api_->destroy_event(i.to);
  }
}

Status TimedApi::make(Interval* interval) {
  if (interval->from.value == nullptr)
    if (const Status s = api_->create_event("begin", &interval->from); s != Status::Ok) return s;
  if (interval->to.value == nullptr)
    if (const Status s = api_->create_event("end", &interval->to); s != Status::Ok) return s;
  return Status::Ok;
}

Status TimedApi::start(Stream stream) {
  used_ = 0;
  if (const Status s = make(&whole_); s != Status::Ok) return s;
  is_on_ = true;
  return api_->record(whole_.from, stream);
}

template <class Call>
Status TimedApi::measure(const char* what, Cost cost, Stream stream, Call call) {
  if (used_ == intervals_.size()) intervals_.emplace_back();
  Interval& interval = intervals_[used_];
  if (const Status s = make(&interval); s != Status::Ok) return s;
  ++used_;
  interval.what = what;
  interval.cost = cost;
  if (const Status s = api_->record(interval.from, stream); s != Status::Ok) return s;
  if (const Status s = call(); s != Status::Ok) return s;
  return api_->record(interval.to, stream);
}

Status TimedApi::stop(Stream stream, PassTimes* times) {
  is_on_ = false;
  times->operations.clear();
  if (const Status s = api_->record(whole_.to, stream); s != Status::Ok) return s;
  if (const Status s = api_->synchronize(stream); s != Status::Ok) return s;
  float ms = 0;
  if (const Status s = api_->elapsed_ms(whole_.from, whole_.to, &ms); s != Status::Ok) return s;
  times->ms = static_cast<double>(ms);
  for (std::size_t i = 0; i < used_; ++i) {
    const Interval& interval = intervals_[i];
    if (const Status s = api_->elapsed_ms(interval.from, interval.to, &ms); s != Status::Ok) return s;
    auto found = std::ranges::find(times->operations, interval.what, &OperationTimes::name);
    if (found == times->operations.end()) found = times->operations.insert(found, OperationTimes{.name = interval.what});
    ++found->calls;
    found->ms += static_cast<double>(ms);
    found->bytes += interval.cost.bytes;
    found->flops += interval.cost.flops;
  }
  Card card;
  const Status s = api_->card(card);
  times->limits = {card.bandwidth_gb_per_s, card.peak_gflops};
  return s;
}

Status TimedApi::launch(Kernel kernel, Grid grid, unsigned threads, std::size_t shared_bytes, Stream stream, const void* args,
                        std::size_t args_bytes) {
  const auto hand_on = [&] { return api_->launch(kernel, grid, threads, shared_bytes, stream, args, args_bytes); };
  return is_on_ ? measure(name_of(kernel), cost_of(kernel, grid, args), stream, hand_on) : hand_on();
}

Status TimedApi::gemm(const Gemm& gemm, Stream stream) {
  const auto hand_on = [&] { return api_->gemm(gemm, stream); };
  return is_on_ ? measure("gemm", cost_of(gemm), stream, hand_on) : hand_on();
}

}  // namespace gf::cuda
