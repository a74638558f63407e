// The options of a training as they were given, which its folder keeps: a training goes on with those that it was begun with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/base/error.h"
#include "model/training/trainer.h"

namespace gf::training {

inline constexpr std::int64_t kMostTrainingSteps = 1'000'000'000'000;
inline constexpr int kMostSequences = 1 << 20;  ///< of a step

/// Negative numbers and empty words: not given; complete() fills them in.
struct TrainingCall {
  std::string model, data, tokenizer, schedule = "cosine", order = "random";
  std::int64_t steps = 1000, warmup = -1, every = -1;
  int batch = 8, context = -1;
  double lr = -1, weight_decay = 0.1, beta2 = 0.95, clip = 1, held_out = -1;
  std::uint64_t seed = 0;

  /// What follows from the model and the data. `fresh`: nothing was trained before.
  void complete(int n_ctx, std::size_t tokens, bool fresh);
  [[nodiscard]] TrainingOptions options() const;
  friend bool operator==(const TrainingCall&, const TrainingCall&) = default;
};

/// Calls f(name, value) for each option; the name is that of the command line, without its dashes.
template <class Call, class F>
void each_option(Call& call, F f) {
  f("MODEL", call.model);
  f("data", call.data);
  f("tokenizer", call.tokenizer);
  f("steps", call.steps);
  f("batch", call.batch);
  f("context", call.context);
  f("lr", call.lr);
  f("schedule", call.schedule);
  f("warmup", call.warmup);
  f("weight-decay", call.weight_decay);
  f("beta2", call.beta2);
  f("clip", call.clip);
  f("order", call.order);
  f("held-out", call.held_out);
  f("seed", call.seed);
  f("every", call.every);
}

/// Sets an option by its name. Errors: InvalidArgument (there is no such option, or the value is none of it).
[[nodiscard]] Result<void> set_option(TrainingCall& call, std::string_view name, const std::string& value);

/// A JSON object with a key for each option.
[[nodiscard]] std::string to_json(const TrainingCall& call);
/// Errors: Corrupt. `where` is for the message.
[[nodiscard]] Result<TrainingCall> training_call_of(std::string_view json_text, const std::string& where);

}  // namespace gf::training
