#include "app/cli/backend_choice.h"

#include "app/cli/options.h"
#include "cuda/cuda_backend.h"
#include "cuda/open_backend.h"
#include "model/base/text.h"

namespace gf::cli {

void offer_cuda() {
  set_backend_maker([](const std::string& choice, int threads) -> std::unique_ptr<Backend> {
    const auto cpu = [threads] { return make_cpu_backend(threads); };
    auto device = cuda::open_device(cuda::plugin_path());
    if (!device && choice == "cuda") say(text("--backend cuda: {0}; going on with the CPU", device.error().message));
    return cuda::with_fallback(std::move(device).map([](cuda::OpenedDevice opened) {
      return cuda::make_cuda_backend(std::move(opened.api), std::move(opened.library));
    }),
                               cpu, say);
  });
}

std::string device_line() {
  const auto device = cuda::open_device(cuda::plugin_path());
  return device ? cuda::text_of(device->card) : text("none: {0}", device.error().message);
}

}  // namespace gf::cli
