// Finds the plugin, opens it, and goes on with the CPU where there is no GPU or it fails.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cuda/cuda_api.h"
#include "model/backend.h"

namespace gf::cuda {

/// The plugin's file: what GLASSFORMER_CUDA_PLUGIN in the environment says, else beside the program, or where it was installed.
[[nodiscard]] std::string plugin_path();

/// A device through the plugin. Nothing is loaded unless asked for: the program itself needs neither driver nor toolkit.
struct OpenedDevice {
  std::shared_ptr<void> library;  ///< outlives api
  std::unique_ptr<Api> api;
  Card card;
};
/// Errors: NotFound (no plugin), Device (no driver, no GPU, too old, another version), each a sentence that says what
/// to do.
[[nodiscard]] Result<OpenedDevice> open_device(const std::string& plugin);

/// Computes on `device`, and from its first failure on (too little memory, device lost) on the CPU: the step that
/// failed is run again there, since a failed step leaves its trace as it was. `notice` gets the sentence, on the thread
/// that computes, and Backend::device() says it from then on. Cancelled, Unsupported input and the like are passed on.
/// A device that could not be opened is the CPU from the start, without a notice.
[[nodiscard]] std::unique_ptr<Backend> with_fallback(Result<std::unique_ptr<Backend>> device,
                                                     std::function<std::unique_ptr<Backend>()> make_cpu,
                                                     std::function<void(const std::string&)> notice);

}  // namespace gf::cuda
