// The options of a training as they were given, which its folder keeps: a training goes on with those that it was begun with.
#pragma once

#include <cstdint>
#include <string>

#include "app/cli/json.h"
#include "model/base/error.h"
#include "model/training/trainer.h"

namespace gf::cli {

/// Negative numbers and empty words: not given; complete() fills them in.
struct TrainCall {
  std::string model, data, tokenizer, schedule = "cosine", order = "random";
  std::int64_t steps = 1000, warmup = -1, every = -1;
  int batch = 8, context = -1;
  double lr = -1, weight_decay = 0.1, beta2 = 0.95, clip = 1, held_out = -1;
  std::uint64_t seed = 0;

  /// What follows from the model and the data. `fresh`: nothing was trained before.
  void complete(int n_ctx, std::size_t tokens, bool fresh);
  [[nodiscard]] training::TrainingOptions options() const;
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

[[nodiscard]] Json to_json(const TrainCall& call);
/// Errors: Corrupt. `where` is for the message.
[[nodiscard]] Result<TrainCall> train_call_of(const Json& json, const std::string& where);

}  // namespace gf::cli
