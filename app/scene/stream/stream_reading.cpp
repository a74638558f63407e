#include "app/scene/stream/stream_reading.h"

#include <filesystem>

#include "model/io/lens_file.h"

namespace gf::scene {

const LogitLens::Token& StreamReading::word(int depth, int position) const {
  const int T = lens.entropy.shape[1];
  return lens.top[static_cast<std::size_t>(depth * T + position) * static_cast<std::size_t>(lens.k)];
}

Result<std::shared_ptr<const StreamReading>> read_stream(const Model& model, const Trace& trace, const ReadingThrough& through,
                                                         std::stop_token stop) {
  auto reading = std::make_shared<StreamReading>();
  LensOptions options;
  options.k = kLensWords;
  std::optional<LensFile> file;
  if (!through.lens.empty()) {
    GF_TRY_ASSIGN(file, read_lens(through.lens, model.weights->config));
    options.lens = &*file;
    reading->lens_name = std::filesystem::path(through.lens).filename().string();
  }
  GF_TRY_ASSIGN(reading->lens, logit_lens(model, trace, options, stop));
  GF_TRY_ASSIGN(reading->norms, stream_norms(model, trace, stop));
  if (!through.dictionary.empty()) {
    GF_TRY_ASSIGN(reading->features, feature_marks(through.dictionary, through.dictionary_hook, model, trace, stop));
  }
  return reading;
}

Result<SceneInput> with_readings(SceneInput input, std::stop_token stop) {
  if (!input.run || !input.run->base || input.run->base->length() == 0) return input;
  if (!input.base_reading) {
    GF_TRY_ASSIGN(input.base_reading, read_stream(*input.model, *input.run->base, input.through, stop));
  }
  if (!input.run->has_edits()) {
    input.edited_reading = input.base_reading;
  } else if (!input.edited_reading || input.edited_reading == input.base_reading) {
    GF_TRY_ASSIGN(input.edited_reading, read_stream(*input.model, *input.run->edited, input.through, stop));
  }
  if (RunBeside* other = input.beside ? &*input.beside : nullptr; other != nullptr && other->run && !other->reading) {
    GF_TRY_ASSIGN(other->reading, read_stream(*other->model, *other->run->edited, {}, stop));
  }
  return input;
}

}  // namespace gf::scene
