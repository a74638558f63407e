#include "model/io/assemble.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>
#include <set>

#include "model/base/text.h"
#include "model/io/finite.h"
#include "model/io/formats/huggingface.h"
#include "model/io/recognise.h"

namespace gf {

namespace {

tl::unexpected<Error> assemble_corrupt(const std::string& message) { return fail(ErrorCode::Corrupt, message, "assemble"); }

/// Some names of tensors, for a sentence.
std::string first_names(const FoundTensors& found) {
  constexpr std::size_t most = 8;
  std::string names;
  std::size_t count = 0;
  for (const auto& [key, view] : found.tensors)
    if (count++ < most) names += (names.empty() ? "" : ", ") + key;
  return count > most ? names + ", ..." : names;
}

// Takes tensors out by name, checking shapes; remembers which names were asked for.
class AssembleSource {
 public:
  explicit AssembleSource(const FoundTensors& found) : found_(found) {}

  Result<TensorView> take(const std::string& name, const Shape& shape, const std::string& reason) {
    const auto it = found_.tensors.find(name);
    if (it == found_.tensors.end()) {
      // PEFT's own save of a model that it wraps: "c_attn.base_layer.weight" and the adapter's matrices.
      if (std::ranges::any_of(found_.tensors, [](const auto& row) { return is_adapter_key(row.first); }))
        return fail(ErrorCode::Unsupported,
                    text("The weights in {0} have a LoRA adapter beside them, which is not merged into them ({1} is missing); PEFT's "
                         "merge_and_unload() makes one model of both.",
                         found_.path, name),
                    "assemble");
      return assemble_corrupt(
          text("The tensor {0} is missing in {1}, which has {2}; the checkpoint is not complete.", name, found_.path, first_names(found_)));
    }
    used_.insert(name);
    if (it->second.shape != shape)
      return assemble_corrupt(text("The tensor {0} in {1} has the shape {2}, but {3} needs {4}.", name, found_.path,
                                   it->second.shape.text(), reason, shape.text()));
    return it->second;
  }
  Result<TensorView> take_bias(const std::string& name, const Shape& shape, const std::string& reason) {
    if (found_.biases_optional && !found_.tensors.contains(name)) return TensorView{};
    return take(name, shape, reason);
  }
  Result<Matrix> take_matrix(const std::string& name, int n_in, int n_out, const std::string& reason) {
    const Shape shape = found_.in_major ? Shape{n_in, n_out} : Shape{n_out, n_in};
    GF_TRY_ASSIGN(const TensorView view, take(name, shape, reason));
    return Matrix{view, found_.in_major};
  }
  [[nodiscard]] std::vector<std::string> unused() const {
    std::vector<std::string> names(found_.others.begin(), found_.others.end());
    for (const auto& [name, view] : found_.tensors)
      if (!used_.contains(name)) names.push_back(name);
    return names;
  }

