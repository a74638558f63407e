// AdamW with clipping by the global norm, and schedules of the learning rate. Definitions: torch.optim.AdamW (foreach off),
// torch.nn.utils.clip_grad_norm_.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/base/parallel.h"
#include "model/cpu/kernels.h"
#include "model/training/parameters.h"

namespace gf::training {

struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.95, eps = 1e-8;
  double weight_decay = 0.1;  ///< of tensors of two or more dimensions alone
  double clip = 1;            ///< the gradient's norm at most; 0: it is not clipped
  friend bool operator==(const AdamWOptions&, const AdamWOptions&) = default;
};

/// A step of the kernel, neither clipped nor with weight decay. `number`: which step it is, from 1, for the bias correction.
[[nodiscard]] cpu::AdamWStep adamw_step(const AdamWOptions& options, double learning_rate, std::int64_t number);

class AdamW {
 public:
  /// The layout and the pool outlive it. Allocates both moments: std::bad_alloc.
  AdamW(const ParameterLayout& layout, const AdamWOptions& options, ThreadPool& pool);

  /// Moves the parameters. Returns the norm of the gradient before it was clipped; nullopt where that is not a finite number:
  /// then nothing is moved.
  std::optional<double> step(Parameters& parameters, std::span<const float> gradients, double learning_rate);

  [[nodiscard]] std::int64_t steps() const { return steps_; }
  [[nodiscard]] std::span<const float> first_moment() const { return m_; }
  [[nodiscard]] std::span<const float> second_moment() const { return v_; }
  /// Goes on from another's state.
  void restore(std::int64_t steps, std::span<const float> first, std::span<const float> second);

 private:
  const ParameterLayout& layout_;
  AdamWOptions options_;
  ThreadPool& pool_;
  std::int64_t steps_ = 0;
  std::vector<float> m_, v_;
  struct Piece {
    std::size_t begin, count;
    bool decays;
  };
  std::vector<Piece> pieces_;  ///< of the tensors: the pool's shares
  std::vector<double> sums_;   ///< of squares, of each piece
};

enum class Schedule : std::uint8_t { Constant, Cosine };

struct LearningRate {
  double rate = 1e-3;
  Schedule schedule = Schedule::Cosine;
  std::int64_t warmup = 0;  ///< steps in which it grows linearly
  std::int64_t steps = 0;   ///< at whose end the cosine is down to a tenth
  /// At a step that is counted from 0.
  [[nodiscard]] double at(std::int64_t step) const;
};

}  // namespace gf::training
