// The Api on a real device. Built by nvcc into a module of its own with the CUDA runtime inside; it needs nothing of the
// program but its headers, and cuBLAS is opened at run time.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <dlfcn.h>
#include <new>

#include "cuda/cuda_api.h"
#include "cuda/kernels/all.cuh"
#include "cuda/launch.h"
#include "cuda/plugin/refusal.h"

namespace gf::cuda {
namespace {

/// The functions of cuBLAS that are used, from whichever version is installed.
struct Blas {
  void* library = nullptr;  ///< nullptr: there is none, and Kernel::product multiplies
  int version = 0;
  cublasStatus_t (*create)(cublasHandle_t*) = nullptr;
  cublasStatus_t (*destroy)(cublasHandle_t) = nullptr;
  cublasStatus_t (*set_stream)(cublasHandle_t, cudaStream_t) = nullptr;
  cublasStatus_t (*get_version)(cublasHandle_t, int*) = nullptr;
  cublasStatus_t (*sgemm)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int, int, int, const float*, const float*, int,
                          const float*, int, const float*, float*, int) = nullptr;

  template <class F>
  bool find(F& function, const char* name) {
    function = reinterpret_cast<F>(dlsym(library, name));
    return function != nullptr;
  }
  /// GLASSFORMER_CUBLAS=0 in the environment leaves cuBLAS out, so that the own kernel can be tried where both are.
  void open() {
    const char* wanted = std::getenv("GLASSFORMER_CUBLAS");
    if (wanted != nullptr && std::strcmp(wanted, "0") == 0) return;
    for (const char* name : {"libcublas.so.13", "libcublas.so.12", "libcublas.so"})
      if ((library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) != nullptr) break;
    if (library == nullptr) return;
    const bool complete = find(create, "cublasCreate_v2") && find(destroy, "cublasDestroy_v2") && find(set_stream, "cublasSetStream_v2") &&
                          find(sgemm, "cublasSgemm_v2") && find(get_version, "cublasGetVersion_v2");
    if (!complete) library = nullptr;
  }
};

int cores_per_multiprocessor(int major, int minor) {
  if (major == 7 || (major == 8 && minor == 0)) return 64;
  return 128;
}

class CudaApi final : public Api {
 public:
  CudaApi(int device, const Blas& blas) : device_(device), blas_(blas) {}
  ~CudaApi() override {
    if (handle_ != nullptr) blas_.destroy(handle_);
  }
  Status open() {
    if (const Status s = note(cudaSetDevice(device_)); s != Status::Ok) return s;
    if (blas_.library == nullptr) return Status::Ok;
    if (blas_.create(&handle_) != CUBLAS_STATUS_SUCCESS) return broken("cuBLAS could not start");
    return blas_.get_version(handle_, &blas_.version) == CUBLAS_STATUS_SUCCESS ? Status::Ok : broken("cuBLAS does not tell its version");
  }

  Status card(Card& card) override {
    card = {};
    cudaDeviceProp properties{};
    if (const Status s = enter([&] { return cudaGetDeviceProperties(&properties, device_); }); s != Status::Ok) return s;
    std::snprintf(card.name, sizeof(card.name), "%.127s", properties.name);
    if (blas_.library == nullptr) std::snprintf(card.products, sizeof(card.products), "own kernel");
    else std::snprintf(card.products, sizeof(card.products), "cuBLAS %d.%d", blas_.version / 10000, blas_.version / 100 % 100);
    card.major = properties.major;
    card.minor = properties.minor;
    std::size_t free_bytes = 0, total = 0;
    int memory_khz = 0, bus_bits = 0, clock_khz = 0;
    cudaDriverGetVersion(&card.driver);
    cudaDeviceGetAttribute(&memory_khz, cudaDevAttrMemoryClockRate, device_);
    cudaDeviceGetAttribute(&bus_bits, cudaDevAttrGlobalMemoryBusWidth, device_);
    cudaDeviceGetAttribute(&clock_khz, cudaDevAttrClockRate, device_);
    card.bandwidth_gb_per_s = 2.0 * memory_khz * 1e3 * bus_bits / 8 / 1e9;
    card.peak_gflops = 2.0 * properties.multiProcessorCount * cores_per_multiprocessor(card.major, card.minor) * clock_khz * 1e3 / 1e9;
    const Status s = enter([&] { return cudaMemGetInfo(&free_bytes, &total); });
    card.memory_bytes = total;
    card.free_bytes = free_bytes;
    return s;
  }
  const char* last_error() const override { return error_; }

