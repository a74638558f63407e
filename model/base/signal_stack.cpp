#include "model/base/signal_stack.h"

#include <csignal>
#include <cstddef>
#include <memory>
#include <new>

namespace gf {

namespace {

/// Of one thread. A stack that is there already (the sanitizers') is left alone.
class SignalStack {
 public:
  SignalStack() {
    stack_t now{};
    if (sigaltstack(nullptr, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0) return;
    constexpr std::size_t kBytes = 64 * 1024;  // the registers alone are up to 11 KiB
    // A thread that gets no memory works without: a fault would end the program as it does without a handler.
    bytes_.reset(new (std::nothrow) std::byte[kBytes]);
    if (!bytes_) return;
    stack_t own{};
    own.ss_sp = bytes_.get();
    own.ss_size = kBytes;
    if (sigaltstack(&own, nullptr) != 0) bytes_.reset();
  }
  ~SignalStack() {
    if (!bytes_) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
  }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  std::unique_ptr<std::byte[]> bytes_;
};

}  // namespace

void have_signal_stack() { thread_local const SignalStack stack; }

}  // namespace gf
