#include "app/cli/dictionary/dictionary_train.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "app/cli/interrupt.h"
#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/text_rows.h"
#include "app/cli/validators.h"
#include "model/base/files/json_bounds.h"
#include "model/base/files/own_folder.h"
#include "model/base/files/text_file.h"
#include "model/base/files/whole_file.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/dictionaries/topk_trainer.h"

namespace gf::cli {

namespace {

namespace fs = std::filesystem;
using DictionaryClock = std::chrono::steady_clock;

/// All that decides what comes out; kept beside the dictionary.
struct DictionaryCall {
  std::string model, site, corpus;
  int features = 0, k = 32, batch = 8, context = 0;
  std::int64_t steps = 2000, every = 0, dead_rows = 100'000;
  double rate = 2e-3;
  std::uint64_t seed = 0;
};

struct DictionaryTrainOptions {
  DictionaryCall call;
  std::string output;
  int threads = 0;
  bool resume = false, json = false;
  std::function<bool(const std::string& name)> given;
};

Json json_of_call(const DictionaryCall& c) {
  return {{"model", c.model},     {"site", c.site},   {"corpus", c.corpus}, {"features", c.features},   {"k", c.k},     {"batch", c.batch},
          {"context", c.context}, {"steps", c.steps}, {"every", c.every},   {"dead_rows", c.dead_rows}, {"lr", c.rate}, {"seed", c.seed}};
}

/// Errors: Corrupt.
Result<DictionaryCall> call_of_json(const Json& json, const std::string& path) {
  DictionaryCall c;
  try {
    for (const auto& [name, to] : {std::pair{"model", &c.model}, {"site", &c.site}, {"corpus", &c.corpus}})
      *to = json.at(name).get<std::string>();
    for (const auto& [name, to] : {std::pair{"features", &c.features}, {"k", &c.k}, {"batch", &c.batch}, {"context", &c.context}})
      *to = json.at(name).get<int>();
    for (const auto& [name, to] : {std::pair{"steps", &c.steps}, {"every", &c.every}, {"dead_rows", &c.dead_rows}})
      *to = json.at(name).get<std::int64_t>();
    c.rate = json.at("lr").get<double>();
    c.seed = json.at("seed").get<std::uint64_t>();
  } catch (const Json::exception&) {
    return fail(ErrorCode::Corrupt, text("{0} does not say how its dictionary was trained; begin another training.", path));
  }
  const bool usual =
      c.features > 0 && c.k > 0 && c.k <= c.features && c.batch > 0 && c.context > 1 && c.steps > 0 && c.every > 0 && c.rate > 0;
  if (!usual) return fail(ErrorCode::Corrupt, text("{0} has sizes that no training has; begin another training.", path));
  return c;
}

/// Rows of the hook that the dictionary is of.
class HookRows {
 public:
  static Result<HookRows> make(const DictionaryCall& call, int threads) {
    GF_TRY_ASSIGN(TextRows rows, TextRows::make({call.model, call.corpus, call.batch, call.context, call.seed}, threads));
    const ModelConfig& c = rows.model().weights->config;
    const auto hook = parse_hook(call.site, c.n_layer);
    const RowShape shape = hook ? info_of(hook->kind).shape : RowShape::One;
    if (!hook || shape == RowShape::Causal || shape == RowShape::One || shape == RowShape::NVocab)
      return fail(ErrorCode::InvalidArgument,
                  text("'{0}' is not a hook with rows of activations in this model; blocks.0.hook_resid_post is one.", call.site));
    return HookRows(std::move(rows), *hook, row_size(shape, c, 0));
  }

  Result<std::vector<float>> of_step(std::int64_t step, const std::stop_token& stop) {
    GF_TRY_ASSIGN(auto rows, rows_.of_step({&hook_, 1}, step, stop));
    return std::move(rows.front());
  }
  /// A held-out batch; empty: there is none.
  Result<std::vector<float>> held_out(int i, const std::stop_token& stop) {
    GF_TRY_ASSIGN(auto rows, rows_.held_out({&hook_, 1}, i, stop));
    return rows.empty() ? std::vector<float>{} : std::move(rows.front());
  }
  [[nodiscard]] int width() const { return static_cast<int>(width_); }
  [[nodiscard]] HookId hook() const { return hook_; }
  [[nodiscard]] const Model& model() const { return rows_.model(); }
  [[nodiscard]] const training::TrainingData& data() const { return rows_.data(); }

 private:
  HookRows(TextRows rows, HookId hook, std::size_t width) : rows_(std::move(rows)), hook_(hook), width_(width) {}

  TextRows rows_;
  HookId hook_;
  std::size_t width_;
};

/// A training under way.
class DictionaryRun {
 public:
  DictionaryRun(const DictionaryTrainOptions& options, DictionaryCall call, HookRows rows, std::unique_ptr<TopkTrainer> trainer, Json curve)
      : options_(options), call_(std::move(call)), rows_(std::move(rows)), trainer_(std::move(trainer)), curve_(std::move(curve)) {}

