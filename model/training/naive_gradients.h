// The naive twin of BatchPass: plain loops in float64.
#pragma once

#include <span>
#include <vector>

#include "model/training/batch_pass.h"
#include "model/training/parameters.h"

namespace gf::training {

/// Mean cross entropy of the batch, nats. `gradients`, where given, is filled with its gradient by each parameter.
double naive_loss(const ParameterLayout& layout, std::span<const double> parameters, const Batch& batch,
                  std::vector<double>* gradients = nullptr);

}  // namespace gf::training
