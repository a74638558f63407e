// The naive twin of TunedLensFit's KL, for tests.
#pragma once

#include <span>

#include "model/lenses/tuned_lens_fit.h"

namespace gf {

/// Mean over the rows of KL(final || lens) at a depth, nats, by plain loops in double. `map`: W [d_model, d_model] and b behind it,
/// as TunedLensFit::map() has them.
[[nodiscard]] double naive_lens_kl(const Weights& model, const LensRows& rows, int depth, std::span<const double> map);

}  // namespace gf
