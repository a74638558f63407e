// Every call to a device goes through here: memory, copies, streams, events, launches, matrix products. One
// implementation talks to CUDA (plugin.cu), one runs the same kernels on the CPU and takes every liberty that CUDA has (host/).
#pragma once

#include <cstddef>
#include <cstdint>

namespace gf::cuda {

/// Changes whenever this header, args.h or kernels.def does: a plugin with another number is not used.
inline constexpr int kAbi = 6;

enum class Status : int { Ok, OutOfMemory, Lost, Failed };

enum class Kernel : int {
#define KERNEL(name, Args) name,
#include "cuda/kernels.def"
#undef KERNEL
};
#define KERNEL(name, Args) +1
inline constexpr int kKernels = 0
#include "cuda/kernels.def"
    ;
#undef KERNEL
[[nodiscard]] const char* name_of(Kernel kernel);

struct Stream {
  void* value = nullptr;
};
struct Event {
  void* value = nullptr;
};
struct Grid {
  unsigned x = 1, y = 1, z = 1;
};

/// What `info` shows of a device.
struct Card {
  char name[128] = {};
  char products[64] = {};  ///< what multiplies matrices: "cuBLAS 13.0", "own kernel"; empty: not told
  std::uint64_t memory_bytes = 0, free_bytes = 0;
  int major = 0, minor = 0;       ///< compute capability
  int driver = 0;                 ///< the CUDA version that the driver knows: 13000 is 13.0
  double bandwidth_gb_per_s = 0;  ///< of its memory, by its own data sheet; 0: not known
  double peak_gflops = 0;         ///< f32, fused multiply-add counted as two; 0: not known
};

/// c = alpha op(a) op(b) + beta c in float32. All matrices are column-major, as cuBLAS has them: a is m x k, b is k x n,
/// c is m x n; `transpose` says that the memory holds the transposed one. No value is rounded below float32.
struct Gemm {
  bool transpose_a = false, transpose_b = false;
  int m = 0, n = 0, k = 0;
  const float* a = nullptr;
  int lda = 0;
  const float* b = nullptr;
  int ldb = 0;
  float* c = nullptr;
  int ldc = 0;
  float alpha = 1, beta = 0;
};

/// Not thread safe: one thread at a time. After Lost or Failed every later call fails too. Functions that take a stream
/// only queue their work (they do not synchronise); all others act at once.
class Api {
 public:
  Api() = default;
  virtual ~Api() = default;
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  virtual Status card(Card& card) = 0;
  /// A sentence on what failed last. Lifetime: until the next call.
  [[nodiscard]] virtual const char* last_error() const = 0;

  /// Device memory, 256-byte aligned, not initialised. nullptr may be released. Releasing waits for the device.
  virtual Status allocate(std::size_t bytes, void** memory) = 0;
  virtual void release(void* memory) = 0;
  /// Memory of the host that the device can copy to and from by itself.
  virtual Status allocate_pinned(std::size_t bytes, void** memory) = 0;
  virtual void release_pinned(void* memory) = 0;

  /// `from` is pinned and must stay as it is until the copy is done.
  virtual Status upload(void* to, const void* from, std::size_t bytes, Stream stream) = 0;
  /// `to` is pinned and holds nothing certain until the copy is done.
  virtual Status download(void* to, const void* from, std::size_t bytes, Stream stream) = 0;
  virtual Status copy(void* to, const void* from, std::size_t bytes, Stream stream) = 0;
  virtual Status fill(void* to, int byte, std::size_t bytes, Stream stream) = 0;

  virtual Status create_stream(Stream* stream) = 0;
  virtual void destroy_stream(Stream stream) = 0;
  /// Waits until all of the stream's work is done.
  virtual Status synchronize(Stream stream) = 0;

  /// `name` is what tests and profilers call it. Lifetime of the text: that of the program.
  virtual Status create_event(const char* name, Event* event) = 0;
  virtual void destroy_event(Event event) = 0;
  virtual Status record(Event event, Stream stream) = 0;
  /// Later work of the stream waits for what the event was last recorded behind.
  virtual Status wait(Stream stream, Event event) = 0;
  /// The calling thread waits.
  virtual Status synchronize(Event event) = 0;
  virtual Status elapsed_ms(Event from, Event to, float* ms) = 0;

  /// `args` is the kernel's struct of args.h; it is copied.
  virtual Status launch(Kernel kernel, Grid grid, unsigned threads, std::size_t shared_bytes, Stream stream, const void* args,
                        std::size_t args_bytes) = 0;
  virtual Status gemm(const Gemm& gemm, Stream stream) = 0;
};

/// What the plugin exports as `glassformer_cuda_open`: an Api for the first device that it can use, or nullptr with a
/// sentence in `message` (zero-terminated). `abi` is kAbi of the caller.
using OpenPlugin = Api* (*)(int abi, char* message, std::size_t message_bytes);
inline constexpr const char* kOpenPlugin = "glassformer_cuda_open";

}  // namespace gf::cuda
