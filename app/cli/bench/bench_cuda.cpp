#include "app/cli/bench/bench_cuda.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/cli/json.h"
#include "cuda/cuda_backend.h"
#include "cuda/handles.h"
#include "cuda/host/roofline.h"
#include "cuda/open_backend.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/bench/bench.h"
#include "model/bench/random_weights.h"
#include "model/pass_times.h"
#include "model/session.h"
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

using BenchClock = std::chrono::steady_clock;
double bench_seconds_since(BenchClock::time_point start) { return std::chrono::duration<double>(BenchClock::now() - start).count(); }

Result<void> checked_call(const cuda::Api& api, cuda::Status status) {
  if (status != cuda::Status::Ok) return tl::unexpected(cuda::device_error(api, status, phrase("to measure itself")));
  return {};
}

struct CardRates {
  double copy_gb_per_s = 0;  ///< read and written, from memory of the device to memory of the device; best of ten
  double launch_us = 0;      ///< a launch among many, each as small as a launch can be
};
Result<CardRates> measure_card(cuda::Api& api, const cuda::Card& card) {
  cuda::Handle<cuda::Stream> stream(api);
  GF_TRY(checked_call(api, api.create_stream(stream.out())));
  const std::size_t bytes = std::min<std::size_t>(std::size_t{512} << 20, card.free_bytes / 8 / 256 * 256);
  GF_TRY_ASSIGN(const auto from, cuda::DeviceBuffer::make(api, bytes, phrase("to measure itself")));
  GF_TRY_ASSIGN(const auto to, cuda::DeviceBuffer::make(api, bytes, phrase("to measure itself")));
  GF_TRY(checked_call(api, api.fill(from.as<>(), 0, bytes, stream.get())));
  GF_TRY(checked_call(api, api.synchronize(stream.get())));
  CardRates rates;
  for (int i = 0; i < 11; ++i) {  // the first does not count
    const auto start = BenchClock::now();
    GF_TRY(checked_call(api, api.copy(to.as<>(), from.as<>(), bytes, stream.get())));
    GF_TRY(checked_call(api, api.synchronize(stream.get())));
    if (i > 0) rates.copy_gb_per_s = std::max(rates.copy_gb_per_s, 2e-9 * static_cast<double>(bytes) / bench_seconds_since(start));
  }
  constexpr int kWidth = 32, kLaunches = 500;
  const cuda::BiasArgs args{to.as<float>(), from.as<float>(), kWidth};
  for (const bool counts : {false, true}) {
    const auto start = BenchClock::now();
    for (int i = 0; i < kLaunches; ++i)
      GF_TRY(checked_call(api, api.launch(cuda::Kernel::add_bias, {1}, kWidth, 0, stream.get(), &args, sizeof(args))));
    GF_TRY(checked_call(api, api.synchronize(stream.get())));
    if (counts) rates.launch_us = 1e6 * bench_seconds_since(start) / kLaunches;
  }
  return rates;
}

/// A prompt of T - 1 tokens and the token after it in the second of two runs; the first warms up. Tells the token's launches.
Result<std::uint64_t> measure_cuda_kernels(Backend& backend, const ModelConfig& config, int T, Json& r) {
  PassTimes prefill, decode;
  const std::vector<TokenId> ids(static_cast<std::size_t>(T), TokenId(0));
  const auto run = [&](Trace& trace, int rows, PassTimes& into) {
    ForwardStep step;
    step.ids = std::span(ids).first(static_cast<std::size_t>(rows));
    step.first_position = trace.length();
    step.n_prompt = T;
    step.times = &into;
    return backend.forward(trace, step);
  };
  for (int round = 0; round < 2; ++round) {
    Trace trace(config, CapturePlan::none());
    GF_TRY(run(trace, T - 1, prefill));
    GF_TRY(run(trace, 1, decode));
  }
  r["steps"] = {to_json("prefill", prefill), to_json("decode", decode)};
  std::uint64_t launches = 0;
  for (const OperationTimes& k : decode.operations) launches += k.calls;
  return launches;
}

/// By the clock, each until a second is gone.
Result<void> measure_cuda_passes(Backend& backend, const Weights& weights, int T, const CardRates& rates, std::uint64_t launches, Json& r) {
  constexpr double kSeconds = 1;
  const ModelConfig& c = weights.config;
  r["prefill"] = Json::array();
  for (const char* plan : {"none", "default", "full"}) {
    constexpr std::size_t kMostCaptured = std::size_t{4} << 30;
    if (forecast_bytes(c, *CapturePlan::named(plan), T) > kMostCaptured) {
      r["notes"].push_back(text("{0} tokens with capture '{1}' are left out: they take more than {2}", T, plan,
                                numbers::bytes(static_cast<double>(kMostCaptured))));
      continue;
    }
    GF_TRY_ASSIGN(const auto times, bench::prefill_times(backend, weights, T, plan, {.runs = 9, .seconds = kSeconds}));
    r["prefill"].push_back({{"T", T}, {"capture", plan}, {"ms", number(times.ms)}, {"first_ms", number(times.first_ms)}});
  }
  const int runs = std::min(23, c.n_ctx / 4), before = std::min(1000, c.n_ctx - runs - 1);
  r["decode"] = Json::array();
  for (const char* plan : {"none", "default"}) {
    GF_TRY_ASSIGN(const auto times, bench::decode_times(backend, weights, before, plan, {.runs = runs, .seconds = kSeconds}));
    const double bytes = bench::decode_bytes(weights, before), gb_per_s = 1e-6 * bytes / times.ms;
    r["decode"].push_back({{"T", before},
                           {"capture", plan},
                           {"ms_per_token", number(times.ms)},
                           {"bytes", bytes},
                           {"gb_per_s", number(gb_per_s)},
                           {"share_of_copy", number(gb_per_s / rates.copy_gb_per_s)},
                           {"launches", launches},
                           {"launch_bound_ms", number(1e-3 * static_cast<double>(launches) * rates.launch_us)}});
  }
  return {};
}

