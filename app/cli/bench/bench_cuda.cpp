#include "app/cli/bench/bench_cuda.h"

#include <algorithm>

#include "app/cli/json.h"
#include "app/cli/options.h"
#include "cuda/cuda_backend.h"
#include "cuda/host/roofline.h"
#include "cuda/open_backend.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/pass_times.h"
#include "model/trace.h"

namespace gf::cli {

namespace {

using cuda::host::StepCost;
using cuda::host::Totals;

std::uint64_t bytes_of(const Totals& t) { return t.bytes_read + t.bytes_written; }

Json least_ms(const Totals& t) {
  Json times = Json::object();
  for (const auto& device : cuda::host::known_devices()) times[device.name] = number(1e3 * cuda::host::least_seconds(t, device));
  return times;
}

/// Each kernel waits for the one before it, so their least times add up.
Json sum_of_least_ms(const StepCost& cost) {
  Json times = Json::object();
  for (const auto& device : cuda::host::known_devices()) {
    double ms = 0;
    for (const auto& k : cost.kernels)
      if (k.kernel != "copies") ms += 1e3 * cuda::host::least_seconds(k.totals, device);
    times[device.name] = number(ms);
  }
  return times;
}

Json to_json(const StepCost& cost) {
  Json kernels = Json::array();
  for (const auto& k : cost.kernels)
    kernels.push_back({{"kernel", k.kernel},
                       {"launches", k.totals.launches},
                       {"bytes_read", k.totals.bytes_read},
                       {"bytes_written", k.totals.bytes_written},
                       {"flops", k.totals.flops},
                       {"least_ms", k.kernel == "copies" ? Json(nullptr) : least_ms(k.totals)}});
  const Totals sum = cost.sum();
  return {{"phase", cost.phase},
          {"T", cost.T},
          {"kernels", std::move(kernels)},
          {"bytes", bytes_of(sum)},
          {"flops", sum.flops},
          {"weights_bytes", cost.weights_bytes},
          {"kv_bytes", cost.kv_bytes},
          {"least_ms", sum_of_least_ms(cost)}};
}

void print_cuda_plan(const Json& r) {
  const auto mb = [](const Json& bytes) { return numbers::fixed(bytes.get<double>() / 1e6, 2); };
  for (const Json& step : r["steps"]) {
    std::vector<std::vector<std::string>> rows{{text("kernel"), text("launches"), text("MB read"), text("MB written"), "GFLOP"}};
    for (const auto& device : cuda::host::known_devices()) rows[0].push_back(std::string(device.name) + " ms");
    for (const Json& k : step["kernels"]) {
      rows.push_back({k["kernel"], k["launches"].dump(), mb(k["bytes_read"]), mb(k["bytes_written"]),
                      numbers::fixed(k["flops"].get<double>() / 1e9, 3)});
      for (const auto& device : cuda::host::known_devices())
        rows.back().push_back(k["least_ms"].is_null() ? "-" : numbers::fixed(k["least_ms"][device.name].get<double>(), 4));
    }
    const auto T = step["T"].dump();
    print_line(step["phase"] == "prefill" ? text("prefill of {0} tokens, nothing captured", T)
                                          : text("one token, the last of {0}, nothing captured", T));
    print_table(rows);
    const double bytes = step["bytes"].get<double>(), weights = step["weights_bytes"].get<double>(), kv = step["kv_bytes"].get<double>();
    print_line(text("moved {0} MB; weights once {1} MB, keys and values once {2} MB: {3} of their sum", numbers::fixed(bytes / 1e6, 2),
                    numbers::fixed(weights / 1e6, 2), numbers::fixed(kv / 1e6, 2), numbers::fixed(bytes / (weights + kv), 4)));
    for (const auto& device : cuda::host::known_devices())
      print_line(text("{0} ({1} GB/s, {2} TFLOP/s f32): at least {3} ms", device.name, numbers::fixed(device.gb_per_s, 0),
                      numbers::fixed(device.gflops / 1e3, 1), numbers::fixed(step["least_ms"][device.name].get<double>(), 3)));
    print_line("");
  }
}

Json to_json(const char* phase, const PassTimes& times) {
  Json kernels = Json::array();
  for (const OperationTimes& k : times.operations) {
    const double seconds = k.ms / 1e3;
    const auto share = [&](double amount, double limit) {
      return limit > 0 && seconds > 0 ? number(amount / seconds / limit) : Json(nullptr);
    };
    kernels.push_back({{"kernel", k.name},
                       {"launches", k.calls},
                       {"ms", number(k.ms)},
                       {"bytes", k.bytes},
                       {"flops", k.flops},
                       {"share_of_bandwidth", share(static_cast<double>(k.bytes), times.limits.gb_per_s * 1e9)},
                       {"share_of_peak", share(static_cast<double>(k.flops), times.limits.gflops * 1e9)}});
  }
  return {{"phase", phase}, {"T", times.first_position + times.rows}, {"ms", number(times.ms)}, {"kernels", std::move(kernels)}};
}

/// Measures a prompt of T - 1 tokens and the token after it in the second of two runs; the first warms up.
Result<Json> measure_kernels(const ModelOptions& options, int T) {
  GF_TRY_ASSIGN(auto device, cuda::open_device(cuda::plugin_path()));
  GF_TRY_ASSIGN(const auto model, open(options));
  const ModelConfig& config = model->weights->config;
  T = std::clamp(T, 3, config.n_ctx);
  const auto backend = cuda::make_cuda_backend(std::move(device.api), device.library);
  GF_TRY(backend->load(model->weights));
  PassTimes prefill, decode;
  const std::vector<TokenId> ids(static_cast<std::size_t>(T), TokenId(0));
  const auto run = [&](Trace& trace, int rows, PassTimes& into) {
    ForwardStep step;
    step.ids = std::span(ids).first(static_cast<std::size_t>(rows));
    step.first_position = trace.length();
    step.n_prompt = T;
    step.times = &into;
    return backend->forward(trace, step);
  };
  for (int round = 0; round < 2; ++round) {
    Trace trace(config, CapturePlan::none());
    GF_TRY(run(trace, T - 1, prefill));
    GF_TRY(run(trace, 1, decode));
  }
  return Json{{"device", cuda::text_of(device.card)},
              {"model", model->weights->name},
              {"steps", {to_json("prefill", prefill), to_json("decode", decode)}}};
}

void print_times(const Json& r) {
  print_line(r["device"].get<std::string>());
  const auto percent = [](const Json& share) { return share.is_null() ? std::string("-") : numbers::percent(share.get<double>()); };
  for (const Json& step : r["steps"]) {
    std::vector<std::vector<std::string>> rows{
        {text("kernel"), text("launches"), "ms", "MB", "GFLOP", text("of bandwidth"), text("of peak")}};
    for (const Json& k : step["kernels"])
      rows.push_back({k["kernel"], k["launches"].dump(), numbers::fixed(k["ms"].get<double>(), 4),
                      numbers::fixed(k["bytes"].get<double>() / 1e6, 2), numbers::fixed(k["flops"].get<double>() / 1e9, 3),
                      percent(k["share_of_bandwidth"]), percent(k["share_of_peak"])});
    std::printf("%s, T = %s\n", step["phase"].get<std::string>().c_str(), step["T"].dump().c_str());
    print_table(rows);
  }
}

}  // namespace

int print_cuda_times(const ModelOptions& model, int T, bool json) {
  const auto r = measure_kernels(model, T);
  if (!r) return failed({r.error().code, text("bench --backend cuda: {0}", r.error().message), {}});
  if (json) print(*r);
  else print_times(*r);
  return 0;
}

int print_cuda_plan(int T, bool json) {
  const ModelConfig config = cuda::host::gpt2_small();
  Json r = {{"model", "GPT-2 small, float32"}, {"steps", Json::array()}};
  const auto prefill = cuda::host::cost_of_prefill(config, T);
  if (!prefill) return failed(prefill.error());
  const auto decode = cuda::host::cost_of_decode(config, T);
  if (!decode) return failed(decode.error());
  for (const auto* step : {&*prefill, &*decode}) r["steps"].push_back(to_json(*step));
  if (json) print(r);
  else print_cuda_plan(r);
  return 0;
}

}  // namespace gf::cli
