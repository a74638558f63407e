// What the cases of the conformance suite share: backends by name, runs, comparisons that say where they fail.
#pragma once

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "cuda/cuda_backend.h"
#include "cuda/host/host_api.h"
#include "cuda/open_backend.h"
#include "model/edits/compiled.h"
#include "tests/model/cpu/forward_checks.h"
#include "tests/model/cpu/random_model.h"

namespace gf::testing {

struct CudaOnHost {
  cuda::host::HostApi* api = nullptr;  ///< lives in the backend
  std::unique_ptr<Backend> backend;
};
inline CudaOnHost make_cuda_on_host(unsigned seed, std::size_t memory_bytes = std::size_t{256} << 20, bool check_races = true,
                                    bool own_products = false) {
  auto api = std::make_unique<cuda::host::HostApi>(
      cuda::host::HostApi::Options{.seed = seed, .memory_bytes = memory_bytes, .check_races = check_races, .own_products = own_products});
  CudaOnHost made;
  made.api = api.get();
  made.backend = cuda::make_cuda_backend(std::move(api));
  return made;
}

/// What the suite runs on: naive, CPU and the executor, or the GPU where the environment asks for it.
inline std::vector<std::string> conformance_backends() {
  const char* on = std::getenv("GLASSFORMER_CONFORMANCE_ON");
  if (on != nullptr) return {on};
  return {"naive", "cpu", "cuda"};
}

/// "naive", "cpu", "cuda" (on the executor), "gpu"; nullptr and a reason where there is none.
inline std::unique_ptr<Backend> make_backend(const std::string& name, std::string* reason = nullptr, unsigned seed = 1) {
  if (name == "gpu") {
    auto device = cuda::open_device(cuda::plugin_path());
    if (device) return cuda::make_cuda_backend(std::move(device->api), std::move(device->library));
    if (reason != nullptr) *reason = device.error().message;
    return nullptr;
  }
  if (name == "naive") return make_naive_backend();
  if (name == "cpu") return make_cpu_backend(2);
  return make_cuda_on_host(seed).backend;
}

/// Appends ids in steps of the sizes given (the last repeats). The error's message, or an empty string.
inline std::string append(Backend& backend, Trace& trace, std::span<const TokenId> ids, const std::vector<int>& sizes = {1 << 20},
                          CompiledEdits* edits = nullptr, int first_block = 0) {
  std::size_t at = 0;
  const auto n_prompt = static_cast<int>(ids.size()) + trace.length();
  for (std::size_t i = 0; at < ids.size(); ++i) {
    const auto size = static_cast<std::size_t>(sizes[std::min(i, sizes.size() - 1)]);
    ForwardStep step;
    step.ids = ids.subspan(at, std::min(size, ids.size() - at));
    step.first_position = trace.length();
    step.n_prompt = n_prompt;
    step.edits = edits;
    step.first_block = first_block;
    if (const auto done = backend.forward(trace, step); !done) return done.error().message;
    at += step.ids.size();
  }
  return {};
}

/// The first place where two runs differ beyond the tolerances, in any hook that both kept; empty: nowhere.
inline std::string row_difference(const Trace& got, const Trace& want, float slack = 1) {
  if (got.length() != want.length()) return "lengths";
  for (const HookId hook : all_hooks(want.config().n_layer)) {
    if (!want.has(hook) || !got.has(hook)) continue;
    Tolerance tolerance = tolerance_of(hook.kind);
    tolerance.absolute *= slack;
    for (int p = 0; p < want.length(); ++p) {
      const auto a = got.row(hook, p), b = want.row(hook, p);
      for (std::size_t i = 0; i < a.size(); ++i)
        if (!tolerance.holds(a[i], b[i]))
          return name_of(hook) + " row " + std::to_string(p) + " [" + std::to_string(i) + "]: " + std::to_string(a[i]) + " for " +
                 std::to_string(b[i]);
    }
  }
  return {};
}

/// The same, and in the last position's logits.
inline std::string difference(const Trace& got, const Trace& want, float slack = 1) {
  if (std::string rows = row_difference(got, want, slack); !rows.empty()) return rows;
  if (got.last_logits().size() != want.last_logits().size()) return "last logits are missing";
  Tolerance tolerance = tolerance_of(HookKind::Logits);
  tolerance.absolute *= slack;
  for (std::size_t i = 0; i < want.last_logits().size(); ++i)
    if (!tolerance.holds(got.last_logits()[i], want.last_logits()[i])) return "last logits " + std::to_string(i);
  return {};
}

/// The first place where the entropies that a run kept are not those of the other's pattern; empty: nowhere.
inline std::string entropy_difference(const Trace& got, const Trace& want) {
  const ModelConfig& c = want.config();
  for (int b = 0; b < c.n_layer; ++b) {
    if (!got.has({HookKind::PatternEntropy, b})) return "block " + std::to_string(b) + " has none";
    for (int p = 0; p < want.length(); ++p)
      for (int h = 0; h < c.n_head; ++h) {
        double entropy = 0;
        for (const float a : want.causal_row({HookKind::Pattern, b}, h, p))
          if (a > 0) entropy -= static_cast<double>(a) * std::log(static_cast<double>(a));
        const float have = got.row({HookKind::PatternEntropy, b}, p)[static_cast<std::size_t>(h)];
        if (!Tolerance{}.holds(have, static_cast<float>(entropy)))
          return "block " + std::to_string(b) + " head " + std::to_string(h) + " query " + std::to_string(p) + ": " + std::to_string(have) +
                 " for " + std::to_string(entropy);
      }
  }
  return {};
}

/// Nothing but what a continuation needs, and the entropy of each pattern row.
inline CapturePlan only_entropy() {
  CapturePlan plan = CapturePlan::none();
  plan.want(HookKind::PatternEntropy);
  return plan;
}

/// Where the statistics of two runs differ; ids of the likeliest tokens may change places where their logits are close.
inline std::string stats_difference(const Trace& got, const Trace& want) {
  const auto close = [](float a, float b) { return (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= 5e-4F; };
  for (int p = 0; p < want.length(); ++p) {
    const TokenStats &a = got.stats(p), &b = want.stats(p);
    const std::string at = " of position " + std::to_string(p);
    if (!close(a.entropy, b.entropy)) return "entropy" + at;
    if (!close(a.logprob, b.logprob)) return "logprob" + at;
    if (std::abs(a.rank - b.rank) > 1) return "rank" + at;
    if (a.top.size() != b.top.size()) return "number of likeliest tokens" + at;
    for (std::size_t i = 0; i < a.top.size(); ++i) {
      if (!close(a.top[i].logit, b.top[i].logit) || !close(a.top[i].logprob, b.top[i].logprob)) return "likeliest tokens" + at;
      if (i > 0 && (a.top[i].logit > a.top[i - 1].logit || a.top[i].id == a.top[i - 1].id)) return "order of the likeliest tokens" + at;
    }
  }
  return {};
}

}  // namespace gf::testing