  Result<void> go(const std::stop_token& stop) {
    while (trainer_->steps() < call_.steps) {
      const auto begin = DictionaryClock::now();
      auto rows = rows_.of_step(trainer_->steps(), stop);
      if (!rows && rows.error().code != ErrorCode::Cancelled) return tl::unexpected(rows.error());
      if (rows) {
        const auto report = trainer_->step(*rows);
        seconds_ += std::chrono::duration<double>(DictionaryClock::now() - begin).count();
        ++made_;
        tell(report);
      }
      const bool stopping = stop.stop_requested(), done = trainer_->steps() == call_.steps;
      if (stopping || done || trainer_->steps() % call_.every == 0) GF_TRY(keep());
      if (stopping && !done)
        return fail(ErrorCode::Cancelled,
                    text("Stopped after step {0}, which is kept in {1}; go on with --resume -o {1}.", trainer_->steps(), options_.output));
    }
    bar_.reset();
    say(text("Trained {0} features; look at them with: glassformer analyze {1} --what features --dictionary {2} --prompt ...",
             call_.features, call_.model.empty() ? std::string("fable") : call_.model, options_.output));
    return {};
  }

 private:
  void tell(const TopkTrainer::Report& report) {
    if (options_.json)
      print({{"step", report.step},
             {"unexplained", number(report.unexplained)},
             {"l0", number(report.l0)},
             {"dead", report.dead},
             {"tokens_per_s", number(std::round(tokens_per_second()))}});
    if (!bar_) bar_.emplace(text("training"));
    bar_->set(static_cast<double>(report.step) / static_cast<double>(call_.steps));
  }

  [[nodiscard]] double tokens_per_second() const {
    return static_cast<double>(made_ * call_.batch * call_.context) / std::max(seconds_, 1e-9);
  }

  /// The dictionary as it is, the state from which the training goes on, and its record.
  Result<void> keep() {
    const OwnFolder own(options_.output);  // a training that goes on has read its own record
    constexpr int most = 8;
    double unexplained = 0, l0 = 0;
    int batches = 0, dead = 0;
    for (; batches < most; ++batches) {
      GF_TRY_ASSIGN(const auto rows, rows_.held_out(batches, {}));
      if (rows.empty()) break;
      const auto report = trainer_->measure(rows);
      unexplained += report.unexplained, l0 += report.l0, dead = report.dead;
    }
    Json point = {{"step", trainer_->steps()}};
    if (batches > 0) {
      point["held_out_explained_variance"] = number(1 - unexplained / batches);
      point["held_out_l0"] = number(l0 / batches);
      point["dead"] = dead;
      bar_.reset();
      say(text("step {0} of {1}: explains {2} % of the held-out variance, {3} of {4} features are dead, {5} tokens/s", trainer_->steps(),
               call_.steps, numbers::fixed(100 * (1 - unexplained / batches), 1), dead, call_.features,
               numbers::count(std::lround(tokens_per_second()))));
    }
    curve_.push_back(std::move(point));
    const fs::path folder(options_.output);
    const Json metadata = {{"hook_name", name_of(rows_.hook())},
                           {"model_name", rows_.model().weights->name},
                           {"prepend_bos", false},
                           {"context_size", call_.context}};
    GF_TRY(trainer_->save_state((folder / "training.safetensors").string()));
    GF_TRY(trainer_->save_dictionary(options_.output, metadata.dump()));
    const Json record = {{"call", json_of_call(call_)},
                         {"fingerprint", std::to_string(rows_.data().fingerprint())},
                         {"tokens", rows_.data().training_tokens()},
                         {"curve", curve_},
                         {"glassformer", GLASSFORMER_VERSION}};
    return write_whole_file((folder / "training.json").string(), record.dump(1) + "\n");
  }

