#include "model/training/training_folder.h"

#include <filesystem>

#include "model/base/files/own_folder.h"
#include "model/base/files/whole_file.h"
#include "model/base/text.h"
#include "model/io/config_json.h"
#include "model/io/formats/huggingface_write.h"

namespace gf::training {
namespace {

namespace fs = std::filesystem;
constexpr const char* kStateFile = "training-state.safetensors";

tl::unexpected<Error> folder_error(ErrorCode code, std::string message) { return fail(code, std::move(message), "TrainingFolder"); }

}  // namespace

Result<TrainingFolder> TrainingFolder::create(const std::string& path, const ModelConfig& config, const TrainingTokenizer& tokenizer) {
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_directory(path, error))
    return folder_error(ErrorCode::InvalidArgument, text("{0} is a file; name a folder to write to.", path));
  if (fs::is_directory(path, error) && !fs::is_empty(path, error))
    return folder_error(ErrorCode::InvalidArgument,
                        fs::exists(fs::path(path) / kStateFile, error)
                            ? text("The folder {0} holds a training; go on with it (--resume), or name another one.", path)
                            : text("The folder {0} is not empty; name another one.", path));
  fs::create_directories(fs::path(path) / "checkpoints", error);
  if (error) return folder_error(ErrorCode::Io, text("Cannot make the folder {0}: {1}.", path, error.message()));
  GF_TRY(write_whole_file((fs::path(path) / "config.json").string(), huggingface_config(config, DType::F32)));
  for (const TokenizerFile& file : tokenizer.files) GF_TRY(write_whole_file((fs::path(path) / file.name).string(), file.content));
  return TrainingFolder(path);
}

Result<TrainingFolder> TrainingFolder::open(const std::string& path) {
  TrainingFolder folder(path);
  std::error_code error;
  if (!fs::exists(folder.state_file(), error))
    return folder_error(ErrorCode::NotFound,
                        text("There is no training in {0} that could go on; leave --resume out, or name its folder.", path));
  return folder;
}

std::string TrainingFolder::state_file() const { return (fs::path(path_) / kStateFile).string(); }

Result<void> TrainingFolder::keep(const Trainer& trainer, const std::string& notes) const {
  const fs::path folder = path_;
  const OwnFolder own(path_);  // the window shows the model while it learns, and reads these files
  const Weights weights = trainer.parameters().weights();
  const std::string step = std::to_string(trainer.steps());
  const std::map<std::string, std::string> metadata{{"format", "pt"}, {"step", step}};
  std::error_code error;
  fs::create_directories(folder / "checkpoints", error);
  GF_TRY(write_huggingface_weights(weights, (folder / "checkpoints" / ("step-" + step + ".safetensors")).string(), metadata));
  GF_TRY(trainer.save(state_file(), notes));
  GF_TRY(write_huggingface_weights(weights, (folder / "model.safetensors").string(), metadata));
  return write_whole_file((folder / "training.json").string(), notes + "\n");
}

Result<Parameters> parameters_to_restore(const TrainingFolder& folder, const ModelConfig& config) {
  GF_TRY(count_parameters(config));
  GF_TRY_ASSIGN(const auto missing, missing_biases(folder.state_file(), config));
  return Parameters::zeros(ParameterLayout(config, missing));
}

Result<ModelConfig> config_to_train(const std::string& path, int n_vocab) {
  GF_TRY_ASSIGN(const ConfigFile file, read_config_json(path));
  GF_TRY_ASSIGN(ModelConfig c, whole_config(file, n_vocab));
  if (c.n_vocab < n_vocab)
    return folder_error(
        ErrorCode::InvalidArgument,
        text("{0} says vocab_size {1}, but the text's tokenizer has {2} tokens; leave vocab_size out.", path, c.n_vocab, n_vocab));
  GF_TRY(count_parameters(c));
  c.d_head = c.d_model / c.n_head;
  return c;
}

}  // namespace gf::training
