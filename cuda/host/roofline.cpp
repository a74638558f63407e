#include "cuda/host/roofline.h"

#include <algorithm>
#include <array>
#include <memory>

#include "cuda/cuda_backend.h"
#include "model/trace.h"

namespace gf::cuda::host {

namespace {

/// A model whose weights are all zero and lie in the same memory: what moves doesn't depend on the values.
std::shared_ptr<const Weights> zeros(ModelConfig config, int n_layer, DType type) {
  config.n_layer = n_layer;
  const std::int64_t d = config.d_model, mlp = config.d_mlp, vocab = config.n_vocab;
  const auto largest = static_cast<std::size_t>(std::max({vocab * d, d * 3 * d, d * mlp, config.n_ctx * d}));
  auto memory = std::make_shared<std::vector<float>>(largest);
  const auto tensor = [&](std::initializer_list<std::int64_t> shape) {
    return TensorView{reinterpret_cast<const std::byte*>(memory->data()), type, Shape(shape)};
  };
  const auto matrix = [&](std::int64_t n_in, std::int64_t n_out) { return Matrix{tensor({n_out, n_in}), false}; };
  auto w = std::make_shared<Weights>();
  w->config = config;
  w->storage.push_back(memory);
  w->wte = tensor({vocab, d});
  w->wpe = tensor({config.n_ctx, d});
  w->unembed = {w->wte, false};
  w->ln_f = {tensor({d}), tensor({d})};
  for (int b = 0; b < n_layer; ++b)
    w->blocks.push_back({.ln1 = {tensor({d}), tensor({d})},
                         .ln2 = {tensor({d}), tensor({d})},
                         .qkv = matrix(d, 3 * d),
                         .b_qkv = tensor({3 * d}),
                         .o = matrix(d, d),
                         .b_o = tensor({d}),
                         .in = matrix(d, mlp),
                         .b_in = tensor({mlp}),
                         .out = matrix(mlp, d),
                         .b_out = tensor({d})});
  return w;
}

Result<void> extend(Backend& backend, Trace& trace, int count) {
  const std::vector<TokenId> ids(static_cast<std::size_t>(count), TokenId(0));
  ForwardStep step;
  step.ids = ids;
  step.first_position = trace.length();
  step.n_prompt = trace.length() + count;
  return backend.forward(trace, step);
}

/// What a model of n_layer blocks costs after `before` positions that are not counted.
Result<std::map<std::string, Totals>> count(const ModelConfig& config, DType type, int n_layer, int before, int step) {
  const auto weights = zeros(config, n_layer, type);
  const std::size_t rows = static_cast<std::size_t>(before + step) * static_cast<std::size_t>(config.d_model + config.d_mlp) * 4;
  const std::size_t matrices = static_cast<std::size_t>(weights->parameters()) * sizeof(float);
  auto made = std::make_unique<HostApi>(HostApi::Options{
      .memory_bytes = matrices * 2 + rows * 32 + (std::size_t{256} << 20), .check_races = false, .compute_products = false});
  HostApi& api = *made;
  const auto backend = make_cuda_backend(std::move(made));
  GF_TRY(backend->load(weights));
  Trace trace(weights->config, CapturePlan::none());
  // One step of one token goes before the counted step, so that its logits are on the device, as in any decoding.
  if (before > 1) GF_TRY(extend(*backend, trace, before - 1));
  if (before > 0) GF_TRY(extend(*backend, trace, 1));
  api.reset_totals();
  GF_TRY(extend(*backend, trace, step));
  return api.totals();
}

Result<StepCost> cost(const ModelConfig& config, DType type, std::string phase, int before, int step) {
  GF_TRY_ASSIGN(const auto one, count(config, type, 1, before, step));
  GF_TRY_ASSIGN(const auto two, count(config, type, 2, before, step));
  StepCost cost;
  cost.phase = std::move(phase);
  cost.T = before + step;
  const auto blocks = static_cast<std::uint64_t>(config.n_layer - 1);
  for (const auto& [kernel, b] : two) {
    const auto found = one.find(kernel);
    const Totals a = found == one.end() ? Totals{} : found->second;
    const auto scaled = [&](std::uint64_t Totals::* part) { return a.*part + blocks * (b.*part - a.*part); };
    cost.kernels.push_back(
        {kernel, {scaled(&Totals::launches), scaled(&Totals::bytes_read), scaled(&Totals::bytes_written), scaled(&Totals::flops)}});
  }
  std::ranges::stable_sort(cost.kernels, {},
                           [](const KernelCost& k) { return -static_cast<std::int64_t>(k.totals.bytes_read + k.totals.bytes_written); });
  const auto d = static_cast<std::uint64_t>(config.d_model), mlp = static_cast<std::uint64_t>(config.d_mlp);
  const auto n_layer = static_cast<std::uint64_t>(config.n_layer);
  // Of wpe, as many rows as there are tokens in the step; all else once. Vectors are float32 on the device.
  const std::uint64_t in_matrices = static_cast<std::uint64_t>(config.n_vocab + step) * d + n_layer * (4 * d * d + 2 * d * mlp);
  const std::uint64_t in_vectors = 2 * d + n_layer * (9 * d + mlp);
  cost.weights_bytes = size_of(type) * in_matrices + sizeof(float) * in_vectors;
  cost.kv_bytes = 4 * 2 * n_layer * d * static_cast<std::uint64_t>(cost.T);
  return cost;
}

}  // namespace

std::span<const Limits> known_devices() {
  static constexpr std::array kDevices{Limits{"H100 SXM", 3350, 66900}, Limits{"RTX 4090", 1008, 82600}};
  return kDevices;
}

Totals StepCost::sum() const {
  Totals sum;
  for (const KernelCost& k : kernels) {
    if (k.kernel == "copies") continue;  // over the bus, beside the computation
    sum.launches += k.totals.launches;
    sum.bytes_read += k.totals.bytes_read;
    sum.bytes_written += k.totals.bytes_written;
    sum.flops += k.totals.flops;
  }
  return sum;
}

double least_seconds(const Totals& t, const Limits& limits) {
  return std::max(static_cast<double>(t.bytes_read + t.bytes_written) / (limits.gb_per_s * 1e9),
                  static_cast<double>(t.flops) / (limits.gflops * 1e9));
}

ModelConfig gpt2_small() {
  return {.n_layer = 12, .n_head = 12, .d_model = 768, .d_head = 64, .d_mlp = 3072, .n_ctx = 1024, .n_vocab = 50257};
}

Result<StepCost> cost_of_prefill(const ModelConfig& config, int T, DType weights) {
  EXPECTS(T >= 1 && T <= config.n_ctx, "a prompt fits into the context");
  return cost(config, weights, "prefill", 0, T);
}
Result<StepCost> cost_of_decode(const ModelConfig& config, int T, DType weights) {
  EXPECTS(T >= 2 && T <= config.n_ctx, "a token follows others within the context");
  return cost(config, weights, "decode", T - 1, 1);
}

}  // namespace gf::cuda::host
