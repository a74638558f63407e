#include "cuda/timed_api.h"

namespace gf::cuda {

TimedApi::~TimedApi() {
  for (const Interval& i : intervals_) {
    api_->destroy_event(i.from);
    api_->destroy_event(i.to);
  }
}

template <class Call>
Status TimedApi::measure(const char* what, Stream stream, Call call) {
  if (used_ == intervals_.size()) {
    Interval interval{};
    if (const Status s = api_->create_event("begin", &interval.from); s != Status::Ok) return s;
    if (const Status s = api_->create_event("end", &interval.to); s != Status::Ok) {
      api_->destroy_event(interval.from);
      return s;
    }
    intervals_.push_back(interval);
  }
  Interval& interval = intervals_[used_++];
  interval.what = what;
  if (const Status s = api_->record(interval.from, stream); s != Status::Ok) return s;
  if (const Status s = call(); s != Status::Ok) return s;
  return api_->record(interval.to, stream);
}

Status TimedApi::take(std::map<std::string, KernelTime>* times) {
  times->clear();
  for (std::size_t i = 0; i < used_; ++i) {
    float ms = 0;
    if (const Status s = api_->elapsed_ms(intervals_[i].from, intervals_[i].to, &ms); s != Status::Ok) return s;
    KernelTime& time = (*times)[intervals_[i].what];
    ++time.launches;
    time.ms += static_cast<double>(ms);
  }
  used_ = 0;
  return Status::Ok;
}

Status TimedApi::launch(Kernel kernel, Grid grid, unsigned threads, std::size_t shared_bytes, Stream stream, const void* args,
                        std::size_t args_bytes) {
  return measure(name_of(kernel), stream, [&] { return api_->launch(kernel, grid, threads, shared_bytes, stream, args, args_bytes); });
}

Status TimedApi::gemm(const Gemm& gemm, Stream stream) {
  return measure("gemm", stream, [&] { return api_->gemm(gemm, stream); });
}

}  // namespace gf::cuda
