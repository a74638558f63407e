#include "model/bench/reference_rate.h"

#include <algorithm>
#include <chrono>
#include <dnnl.hpp>
#include <initializer_list>
#include <omp.h>
#include <optional>
#include <span>
#include <thread>
#include <unistd.h>
#include <vector>

#include "model/base/parallel.h"

namespace gf::bench {
namespace {

/// A way to ask oneDNN for a product.
struct MatmulWay {
  bool packed;      ///< weights in the layout that oneDNN likes best, made before the clock starts
  bool by_columns;  ///< a call for each thread's columns, each on one thread; else one call on all threads
  bool sgemm;       ///< dnnl_sgemm in place of the primitive; by columns and as they lie
};
constexpr MatmulWay kWays[] = {{false, false, false}, {true, false, false}, {false, true, false}, {true, true, false}, {false, true, true}};
/// Columns of a call of dnnl_sgemm.
constexpr std::int64_t kSgemmColumns = 384;

/// A matrix of the model as it lies in memory, [n_in, n_out] or its transpose.
struct Factor {
  const float* data;
  std::int64_t n_in, n_out;
  bool in_major;
};

std::vector<float>& of_size(std::vector<std::vector<float>>& list, std::int64_t floats) {
  for (auto& memory : list)
    if (memory.size() == static_cast<std::size_t>(floats)) return memory;
  return list.emplace_back(static_cast<std::size_t>(floats), 0.5F);
}

/// For its lifetime oneDNN has so many threads in the calling thread's products.
class OneDnnThreads {
 public:
  explicit OneDnnThreads(int threads) : before_(omp_get_max_threads()) { omp_set_num_threads(threads); }
  ~OneDnnThreads() { omp_set_num_threads(before_); }
  OneDnnThreads(const OneDnnThreads&) = delete;
  OneDnnThreads& operator=(const OneDnnThreads&) = delete;

 private:
  int before_;
};

/// Products of T rows with matrices of one shape, one after the other, in one way.
class ReferenceRun {
 public:
  ReferenceRun(std::span<const Factor> factors, int T, int threads, MatmulWay way)
      : factors_(factors), T_(T), threads_(threads), way_(way), pool_(way.by_columns ? threads : 1) {
    const Factor& f = factors.front();
    of_size(x_, T * f.n_in);
    of_size(y_, T * f.n_out);
    if (way.sgemm) return;
    const OneDnnThreads as_later(way.by_columns ? 1 : threads);
    const std::int64_t parts = way.by_columns ? threads : 1, width = (f.n_out + parts - 1) / parts;
    for (const Factor& factor : factors)
      for (std::int64_t c = 0; c < f.n_out; c += width) add(factor, c, std::min(width, f.n_out - c));
  }

  void run() {
    if (way_.sgemm) return run_sgemm();
    if (way_.by_columns) {
      pool_.parallel_for(calls_.size(), [this](std::size_t i) { execute(calls_[i]); });
      return;
    }
    const OneDnnThreads several(threads_);
    for (Call& call : calls_) execute(call);
  }

 private:
  struct Call {
    dnnl::matmul primitive;
    dnnl::memory x, w, y;
  };

  void execute(Call& call) {
    dnnl::stream stream(engine_);
    call.primitive.execute(stream, {{DNNL_ARG_SRC, call.x}, {DNNL_ARG_WEIGHTS, call.w}, {DNNL_ARG_DST, call.y}});
    stream.wait();
  }

  void run_sgemm() {
    const Factor& shape = factors_.front();
    const std::int64_t panels = (shape.n_out + kSgemmColumns - 1) / kSgemmColumns;
    pool_.parallel_for(factors_.size() * static_cast<std::size_t>(panels), [&](std::size_t i) {
      const Factor& f = factors_[i / static_cast<std::size_t>(panels)];
      const std::int64_t c = static_cast<std::int64_t>(i) % panels * kSgemmColumns, n = std::min(kSgemmColumns, f.n_out - c);
      const float* w = f.data + (f.in_major ? c : c * f.n_in);
      dnnl_sgemm('N', f.in_major ? 'N' : 'T', T_, n, f.n_in, 1, x_.front().data(), f.n_in, w, f.in_major ? f.n_out : f.n_in, 0,
                 y_.front().data() + c, f.n_out);
    });
  }

