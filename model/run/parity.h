// Whether a session computes what it should: its logits beside those of other ways to compute them.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "model/session.h"

namespace gf {

/// One comparison. Logits are equal within 2e-4 + 1e-5 |x|, the tolerance of the tests against PyTorch.
struct ParityCheck {
  enum class With : std::uint8_t {
    Reference,  ///< another implementation, from reference.json beside the weights
    OneByOne,   ///< the same tokens as generation computes them, one row after the other over keys and values that are kept
    Naive       ///< plain loops in double
  };
  struct Place {
    int position = 0;
    TokenId token;
    float got = 0, want = 0;
  };
  With with = With::Naive;
  std::string source{};  ///< of a reference: "PyTorch 2.13"
  int positions = 0;
  long long compared = 0;        ///< logits
  double largest = 0;            ///< the largest difference
  std::optional<Place> wrong{};  ///< where that is, if it is beyond the tolerance or not a number
};

/// "reference", "one-by-one", "naive"
[[nodiscard]] const char* name_of(ParityCheck::With with);

struct Parity {
  std::vector<ParityCheck> checks;  ///< the one that says most comes first; at least one
  [[nodiscard]] bool holds() const;
};

/// Compares on the reference's tokens, or on a short text where the model has no reference. Takes the session for a short pass and
/// for a few single tokens; the plain loops use the calling thread alone, with `low_priority` at a low priority from then on,
/// which then is the thread's for good. Errors: those of the passes, of reading the reference; Cancelled.
[[nodiscard]] Result<Parity> check_parity(Session& session, bool low_priority, std::stop_token stop = {});

/// "equals PyTorch to 3e-6", "differs from PyTorch by 0.4"
[[nodiscard]] std::string summary(const Parity& parity);
/// A line for each check, with the place of the largest difference where it is too large.
[[nodiscard]] std::vector<std::string> details(const Parity& parity, const Model& model);

}  // namespace gf