  const DictionaryTrainOptions& options_;
  DictionaryCall call_;
  HookRows rows_;
  std::unique_ptr<TopkTrainer> trainer_;
  Json curve_;
  double seconds_ = 0;
  std::int64_t made_ = 0;
  std::optional<ProgressBar> bar_;
};

TopkOptions topk_options(const DictionaryCall& c, int width) {
  return {.d = width, .n = c.features, .k = c.k, .rate = c.rate, .steps = c.steps, .dead_rows = c.dead_rows, .seed = c.seed};
}

Result<void> begin_dictionary(const DictionaryTrainOptions& o, const std::stop_token& stop) {
  DictionaryCall call = o.call;
  std::error_code ignored;
  call.corpus = fs::absolute(call.corpus, ignored).string();
  if (call.context == 0) call.context = 128;
  if (call.every == 0) call.every = std::max<std::int64_t>(1, call.steps / 10);
  const fs::path folder(o.output);
  if (fs::exists(folder, ignored) && !fs::is_empty(folder, ignored))
    return fail(ErrorCode::InvalidArgument, text("{0} has files already; name a new folder, or go on with --resume.", o.output));
  GF_TRY_ASSIGN(HookRows rows, HookRows::make(call, o.threads));
  GF_TRY_ASSIGN(const auto first, rows.of_step(0, stop));
  GF_TRY_ASSIGN(auto trainer, TopkTrainer::create(topk_options(call, rows.width()), first, o.threads));
  fs::create_directories(folder, ignored);
  if (!fs::is_directory(folder, ignored)) return fail(ErrorCode::Io, text("Cannot make the folder {0}.", o.output));
  return DictionaryRun(o, call, std::move(rows), std::move(trainer), Json::array()).go(stop);
}

Result<void> go_on_dictionary(const DictionaryTrainOptions& o, const std::stop_token& stop) {
  const fs::path folder(o.output);
  const std::string path = (folder / "training.json").string();
  GF_TRY_ASSIGN(const std::string bytes, read_text_file(path, phrase("record of the training")));
  constexpr std::size_t most_values = 1'000'000;
  GF_TRY(check_json_bounds(bytes, most_values, path));
  const Json record = Json::parse(bytes, nullptr, false);
  const bool usual = record.is_object() && record.contains("call") && record.contains("curve") && record["curve"].is_array() &&
                     record.value("fingerprint", Json()).is_string();
  GF_TRY_ASSIGN(DictionaryCall call, call_of_json(usual ? record["call"] : Json(), path));
  if (o.given("--steps")) call.steps = o.call.steps;
  if (o.given("--every")) call.every = o.call.every;
  GF_TRY_ASSIGN(HookRows rows, HookRows::make(call, o.threads));
  if (std::to_string(rows.data().fingerprint()) != record["fingerprint"].get<std::string>())
    return fail(ErrorCode::InvalidArgument,
                text("{0} is not what the training in {1} was begun with; restore it, or begin another training.", call.corpus, o.output));
  GF_TRY_ASSIGN(auto trainer, TopkTrainer::resume(topk_options(call, rows.width()), (folder / "training.safetensors").string(), o.threads));
  if (trainer->steps() >= call.steps) {
    say(text("The training in {0} has made its {1} steps; --steps asks for more.", o.output, trainer->steps()));
    return {};
  }
  return DictionaryRun(o, call, std::move(rows), std::move(trainer), record["curve"]).go(stop);
}

Result<void> train_dictionary(const DictionaryTrainOptions& o) {
  const Interrupt interrupt;
  return o.resume ? go_on_dictionary(o, interrupt.token()) : begin_dictionary(o, interrupt.token());
}

}  // namespace

Runner setup_dictionary_train(CLI::App& app) {
  auto o = std::make_shared<DictionaryTrainOptions>();
  DictionaryCall& c = o->call;
  app.add_option("MODEL", c.model, text("a directory or file in any supported format, or the name of a bundled model"))->check(named());
  app.add_option("--site", c.site, text("the hook whose rows are read, such as blocks.3.hook_resid_post"))->check(named());
  app.add_option("--corpus", c.corpus, text("the text to train on"))->check(named());
  app.add_option("--features", c.features, text("features of the dictionary"))->check(whole(1, 1 << 24));
  app.add_option("--k", c.k, text("features that are active in a row (default: 32)"))->check(whole(1, 1 << 24));
  app.add_option("-o,--output", o->output, text("the folder to write, in SAELens's format"))->required()->check(named());
  app.add_option("--steps", c.steps, text("steps of Adam (default: 2000)"))->check(whole<std::int64_t>(1, 1'000'000'000));
  app.add_option("--batch", c.batch, text("sequences of a step (default: 8)"))->check(whole(1, 1 << 16));
  app.add_option("--context", c.context, text("tokens of a sequence (default: 128)"))->check(whole(2));
  app.add_option("--lr", c.rate, text("learning rate (default: 0.002), which falls to 0 over the last fifth"))->check(above_zero<double>());
  app.add_option("--dead-rows", c.dead_rows, text("rows without activity after which a feature is revived (default: 100000)"))
      ->check(whole<std::int64_t>(1, 1'000'000'000'000));
  app.add_option("--every", c.every, text("steps between checkpoints (default: a tenth of all)"))
      ->check(whole<std::int64_t>(1, 1'000'000'000));
  app.add_option("--seed", c.seed, text("of the first weights and of the batches (default: 0)"))->check(whole<std::uint64_t>(0));
  app.add_option("--threads", o->threads, text("threads to compute with (default: all)"))->check(whole(0, kMostThreads));
  app.add_flag("--resume", o->resume, text("go on with the training in the folder, from its newest checkpoint"));
  app.add_flag("--json", o->json, text("print a line of JSON for each step"));
  o->given = [&app](const std::string& name) { return app.get_option(name)->count() > 0; };
  app.callback([o] {
    if (o->resume) return;
    for (const auto& [name, empty] :
         {std::pair{"--site", o->call.site.empty()}, {"--corpus", o->call.corpus.empty()}, {"--features", o->call.features == 0}})
      if (empty) throw CLI::RequiredError(name);
    if (o->call.k > o->call.features) throw CLI::ValidationError("--k", text("at most as many as there are features"));
  });
  return [o] { return exit_code(train_dictionary(*o)); };
}

}  // namespace gf::cli
