#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/json.h"
#include "app/cli/options.h"
#include "model/base/text.h"
#include "model/io/huggingface_write.h"

namespace gf::cli {

namespace convert_command {

struct Options {
  ModelOptions model;
  std::string output, dtype = "keep";
  bool overwrite = false, json = false;
};

std::optional<DType> dtype_of(const std::string& name) {
  for (const DType dtype : {DType::F32, DType::F16, DType::BF16})
    if (name == name_of(dtype)) return dtype;
  return {};
}

Result<void> act(const Options& o) {
  GF_TRY_ASSIGN(const auto model, open(o.model));
  const Weights& weights = *model->weights;
  const Interrupt interrupt;
  const HuggingfaceWriteOptions options{.dtype = dtype_of(o.dtype), .overwrite = o.overwrite, .stop = interrupt.token()};
  GF_TRY_ASSIGN(const auto written, stopped(write_huggingface(weights, o.output, options), "The conversion"));
  for (const std::string& note : written.notes) say(note);
  // What was written is opened as anybody would: a file that cannot be read again is no conversion.
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

}  // namespace convert_command

Action setup_convert(CLI::App& app) {
  auto o = std::make_shared<convert_command::Options>();
  add_model_options(app, o->model);
  app.get_option("MODEL")->required()->description("a directory or file in any supported format, or the name of a bundled model");
  app.add_option("OUT", o->output, "the folder to write: config.json, model.safetensors and the tokenizer's files")->required();
  app.add_option("--dtype", o->dtype, "f32, f16 or bf16; keep (the default) leaves each tensor as it is")
      ->check(CLI::IsMember({"keep", "f32", "f16", "bf16"}));
  app.add_flag("--overwrite", o->overwrite, "replace a model's files in a folder that is not empty");
  app.add_flag("--json", o->json, "print JSON");
  app.footer("Example: glassformer convert ckpt.pt my-model --dtype f16");
  return [o] {
    const auto done = convert_command::act(*o);
    return done ? 0 : failed(done.error());
  };
}

}  // namespace gf::cli
