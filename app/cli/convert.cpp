#include <CLI/CLI.hpp>

#include "app/cli/interrupt.h"
#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "model/base/text.h"
#include "model/io/formats/huggingface_write.h"

namespace gf::cli {

namespace {

struct ConvertOptions {
  ModelOptions model;
  std::string output, dtype = "keep";
  bool overwrite = false, json = false;
};

std::optional<DType> dtype_of(const std::string& name) {
  for (const DType dtype : {DType::F32, DType::F16, DType::BF16})
    if (name == name_of(dtype)) return dtype;
  return {};
}

Result<void> convert_model(const ConvertOptions& o) {
  GF_TRY_ASSIGN(const auto model, open(o.model));
  const Weights& weights = *model->weights;
  const Interrupt interrupt;
  const HuggingfaceWriteOptions options{.dtype = dtype_of(o.dtype), .overwrite = o.overwrite, .stop = interrupt.token()};
  GF_TRY_ASSIGN(const auto written, stopped(write_huggingface(weights, o.output, options), phrase("The conversion was stopped.")));
  for (const std::string& note : written.notes) say(note);
  // The written model is opened again, to be sure that it can be read.
  GF_TRY_ASSIGN(const auto again, open_model(o.output));
  if (o.json)
    print({{"format", weights.format},
           {"output", o.output},
           {"files", written.files},
           {"dtype", name_of(again->weights->dtype)},
           {"parameters", again->weights->parameters()},
           {"tokenizer", again->tokenizer->kind()},
           {"notes", written.notes}});
  else
    for (const std::string& file : written.files) std::printf("%s/%s\n", o.output.c_str(), file.c_str());
  return {};
}

}  // namespace

Runner setup_convert(CLI::App& app) {
  auto o = std::make_shared<ConvertOptions>();
  add_model_options(app, o->model);
  app.get_option("MODEL")->required()->description(text("a directory or file in any supported format, or the name of a bundled model"));
  app.add_option("OUT", o->output, text("the folder to write: config.json, model.safetensors and the tokenizer's files"))->required();
  app.add_option("--dtype", o->dtype, text("f32, f16 or bf16; keep (the default) leaves each tensor as it is"))
      ->check(CLI::IsMember({"keep", "f32", "f16", "bf16"}));
  app.add_flag("--overwrite", o->overwrite, text("replace a model's files in a folder that is not empty"));
  app.add_flag("--json", o->json, text("print JSON"));
  app.footer(text("Example: glassformer convert ckpt.pt my-model --dtype f16"));
  return [o] { return exit_code(convert_model(*o)); };
}

}  // namespace gf::cli
