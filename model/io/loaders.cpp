#include "model/io/loaders.h"

#include <array>
#include <filesystem>
#include <new>

#include "model/base/text.h"
#include "model/io/formats/gguf.h"
#include "model/io/formats/huggingface.h"
#include "model/io/formats/llmc.h"
#include "model/io/formats/llmviz.h"
#include "model/io/formats/torch_formats.h"
#include "model/io/recognise.h"
#include "model/tokenizer/tokenizer.h"

namespace gf {

namespace {
// One line for each format; the first whose probe agrees opens the path.
constexpr std::array<Format, 6> kLoaderFormats = {{
    {"huggingface-safetensors", probe_huggingface, load_huggingface},
    {"pytorch", probe_torch, load_torch},
    {"llm.c", probe_llmc, load_llmc},
    {"gguf", probe_gguf, load_gguf},
    {"llm-viz-json", probe_llmviz, load_llmviz},
    {"huggingface-safetensors", probe_huggingface_renamed, load_huggingface},
}};

// Names out of a hostile file must neither fill the screen nor steer the terminal.
Error loader_readable(Error error) {
  constexpr std::size_t most = 1000, kept = 450;
  std::string& text = error.message;
  if (text.size() > most) text.replace(kept, text.size() - 2 * kept, " ... ");
  text = visible_text(text);
  return error;
}
}  // namespace

std::span<const Format> formats() { return kLoaderFormats; }

Result<std::shared_ptr<const Weights>> load_weights(const std::string& path, const LoadOptions& options) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::exists(path, error))
    return fail(ErrorCode::NotFound, text("There is no file or folder {0}; give a model's folder, a file, or a bundled name.", path),
                "load_weights");
  try {
    const bool directory = fs::is_directory(path, error);
    const std::string file = directory ? (fs::path(path) / "model.safetensors").string() : path;
    if (is_stand_in(file)) return tl::unexpected(loader_readable(refusal_of(file)));
    for (const Format& format : formats()) {
      if (!format.probe(path)) continue;
      if (lacks_small_files(path)) return tl::unexpected(loader_readable(unfinished_refusal(path)));
      return format.load(path, options).map_error([&](Error e) {
        const bool bare = e.code == ErrorCode::NotFound || !fs::exists(config_json_of(path), error);
        const bool missing = bare && unfinished_files(path) > 0;
        return loader_readable(missing ? unfinished_refusal(path) : std::move(e));
      });
    }
    return tl::unexpected(loader_readable(refusal_of(path)));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::OutOfMemory,
                text("There is not enough memory to open {0}; close other programs or choose a smaller model.", path), "load_weights");
  }
}

}  // namespace gf