  Status allocate(std::size_t bytes, void** memory) override {
    return enter([&] { return cudaMalloc(memory, bytes); });
  }
  void release(void* memory) override {
    enter([&] { return cudaFree(memory); });
  }
  Status allocate_pinned(std::size_t bytes, void** memory) override {
    return enter([&] { return cudaMallocHost(memory, bytes); });
  }
  void release_pinned(void* memory) override {
    enter([&] { return cudaFreeHost(memory); });
  }

  Status upload(void* to, const void* from, std::size_t bytes, Stream stream) override {
    return enter([&] { return cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, of(stream)); });
  }
  Status download(void* to, const void* from, std::size_t bytes, Stream stream) override {
    return enter([&] { return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, of(stream)); });
  }
  Status copy(void* to, const void* from, std::size_t bytes, Stream stream) override {
    return enter([&] { return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, of(stream)); });
  }
  Status fill(void* to, int byte, std::size_t bytes, Stream stream) override {
    return enter([&] { return cudaMemsetAsync(to, byte, bytes, of(stream)); });
  }

  Status create_stream(Stream* stream) override {
    // Not the legacy stream's follower: only events order what runs here.
    return enter([&] { return cudaStreamCreateWithFlags(reinterpret_cast<cudaStream_t*>(&stream->value), cudaStreamNonBlocking); });
  }
  void destroy_stream(Stream stream) override {
    if (stream.value == nullptr) return;
    enter([&] { return cudaStreamSynchronize(of(stream)); });
    enter([&] { return cudaStreamDestroy(of(stream)); });
  }
  Status synchronize(Stream stream) override {
    return enter([&] { return cudaStreamSynchronize(of(stream)); });
  }

  Status create_event(const char* /*name*/, Event* event) override {
    return enter([&] { return cudaEventCreate(reinterpret_cast<cudaEvent_t*>(&event->value)); });
  }
  void destroy_event(Event event) override {
    if (event.value != nullptr) enter([&] { return cudaEventDestroy(of(event)); });
  }
  Status record(Event event, Stream stream) override {
    return enter([&] { return cudaEventRecord(of(event), of(stream)); });
  }
  Status wait(Stream stream, Event event) override {
    return enter([&] { return cudaStreamWaitEvent(of(stream), of(event), 0); });
  }
  Status synchronize(Event event) override {
    return enter([&] { return cudaEventSynchronize(of(event)); });
  }
  Status elapsed_ms(Event from, Event to, float* ms) override {
    return enter([&] { return cudaEventElapsedTime(ms, of(from), of(to)); });
  }

  Status launch(Kernel kernel, Grid grid, unsigned threads, std::size_t shared_bytes, Stream stream, const void* args,
                std::size_t args_bytes) override {
    if (const Status s = enter([] { return cudaSuccess; }); s != Status::Ok) return s;
    const dim3 blocks(grid.x, grid.y, grid.z);
    switch (kernel) {
#define KERNEL(name, Args)                                                                               \
  case Kernel::name:                                                                                     \
    if (args_bytes != sizeof(Args)) return broken("a kernel was given another kernel's arguments");      \
    CUDA_LAUNCH(cuda::name, blocks, threads, shared_bytes, of(stream), *static_cast<const Args*>(args)); \
    break;
#include "cuda/kernels.def"
#undef KERNEL
    }
    return enter([&] { return cudaGetLastError(); });
  }

  Status gemm(const Gemm& g, Stream stream) override {
    if (blas_.library == nullptr) {
      const ProductLaunch own(g);
      return launch(Kernel::product, own.grid, kProductThreads, ProductLaunch::kSharedBytes, stream, &own.args, sizeof(own.args));
    }
    if (const Status s = enter([] { return cudaSuccess; }); s != Status::Ok) return s;
    const auto op = [](bool transpose) { return transpose ? CUBLAS_OP_T : CUBLAS_OP_N; };
    // The default math mode keeps float32 throughout: TF32 would have to be asked for.
    if (blas_.set_stream(handle_, of(stream)) != CUBLAS_STATUS_SUCCESS ||
        blas_.sgemm(handle_, op(g.transpose_a), op(g.transpose_b), g.m, g.n, g.k, &g.alpha, g.a, g.lda, g.b, g.ldb, &g.beta, g.c, g.ldc) !=
            CUBLAS_STATUS_SUCCESS)
      return broken("cuBLAS refused a matrix product");
    return Status::Ok;
  }

 private:
  static cudaStream_t of(Stream stream) { return static_cast<cudaStream_t>(stream.value); }
  static cudaEvent_t of(Event event) { return static_cast<cudaEvent_t>(event.value); }

  Status broken(const char* why) {
    std::snprintf(error_, sizeof(error_), "%s", why);
    return lost_ = Status::Failed;
  }
  Status note(cudaError_t code) {
    if (code == cudaSuccess) return Status::Ok;
    std::snprintf(error_, sizeof(error_), "%s", cudaGetErrorString(code));
    cudaGetLastError();  // what can be forgotten is
    if (code == cudaErrorMemoryAllocation) return Status::OutOfMemory;
    return lost_ = code == cudaErrorDevicesUnavailable || code == cudaErrorECCUncorrectable || code == cudaErrorHardwareStackError ||
                           code == cudaErrorNoDevice
                       ? Status::Lost
                       : Status::Failed;
  }
  /// The current device belongs to the thread, and this object goes from thread to thread.
  template <class Call>
  Status enter(Call call) {
    if (lost_ != Status::Ok) return lost_;
    const Status chosen = note(cudaSetDevice(device_));
    return chosen == Status::Ok ? note(call()) : chosen;
  }

  int device_;
  Blas blas_;
  cublasHandle_t handle_ = nullptr;
  Status lost_ = Status::Ok;
  char error_[256] = {};
};

