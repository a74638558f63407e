#include "model/bench/reference_rate.h"

#include <algorithm>
#include <chrono>
#include <dnnl.hpp>
#include <omp.h>
#include <thread>
#include <vector>

namespace gf::bench {
namespace {

/// One product of the model: the primitive, its weights where the model has them, its memory for x and y.
struct ReferenceProduct {
  dnnl::matmul primitive;
  dnnl::memory x, w, y;
};

class ReferenceRun {
 public:
  ReferenceRun(const Weights& weights, int T) : T_(T) {
    for (const BlockWeights& b : weights.blocks)
      for (const Matrix* m : {&b.qkv, &b.o, &b.in, &b.out}) add(*m);
    add(weights.unembed);
  }
  ReferenceRun(int T, int n_in, int n_out) : T_(T) {
    add(n_in, n_out, true, reserve(w_, static_cast<std::size_t>(n_in) * static_cast<std::size_t>(n_out)).data());
  }
  void run() {
    for (ReferenceProduct& p : products_) p.primitive.execute(stream_, {{DNNL_ARG_SRC, p.x}, {DNNL_ARG_WEIGHTS, p.w}, {DNNL_ARG_DST, p.y}});
    stream_.wait();
  }
  [[nodiscard]] double flops() const { return flops_; }

 private:
  void add(const Matrix& m) {
    const std::int64_t n_in = m.n_in(), n_out = m.n_out();
    // Only float32 can be read in place; narrower weights are stood in for by memory of their size.
    const void* data = m.view.data;
    if (m.view.dtype != DType::F32) data = reserve(w_, static_cast<std::size_t>(n_in * n_out)).data();
    add(n_in, n_out, m.in_major, data);
  }
  void add(std::int64_t n_in, std::int64_t n_out, bool in_major, const void* data) {
    using dnnl::memory;
    flops_ += 2.0 * T_ * static_cast<double>(n_in) * static_cast<double>(n_out);
    const memory::desc x({T_, n_in}, memory::data_type::f32, memory::format_tag::ab);
    const memory::desc w({n_in, n_out}, memory::data_type::f32, in_major ? memory::format_tag::ab : memory::format_tag::ba);
    const memory::desc y({T_, n_out}, memory::data_type::f32, memory::format_tag::ab);
    auto& values = reserve(x_, static_cast<std::size_t>(T_ * n_in));
    auto& results = reserve(y_, static_cast<std::size_t>(T_ * n_out));
    products_.push_back({dnnl::matmul(dnnl::matmul::primitive_desc(dnnl::matmul::desc(x, w, y), engine_)),
                         memory(x, engine_, values.data()), memory(w, engine_, const_cast<void*>(data)),
                         memory(y, engine_, results.data())});
  }
  static std::vector<float>& reserve(std::vector<std::vector<float>>& list, std::size_t floats) {
    for (auto& memory : list)
      if (memory.size() == floats) return memory;
    return list.emplace_back(floats, 0.5F);
  }

  int T_;
  double flops_ = 0;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::vector<std::vector<float>> x_, w_, y_;
  std::vector<ReferenceProduct> products_;
};

}  // namespace

namespace {

/// The first run makes the kernels and does not count.
double best_rate(ReferenceRun& reference, int runs, const std::stop_token& stop) {
  double best = 0;
  for (int run = 0; run <= runs && !stop.stop_requested(); ++run) {
    const auto start = std::chrono::steady_clock::now();
    reference.run();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (run > 0) best = std::max(best, reference.flops() / seconds / 1e9);
  }
  return best;
}

/// For its lifetime oneDNN has so many threads in the calling thread's products.
class OneDnnThreads {
 public:
  explicit OneDnnThreads(int threads) : before_(omp_get_max_threads()) {
    omp_set_num_threads(threads > 0 ? threads : static_cast<int>(std::thread::hardware_concurrency()));
  }
  ~OneDnnThreads() { omp_set_num_threads(before_); }
  OneDnnThreads(const OneDnnThreads&) = delete;
  OneDnnThreads& operator=(const OneDnnThreads&) = delete;

 private:
  int before_;
};

}  // namespace

double matmul_rate(const Weights& weights, int T, int threads) {
  const OneDnnThreads several(threads);
  ReferenceRun reference(weights, T);
  return best_rate(reference, 3, {});
}

double machine_matmul_rate(int threads, const std::stop_token& stop) {
  const OneDnnThreads several(threads);
  ReferenceRun reference(1024, 2048, 2048);
  return best_rate(reference, 5, stop);
}

}  // namespace gf::bench
