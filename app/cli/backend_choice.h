// auto, cpu or cuda: what computes, for every session of the program.
#pragma once

#include <string>

namespace gf::cli {

/// Sessions whose backend is "auto" or "cuda" look for a GPU from here on. "auto" takes the CPU without a word where
/// there is none; "cuda" says why on standard error and goes on with the CPU, as either does when the GPU fails later.
void offer_cuda();

/// For `info`: the device's card, or the reason why there is none.
[[nodiscard]] std::string device_line();

}  // namespace gf::cli
