#include "model/bench/bench.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>
#include <string_view>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <thread>

#include "model/backend.h"
#include "model/base/numbers.h"
#include "model/base/shell_word.h"
#include "model/base/text.h"
#include "model/bench/memory_read.h"
#include "model/bench/reference_rate.h"
#include "model/io/loaders.h"
#include "model/model_size.h"
#include "model/session.h"
#include "model/trace.h"

namespace gf::bench {
namespace {

using Clock = std::chrono::steady_clock;

double bench_ms_since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

double median(std::vector<double> values) {
  EXPECTS(!values.empty(), "something was measured");
  std::ranges::sort(values);
  return values[values.size() / 2];
}

constexpr const char* kPlans[] = {"none", "default", "full"};

std::vector<TokenId> bench_ids(int count, int n_vocab) {
  std::mt19937 engine(1);
  std::vector<TokenId> ids;
  for (int i = 0; i < count; ++i) ids.push_back(TokenId(static_cast<std::int32_t>(engine() % static_cast<unsigned>(n_vocab))));
  return ids;
}

Result<void> run_step(Backend& backend, Trace& trace, std::span<const TokenId> ids) {
  ForwardStep step;
  step.ids = ids;
  step.first_position = trace.length();
  step.n_prompt = static_cast<int>(ids.size());
  return backend.forward(trace, step);
}

Result<void> expect_whole(const Trace& trace, const char* plan) {
  for (const HookId hook : all_hooks(trace.config().n_layer))
    if (keeps(trace.plan(), hook.kind) && !trace.has(hook))
      return fail(ErrorCode::Device, text("the trace with capture '{0}' lacks {1}", plan, name_of(hook)));
  return {};
}

}  // namespace

double decode_bytes(const Weights& weights, int T) {
  const ModelConfig& c = weights.config;
  double sum = static_cast<double>(weights.unembed.view.elements()) * static_cast<double>(size_of(weights.unembed.view.dtype));
  for (const NamedTensor& tensor : weights.table()) {
    const bool embedding =
        tensor.view.data == weights.wte.data || tensor.view.data == weights.wpe.data || tensor.view.data == weights.unembed.view.data;
    if (!embedding) sum += static_cast<double>(tensor.view.elements()) * static_cast<double>(size_of(tensor.view.dtype));
  }
  return sum + 2.0 * c.n_layer * T * c.d_model * sizeof(float);
}

std::optional<Rates> measure_rates(const std::stop_token& stop) {
  const int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  Rates rates;
  rates.gb_per_s = memory_read_gb_per_s(threads, stop);
  if (!stop.stop_requested()) rates.gflops = machine_matmul_rate(threads, stop);
  if (stop.stop_requested()) return std::nullopt;
  return rates;
}

Result<StepTimes> prefill_times(Backend& backend, const Weights& weights, int T, const char* plan, Repeats repeats) {
  const std::vector<TokenId> ids = bench_ids(T, weights.config.n_vocab);
  StepTimes result;
  std::vector<double> times;
  const auto begin = Clock::now();
  for (int run = 0; run <= repeats.runs && (run < 2 || bench_ms_since(begin) < 1e3 * repeats.seconds); ++run) {
    Trace trace(weights.config, *CapturePlan::named(plan));
    const auto start = Clock::now();
    GF_TRY(run_step(backend, trace, ids));
    (run == 0 ? result.first_ms : times.emplace_back()) = bench_ms_since(start);
    GF_TRY(expect_whole(trace, plan));
  }
  result.ms = median(times);
  return result;
}

Result<StepTimes> decode_times(Backend& backend, const Weights& weights, int T, const char* plan, Repeats repeats) {
  const std::vector<TokenId> ids = bench_ids(T + 1 + repeats.runs, weights.config.n_vocab);
  Trace trace(weights.config, *CapturePlan::named(plan));
  GF_TRY(run_step(backend, trace, std::span(ids).first(static_cast<std::size_t>(T))));
  StepTimes result;
  std::vector<double> times;
  const auto begin = Clock::now();
  for (int run = 0; run <= repeats.runs && (run < 2 || bench_ms_since(begin) < 1e3 * repeats.seconds); ++run) {
    const auto start = Clock::now();
    GF_TRY(run_step(backend, trace, std::span(ids).subspan(static_cast<std::size_t>(T + run), 1)));
    (run == 0 ? result.first_ms : times.emplace_back()) = bench_ms_since(start);
  }
  GF_TRY(expect_whole(trace, plan));
  result.ms = median(times);
  return result;
}

Result<std::vector<Prefill>> prefill(const std::shared_ptr<const Weights>& weights, int threads) {
  auto backend = make_cpu_backend(threads);
  GF_TRY(backend->load(weights));
  std::vector<int> lengths = {std::min(64, weights->config.n_ctx), std::min(1024, weights->config.n_ctx)};
  lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  std::vector<Prefill> results;
  for (const int T : lengths) {
    const MatmulLimit limit = matmul_limit(*weights, T, threads);
    for (const char* plan : kPlans) {
      GF_TRY_ASSIGN(const StepTimes times, prefill_times(*backend, *weights, T, plan, {.runs = T <= 64 ? 9 : 3}));
      Prefill result{.T = T, .capture = plan, .ms = times.ms, .first_ms = times.first_ms};
      const bool last_only = std::string_view(plan) == "none";
      result.gflops = pass_flops(weights->config, T, last_only ? 1 : T) / result.ms / 1e6;
      result.matmul_gflops = last_only ? limit.gflops_of_last() : limit.gflops_of_all(T);
      if (result.matmul_gflops > 0) result.share_of_matmul = result.gflops / result.matmul_gflops;
      results.push_back(result);
    }
  }
  return results;
}

Result<std::vector<Decode>> decode(const std::shared_ptr<const Weights>& weights, int threads) {
  auto backend = make_cpu_backend(threads);
  GF_TRY(backend->load(weights));
  constexpr int kRunsBetweenReads = 8;
  const int n_ctx = weights->config.n_ctx, runs = std::min(3 * kRunsBetweenReads, n_ctx / 2);
  std::vector<int> lengths = {std::min(64, n_ctx - runs), std::min(1000, n_ctx - runs)};
  lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  std::vector<Decode> results;
  for (const int T : lengths) {
    const std::vector<TokenId> ids = bench_ids(T + runs, weights->config.n_vocab);
    const double bytes = decode_bytes(*weights, T);
    MemoryRead memory(threads, static_cast<std::size_t>(bytes));
    for (const char* plan : kPlans) {
      Trace trace(weights->config, *CapturePlan::named(plan));
      GF_TRY(run_step(*backend, trace, std::span(ids).first(static_cast<std::size_t>(T))));
      std::vector<double> times, shares, reads{memory.gb_per_s()};
      for (int run = 0; run < runs;) {
        const auto first = times.size();
        for (int i = 0; i < kRunsBetweenReads && run < runs; ++i, ++run) {
          const auto start = Clock::now();
          GF_TRY(run_step(*backend, trace, std::span(ids).subspan(static_cast<std::size_t>(T + run), 1)));
          times.push_back(bench_ms_since(start));
        }
        reads.push_back(memory.gb_per_s());
        const double beside = std::max(reads[reads.size() - 2], reads.back());
        for (auto i = first; i < times.size(); ++i) shares.push_back(bytes / times[i] / 1e6 / beside);
      }
      GF_TRY(expect_whole(trace, plan));
      const double ms = median(times);
      results.push_back({T, plan, ms, bytes / ms / 1e6, median(reads), median(shares)});
    }
  }
  return results;
}

Result<Load> load_and_run_one(const std::string& path, int threads) {
  const auto start = Clock::now();
  GF_TRY_ASSIGN(auto weights, load_weights(path));
  auto backend = make_cpu_backend(threads);
  GF_TRY(backend->load(weights));
  Trace trace(weights->config, CapturePlan::defaults());
  const TokenId first(0);
  GF_TRY(run_step(*backend, trace, {&first, 1}));
  Load load;
  load.load_ms = bench_ms_since(start);
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return fail(ErrorCode::Io, text("the system does not tell this program's peak memory"));
  load.peak_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  load.file_bytes = weights->file_bytes;
  return load;
}

std::string to_line(const Load& load) {
  return std::to_string(load.load_ms) + " " + std::to_string(load.peak_rss_bytes) + " " + std::to_string(load.file_bytes) + "\n";
}

Result<Load> load_in_fresh_process(const std::vector<std::string>& command) {
  std::string line;
  for (const std::string& word : command) line += (line.empty() ? "" : " ") + shell_quoted(word);
  std::FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) return fail(ErrorCode::Io, text("a fresh process to measure loading could not be started"));
  Load load;
  unsigned long long rss = 0, file = 0;
  const int fields = std::fscanf(pipe, "%lf %llu %llu", &load.load_ms, &rss, &file);
  if (pclose(pipe) != 0 || fields != 3)
    return fail(ErrorCode::Io, text("the process that measures loading failed; run {0} to see why", line));
  load.peak_rss_bytes = rss;
  load.file_bytes = file;
  return load;
}

