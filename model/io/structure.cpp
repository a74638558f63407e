#include "model/io/structure.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "model/base/listed.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/io/config_json.h"
#include "model/io/formats/huggingface.h"
#include "model/io/recognise.h"

namespace gf {

namespace {

namespace fs = std::filesystem;

constexpr int kVocabOfGpt2 = 50257, kContextOfGpt3 = 2048;
constexpr const char* kConfigFile = "config.json";

constexpr std::array<NamedShape, 12> kNamedShapes = {{
    {"gpt2", 12, 12, 768, 1024},
    {"gpt2-medium", 24, 16, 1024, 1024},
    {"gpt2-large", 36, 20, 1280, 1024},
    {"gpt2-xl", 48, 25, 1600, 1024},
    {"gpt3-125m", 12, 12, 768, kContextOfGpt3},
    {"gpt3-350m", 24, 16, 1024, kContextOfGpt3},
    {"gpt3-760m", 24, 16, 1536, kContextOfGpt3},
    {"gpt3-1.3b", 24, 16, 2048, kContextOfGpt3,
     phrase("Table 2.1 of the paper gives this size 24 heads of 128 dimensions, which do not make its 2,048; 16 heads are shown.")},
    {"gpt3-2.7b", 32, 32, 2560, kContextOfGpt3},
    {"gpt3-6.7b", 32, 32, 4096, kContextOfGpt3},
    {"gpt3-13b", 40, 40, 5120, kContextOfGpt3,
     phrase("Table 2.1 of the paper gives this size 5,140 dimensions, which its 40 heads of 128 do not make; 5,120 are shown.")},
    {"gpt3-175b", 96, 96, 12288, kContextOfGpt3},
}};
constexpr std::string_view kLargest = "gpt3", kLargestName = "gpt3-175b";

const NamedShape* named_shape(std::string_view name) {
  if (name == kLargest) name = kLargestName;
  const auto* at = std::ranges::find(kNamedShapes, name, &NamedShape::name);
  return at == kNamedShapes.end() ? nullptr : at;
}

ModelConfig config_of_shape(const NamedShape& shape) {
  ModelConfig c;
  c.n_layer = shape.n_layer;
  c.n_head = shape.n_head;
  c.d_model = shape.d_model;
  c.d_head = shape.d_model / shape.n_head;
  c.d_mlp = 4 * shape.d_model;
  c.n_ctx = shape.n_ctx;
  c.n_vocab = kVocabOfGpt2;
  c.bos_token_id = c.eos_token_id = kVocabOfGpt2 - 1;
  return c;
}

/// Sizes beyond these are a mistake: a page of them could neither be drawn nor read, and their counts would not fit a number.
Result<void> check_shown_sizes(const ModelConfig& c, const std::string& path) {
  constexpr int kMostBlocks = 1000, kMostHeads = 1024, kWidest = 1 << 20, kLongest = 1 << 24;
  constexpr std::int64_t kMostHeadsInAll = 1 << 16;
  struct Row {
    const char* key;
    int said, most;
  };
  for (const Row& row :
       {Row{"n_layer", c.n_layer, kMostBlocks}, Row{"n_head", c.n_head, kMostHeads}, Row{"n_embd", c.d_model, kWidest},
        Row{"n_inner", c.d_mlp, 4 * kWidest}, Row{"n_positions", c.n_ctx, kLongest}, Row{"vocab_size", c.n_vocab, kLongest}})
    if (row.said > row.most)
      return fail(ErrorCode::InvalidArgument,
                  text("{0} says {1} {2}, and a structure is shown up to {3}; give it a smaller number.", path, row.key,
                       numbers::count(row.said), numbers::count(row.most)),
                  "load_structure");
  if (c.d_model % c.n_head != 0)
    return fail(
        ErrorCode::InvalidArgument,
        text("n_head {0} in {2} does not divide n_embd {1}; give the config a number of heads that does.", c.n_head, c.d_model, path),
        "load_structure");
  if (std::int64_t{c.n_layer} * c.n_head > kMostHeadsInAll)
    return fail(ErrorCode::InvalidArgument,
                text("{0} has {1} blocks of {2} heads, and a structure is shown up to {3} heads in all; give it fewer.", path, c.n_layer,
                     c.n_head, numbers::count(kMostHeadsInAll)),
                "load_structure");
  return {};
}

/// The config.json that a path stands for; empty: it is none, and no folder that has one.
std::string config_file_at(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    const fs::path file = path / kConfigFile;
    return fs::exists(file, ignored) ? file.string() : std::string();
  }
  return path.extension() == ".json" && fs::exists(path, ignored) ? path.string() : std::string();
}

TensorView shape_alone(const Shape& shape) { return {nullptr, DType::F32, shape}; }

}  // namespace

