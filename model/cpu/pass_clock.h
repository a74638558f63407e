// Where the time of a pass goes, by operation. A pass that is not timed has no clock: each place that would be timed looks at
// one null pointer.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <utility>

#include "model/backend.h"
#include "model/hooks.h"
#include "model/pass_times.h"

namespace gf::cpu {

struct PreparedModel;

/// A stopwatch that always runs for one operation: what lies between two switches is charged to one of them alone, so
/// the times add up to the pass. The pass's own thread drives it; only work() is called by others.
class PassClock {
 public:
  using Nanoseconds = std::int64_t;
  PassClock() : last_(now()), begin_(last_) {}

  /// Charges what has passed to the operation so far, and goes on with this one. Gives the one before.
  Operation go_on_with(Operation next) {
    const Nanoseconds time = now();
    ns_[at(current_)] += time - last_;
    last_ = time;
    return std::exchange(current_, next);
  }
  void count(Operation operation) { ++calls_[at(operation)]; }
  void count_logits(std::size_t rows) { logit_rows_ += rows; }

  /// Thread time of a part of an operation that several threads do in mixed order, see TimedTogether.
  void work(Operation operation, Nanoseconds ns) {
    work_[at(operation)].fetch_add(std::max<Nanoseconds>(ns, 1), std::memory_order_relaxed);
  }
  void begin_parts(std::span<const Operation> parts);
  /// Divides what `whole` was charged since `before` among the parts, in proportion to the thread time of each.
  void divide(Operation whole, Nanoseconds before, std::span<const Operation> parts);
  [[nodiscard]] Nanoseconds charged(Operation operation) const { return ns_[at(operation)]; }

  /// With what each operation of such a step reads, writes and computes. (model/cpu/pass_cost.cpp)
  void report(const PreparedModel& model, const ForwardStep& step, const CapturePlan& plan, PassTimes& times);

  [[nodiscard]] static Nanoseconds now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }

 private:
  static std::size_t at(Operation operation) { return static_cast<std::size_t>(operation); }

  std::array<Nanoseconds, kOperations> ns_{};
  std::array<std::uint64_t, kOperations> calls_{};
  std::array<std::atomic<Nanoseconds>, kOperations> work_{};
  std::uint64_t logit_rows_ = 0;
  Operation current_ = Operation::Rest;
  Nanoseconds last_, begin_;
};

/// For its lifetime the pass does this operation. A null clock: nothing.
class Timed {
 public:
  Timed(PassClock* clock, Operation operation) : clock_(clock) {
    if (clock_ == nullptr) return;
    clock_->count(operation);
    before_ = clock_->go_on_with(operation);
  }
  ~Timed() {
    if (clock_ != nullptr) clock_->go_on_with(before_);
  }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  PassClock* clock_;
  Operation before_ = Operation::Rest;
};

/// For its lifetime the pool does several operations in mixed order, whose tasks say by Part what they do.
class TimedTogether {
 public:
  template <class... Operations>
  explicit TimedTogether(PassClock* clock, Operation first, Operations... others) : clock_(clock), memory_{first, others...} {
    static_assert(1 + sizeof...(others) <= kMost);
    parts_ = std::span(memory_).first(1 + sizeof...(others));
    if (clock_ == nullptr) return;
    clock_->begin_parts(parts_);
    charged_ = clock_->charged(first);
    before_ = clock_->go_on_with(first);
  }
  ~TimedTogether() {
    if (clock_ == nullptr) return;
    clock_->go_on_with(before_);
    clock_->divide(parts_[0], charged_, parts_);
  }
  TimedTogether(const TimedTogether&) = delete;
  TimedTogether& operator=(const TimedTogether&) = delete;

 private:
  static constexpr std::size_t kMost = 4;
  PassClock* clock_;
  std::array<Operation, kMost> memory_;
  std::span<const Operation> parts_;
  PassClock::Nanoseconds charged_ = 0;
  Operation before_ = Operation::Rest;
};

/// A task's share in an operation that is timed together with others.
class Part {
 public:
  Part(PassClock* clock, Operation operation) : clock_(clock), operation_(operation) {
    if (clock_ != nullptr) begin_ = PassClock::now();
  }
  ~Part() {
    if (clock_ != nullptr) clock_->work(operation_, PassClock::now() - begin_);
  }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

 private:
  PassClock* clock_;
  Operation operation_;
  PassClock::Nanoseconds begin_ = 0;
};

}  // namespace gf::cpu
