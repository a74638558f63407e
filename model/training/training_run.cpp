#include "model/training/training_run.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "model/base/files/json_bounds.h"
#include "model/base/text.h"
#include "model/training/training_texts.h"

namespace gf::training {
namespace {

namespace fs = std::filesystem;
using RunClock = std::chrono::steady_clock;
using RunJson = nlohmann::ordered_json;
constexpr std::size_t kMostNoteValues = 10'000'000;

RunJson finite(double value) { return std::isfinite(value) ? RunJson(value) : RunJson(); }
RunJson finite(const std::optional<double>& value) { return value ? finite(*value) : RunJson(); }

std::optional<double> number_of(const RunJson& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number() ? std::optional(at->get<double>()) : std::nullopt;
}

std::optional<std::int64_t> whole_of(const RunJson& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_integer() ? std::optional(at->get<std::int64_t>()) : std::nullopt;
}

Result<std::unique_ptr<Trainer>> trainer_of(const TrainingCall& call, Parameters parameters, std::vector<TokenId> ids, int threads) {
  const ModelConfig& c = parameters.layout().config;
  if (call.context > c.n_ctx)
    return fail(ErrorCode::InvalidArgument,
                text("A sequence of {0} tokens does not fit the model's context of {1}; give a smaller --context.", call.context, c.n_ctx));
  GF_TRY_ASSIGN(auto data, TrainingData::make(std::move(ids), c.n_vocab, call.context, call.held_out, call.data));
  return Trainer::create(std::move(parameters), std::make_shared<const TrainingData>(std::move(data)), call.options(), threads);
}

}  // namespace

// ---- what is noted ----------------------------------------------------------------------------------------------

void LossHistory::add(double loss) {
  sum_ += loss;
  if (++summed_ < each_) return;
  points_.push_back(sum_ / static_cast<double>(summed_));
  sum_ = 0;
  summed_ = 0;
  if (points_.size() < kMost) return;
  for (std::size_t i = 0; i < kMost / 2; ++i) points_[i] = (points_[2 * i] + points_[2 * i + 1]) / 2;
  points_.resize(kMost / 2);
  each_ *= 2;
}

std::string TrainingNotes::to_json() const {
  RunJson points = RunJson::array();
  for (const CurvePoint& point : curve) {
    RunJson one = {{"step", point.step}, {"loss_nats", finite(point.loss)}};
    if (point.held_out) one["held_out_loss_nats"] = finite(*point.held_out);
    points.push_back(std::move(one));
  }
  const RunJson history = {{"steps_of_a_point", losses.each_}, {"nats", losses.points_}, {"sum", losses.sum_}, {"summed", losses.summed_}};
  const RunJson notes = {{"call", RunJson::parse(training::to_json(call))},
                         {"fingerprint", std::to_string(fingerprint)},
                         {"tokens", tokens},
                         {"curve", std::move(points)},
                         {"losses", history}};
  return notes.dump();
}

Result<TrainingNotes> TrainingNotes::read(const std::string& folder) {
  GF_TRY_ASSIGN(const TrainingFolder opened, TrainingFolder::open(folder));
  const std::string where = opened.state_file();
  GF_TRY_ASSIGN(const std::string said, notes_of_training(where));
  GF_TRY(check_json_bounds(said, kMostNoteValues, where));
  const RunJson json = RunJson::parse(said, nullptr, false);
  const auto wrong = [&] {
    return fail(ErrorCode::Corrupt, text("{0} does not say with which options the training was begun.", where), "TrainingNotes");
  };
  if (!json.is_object() || !json.contains("call") || !json.contains("curve") || !json["curve"].is_array()) return wrong();
  TrainingNotes notes;
  GF_TRY_ASSIGN(notes.call, training_call_of(json["call"].dump(), where));
  const RunJson print = json.value("fingerprint", RunJson());
  if (!print.is_string()) return wrong();
  const auto& digits = print.get_ref<const std::string&>();
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), notes.fingerprint);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return wrong();
  for (const RunJson& point : json["curve"]) {
    const auto step = point.is_object() ? whole_of(point, "step") : std::nullopt;
    if (!step || *step < 0) return wrong();
    notes.curve.push_back({*step, number_of(point, "loss_nats"), number_of(point, "held_out_loss_nats")});
  }
  // Folders of before have no such history: it then begins here.
  const auto history = json.find("losses");
  if (history == json.end()) return notes;
  const auto each = history->is_object() ? whole_of(*history, "steps_of_a_point") : std::nullopt;
  const auto points = history->is_object() ? history->value("nats", RunJson()) : RunJson();
  const auto summed = history->is_object() ? whole_of(*history, "summed") : std::nullopt;
  if (!each || *each < 1 || !summed || *summed < 0 || *summed >= *each || !points.is_array() || points.size() >= LossHistory::kMost ||
      !std::ranges::all_of(points, [](const RunJson& p) { return p.is_number(); }))
    return wrong();
  notes.losses.each_ = *each;
  notes.losses.summed_ = *summed;
  notes.losses.sum_ = number_of(*history, "sum").value_or(0);
  for (const RunJson& p : points) notes.losses.points_.push_back(p.get<double>());
  return notes;
}

