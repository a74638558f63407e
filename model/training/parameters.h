// The parameters of a model that is being trained: memory of their own, which changes from step to step.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "model/config.h"
#include "model/weights.h"

namespace gf::training {

/// One tensor's stretch of an arena.
struct ParameterTensor {
  std::string name;  ///< as in Weights::table()
  Shape shape;       ///< matrices [n_in, n_out]; wte and lm_head [n_vocab, d_model]
  std::size_t begin = 0, count = 0;
  [[nodiscard]] bool is_matrix() const { return shape.rank() >= 2; }
};

/// Where each tensor of a model begins in an arena of floats. Values, gradients and the optimizer's moments are arenas of the
/// same layout, so that a step over all parameters is a step over one array.
struct ParameterLayout {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);  ///< the model has no such bias

  struct Norm {
    std::size_t gamma = kNone, beta = kNone;
  };
  struct Linear {
    std::size_t weight = kNone, bias = kNone;
    int n_in = 0, n_out = 0;
  };
  struct Block {
    Norm ln1, ln2;
    Linear qkv, o, in, out;
  };

  ModelConfig config;
  std::vector<ParameterTensor> tensors;  ///< in the order of Weights::table()
  std::vector<Block> blocks;
  Norm ln_f;
  std::size_t wte = 0, wpe = 0;
  std::size_t unembed = 0;  ///< wte where tied
  std::size_t size = 0;     ///< floats of an arena

  /// `without`: names of biases that the model does not have.
  explicit ParameterLayout(const ModelConfig& config, const std::set<std::string>& without = {});
  /// Of a loaded model.
  [[nodiscard]] static ParameterLayout of(const Weights& weights);
};

/// Arenas of a training: values, gradients, two moments.
inline constexpr std::uint64_t kTrainingArenas = 4;

/// Of the machine, in bytes; the largest number where the system does not say.
[[nodiscard]] std::uint64_t physical_memory();

/// How many parameters a model of this config has; checked against overflow, so that it may come from an untrusted file.
/// Errors: InvalidArgument.
[[nodiscard]] Result<std::uint64_t> count_parameters(const ModelConfig& config);

/// The one owner of values that change. Everything else reads a Weights, which never does: weights() is one that lasts until
/// the next change, snapshot() one for good. Not thread safe: the trainer's thread alone calls it.
class Parameters {
 public:
  /// A float32 copy of a loaded model. Errors: OutOfMemory.
  [[nodiscard]] static Result<Parameters> copy_of(const Weights& weights);
  /// A new model: normal with deviation 0.02 (attention's and the MLP's outputs divided by sqrt(2 n_layer)), LayerNorms 1 and
  /// 0, biases 0. A pure function of config and seed. Source: Radford et al. 2019, section 2.3. Errors: OutOfMemory.
  [[nodiscard]] static Result<Parameters> fresh(const ModelConfig& config, std::uint64_t seed);
  /// Room for the parameters of a layout, all 0. Errors: OutOfMemory, also where the machine has less memory than training them
  /// takes: nothing is allocated then.
  [[nodiscard]] static Result<Parameters> zeros(ParameterLayout layout);

  [[nodiscard]] const ParameterLayout& layout() const { return *layout_; }
  [[nodiscard]] std::span<const float> values() const { return values_; }
  /// The values, to be changed: what was read of them before is of an older revision from here on.
  [[nodiscard]] std::span<float> change();
  /// Counts the changes, from 0.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

  /// Views of the present values. Lifetime: until the next change(), within that of this object.
  [[nodiscard]] Weights weights() const;
  /// A copy of the present values that stays as it is, for a Model. Errors: OutOfMemory.
  [[nodiscard]] Result<std::shared_ptr<const Weights>> snapshot() const { return weights_of(values_); }
  /// A copy of another arena of the same layout, such as a gradient. Errors: OutOfMemory.
  [[nodiscard]] Result<std::shared_ptr<const Weights>> weights_of(std::span<const float> arena) const;

 private:
  explicit Parameters(ParameterLayout layout);

  std::unique_ptr<const ParameterLayout> layout_;  ///< stays where it is when this object moves
  std::vector<float> values_;
  std::uint64_t revision_ = 0;
};

}  // namespace gf::training