/// From the cut to the new run's logits, through a session as the program has it.
Result<void> measure_cuda_toggle(std::shared_ptr<const Model> model, Json& r) {
  constexpr int T = 64;
  Session::Options options;
  options.backend = "cuda";
  GF_TRY_ASSIGN(const auto session, Session::create(std::move(model), options));
  GF_TRY_ASSIGN(const auto by_block, bench::head_toggle_ms(*session, T));
  if (!session->backend_name().starts_with("cuda")) return fail(ErrorCode::Device, text("the session went on with the CPU"));
  const std::size_t middle = by_block.size() / 2;
  r["head_toggle"] = {{"T", std::min(T, session->model().weights->config.n_ctx)},
                      {"block", middle},
                      {"ms", number(by_block[middle])},
                      {"by_block", by_block}};
  return {};
}

Result<std::shared_ptr<const Model>> cuda_bench_model(const CudaBench& o) {
  if (o.shape.empty()) return open(o.model);
  auto model = std::make_shared<Model>();
  GF_TRY_ASSIGN(model->weights, bench::random_weights(o.shape, o.dtype == "f16" ? DType::F16 : DType::F32));
  GF_TRY_ASSIGN(model->tokenizer, load_tokenizer("", model->weights->config.n_vocab));
  return model;
}

Result<Json> measure_cuda(const CudaBench& o) {
  GF_TRY_ASSIGN(auto device, cuda::open_device(cuda::plugin_path()));
  GF_TRY_ASSIGN(const auto model, cuda_bench_model(o));
  const Weights& weights = *model->weights;
  const int T = std::clamp(o.T, 3, weights.config.n_ctx);
  Json r{{"device", cuda::text_of(device.card)},
         {"products", std::string_view(device.card.products)},
         {"model", weights.name},
         {"dtype", name_of(weights.dtype)},
         {"parameters", weights.parameters()},
         {"notes", Json::array()}};
  GF_TRY_ASSIGN(const CardRates rates, measure_card(*device.api, device.card));
  r["copy_gb_per_s"] = number(rates.copy_gb_per_s);
  r["launch_us"] = number(rates.launch_us);
  {
    const auto backend = cuda::make_cuda_backend(std::move(device.api), device.library);
    GF_TRY(backend->load(model->weights));
    GF_TRY_ASSIGN(const std::uint64_t launches, measure_cuda_kernels(*backend, weights.config, T, r));
    GF_TRY(measure_cuda_passes(*backend, weights, T, rates, launches, r));
  }
  GF_TRY(measure_cuda_toggle(model, r));
  return r;
}

void print_clock_times(const Json& r) {
  const auto fixed = [](const Json& value, int digits) {
    return value.is_null() ? std::string("-") : numbers::fixed(value.get<double>(), digits);
  };
  print_line(text("copies {0} GB/s, a launch takes {1} microseconds", fixed(r["copy_gb_per_s"], 0), fixed(r["launch_us"], 2)));
  for (const Json& p : r["prefill"])
    print_line(text("{0} tokens, capture {1}: {2} ms", p["T"].dump(), p["capture"].get<std::string>(), fixed(p["ms"], 3)));
  for (const Json& d : r["decode"])
    print_line(text("a token after {0}, capture {1}: {2} ms, {3} GB/s, {4} of the copy's; its {5} launches take {6} ms", d["T"].dump(),
                    d["capture"].get<std::string>(), fixed(d["ms_per_token"], 3), fixed(d["gb_per_s"], 1),
                    d["share_of_copy"].is_null() ? "-" : numbers::percent(d["share_of_copy"].get<double>()), d["launches"].dump(),
                    fixed(d["launch_bound_ms"], 3)));
  const Json& h = r["head_toggle"];
  print_line(text("a head of block {0} cut at {1} tokens: {2} ms", h["block"].dump(), h["T"].dump(), fixed(h["ms"], 3)));
  for (const Json& note : r["notes"]) print_line(note.get<std::string>());
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
  print_clock_times(r);
}

}  // namespace

int print_cuda_times(const CudaBench& bench, bool json) {
  const auto r = measure_cuda(bench);
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
