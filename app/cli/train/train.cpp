#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "app/cli/interrupt.h"
#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "app/cli/train/start.h"
#include "app/cli/train/train_call.h"
#include "app/cli/validators.h"
#include "model/base/files/json_bounds.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/training/training_folder.h"

namespace gf::cli {
namespace {

namespace fs = std::filesystem;
using training::Trainer;
using training::TrainingFolder;
using TrainClock = std::chrono::steady_clock;

struct TrainOptions {
  TrainCall call;
  ModelOptions model;  ///< --n-head, --activation
  std::string output;
  int threads = 0;
  bool resume = false, json = false;
  std::function<bool(const std::string& name)> given;  ///< whether the command line has an option
};

double seconds_since(TrainClock::time_point begin) { return std::chrono::duration<double>(TrainClock::now() - begin).count(); }

std::string time_left(double seconds) {
  constexpr double kMinute = 60, kHour = 3600;
  if (seconds < 2 * kMinute) return text("{0} s left", numbers::fixed(seconds, 0));
  if (seconds < 2 * kHour) return text("{0} min left", numbers::fixed(seconds / kMinute, 0));
  return text("{0} h left", numbers::fixed(seconds / kHour, 1));
}

/// A training under way: its steps, what is said of them, and its checkpoints.
class TrainingRun {
 public:
  TrainingRun(const TrainOptions& options, TrainCall call, std::unique_ptr<Trainer> trainer, TrainingFolder folder, Json curve)
      : options_(options),
        call_(std::move(call)),
        trainer_(std::move(trainer)),
        folder_(std::move(folder)),
        curve_(std::move(curve)),
        first_step_(trainer_->steps()) {}

  Result<void> go(const std::stop_token& stop) {
    // A training that goes on has its checkpoint already.
    if (curve_.empty() || curve_.back()["step"] != trainer_->steps()) {
      GF_TRY(checkpoint());
    }
    while (!trainer_->done()) {
      GF_TRY(step());
      const bool stopping = stop.stop_requested();
      if (stopping || trainer_->done() || trainer_->steps() % call_.every == 0) {
        GF_TRY(checkpoint());
      }
      if (stopping && !trainer_->done())
        return fail(ErrorCode::Cancelled,
                    text("Stopped after step {0}, which is kept in {1}; go on with --resume -o {1}.", trainer_->steps(), options_.output));
    }
    bar_.reset();
    say(text("Trained {0} steps; open the model with: glassformer {1}", trainer_->steps(), options_.output));
    return {};
  }

 private:
  Result<void> step() {
    const auto begin = TrainClock::now();
    GF_TRY_ASSIGN(const auto report, trainer_->step());
    seconds_ += seconds_since(begin);
    sum_ += report.loss;
    ++summed_;
    if (options_.json) {
      Json line = {{"step", report.step},
                   {"loss", number(report.loss)},
                   {"gradient_norm", number(report.gradient_norm)},
                   {"lr", number(report.rate)},
                   {"tokens_per_s", number(std::round(rate()))}};
      if (held_out_) line["held_out_loss"] = number(*held_out_);
      print(line);
    }
    held_out_.reset();
    if (!bar_) bar_.emplace(text("training"));
    bar_->set(static_cast<double>(trainer_->steps()) / static_cast<double>(call_.steps));
    return {};
  }

  Result<void> checkpoint() {
    held_out_ = trainer_->held_out_loss();
    Json point = {{"step", trainer_->steps()}, {"loss_nats", summed_ > 0 ? number(sum_ / summed_) : Json()}};
    if (held_out_) point["held_out_loss_nats"] = number(*held_out_);
    if (summed_ > 0) describe();
    sum_ = summed_ = 0;
    curve_.push_back(std::move(point));
    const Json notes = {{"call", to_json(call_)},
                        {"fingerprint", std::to_string(trainer_->data().fingerprint())},
                        {"tokens", trainer_->data().training_tokens()},
                        {"curve", curve_}};
    return folder_.keep(*trainer_, notes.dump());
  }