 private:
  const FoundTensors& found_;
  std::set<std::string> used_;
};

Result<Shape> assemble_matrix_shape(const FoundTensors& found, const std::string& name) {
  const auto it = found.tensors.find(name);
  if (it == found.tensors.end()) {
    const bool adapter = std::ranges::any_of(found.tensors, [](const auto& row) { return is_adapter_key(row.first); });
    if (adapter) return tl::unexpected(adapter_refusal(found.path));
    const std::string names = first_names(found);
    return fail(ErrorCode::Unsupported,
                names.empty() ? text("There is no tensor {0} in {1}; {2}.", name, found.path, supported_models())
                              : text("There is no tensor {0} in {1}, which has {2}; {3}.", name, found.path, names, supported_models()),
                "assemble");
  }
  const Shape& shape = it->second.shape;
  if (shape.rank() != 2)
    return assemble_corrupt(text("The tensor {0} in {1} has the shape {2}, not two dimensions.", name, found.path, shape.text()));
  for (std::size_t i = 0; i < 2; ++i)
    if (shape[i] < 1 || shape[i] > std::numeric_limits<int>::max())
      return assemble_corrupt(text("The tensor {0} in {1} has the shape {2}, which no model can have.", name, found.path, shape.text()));
  return shape;
}

Result<int> assemble_agree(const std::optional<int>& said, int found, const char* key, const char* what, const ConfigFile& file,
                           const std::string& path) {
  if (said && *said != found)
    return assemble_corrupt(text("{0} says {1} {2}, but the weights in {3} have {4} {5}.", file.path, key, *said, path, found, text(what)));
  return found;
}

Result<void> assemble_heads(const FoundTensors& found, const ConfigFile& file, const LoadOptions& options, Weights& weights) {
  ModelConfig& c = weights.config;
  if (options.n_head > 0) {
    c.n_head = options.n_head;
  } else if (file.n_head) {
    c.n_head = *file.n_head;
  } else if (c.d_model % 64 == 0) {
    c.n_head = c.d_model / 64;
    weights.warnings.push_back(text("The number of heads is not given; {0} is assumed, from 64 dimensions a head.", c.n_head));
  } else {
    return fail(
        ErrorCode::InvalidArgument,
        text("The number of heads of {0} is not given and does not follow from d_model {1}; give it with --n-head.", found.path, c.d_model),
        "assemble");
  }
  if (c.d_model % c.n_head != 0)
    return assemble_corrupt(
        options.n_head > 0 || file.path.empty()
            ? text("n_head {0} does not divide d_model {1} of the weights in {2}.", c.n_head, c.d_model, found.path)
            : text("n_head {0} in {3} does not divide d_model {1} of the weights in {2}.", c.n_head, c.d_model, found.path, file.path));
  c.d_head = c.d_model / c.n_head;
  return {};
}

// Sizes from the shapes, compared with what the file says.
Result<void> assemble_sizes(const FoundTensors& found, const ConfigFile& file, const LoadOptions& options, Weights& weights) {
  ModelConfig& c = weights.config;
  GF_TRY_ASSIGN(const Shape wte, assemble_matrix_shape(found, "wte.weight"));
  GF_TRY_ASSIGN(const Shape wpe, assemble_matrix_shape(found, "wpe.weight"));
  GF_TRY_ASSIGN(const Shape fc, assemble_matrix_shape(found, "h.0.mlp.c_fc.weight"));
  int blocks = 0;
  for (const auto& [name, view] : found.tensors) blocks = std::max(blocks, block_of_tensor(name) + 1);
  GF_TRY_ASSIGN(c.n_vocab,
                assemble_agree(file.n_vocab, static_cast<int>(wte[0]), "vocab_size", phrase("rows in wte.weight"), file, found.path));
  GF_TRY_ASSIGN(c.d_model,
                assemble_agree(file.d_model, static_cast<int>(wte[1]), "n_embd", phrase("columns in wte.weight"), file, found.path));
  GF_TRY_ASSIGN(c.n_ctx,
                assemble_agree(file.n_ctx, static_cast<int>(wpe[0]), "n_positions", phrase("rows in wpe.weight"), file, found.path));
  GF_TRY_ASSIGN(c.n_layer, assemble_agree(file.n_layer, blocks, "n_layer", phrase("blocks"), file, found.path));
  GF_TRY_ASSIGN(c.d_mlp, assemble_agree(file.d_mlp, static_cast<int>(fc[found.in_major ? 1 : 0]), "n_inner",
                                        phrase("neurons in h.0.mlp.c_fc.weight"), file, found.path));
  if (c.d_model > std::numeric_limits<int>::max() / 3)
    return assemble_corrupt(text("The weights in {0} claim a d_model of {1}, which no model can have.", found.path, c.d_model));
  return assemble_heads(found, file, options, weights);
}

Result<BlockWeights> assemble_block(AssembleSource& source, int b, const ModelConfig& c) {
  const std::string h = "h." + std::to_string(b) + ".", d = "d_model " + std::to_string(c.d_model);
  const std::string mlp = text("d_mlp {0} with {1}", c.d_mlp, d);
  BlockWeights w;
  GF_TRY_ASSIGN(w.ln1.gamma, source.take(h + "ln_1.weight", {c.d_model}, d));
  GF_TRY_ASSIGN(w.ln1.beta, source.take_bias(h + "ln_1.bias", {c.d_model}, d));
  GF_TRY_ASSIGN(w.qkv, source.take_matrix(h + "attn.c_attn.weight", c.d_model, 3 * c.d_model, d));
  GF_TRY_ASSIGN(w.b_qkv, source.take_bias(h + "attn.c_attn.bias", {3 * c.d_model}, d));
  GF_TRY_ASSIGN(w.o, source.take_matrix(h + "attn.c_proj.weight", c.d_model, c.d_model, d));
  GF_TRY_ASSIGN(w.b_o, source.take_bias(h + "attn.c_proj.bias", {c.d_model}, d));
  GF_TRY_ASSIGN(w.ln2.gamma, source.take(h + "ln_2.weight", {c.d_model}, d));
  GF_TRY_ASSIGN(w.ln2.beta, source.take_bias(h + "ln_2.bias", {c.d_model}, d));
  GF_TRY_ASSIGN(w.in, source.take_matrix(h + "mlp.c_fc.weight", c.d_model, c.d_mlp, mlp));
  GF_TRY_ASSIGN(w.b_in, source.take_bias(h + "mlp.c_fc.bias", {c.d_mlp}, mlp));
  GF_TRY_ASSIGN(w.out, source.take_matrix(h + "mlp.c_proj.weight", c.d_mlp, c.d_model, mlp));
  GF_TRY_ASSIGN(w.b_out, source.take_bias(h + "mlp.c_proj.bias", {c.d_model}, d));
  return w;
}

// A model without lm_head.weight is tied, and so is one whose lm_head.weight equals wte.weight. Else lm_head.weight is used,
// even where the config says tied, as transformers does.
Result<void> assemble_unembed(AssembleSource& source, const FoundTensors& found, const ConfigFile& file, Weights& weights) {
  ModelConfig& c = weights.config;
  c.tied = true;
  weights.unembed = {weights.wte, false};
  if (!found.tensors.contains("lm_head.weight")) {
    if (file.tied && !*file.tied)
      return assemble_corrupt(text("{0} says tie_word_embeddings false, but there is no lm_head.weight in {1}.", file.path, found.path));
    return {};
  }
  GF_TRY_ASSIGN(const TensorView head, source.take("lm_head.weight", {c.n_vocab, c.d_model}, text("vocab_size with n_embd")));
  const auto bytes = static_cast<std::size_t>(head.elements()) * size_of(head.dtype);
  if (head.dtype == weights.wte.dtype && std::memcmp(head.data, weights.wte.data, bytes) == 0) return {};
  if (file.tied && *file.tied)
    weights.warnings.push_back(
        text("{0} says tie_word_embeddings true, but lm_head.weight differs from wte.weight; it is used.", file.path));
  else if (!file.tied && !file.path.empty())
    weights.warnings.push_back(
        text("{0} does not say tie_word_embeddings, and lm_head.weight differs from wte.weight; it is used.", file.path));
  c.tied = false;
  weights.unembed = {head, false};
  return {};
}

Result<void> assemble_warnings(const AssembleSource& source, const LoadOptions& options, Weights& weights) {
  const auto unused = source.unused();
  if (unused.size() == 1)
    weights.warnings.push_back(text("1 tensor of the checkpoint is not part of the model and not used: {0}.", unused[0]));
  else if (!unused.empty())
    weights.warnings.push_back(
        text("{0} tensors of the checkpoint are no part of the model and not used: {1}, ...", unused.size(), unused[0]));
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::path(model_folder(weights.path)) / "adapter_config.json", ignored))
    weights.warnings.push_back(
        text("There is a LoRA adapter beside {0}, which is not applied; PEFT's merge_and_unload() makes one model of both.", weights.path));
  std::vector<TensorView> views;
  for (const auto& row : weights.table()) views.push_back(row.view);
  GF_TRY_ASSIGN(const std::int64_t bad, count_not_finite(views, options.progress));
  if (bad > 0) weights.warnings.push_back(counted(bad, "{0} weight is NaN or infinite.", "{0} weights are NaN or infinite."));
  return {};
}

}  // namespace