Result<std::vector<double>> head_toggle_ms(Session& session, int T) {
  const ModelConfig& c = session.model().weights->config;
  RunRequest request;
  request.prompt = bench_ids(std::min(T, c.n_ctx), c.n_vocab);
  GF_TRY(session.run(request));
  // These runs do not count: in the first moments of a process the system may keep all its threads on one core.
  constexpr int kUncounted = 24;
  for (int i = 0; i < kUncounted; ++i) {
    Edit weaker;
    weaker.hook = name_of(HookId{HookKind::Z, 0});
    weaker.op = EditOp::Scale;
    weaker.factor = static_cast<float>(i + 1) / (kUncounted + 1);
    request.recipe.edits = {weaker};
    GF_TRY(session.run(request));
  }
  std::vector<double> by_block;
  for (int b = 0; b < c.n_layer; ++b) {
    std::vector<double> times;
    for (int head = 0; head < std::min(c.n_head, 9); ++head) {
      request.recipe.edits = {edit_of_head(b, head)};
      const auto start = Clock::now();
      GF_TRY(session.run(request));
      times.push_back(bench_ms_since(start));
    }
    by_block.push_back(median(times));
  }
  return by_block;
}

std::string machine() {
  std::string cpu = "unknown processor", line;
  std::ifstream info("/proc/cpuinfo");
  while (std::getline(info, line))
    if (line.starts_with("model name")) {
      cpu = line.substr(std::min(line.size(), line.find(':') + 2));
      break;
    }
  struct sysinfo memory{};
  sysinfo(&memory);
  const double bytes = static_cast<double>(memory.totalram) * memory.mem_unit;
  return std::to_string(std::thread::hardware_concurrency()) + " x " + cpu + ", " + numbers::bytes(bytes);
}

}  // namespace gf::bench