  void describe() {
    bar_.reset();
    const double left = static_cast<double>(call_.steps - trainer_->steps()) * call_.batch * call_.context / rate();
    const std::string loss = numbers::fixed(sum_ / summed_, 4), speed = numbers::count(std::lround(rate()));
    say(held_out_
            ? text("step {0} of {1}: loss {2} nats, held out {3}, {4} tokens/s, {5}", trainer_->steps(), call_.steps, loss,
                   numbers::fixed(*held_out_, 4), speed, time_left(left))
            : text("step {0} of {1}: loss {2} nats, {3} tokens/s, {4}", trainer_->steps(), call_.steps, loss, speed, time_left(left)));
  }

  /// Tokens a second since the call began, without the time of checkpoints.
  [[nodiscard]] double rate() const {
    constexpr double kLeastSeconds = 1e-9;
    const auto steps = static_cast<double>(trainer_->steps() - first_step_);
    return steps * call_.batch * call_.context / std::max(seconds_, kLeastSeconds);
  }

  const TrainOptions& options_;
  TrainCall call_;
  std::unique_ptr<Trainer> trainer_;
  TrainingFolder folder_;
  Json curve_;
  std::int64_t first_step_;
  double seconds_ = 0;           ///< of the steps
  double sum_ = 0, summed_ = 0;  ///< losses since the last checkpoint
  std::optional<double> held_out_;
  std::optional<ProgressBar> bar_;
};

Result<std::unique_ptr<Trainer>> trainer_of(const TrainOptions& o, const TrainCall& call, training::Parameters parameters,
                                            std::vector<TokenId> ids) {
  const ModelConfig& c = parameters.layout().config;
  if (call.context > c.n_ctx)
    return fail(ErrorCode::InvalidArgument,
                text("A sequence of {0} tokens does not fit the model's context of {1}; give a smaller --context.", call.context, c.n_ctx));
  GF_TRY_ASSIGN(auto data, training::TrainingData::make(std::move(ids), c.n_vocab, call.context, call.held_out, call.data));
  return Trainer::create(std::move(parameters), std::make_shared<const training::TrainingData>(std::move(data)), call.options(), o.threads);
}

Result<void> begin_training(const TrainOptions& o, const std::stop_token& stop) {
  TrainCall call = o.call;
  ModelOptions model = o.model;
  model.model = call.model;
  GF_TRY_ASSIGN(auto start, training_start({model, call.data, call.tokenizer, call.seed}));
  call.complete(start.parameters.layout().config.n_ctx, start.ids.size(), start.fresh);
  std::error_code ignored;
  call.data = fs::absolute(call.data, ignored).string();
  const ModelConfig config = start.parameters.layout().config;
  GF_TRY_ASSIGN(auto trainer, trainer_of(o, call, std::move(start.parameters), std::move(start.ids)));
  GF_TRY_ASSIGN(auto folder, TrainingFolder::create(o.output, config, start.tokenizer));
  return TrainingRun(o, call, std::move(trainer), std::move(folder), Json::array()).go(stop);
}

/// An option that the command line has must be the one with which the training was begun; the number of steps may grow.
Result<void> same_call(const TrainOptions& o, const TrainCall& begun) {
  Result<void> same;
  const Json now = to_json(o.call), before = to_json(begun);
  std::error_code ignored;
  for (const auto& [name, value] : now.items()) {
    if (!same || !o.given(name) || name == "steps" || name == "every") continue;
    const bool equal = name == "data" ? fs::absolute(o.call.data, ignored) == begun.data : value == before[name];
    if (!equal)
      same = fail(ErrorCode::InvalidArgument, text("The training in {0} was begun with {1} {2}; leave {1} out, or begin another training.",
                                                   o.output, name == "MODEL" ? name : "--" + name, before[name].dump()));
  }
  return same;
}

Result<void> go_on_training(const TrainOptions& o, const std::stop_token& stop) {
  GF_TRY_ASSIGN(auto folder, TrainingFolder::open(o.output));
  GF_TRY_ASSIGN(const std::string notes_text, training::notes_of_training(folder.state_file()));
  constexpr std::size_t kMostValues = 10'000'000;
  GF_TRY(check_json_bounds(notes_text, kMostValues, folder.state_file()));
  const Json notes = Json::parse(notes_text, nullptr, false);
  const auto is_point = [](const Json& point) { return point.is_object() && point.contains("step") && point["step"].is_number_integer(); };
  const bool usual = notes.is_object() && notes.contains("call") && notes.contains("curve") && notes["curve"].is_array() &&
                     std::ranges::all_of(notes["curve"], is_point) && notes.value("fingerprint", Json()).is_string();
  GF_TRY_ASSIGN(TrainCall call, train_call_of(usual ? notes["call"] : Json(), folder.state_file()));
  GF_TRY(same_call(o, call));
  if (o.given("steps")) call.steps = o.call.steps;
  if (o.given("every")) call.every = o.call.every;
  GF_TRY_ASSIGN(const ModelConfig config, training::config_to_train((fs::path(o.output) / "config.json").string(), 0));
  GF_TRY_ASSIGN(auto parameters, training::parameters_to_restore(folder, config));
  GF_TRY_ASSIGN(auto ids, training_ids(call.data, o.output, config));
  GF_TRY_ASSIGN(auto trainer, trainer_of(o, call, std::move(parameters), std::move(ids)));
  if (std::to_string(trainer->data().fingerprint()) != notes["fingerprint"].get<std::string>())
    return fail(ErrorCode::InvalidArgument,
                text("{0} is not what the training in {1} was begun with; restore it, or begin another training.", call.data, o.output));
  GF_TRY(trainer->restore(folder.state_file()));
  if (trainer->done()) {
    say(text("The training in {0} has made its {1} steps; --steps asks for more.", o.output, trainer->steps()));
    return {};
  }
  return TrainingRun(o, call, std::move(trainer), std::move(folder), notes["curve"]).go(stop);
}

Result<void> train_model(const TrainOptions& o) {
  const Interrupt interrupt;
  return o.resume ? go_on_training(o, interrupt.token()) : begin_training(o, interrupt.token());
}

}  // namespace

Runner setup_train(CLI::App& app) {
  auto o = std::make_shared<TrainOptions>();
  TrainCall& c = o->call;
  constexpr std::int64_t kMostSteps = 1'000'000'000'000;
  constexpr int kMostSequences = 1 << 20;
  app.add_option("MODEL", c.model,
                 text("what to train: {0} for a new model of that size, a config.json for one of its sizes, or a model", training_sizes()))
      ->check(named());
  app.add_option("--data", c.data, text("the text to train on, or a .bin file of token ids (uint16)"))->check(named());
  app.add_option("-o,--output", o->output, text("the folder to write: a model directory with its checkpoints"))->required()->check(named());
  app.add_option("--steps", c.steps, text("steps of the optimizer (default: 1000)"))->check(whole<std::int64_t>(1, kMostSteps));
  app.add_option("--batch", c.batch, text("sequences of a step (default: 8)"))->check(whole(1, kMostSequences));
  app.add_option("--context", c.context, text("tokens of a sequence (default: the model's context, at most 256)"))->check(whole(1));
  app.add_option("--lr", c.lr, text("learning rate (default: 0.001 for a new model, else 0.0001)"))->check(above_zero<double>());
  app.add_option("--schedule", c.schedule, text("cosine (the default; down to a tenth) or constant"))
      ->check(CLI::IsMember({"cosine", "constant"}));
  app.add_option("--warmup", c.warmup, text("steps in which the learning rate grows (default: a tenth of a cosine's, at most 100)"))
      ->check(whole<std::int64_t>(0, kMostSteps));
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
      ->check(whole<std::int64_t>(1, kMostSteps));
  app.add_option("--tokenizer", c.tokenizer, text("of a new model: chars (the default), one token a character of the text, or bytes"))
      ->check(CLI::IsMember({"bytes", "chars"}));
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
