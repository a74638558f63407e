// Measures the model's part of `bench`: memory, load, prefill, decode, head toggling.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "model/pass_times.h"
#include "model/weights.h"

namespace gf {
class Backend;
class Session;
}  // namespace gf

namespace gf::bench {

struct Prefill {
  int T = 0;
  std::string capture;       ///< "none", "default", "full"
  double ms = 0;             ///< median
  double first_ms = 0;       ///< of the very first run of that length and plan
  double gflops = 0;         ///< pass_flops() over ms: "none" makes the logits of the last token, the others those of all
  double matmul_gflops = 0;  ///< oneDNN's own rate at those matrix shapes, with as many threads, in the same run
  /// gflops over matmul_gflops. 0 in a program that was built without oneDNN.
  double share_of_matmul = 0;
};
struct Decode {
  int T = 0;
  std::string capture;
  double ms_per_token = 0;  ///< median
  double gb_per_s = 0;      ///< each weight once + KV rows, over ms_per_token
  /// The rate at which as many threads read as many bytes as a step does, again and again: before, between and after the
  /// steps; median. A model that fits into the caches is read from there, and so are these bytes.
  double memory_read_gb_per_s = 0;
  /// gb_per_s of a step over the faster of the reads before and after it; median. On a shared machine the rate of memory may
  /// change by half within a second, so a step is compared with the reads beside it only.
  double share_of_memory_read = 0;
};
struct Load {
  double load_ms = 0;  ///< from opening to the first token's logits
  std::uint64_t peak_rss_bytes = 0, file_bytes = 0;
};

/// Measures the limits of this machine's processor: all threads read memory, then oneDNN multiplies large matrices with its
/// own threads. Blocks the calling thread for some seconds. nullopt: cancelled.
[[nodiscard]] std::optional<Rates> measure_rates(const std::stop_token& stop);

/// How often a step is measured: so many times, or until so much time is gone, but at least once.
struct Repeats {
  int runs = 9;
  double seconds = 1e9;
};
struct StepTimes {
  double first_ms = 0;  ///< of the first run, which does not count
  double ms = 0;        ///< median of the others
};
/// A prompt of T tokens on a backend that has these weights, captured as `plan` says: "none", "default", "full". Errors: those
/// of the backend; Device when the Trace lacks a hook of its plan.
[[nodiscard]] Result<StepTimes> prefill_times(Backend& backend, const Weights& weights, int T, const char* plan, Repeats repeats);
/// One token after T others and the ones that were measured before it; T + 1 + repeats.runs fit into n_ctx.
[[nodiscard]] Result<StepTimes> decode_times(Backend& backend, const Weights& weights, int T, const char* plan, Repeats repeats);
/// The largest share of a limit that is believed: one above shows that the limit was measured too low.
inline constexpr double kMostOfALimit = 1.02;

/// What a token after T others has to read: each weight once, and the keys and values.
[[nodiscard]] double decode_bytes(const Weights& weights, int T);

/// T = 64 and 1024 (or n_ctx where that is less), each with none, default, full. Errors: those of the backend;
/// Device when a Trace lacks a hook of its plan.
[[nodiscard]] Result<std::vector<Prefill>> prefill(const std::shared_ptr<const Weights>& weights, int threads);
/// T = 64 and 1000 (less where n_ctx asks for it), each with none, default, full. Errors: as prefill.
[[nodiscard]] Result<std::vector<Decode>> decode(const std::shared_ptr<const Weights>& weights, int threads);

struct Gradients {
  int T = 0;
  double forward_ms = 0;  ///< of the pass alone, under the default plan; median
  double both_ms = 0;     ///< with the backward pass, gradients of a logit difference at every hook; median
};
/// T tokens, fewer where n_ctx is less. Errors: those of the backend.
[[nodiscard]] Result<Gradients> gradients(const std::shared_ptr<const Weights>& weights, int threads, int T = 64);

/// Loads the checkpoint at `path` and runs one token. The peak is that of the whole process so far: call it in a
/// fresh one.
[[nodiscard]] Result<Load> load_and_run_one(const std::string& path, int threads);
/// One line that the fresh process prints and the measuring one reads.
[[nodiscard]] std::string to_line(const Load& load);
/// Runs `command` (program and arguments), whose standard output is to_line(load_and_run_one(...)). Errors: Io.
[[nodiscard]] Result<Load> load_in_fresh_process(const std::vector<std::string>& command);

/// Cutting one head after the other, T tokens in the prompt: median ms until the new Trace is there, by block; after some
/// runs that do not count, as in a program that is open.
[[nodiscard]] Result<std::vector<double>> head_toggle_ms(Session& session, int T = 32);

/// GPT-2's tokenizer on 14 MB of text made of its own words: median of three. Errors: those of gpt2_tokenizer().
[[nodiscard]] Result<double> tokenize_mb_per_s();

/// "2 x AMD EPYC, 24.70 GB"
[[nodiscard]] std::string machine();

}  // namespace gf::bench
