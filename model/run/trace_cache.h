// Recent runs of one model, least recently used first to go, within a budget of bytes.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/edits/recipe.h"
#include "model/sampling/sampler.h"
#include "model/trace.h"

namespace gf {

/// How the tail of a run was chosen, so that the same question finds the same answer.
struct GeneratedTail {
  int n_given = 0, n_asked = 0;
  SamplerOptions sampler;
  std::optional<TokenId> beyond{};
  bool nothing_left = false, stopped_at_nan = false, stopped_at_eos = false;
  std::optional<std::string> stopped_at{};
  std::shared_ptr<const std::vector<DecodingStep>> log{};
  /// The same question; what was answered follows from it.
  friend bool operator==(const GeneratedTail& a, const GeneratedTail& b) {
    return a.n_given == b.n_given && a.n_asked == b.n_asked && a.sampler == b.sampler;
  }
};

struct CachedRun {
  Recipe recipe;                  ///< enabled edits only; empty: a base run
  std::vector<Receipt> receipts;  ///< one for each of its edits
  std::shared_ptr<const Trace> trace;
  std::optional<GeneratedTail> tail;
};

/// Small runs are bounded by number: until so many are kept, each new one costs the first touch of its memory, which takes
/// longer than computing it where the system gives memory slowly; later ones get the memory of the oldest, which is warm.
inline constexpr std::size_t kMostRuns = 16;

/// Not thread safe: the session's lock guards it. Chunks that runs share count once.
class TraceCache {
 public:
  explicit TraceCache(std::size_t budget_bytes) : budget_(budget_bytes) {}

  /// Newest use first. Pointers stay valid until the next insert().
  [[nodiscard]] const std::list<CachedRun>& runs() const { return runs_; }
  /// Marks a run as just used.
  void touch(const CachedRun& run);
  /// Puts a run in front, dropping one of the same recipe and tokens whose plan it covers, then the oldest beyond
  /// the budget or kMostRuns. The newest stays, whatever its size.
  void insert(CachedRun run);
  void clear();
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void count(const Trace& trace, bool add);
  std::size_t budget_, bytes_ = 0;
  std::list<CachedRun> runs_;
  std::unordered_map<const Chunk*, int> uses_;
};

/// Whether a trace captured by `have` holds all that `want` asks for.
[[nodiscard]] bool covers(const CapturePlan& have, const CapturePlan& want);
/// Tokens that both begin with.
[[nodiscard]] int common_prefix(std::span<const TokenId> a, std::span<const TokenId> b);

}  // namespace gf
