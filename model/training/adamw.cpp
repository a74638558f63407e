#include "model/training/adamw.h"

#include <algorithm>
#include <cmath>

namespace gf::training {
namespace {

constexpr std::size_t kPieceFloats = std::size_t{16} << 10;

/// Sum of squares: of 1024 at a time in float, of these in double.
double sum_of_squares(const cpu::Kernels& kernels, const float* x, std::size_t n) {
  constexpr std::size_t kPart = 1024;
  double sum = 0;
  for (std::size_t i = 0; i < n; i += kPart) {
    float part = 0;
    kernels.head_dots(x + i, x + i, 0, 1, 1, std::min(kPart, n - i), 1, &part, 1);
    sum += static_cast<double>(part);
  }
  return sum;
}

}  // namespace

cpu::AdamWStep adamw_step(const AdamWOptions& options, double learning_rate, std::int64_t number) {
  const auto count = static_cast<double>(number);
  cpu::AdamWStep step;
  step.beta1 = static_cast<float>(options.beta1);
  step.beta2 = static_cast<float>(options.beta2);
  step.step_size = static_cast<float>(learning_rate / (1 - std::pow(options.beta1, count)));
  step.root_correction = static_cast<float>(std::sqrt(1 - std::pow(options.beta2, count)));
  step.eps = static_cast<float>(options.eps);
  return step;
}

AdamW::AdamW(const ParameterLayout& layout, const AdamWOptions& options, ThreadPool& pool)
    : layout_(layout), options_(options), pool_(pool), m_(layout.size), v_(layout.size) {
  for (const ParameterTensor& tensor : layout.tensors)
    for (std::size_t i = 0; i < tensor.count; i += kPieceFloats)
      pieces_.push_back({tensor.begin + i, std::min(kPieceFloats, tensor.count - i), tensor.is_matrix()});
  sums_.resize(pieces_.size());
}

std::optional<double> AdamW::step(Parameters& parameters, std::span<const float> gradients, double learning_rate) {
  EXPECTS(gradients.size() == layout_.size, "there is a gradient for each parameter");
  const cpu::Kernels& kernels = cpu::best_kernels();
  pool_.parallel_for(pieces_.size(),
                     [&](std::size_t i) { sums_[i] = sum_of_squares(kernels, gradients.data() + pieces_[i].begin, pieces_[i].count); });
  double squares = 0;
  for (const double sum : sums_) squares += sum;
  const double norm = std::sqrt(squares);
  if (!std::isfinite(norm)) return std::nullopt;
  ++steps_;
  cpu::AdamWStep step = adamw_step(options_, learning_rate, steps_);
  if (options_.clip > 0) step.of_gradient = static_cast<float>(std::min(1.0, options_.clip / (norm + 1e-6)));
  const auto decayed = static_cast<float>(1 - learning_rate * options_.weight_decay);
  const std::span<float> values = parameters.change();
  pool_.parallel_for(pieces_.size(), [&](std::size_t i) {
    cpu::AdamWStep own = step;
    own.keep = pieces_[i].decays ? decayed : 1.0F;
    const std::size_t at = pieces_[i].begin;
    kernels.adamw(own, gradients.data() + at, pieces_[i].count, values.data() + at, m_.data() + at, v_.data() + at);
  });
  return norm;
}

void AdamW::restore(std::int64_t steps, std::span<const float> first, std::span<const float> second) {
  EXPECTS(first.size() == m_.size() && second.size() == v_.size(), "the state is of the same layout");
  steps_ = steps;
  std::ranges::copy(first, m_.begin());
  std::ranges::copy(second, v_.begin());
}

double LearningRate::at(std::int64_t step) const {
  if (step < warmup) return rate * static_cast<double>(step + 1) / static_cast<double>(warmup);
  if (schedule == Schedule::Constant) return rate;
  const double way = static_cast<double>(step - warmup) / static_cast<double>(std::max<std::int64_t>(1, steps - warmup));
  return 0.1 * rate + 0.45 * rate * (1 + std::cos(M_PI * way));
}

}  // namespace gf::training