void warn_of_activation(const ConfigFile& file, const LoadOptions& options, Weights& weights) {
  if (file.activation || !options.activation.empty()) return;
  weights.warnings.push_back(
      text("The activation is not given; GELU's tanh form is assumed (--activation gelu for the exact form, nanoGPT's)."));
}

void warn_of_missing_config(const ConfigFile& file, Weights& weights) {
  if (file.path.empty())
    weights.warnings.push_back(text("There is no config.json beside {0}; the sizes are taken from the shapes.", weights.path));
}

Result<void> assemble(FoundTensors found, const ConfigFile& file, const LoadOptions& options, Weights& weights) {
  GF_TRY(found.unwrap());
  ModelConfig& c = weights.config;
  GF_TRY(assemble_sizes(found, file, options, weights));
  c.layer_norm_eps = file.layer_norm_eps.value_or(1e-5F);
  c.activation = file.activation.value_or(Activation::GeluTanh);
  if (!options.activation.empty()) {
    GF_TRY_ASSIGN(c.activation, parse_activation(options.activation, "--activation"));
  }
  c.scale_attn = file.scale_attn.value_or(true);
  c.scale_attn_by_layer = file.scale_attn_by_layer.value_or(false);
  c.bos_token_id = file.bos_token_id.value_or(-1);
  c.eos_token_id = file.eos_token_id.value_or(-1);
  for (const auto& [id, key] : {std::pair{&c.bos_token_id, "bos_token_id"}, std::pair{&c.eos_token_id, "eos_token_id"}}) {
    if (*id < c.n_vocab) continue;
    weights.warnings.push_back(text("{0} says {1} {2}, but there are {3} tokens; it is ignored.", file.path, key, *id, c.n_vocab));
    *id = -1;
  }
  AssembleSource source(found);
  const std::string vocab = text("vocab_size with n_embd"), d = "d_model " + std::to_string(c.d_model);
  GF_TRY_ASSIGN(weights.wte, source.take("wte.weight", {c.n_vocab, c.d_model}, vocab));
  GF_TRY_ASSIGN(weights.wpe, source.take("wpe.weight", {c.n_ctx, c.d_model}, text("n_positions with n_embd")));
  for (int b = 0; b < c.n_layer; ++b) {
    GF_TRY_ASSIGN(BlockWeights block, assemble_block(source, b, c));
    weights.blocks.push_back(block);
  }
  GF_TRY_ASSIGN(weights.ln_f.gamma, source.take("ln_f.weight", {c.d_model}, d));
  GF_TRY_ASSIGN(weights.ln_f.beta, source.take_bias("ln_f.bias", {c.d_model}, d));
  GF_TRY(assemble_unembed(source, found, file, weights));
  weights.dtype = weights.blocks[0].qkv.view.dtype;
  if (found.narrowed) {
    weights.file_dtype = "F64";
    weights.warnings.push_back(text("The weights are float64; each was rounded to float32 once."));
  }
  return assemble_warnings(source, options, weights);
}

}  // namespace gf
