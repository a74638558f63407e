// A stack of their own for signal handlers.
#pragma once

namespace gf {

/// Gives the calling thread a stack for handlers that have SA_ONSTACK, until it ends. oneDNN's gemm kernels let the
/// stack pointer point into the heap while they compute (github.com/uxlfoundation/oneDNN issue 4845, mended in 2026): a
/// handler on the thread's own stack would then write over what lies there.
/// Called by every thread of a ThreadPool and by its callers; every handler of this program has SA_ONSTACK.
void have_signal_stack();

}  // namespace gf
