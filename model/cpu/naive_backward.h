// The naive twin of the backward pass: plain loops in double, row by row, for tests.
#pragma once

#include "model/backend.h"
#include "model/edits/rows_before.h"
#include "model/trace_writer.h"

namespace gf::cpu {

/// The activation function of the MLP, and its derivative.
[[nodiscard]] double naive_activation(Activation kind, double x);
[[nodiscard]] double naive_activation_slope(Activation kind, double x);

/// `values`: the run with every hook; `before`: what the step's edits found in it, nullptr where it has none. Writes every row
/// that the writer has.
void naive_backward(const Weights& weights, const Trace& values, const RowsBefore* before, TraceWriter& writer, const BackwardStep& step);

}  // namespace gf::cpu
