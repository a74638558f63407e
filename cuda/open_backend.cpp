#include "cuda/open_backend.h"

#include <array>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <mutex>
#include <utility>

#include "model/base/text.h"

namespace gf::cuda {

namespace fs = std::filesystem;

std::string plugin_path() {
  constexpr const char* kName = "glassformer_cuda.so";
  if (const char* named = std::getenv("GLASSFORMER_CUDA_PLUGIN"); named != nullptr && *named != '\0') return named;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return kName;
  const fs::path folder = program.parent_path();
  for (const fs::path& place : {folder / kName, folder / "../lib/glassformer" / kName})
    if (fs::exists(place, error)) return place.string();
  return (folder / kName).string();
}

Result<OpenedDevice> open_device(const std::string& plugin) {
  std::error_code error;
  if (!fs::exists(plugin, error))
    return fail(ErrorCode::NotFound, text("this program was built without its CUDA plugin; build it where nvcc is installed"));
  OpenedDevice opened;
  opened.library = {dlopen(plugin.c_str(), RTLD_NOW | RTLD_LOCAL), [](void* library) {
                      if (library != nullptr) dlclose(library);
                    }};
  const char* reason = opened.library == nullptr ? dlerror() : nullptr;
  if (opened.library == nullptr)
    return fail(ErrorCode::Device, text("the CUDA plugin cannot be loaded: {0}", reason != nullptr ? reason : plugin));
  const auto open = reinterpret_cast<OpenPlugin>(dlsym(opened.library.get(), kOpenPlugin));
  if (open == nullptr)
    return fail(ErrorCode::Device, text("{0} is not a CUDA plugin of this program; install the one that belongs to it", plugin));
  std::array<char, 256> message{};
  opened.api.reset(open(kAbi, message.data(), message.size()));
  if (opened.api == nullptr) return fail(ErrorCode::Device, message.data());
  if (opened.api->card(opened.card) != Status::Ok) return fail(ErrorCode::Device, opened.api->last_error());
  return opened;
}

namespace {

class WithFallback final : public Backend {
 public:
  WithFallback(Result<std::unique_ptr<Backend>> device, std::function<std::unique_ptr<Backend>()> make_cpu,
               std::function<void(const std::string&)> notice)
      : make_cpu_(std::move(make_cpu)), notice_(std::move(notice)) {
    if (device) {
      current_ = std::move(*device);
    } else {
      why_not_ = device.error().message;
      current_ = std::exchange(make_cpu_, nullptr)();
    }
  }

  /// Asked from other threads too.
  std::string name() const override {
    const std::scoped_lock lock(mutex_);
    return current_->name();
  }
  std::string device() const override {
    const std::scoped_lock lock(mutex_);
    return why_not_.empty() ? current_->device() : "no GPU is used: " + why_not_;
  }

  Result<void> load(std::shared_ptr<const Weights> weights) override {
    weights_ = weights;
    auto done = current_->load(std::move(weights));
    if (done || !may_leave(done.error())) return done;
    return leave(done.error());
  }

  Result<void> forward(Trace& trace, const ForwardStep& step) override {
    auto done = current_->forward(trace, step);
    if (done || !may_leave(done.error())) return done;
    GF_TRY(leave(done.error()));
    return current_->forward(trace, step);
  }

  Result<std::uint64_t> sweep(const Sweep& sweep) override { return current_->sweep(sweep); }
  Result<void> backward(Trace& gradients, const BackwardStep& step) override { return current_->backward(gradients, step); }

 private:
  [[nodiscard]] bool may_leave(const Error& error) const {
    return make_cpu_ && (error.code == ErrorCode::Device || error.code == ErrorCode::OutOfMemory || error.code == ErrorCode::Unsupported);
  }
  Result<void> leave(const Error& error) {
    if (notice_) notice_(text("{0}; going on with the CPU", error.message));
    auto cpu = make_cpu_();
    make_cpu_ = nullptr;
    {
      const std::scoped_lock lock(mutex_);
      current_.swap(cpu);
      why_not_ = error.message;
    }
    return current_->load(weights_);
  }

  mutable std::mutex mutex_;  ///< guards the pointer and the reason, which only the computing thread changes
  std::unique_ptr<Backend> current_;
  std::string why_not_;                                 ///< the CPU computes; empty: the device does
  std::function<std::unique_ptr<Backend>()> make_cpu_;  ///< empty once the CPU computes
  std::function<void(const std::string&)> notice_;
  std::shared_ptr<const Weights> weights_;
};

}  // namespace

std::unique_ptr<Backend> with_fallback(Result<std::unique_ptr<Backend>> device, std::function<std::unique_ptr<Backend>()> make_cpu,
                                       std::function<void(const std::string&)> notice) {
  return std::make_unique<WithFallback>(std::move(device), std::move(make_cpu), std::move(notice));
}

}  // namespace gf::cuda
