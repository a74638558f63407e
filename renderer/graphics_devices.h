// Which graphics devices this machine has, and which one the program draws with.
#pragma once

#include <string>
#include <vector>

#include "model/base/error.h"

namespace gf::render {

struct GraphicsDevice {
  std::string name;       ///< "llvmpipe (LLVM 15.0.6, 256 bits)"
  std::string driver;     ///< "Mesa 22.3.6"; empty where it does not say
  std::string vulkan;     ///< "1.3.230"
  bool software = false;  ///< draws on the CPU
  bool usable = false;    ///< has Vulkan 1.3 and can draw
  bool chosen = false;    ///< Device::create() takes this one
};

/// Asks the drivers, which takes some hundred milliseconds. Any thread. Errors: Device (no driver could be loaded).
[[nodiscard]] Result<std::vector<GraphicsDevice>> graphics_devices();

}  // namespace gf::render