  void add(const Factor& f, std::int64_t column, std::int64_t n) {
    using dnnl::memory;
    constexpr auto kF32 = memory::data_type::f32;
    const memory::desc x({T_, f.n_in}, kF32, memory::dims{f.n_in, 1}), y({T_, n}, kF32, memory::dims{f.n_out, 1});
    const memory::desc as_it_lies({f.n_in, n}, kF32, f.in_major ? memory::dims{f.n_out, 1} : memory::dims{1, f.n_in});
    const memory::desc any({f.n_in, n}, kF32, memory::format_tag::any);
    const dnnl::matmul::primitive_desc made(dnnl::matmul::desc(x, way_.packed ? any : as_it_lies, y), engine_);
    auto* data = const_cast<float*>(f.data + (f.in_major ? column : column * f.n_in));
    memory w(as_it_lies, engine_, data);
    if (way_.packed) {
      memory packed(made.weights_desc(), engine_);
      dnnl::stream stream(engine_);
      dnnl::reorder(w, packed).execute(stream, w, packed);
      stream.wait();
      w = packed;
    }
    calls_.push_back({dnnl::matmul(made), memory(x, engine_, x_.front().data()), w, memory(y, engine_, y_.front().data() + column)});
  }

  std::span<const Factor> factors_;
  int T_, threads_;
  MatmulWay way_;
  ThreadPool pool_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  std::vector<std::vector<float>> x_, y_;
  std::vector<Call> calls_;
};

/// Whether oneDNN's own copy of the matrices would fit.
bool has_room_for(std::span<const Factor> factors) {
  const double pages = static_cast<double>(sysconf(_SC_AVPHYS_PAGES)), page = static_cast<double>(sysconf(_SC_PAGESIZE));
  const double floats = static_cast<double>(factors.size()) * static_cast<double>(factors.front().n_in * factors.front().n_out);
  return floats * sizeof(float) < pages * page / 4;
}

/// The least time of all ways. The first run of each makes the kernels and does not count.
double least_seconds(std::span<const Factor> factors, int T, int threads, int runs, const std::stop_token& stop) {
  std::optional<double> least;
  for (const MatmulWay& way : kWays) {
    if (way.packed && !has_room_for(factors)) continue;
    ReferenceRun reference(factors, T, threads, way);
    for (int run = 0; run <= runs && !stop.stop_requested(); ++run) {
      const auto start = std::chrono::steady_clock::now();
      reference.run();
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      if (run > 0) least = std::min(least.value_or(seconds), seconds);
    }
  }
  return least.value_or(0);
}

double gflops_in(double flops, double seconds) { return seconds > 0 ? flops / seconds / 1e9 : 0; }

int all_or(int threads) { return threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

}  // namespace

double MatmulLimit::gflops_of_all(int T) const { return gflops_in(blocks_flops + T * row_flops, blocks_seconds + unembed_seconds); }
double MatmulLimit::gflops_of_last() const { return gflops_in(blocks_flops + row_flops, blocks_seconds + one_row_seconds); }

MatmulLimit matmul_limit(const Weights& weights, int T, int threads) {
  constexpr int kRuns = 3;
  threads = all_or(threads);
  MatmulLimit limit;
  std::vector<std::vector<float>> in_place_of_narrow;
  const auto factor_of = [&](const Matrix& m) {
    // Only float32 can be read in place; narrower weights are stood in for by memory of their size.
    const float* data = m.view.dtype == DType::F32 ? m.view.f32().data() : of_size(in_place_of_narrow, m.n_in() * m.n_out()).data();
    return Factor{data, m.n_in(), m.n_out(), m.in_major};
  };
  for (const auto matrix : {&BlockWeights::qkv, &BlockWeights::o, &BlockWeights::in, &BlockWeights::out}) {
    std::vector<Factor> factors;
    for (const BlockWeights& block : weights.blocks) factors.push_back(factor_of(block.*matrix));
    for (const Factor& f : factors) limit.blocks_flops += 2.0 * T * static_cast<double>(f.n_in) * static_cast<double>(f.n_out);
    limit.blocks_seconds += least_seconds(factors, T, threads, kRuns, {});
  }
  const Factor unembed = factor_of(weights.unembed);
  limit.row_flops = 2.0 * static_cast<double>(unembed.n_in) * static_cast<double>(unembed.n_out);
  limit.unembed_seconds = least_seconds({&unembed, 1}, T, threads, kRuns, {});
  limit.one_row_seconds = least_seconds({&unembed, 1}, 1, threads, kRuns, {});
  return limit;
}

double machine_matmul_rate(int threads, const std::stop_token& stop) {
  constexpr int kRows = 1024, kSide = 2048, kRuns = 3;
  const std::vector<float> memory(std::size_t{kSide} * kSide, 0.5F);
  const Factor square{memory.data(), kSide, kSide, true};
  return gflops_in(2.0 * kRows * kSide * kSide, least_seconds({&square, 1}, kRows, all_or(threads), kRuns, stop));
}

}  // namespace gf::bench
