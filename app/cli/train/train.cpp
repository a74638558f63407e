#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>

#include "app/cli/interrupt.h"
#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "app/cli/validators.h"
#include "model/base/listed.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/training/training_run.h"
#include "model/training/training_texts.h"

namespace gf::cli {
namespace {

namespace fs = std::filesystem;
using training::TrainingCall;
using training::TrainingRun;
using training::TrainingSource;

struct TrainOptions {
  TrainingCall call;
  ModelOptions model;  ///< --n-head, --activation
  std::string output;
  int threads = 0;
  bool resume = false, json = false;
  std::function<bool(const std::string& name)> given;  ///< whether the command line has an option
};

std::string time_left(double seconds) {
  constexpr double kMinute = 60, kHour = 3600;
  if (seconds < 2 * kMinute) return text("{0} s left", numbers::fixed(seconds, 0));
  if (seconds < 2 * kHour) return text("{0} min left", numbers::fixed(seconds / kMinute, 0));
  return text("{0} h left", numbers::fixed(seconds / kHour, 1));
}

/// What is printed while a training goes on.
class TrainingReport {
 public:
  TrainingReport(const TrainOptions& options, TrainingRun& run) : options_(options), run_(run) {}

  Result<void> go(const std::stop_token& stop) {
    if (run_.due()) {
      GF_TRY(checkpoint());
    }
    while (!run_.done()) {
      GF_TRY(step());
      const bool stopping = stop.stop_requested();
      if (run_.due() || (stopping && !run_.kept())) {
        GF_TRY(checkpoint());
      }
      if (stopping && !run_.done())
        return fail(ErrorCode::Cancelled,
                    text("Stopped after step {0}, which is kept in {1}; go on with --resume -o {1}.", run_.steps(), options_.output));
    }
    bar_.reset();
    if (options_.json && held_out_) print({{"step", run_.steps()}, {"held_out_loss", number(*held_out_)}});
    say(text("Trained {0} steps; open the model with: glassformer {1}", run_.steps(), options_.output));
    return {};
  }

 private:
  Result<void> step() {
    GF_TRY_ASSIGN(const auto report, run_.step());
    if (options_.json) {
      Json line = {{"step", report.step},
                   {"loss", number(report.loss)},
                   {"gradient_norm", number(report.gradient_norm)},
                   {"lr", number(report.rate)},
                   {"tokens_per_s", number(std::round(run_.tokens_per_s()))}};
      if (held_out_) line["held_out_loss"] = number(*held_out_);
      print(line);
    }
    held_out_.reset();
    if (!bar_) bar_.emplace(text("training"));
    bar_->set(static_cast<double>(run_.steps()) / static_cast<double>(run_.call().steps));
    return {};
  }

  Result<void> checkpoint() {
    GF_TRY(run_.keep());
    const training::CurvePoint& point = run_.curve().back();
    held_out_ = point.held_out;
    if (point.loss) describe(point);
    return {};
  }

  void describe(const training::CurvePoint& point) {
    bar_.reset();
    const std::int64_t steps = run_.call().steps;
    const std::string left = time_left(static_cast<double>(steps - run_.steps()) / run_.steps_per_s());
    const std::string loss = numbers::fixed(*point.loss, 4), speed = numbers::count(std::lround(run_.tokens_per_s()));
    const auto since = run_.steps() - (run_.curve().size() < 2 ? 0 : run_.curve()[run_.curve().size() - 2].step);
    say(point.held_out
            ? text("step {0} of {1}: loss {2} nats (mean of {3} steps), held out {4}, {5} tokens/s, {6}", run_.steps(), steps, loss, since,
                   numbers::fixed(*point.held_out, 4), speed, left)
            : text("step {0} of {1}: loss {2} nats (mean of {3} steps), {4} tokens/s, {5}", run_.steps(), steps, loss, since, speed, left));
  }