// ---- the run ----------------------------------------------------------------------------------------------------

TrainingRun::TrainingRun(TrainingNotes notes, std::string folder_path, std::unique_ptr<Trainer> trainer, TrainingFolder folder)
    : notes_(std::move(notes)), folder_path_(std::move(folder_path)), trainer_(std::move(trainer)), folder_(std::move(folder)) {}

Result<TrainingRun> TrainingRun::begin(const TrainingSource& source, const std::string& folder_path, int threads) {
  std::error_code ignored;
  TrainingNotes notes;
  GF_TRY_ASSIGN(TrainingStart start, training_start(source));
  notes.call = source.call;
  notes.call.complete(start.parameters.layout().config.n_ctx, start.ids.size(), start.fresh);
  if (!find_training_text(notes.call.data)) notes.call.data = fs::absolute(notes.call.data, ignored).string();
  const ModelConfig config = start.parameters.layout().config;
  GF_TRY_ASSIGN(auto trainer, trainer_of(notes.call, std::move(start.parameters), std::move(start.ids), threads));
  notes.fingerprint = trainer->data().fingerprint();
  notes.tokens = trainer->data().training_tokens();
  GF_TRY_ASSIGN(auto folder, TrainingFolder::create(folder_path, config, start.tokenizer));
  TrainingRun run(std::move(notes), folder_path, std::move(trainer), std::move(folder));
  run.warnings_ = std::move(start.warnings);
  return run;
}

Result<TrainingRun> TrainingRun::resume(TrainingNotes notes, const std::string& folder_path, int threads) {
  GF_TRY_ASSIGN(auto folder, TrainingFolder::open(folder_path));
  GF_TRY_ASSIGN(const ModelConfig config, config_to_train((fs::path(folder_path) / "config.json").string(), 0));
  GF_TRY_ASSIGN(auto parameters, parameters_to_restore(folder, config));
  GF_TRY_ASSIGN(auto ids, training_ids(notes.call.data, folder_path, config));
  GF_TRY_ASSIGN(auto trainer, trainer_of(notes.call, std::move(parameters), std::move(ids), threads));
  if (trainer->data().fingerprint() != notes.fingerprint)
    return fail(
        ErrorCode::InvalidArgument,
        text("{0} is not what the training in {1} was begun with; restore it, or begin another training.", notes.call.data, folder_path));
  notes.tokens = trainer->data().training_tokens();
  GF_TRY(trainer->restore(folder.state_file()));
  return TrainingRun(std::move(notes), folder_path, std::move(trainer), std::move(folder));
}

Result<StepReport> TrainingRun::step() {
  const auto begin = RunClock::now();
  GF_TRY_ASSIGN(const StepReport report, trainer_->step());
  seconds_ += std::chrono::duration<double>(RunClock::now() - begin).count();
  ++timed_;
  sum_ += report.loss;
  ++summed_;
  notes_.losses.add(report.loss);
  return report;
}

bool TrainingRun::due() const { return !kept() && (notes_.curve.empty() || done() || steps() % call().every == 0); }

Result<void> TrainingRun::keep() {
  CurvePoint point{steps(), std::nullopt, trainer_->held_out_loss()};
  if (summed_ > 0) point.loss = sum_ / static_cast<double>(summed_);
  notes_.curve.push_back(point);
  const auto written = folder_.keep(*trainer_, notes_.to_json());
  if (!written) {
    notes_.curve.pop_back();
    return written;
  }
  sum_ = 0;
  summed_ = 0;
  return {};
}

double TrainingRun::steps_per_s() const { return timed_ > 0 && seconds_ > 0 ? static_cast<double>(timed_) / seconds_ : 0; }

}  // namespace gf::training