std::span<const NamedShape> named_shapes() { return kNamedShapes; }

std::string named_shape_names() {
  return listed(kNamedShapes, [](const NamedShape& shape) { return std::string(shape.name); });
}

Result<std::string> resolve_structure(std::string_view name) {
  if (name.starts_with(kStructurePrefix)) name.remove_prefix(kStructurePrefix.size());
  if (const NamedShape* shape = named_shape(name)) return std::string(kStructurePrefix) + std::string(shape->name);
  if (const std::string file = config_file_at(fs::path(name)); !file.empty()) return std::string(kStructurePrefix) + file;
  return fail(ErrorCode::NotFound,
              text("There is no config {0}; give a config.json, a folder that has one, or one of {1}.", name, named_shape_names()),
              "resolve_structure");
}

bool is_structure(const std::string& path) {
  if (path.starts_with(kStructurePrefix)) return true;
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return fs::path(path).filename() == kConfigFile && fs::exists(path, ignored);
  if (config_file_at(path).empty()) return false;
  if (std::ranges::any_of(formats(), [&](const Format& format) { return format.probe(path); })) return false;
  // A folder whose weights are of another kind, or on their way, keeps its own sentence.
  return unfinished_files(path) == 0 && refusal_of(path).code == ErrorCode::NotFound;
}

std::shared_ptr<Weights> structure_of(const ModelConfig& c, std::string name) {
  auto weights = std::make_shared<Weights>();
  weights->config = c;
  weights->name = std::move(name);
  weights->format = "config";
  const auto matrix = [](int n_in, int n_out) { return Matrix{shape_alone({n_in, n_out}), true}; };
  const auto vector = [](int n) { return shape_alone({n}); };
  const auto norm = [&] { return LayerNormWeights{vector(c.d_model), vector(c.d_model)}; };
  weights->wte = shape_alone({c.n_vocab, c.d_model});
  weights->wpe = shape_alone({c.n_ctx, c.d_model});
  for (int b = 0; b < c.n_layer; ++b)
    weights->blocks.push_back({.ln1 = norm(),
                               .ln2 = norm(),
                               .qkv = matrix(c.d_model, 3 * c.d_model),
                               .b_qkv = vector(3 * c.d_model),
                               .o = matrix(c.d_model, c.d_model),
                               .b_o = vector(c.d_model),
                               .in = matrix(c.d_model, c.d_mlp),
                               .b_in = vector(c.d_mlp),
                               .out = matrix(c.d_mlp, c.d_model),
                               .b_out = vector(c.d_model)});
  weights->ln_f = norm();
  weights->unembed = {weights->wte, false};
  return weights;
}

Result<std::shared_ptr<const Weights>> load_structure(const std::string& path, const LoadOptions& options) {
  std::string said = path;
  const bool asked = said.starts_with(kStructurePrefix);
  if (asked) said.erase(0, kStructurePrefix.size());
  if (const NamedShape* shape = asked ? named_shape(said) : nullptr) {
    auto weights = structure_of(config_of_shape(*shape), std::string(shape->name));
    if (shape->remark != nullptr) weights->warnings.push_back(text(shape->remark));
    return std::shared_ptr<const Weights>(std::move(weights));
  }
  const std::string file = config_file_at(said);
  if (file.empty()) return fail(ErrorCode::NotFound, text("There is no config.json at {0}; check the path.", said), "load_structure");
  GF_TRY_ASSIGN(ConfigFile config, read_config_json(file));
  if (options.n_head > 0) config.n_head = options.n_head;
  if (!options.activation.empty()) {
    GF_TRY_ASSIGN(config.activation, parse_activation(options.activation, "--activation"));
  }
  GF_TRY_ASSIGN(ModelConfig c, whole_config(config));
  GF_TRY(check_shown_sizes(c, file));
  c.d_head = c.d_model / c.n_head;
  const std::string folder = fs::path(file).has_parent_path() ? fs::path(file).parent_path().string() : ".";
  auto weights = structure_of(c, model_name(folder));
  weights->path = file;
  if (!asked && fs::is_directory(path))
    weights->warnings.push_back(
        text("There are no weights in the folder {0}: only the structure that its config.json describes is shown.", path));
  return std::shared_ptr<const Weights>(std::move(weights));
}

}  // namespace gf
