#include "model/training/trainer.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <new>

#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/io/files/safetensors.h"

namespace gf::training {
namespace {

constexpr int kMostHeldOutBatches = 8;
constexpr const char* kNotesKey = "training";
constexpr const char* kStepKey = "step";

tl::unexpected<Error> trainer_error(ErrorCode code, std::string message) { return fail(code, std::move(message), "Trainer"); }

/// The three arenas of a state, under the names that their tensors have in it.
constexpr const char* kValues = "values.";
constexpr const char* kFirst = "first_moment.";
constexpr const char* kSecond = "second_moment.";

Result<void> read_arena(const SafetensorsFile& file, const ParameterLayout& layout, const char* prefix, const std::string& path,
                        std::span<float> to) {
  std::vector<std::shared_ptr<const void>> storage;
  for (const ParameterTensor& tensor : layout.tensors) {
    const SafetensorsEntry* entry = file.find(prefix + tensor.name);
    const auto wrong = [&] {
      return trainer_error(ErrorCode::Corrupt, text("{0} does not hold {1} of the shape {2}; it is of another training.", path,
                                                    prefix + tensor.name, tensor.shape.text()));
    };
    if (entry == nullptr || entry->dtype != "F32") return wrong();
    GF_TRY_ASSIGN(const TensorView view, file.view(*entry, storage));
    if (view.shape != tensor.shape) return wrong();
    widen(view.data, view.dtype, to.data() + tensor.begin, tensor.count);
    storage.clear();
  }
  if (file.file()->truncated()) return trainer_error(ErrorCode::Io, text("{0} was cut short while it was read; restore it.", path));
  return {};
}

}  // namespace

std::uint64_t Trainer::bytes(const ModelConfig& config, int batch, int context) {
  const auto parameters = count_parameters(config);
  if (!parameters) return std::numeric_limits<std::uint64_t>::max();
  return kTrainingArenas * sizeof(float) * *parameters + BatchPass::bytes(config, batch, context);
}

Trainer::Trainer(Parameters parameters, std::shared_ptr<const TrainingData> data, const TrainingOptions& options, int threads)
    : parameters_(std::move(parameters)),
      data_(std::move(data)),
      options_(options),
      pool_(std::make_unique<ThreadPool>(threads)),
      optimizer_(parameters_.layout(), options.adamw, *pool_),
      gradients_(parameters_.layout().size) {}

Result<std::unique_ptr<Trainer>> Trainer::create(Parameters parameters, std::shared_ptr<const TrainingData> data,
                                                 const TrainingOptions& options, int threads) {
  const ModelConfig& c = parameters.layout().config;
  EXPECTS(options.batch >= 1 && options.context >= 1, "a batch has tokens");
  if (options.context > c.n_ctx)
    return trainer_error(
        ErrorCode::InvalidArgument,
        text("A sequence of {0} tokens does not fit the model's context of {1}; give a smaller --context.", options.context, c.n_ctx));
  const std::uint64_t need = bytes(c, options.batch, options.context), has = physical_memory();
  const auto no_memory = [&] {
    return trainer_error(
        ErrorCode::OutOfMemory,
        text("Training this model with batches of {0} x {1} tokens needs {2} of memory, and this machine has {3}; choose a "
             "smaller batch or model.",
             options.batch, options.context, numbers::bytes(static_cast<double>(need)), numbers::bytes(static_cast<double>(has))));
  };
  if (need > has) return no_memory();
  try {
    std::unique_ptr<Trainer> trainer(new Trainer(std::move(parameters), std::move(data), options, threads));
    GF_TRY_ASSIGN(trainer->pass_, BatchPass::create(trainer->parameters_.layout(), options.batch, options.context, *trainer->pool_));
    return trainer;
  } catch (const std::bad_alloc&) {
    return no_memory();
  }
}

Result<StepReport> Trainer::step() {
  StepReport report;
  report.step = steps();
  report.rate = options_.rate.at(report.step);
  data_->batch(report.step, options_.batch, options_.order, options_.seed, batch_);
  report.loss = pass_->gradients(parameters_.values(), batch_, gradients_);
  const auto diverged = [&] {
    return trainer_error(
        ErrorCode::InvalidArgument,
        text("The loss or its gradient is not a number any more at step {0}; go on from an earlier checkpoint with a lower "
             "learning rate (--lr).",
             report.step));
  };
  if (!std::isfinite(report.loss)) return diverged();
  const auto norm = optimizer_.step(parameters_, gradients_, report.rate);
  if (!norm) return diverged();
  report.gradient_norm = *norm;
  return report;
}

std::optional<double> Trainer::held_out_loss() {
  double sum = 0, rows = 0;
  for (int i = 0; i < kMostHeldOutBatches && data_->held_out_batch(i, options_.batch, held_out_); ++i) {
    sum += pass_->loss(parameters_.values(), held_out_) * held_out_.B;
    rows += held_out_.B;
  }
  if (rows == 0) return std::nullopt;
  return sum / rows;
}

Result<void> Trainer::save(const std::string& path, const std::string& notes) const {
  std::vector<SafetensorsTensor> tensors;
  const auto add = [&](const char* prefix, std::span<const float> arena) {
    for (const ParameterTensor& tensor : parameters_.layout().tensors)
      tensors.push_back(
          {prefix + tensor.name, {reinterpret_cast<const std::byte*>(arena.data() + tensor.begin), DType::F32, tensor.shape}});
  };
  add(kValues, parameters_.values());
  add(kFirst, optimizer_.first_moment());
  add(kSecond, optimizer_.second_moment());
  return write_safetensors(path, tensors, {{kStepKey, std::to_string(steps())}, {kNotesKey, notes}});
}

Result<void> Trainer::restore(const std::string& path) {
  GF_TRY_ASSIGN(const SafetensorsFile file, SafetensorsFile::open(path));
  std::int64_t steps = -1;
  if (const auto said = file.metadata().find(kStepKey); said != file.metadata().end())
    std::from_chars(said->second.data(), said->second.data() + said->second.size(), steps);
  if (steps < 0) return trainer_error(ErrorCode::Corrupt, text("{0} does not say at which step it was written.", path));
  const ParameterLayout& layout = parameters_.layout();
  try {
    std::vector<float> first(layout.size), second(layout.size);
    GF_TRY(read_arena(file, layout, kFirst, path, first));
    GF_TRY(read_arena(file, layout, kSecond, path, second));
    GF_TRY(read_arena(file, layout, kValues, path, parameters_.change()));
    optimizer_.restore(steps, first, second);
  } catch (const std::bad_alloc&) {
    return trainer_error(ErrorCode::OutOfMemory, text("There is not enough memory to read {0}; close other programs.", path));
  }
  return {};
}

Result<std::string> notes_of_training(const std::string& path) {
  GF_TRY_ASSIGN(const SafetensorsFile file, SafetensorsFile::open(path));
  const auto notes = file.metadata().find(kNotesKey);
  if (notes == file.metadata().end())
    return trainer_error(ErrorCode::Corrupt, text("{0} does not say how the training was begun; it is of something else.", path));
  return notes->second;
}

Result<std::set<std::string>> missing_biases(const std::string& path, const ModelConfig& config) {
  GF_TRY_ASSIGN(const SafetensorsFile file, SafetensorsFile::open(path));
  std::set<std::string> missing;
  for (const ParameterTensor& tensor : ParameterLayout(config).tensors)
    if (tensor.name.ends_with(".bias") && file.find(kValues + tensor.name) == nullptr) missing.insert(tensor.name);
  return missing;
}

}  // namespace gf::training