  const TrainOptions& options_;
  TrainingRun& run_;
  std::optional<double> held_out_;
  std::optional<ProgressBar> bar_;
};

Result<void> begin_training(const TrainOptions& o, const std::stop_token& stop) {
  const TrainingSource source{.call = o.call, .text = {}, .n_head = o.model.n_head, .activation = o.model.activation};
  std::optional<ProgressBar> bar(text("reading {0}", o.call.data));
  bar->set(0);
  auto run = TrainingRun::begin(source, o.output, o.threads);
  bar.reset();
  if (!run) return tl::unexpected(std::move(run).error());
  for (const std::string& warning : run->warnings()) say(warning);
  return TrainingReport(o, *run).go(stop);
}

/// An option that the command line has must be the one with which the training was begun; the number of steps may grow.
Result<void> same_call(const TrainOptions& o, const TrainingCall& begun) {
  Result<void> same;
  std::error_code ignored;
  const Json now = Json::parse(to_json(o.call)), before = Json::parse(to_json(begun));
  for (const auto& [name, value] : now.items()) {
    if (!same || !o.given(name) || name == "steps" || name == "every") continue;
    const bool equal = value == before[name] || (name == "data" && fs::absolute(o.call.data, ignored) == begun.data);
    if (!equal)
      same = fail(ErrorCode::InvalidArgument, text("The training in {0} was begun with {1} {2}; leave {1} out, or begin another training.",
                                                   o.output, name == "MODEL" ? name : "--" + name, before[name].dump()));
  }
  return same;
}

Result<void> go_on_training(const TrainOptions& o, const std::stop_token& stop) {
  GF_TRY_ASSIGN(auto notes, training::TrainingNotes::read(o.output));
  GF_TRY(same_call(o, notes.call));
  if (o.given("steps")) notes.call.steps = o.call.steps;
  if (o.given("every")) notes.call.every = o.call.every;
  GF_TRY_ASSIGN(TrainingRun run, TrainingRun::resume(std::move(notes), o.output, o.threads));
  if (run.done()) {
    say(text("The training in {0} has made its {1} steps; --steps asks for more.", o.output, run.steps()));
    return {};
  }
  return TrainingReport(o, run).go(stop);
}

Result<void> train_model(const TrainOptions& o) {
  const Interrupt interrupt;
  return o.resume ? go_on_training(o, interrupt.token()) : begin_training(o, interrupt.token());
}

}  // namespace

Runner setup_train(CLI::App& app) {
  auto o = std::make_shared<TrainOptions>();
  TrainingCall& c = o->call;
  using training::kMostSequences;
  using training::kMostTrainingSteps;
  app.add_option("MODEL", c.model,
                 text("what to train: {0} for a new model of that size, a config.json for one of its sizes, or a model",
                      training::training_size_names()))
      ->check(named());
  app.add_option("--data", c.data,
                 text("the text to train on, a .bin file of token ids (uint16), or a text that comes with the program: {0}",
                      listed(training::training_texts(), &training::TrainingText::name)))
      ->check(named());
  app.add_option("-o,--output", o->output, text("the folder to write: a model directory with its checkpoints"))->required()->check(named());
  app.add_option("--steps", c.steps, text("steps of the optimizer (default: 1000)"))->check(whole<std::int64_t>(1, kMostTrainingSteps));
  app.add_option("--batch", c.batch, text("sequences of a step (default: 8)"))->check(whole(1, kMostSequences));
  app.add_option("--context", c.context, text("tokens of a sequence (default: the model's context, at most 256)"))->check(whole(1));
  app.add_option("--lr", c.lr, text("learning rate (default: 0.001 for a new model, else 0.0001)"))->check(above_zero<double>());
  app.add_option("--schedule", c.schedule, text("cosine (the default; down to a tenth) or constant"))
      ->check(CLI::IsMember({"cosine", "constant"}));
  app.add_option("--warmup", c.warmup, text("steps in which the learning rate grows (default: a tenth of a cosine's, at most 100)"))
      ->check(whole<std::int64_t>(0, kMostTrainingSteps));
  app.add_option("--weight-decay", c.weight_decay, text("AdamW's, of matrices (default: 0.1)"))->check(between(0.0, 1e6, text("from 0")));
  app.add_option("--beta2", c.beta2, text("AdamW's second beta (default: 0.95)"))
      ->check(between(0.0, 0.9999999, text("from 0 to below 1")));
  app.add_option("--clip", c.clip, text("the gradient's norm at most (default: 1; 0: not clipped)"))
      ->check(between(0.0, 1e30, text("from 0")));
  app.add_option("--order", c.order, text("random (the default): sequences begin anywhere; sequential: one after the other"))
      ->check(CLI::IsMember({"random", "sequential"}));
  app.add_option("--held-out", c.held_out, text("share of the text, at its end, that is not trained on (default: 0.05; 0 in order)"))
      ->check(between(0.0, 0.9, text("from 0 to 0.9")));
  app.add_option("--seed", c.seed, text("of a new model's weights and of the batches (default: 0)"))->check(whole<std::uint64_t>(0));
  app.add_option("--every", c.every, text("steps between checkpoints (default: a tenth of all)"))
      ->check(whole<std::int64_t>(1, kMostTrainingSteps));
  app.add_option("--tokenizer", c.tokenizer, text("of a new model: chars (the default), one token a character of the text, bytes, or gpt2"))
      ->check(CLI::IsMember({"bytes", "chars", "gpt2"}));
  app.add_option("--n-head", o->model.n_head, text("number of heads, where the model's format doesn't say"))->check(whole(1));
  app.add_option("--activation", o->model.activation, text("gelu_new (tanh), gelu (erf) or relu, instead of the checkpoint's"))
      ->check(CLI::IsMember({"gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu", "relu"}));
  app.add_option("--threads", o->threads, text("threads to compute with (default: all)"))->check(whole(0, kMostThreads));
  app.add_flag("--resume", o->resume, text("go on with the training in the folder, from its newest checkpoint"));
  app.add_flag("--json", o->json, text("print a line of JSON for each step"));
  app.footer(text("Example: glassformer train tiny --data my-text.txt --steps 500 -o my-model"));
  o->given = [&app](const std::string& name) { return app.get_option(name == "MODEL" ? name : "--" + name)->count() > 0; };
  app.callback([o] {
    if (!o->resume && o->call.model.empty()) throw CLI::RequiredError("MODEL");
    if (!o->resume && o->call.data.empty()) throw CLI::RequiredError("--data");
  });
  return [o] { return exit_code(train_model(*o)); };
}

}  // namespace gf::cli