Api* open(char* message, std::size_t bytes) {
  DeviceSearch search;
  const cudaError_t found = cudaGetDeviceCount(&search.count);
  cudaDriverGetVersion(&search.driver);
  search.needed = CUDART_VERSION;
  search.error = cudaGetErrorString(found);
  search.answer = found == cudaSuccess                   ? DeviceSearch::Answer::Devices
                  : found == cudaErrorInsufficientDriver ? DeviceSearch::Answer::InsufficientDriver
                  : found == cudaErrorNoDevice           ? DeviceSearch::Answer::NoDevice
                                                         : DeviceSearch::Answer::Error;
  if (refuse(search, message, bytes)) return nullptr;
  for (int device = 0; device < search.count; ++device) {
    int major = 0, minor = 0;
    cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
    cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device);
    if (refuse_capability(major, minor, message, bytes)) continue;
    Blas blas;
    blas.open();
    auto* api = new (std::nothrow) CudaApi(device, blas);
    if (api != nullptr && api->open() == Status::Ok) return api;
    std::snprintf(message, bytes, "the GPU could not be opened: %s", api != nullptr ? api->last_error() : "no memory");
    delete api;
  }
  return nullptr;
}

}  // namespace
}  // namespace gf::cuda

extern "C" __attribute__((visibility("default"))) gf::cuda::Api* glassformer_cuda_open(int abi, char* message, std::size_t message_bytes) {
  if (abi != gf::cuda::kAbi) {
    std::snprintf(message, message_bytes, "the CUDA plugin belongs to another version of this program (its interface is %d, %d is needed)",
                  gf::cuda::kAbi, abi);
    return nullptr;
  }
  return gf::cuda::open(message, message_bytes);
}
