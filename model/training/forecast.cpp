#include "model/training/forecast.h"

#include <algorithm>
#include <chrono>

#include "model/base/text.h"

namespace gf::training {
namespace {

/// As many sequences as take some tenths of a second on a slow processor.
constexpr double kMeasuredFlops = 5e9;

Result<double> seconds_of_step(Trainer& trainer) {
  using Clock = std::chrono::steady_clock;
  GF_TRY(trainer.step());  // the first one also touches all memory for the first time
  const auto begin = Clock::now();
  GF_TRY(trainer.step());
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace

double flops_of_step(const ModelConfig& c, int batch, int context) {
  const double d = c.d_model, m = c.d_mlp, T = context;
  const double matrices = c.n_layer * (4 * d * d + 2 * d * m) + d * c.n_vocab;
  const double attention = c.n_layer * d * (T + 1);  // scores and sums of a row, half of the square each
  constexpr double kOfAPass = 2, kPasses = 3;        // the backward pass has two products for each of the forward pass
  return kOfAPass * kPasses * batch * T * (matrices + attention);
}

Result<Forecast> forecast(const TrainingSource& source, const std::stop_token& stop, int threads) {
  const auto stopped = [] { return fail(ErrorCode::Cancelled, text("The forecast was stopped.")); };
  GF_TRY_ASSIGN(TrainingStart start, training_start(source));
  if (stop.stop_requested()) return stopped();
  Forecast f;
  f.config = start.parameters.layout().config;
  f.parameters = start.parameters.layout().size;
  f.call = source.call;
  f.call.complete(f.config.n_ctx, start.ids.size(), start.fresh);
  f.bytes = Trainer::bytes(f.config, f.call.batch, f.call.context);
  const double of_sequence = flops_of_step(f.config, 1, f.call.context);
  TrainingOptions options = f.call.options();
  options.batch =
      std::clamp(static_cast<int>(std::min(kMeasuredFlops / of_sequence, static_cast<double>(kMostSequences))), 1, f.call.batch);
  GF_TRY_ASSIGN(auto data, TrainingData::make(std::move(start.ids), f.config.n_vocab, f.call.context, f.call.held_out, source.call.data));
  f.tokens = data.training_tokens();
  if (stop.stop_requested()) return stopped();
  GF_TRY_ASSIGN(const auto trainer,
                Trainer::create(std::move(start.parameters), std::make_shared<const TrainingData>(std::move(data)), options, threads));
  GF_TRY_ASSIGN(const double seconds, seconds_of_step(*trainer));
  f.seconds_per_step = seconds * f.call.batch / options.batch;
  return f;
}

}  // namespace gf::training
