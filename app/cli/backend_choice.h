// auto, cpu or cuda: what computes, for every session of the program.
#pragma once

#include <string>

namespace gf::cli {

/// After this call sessions whose backend is "auto" or "cuda" try a GPU. Where there is none, "auto" uses the CPU silently, and
/// "cuda" prints why to standard error and uses the CPU. Where the GPU fails later, both print why and use the CPU.
void offer_cuda();

/// For `info`: the device's card, or the reason why there is none.
[[nodiscard]] std::string device_line();

}  // namespace gf::cli
