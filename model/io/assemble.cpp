#include "model/io/assemble.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <set>

#include "model/io/finite.h"

namespace gf {

namespace {

constexpr int kAssembleMaxBlocks = 100'000;

tl::unexpected<Error> assemble_corrupt(const std::string& message) { return fail(ErrorCode::Corrupt, message, "assemble"); }

// The block of "h.12.ln_1.weight"; -1 for other names.
int assemble_block_of(const std::string& name) {
  if (!name.starts_with("h.")) return -1;
  int block = -1;
  const auto [end, error] = std::from_chars(name.data() + 2, name.data() + name.size(), block);
  if (error != std::errc{} || end == name.data() + name.size() || *end != '.' || block < 0 || block >= kAssembleMaxBlocks) return -1;
  return block;
}

// Whether a GPT-2 has a tensor of this name.
bool assemble_is_parameter(std::string_view name) {
  constexpr std::array<std::string_view, 5> outer = {"wte.weight", "wpe.weight", "ln_f.weight", "ln_f.bias", "lm_head.weight"};
  constexpr std::array<std::string_view, 6> inner = {"ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj"};
  if (std::ranges::find(outer, name) != outer.end()) return true;
  const std::size_t dot = name.find('.', 2), last = name.rfind('.');
  if (assemble_block_of(std::string(name)) < 0 || dot >= last) return false;
  const std::string_view part = name.substr(dot + 1, last - dot - 1), kind = name.substr(last + 1);
  return (kind == "weight" || kind == "bias") && std::ranges::find(inner, part) != inner.end();
}

// Takes tensors out by name, checking shapes; remembers which names were asked for.
class AssembleSource {
 public:
  explicit AssembleSource(const FoundTensors& found) : found_(found) {}

  Result<TensorView> take(const std::string& name, const Shape& shape, const std::string& reason) {
    const auto it = found_.tensors.find(name);
    if (it == found_.tensors.end())
      return assemble_corrupt("The tensor " + name + " is missing in " + found_.path + "; the checkpoint is not complete.");
    used_.insert(name);
    if (it->second.shape != shape)
      return assemble_corrupt("The tensor " + name + " in " + found_.path + " has the shape " + it->second.shape.text() + ", but " +
                              reason + " needs " + shape.text() + ".");
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
  if (it == found.tensors.end())
    return fail(ErrorCode::Unsupported,
                "There is no tensor " + name + " in " + found.path +
                    (found.tensors.empty() ? "" : ", which has " + found.tensors.begin()->first + ", ...") + "; " + supported_models() +
                    ".",
                "assemble");
  const Shape& shape = it->second.shape;
  if (shape.rank() != 2)
    return assemble_corrupt("The tensor " + name + " in " + found.path + " has the shape " + shape.text() + ", not two dimensions.");
  for (std::size_t i = 0; i < 2; ++i)
    if (shape[i] < 1 || shape[i] > std::numeric_limits<int>::max())
      return assemble_corrupt("The tensor " + name + " in " + found.path + " has the shape " + shape.text() + ", which no model can have.");
  return shape;
}

Result<int> assemble_agree(const std::optional<int>& said, int found, const char* key, const char* what, const ConfigFile& file,
                           const std::string& path) {
  if (said && *said != found)
    return assemble_corrupt(file.path + " says " + key + " " + std::to_string(*said) + ", but the weights in " + path + " have " +
                            std::to_string(found) + " " + what + ".");
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
    weights.warnings.push_back("The number of heads is not given; " + std::to_string(c.n_head) + " is assumed, from 64 dimensions a head.");
  } else {
    return fail(ErrorCode::InvalidArgument,
                "The number of heads of " + found.path + " is not given and does not follow from d_model " + std::to_string(c.d_model) +
                    "; give it with --n-head.",
                "assemble");
  }
  if (c.d_model % c.n_head != 0)
    return assemble_corrupt("n_head " + std::to_string(c.n_head) + (options.n_head > 0 || file.path.empty() ? "" : " in " + file.path) +
                            " does not divide d_model " + std::to_string(c.d_model) + " of the weights in " + found.path + ".");
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
  for (const auto& [name, view] : found.tensors) blocks = std::max(blocks, assemble_block_of(name) + 1);
  GF_TRY_ASSIGN(c.n_vocab, assemble_agree(file.n_vocab, static_cast<int>(wte[0]), "vocab_size", "rows in wte.weight", file, found.path));
  GF_TRY_ASSIGN(c.d_model, assemble_agree(file.d_model, static_cast<int>(wte[1]), "n_embd", "columns in wte.weight", file, found.path));
  GF_TRY_ASSIGN(c.n_ctx, assemble_agree(file.n_ctx, static_cast<int>(wpe[0]), "n_positions", "rows in wpe.weight", file, found.path));
  GF_TRY_ASSIGN(c.n_layer, assemble_agree(file.n_layer, blocks, "n_layer", "blocks", file, found.path));
  GF_TRY_ASSIGN(c.d_mlp, assemble_agree(file.d_mlp, static_cast<int>(fc[found.in_major ? 1 : 0]), "n_inner",
                                        "neurons in h.0.mlp.c_fc.weight", file, found.path));
  if (c.d_model > std::numeric_limits<int>::max() / 3)
    return assemble_corrupt("The weights in " + found.path + " claim a d_model of " + std::to_string(c.d_model) +
                            ", which no model can have.");
  return assemble_heads(found, file, options, weights);
}

Result<BlockWeights> assemble_block(AssembleSource& source, int b, const ModelConfig& c) {
  const std::string h = "h." + std::to_string(b) + ".", d = "d_model " + std::to_string(c.d_model);
  const std::string mlp = "d_mlp " + std::to_string(c.d_mlp) + " with " + d;
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

// Absent: tied. Present: tied where it equals wte, else the model's own, unless the config insists on tying.
Result<void> assemble_unembed(AssembleSource& source, const FoundTensors& found, const ConfigFile& file, Weights& weights) {
  ModelConfig& c = weights.config;
  c.tied = true;
  weights.unembed = {weights.wte, false};
  if (!found.tensors.contains("lm_head.weight")) {
    if (file.tied && !*file.tied)
      return assemble_corrupt(file.path + " says tie_word_embeddings false, but there is no lm_head.weight in " + found.path + ".");
    return {};
  }
  GF_TRY_ASSIGN(const TensorView head, source.take("lm_head.weight", {c.n_vocab, c.d_model}, "vocab_size with n_embd"));
  const auto bytes = static_cast<std::size_t>(head.elements()) * size_of(head.dtype);
  if (head.dtype == weights.wte.dtype && std::memcmp(head.data, weights.wte.data, bytes) == 0) return {};
  if (file.tied && *file.tied) {
    weights.warnings.push_back(file.path +
                               " says tie_word_embeddings true, so the lm_head.weight that differs from wte.weight is not used.");
    return {};
  }
  c.tied = false;
  weights.unembed = {head, false};
  return {};
}

Result<void> assemble_warnings(const AssembleSource& source, const LoadOptions& options, Weights& weights) {
  const auto unused = source.unused();
  if (!unused.empty())
    weights.warnings.push_back(std::to_string(unused.size()) +
                               (unused.size() == 1 ? " tensor of the checkpoint is" : " tensors of the checkpoint are") +
                               " no part of the model and not used: " + unused[0] + (unused.size() > 1 ? ", ..." : "."));
  std::vector<TensorView> views;
  for (const auto& row : weights.table()) views.push_back(row.view);
  GF_TRY_ASSIGN(const std::int64_t bad, count_not_finite(views, options.progress));
  if (bad > 0) weights.warnings.push_back(std::to_string(bad) + (bad == 1 ? " weight is" : " weights are") + " NaN or infinite.");
  return {};
}

}  // namespace

Result<bool> FoundTensors::add(const std::string& name, Result<TensorView> view) {
  if (!view && view.error().code == ErrorCode::Unsupported && !assemble_is_parameter(name)) {
    others.insert(name);
    return true;
  }
  if (!view) return tl::unexpected(std::move(view).error());
  return tensors.emplace(name, *view).second;
}

bool FoundTensors::has(const std::string& name) const { return tensors.contains(name) || others.contains(name); }

Result<void> assemble(const FoundTensors& found, const ConfigFile& file, const LoadOptions& options, Weights& weights) {
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
    weights.warnings.push_back(file.path + " says " + key + " " + std::to_string(*id) + ", but there are " + std::to_string(c.n_vocab) +
                               " tokens; it is ignored.");
    *id = -1;
  }
  AssembleSource source(found);
  const std::string vocab = "vocab_size with n_embd", d = "d_model " + std::to_string(c.d_model);
  GF_TRY_ASSIGN(weights.wte, source.take("wte.weight", {c.n_vocab, c.d_model}, vocab));
  GF_TRY_ASSIGN(weights.wpe, source.take("wpe.weight", {c.n_ctx, c.d_model}, "n_positions with n_embd"));
  for (int b = 0; b < c.n_layer; ++b) {
    GF_TRY_ASSIGN(BlockWeights block, assemble_block(source, b, c));
    weights.blocks.push_back(block);
  }
  GF_TRY_ASSIGN(weights.ln_f.gamma, source.take("ln_f.weight", {c.d_model}, d));
  GF_TRY_ASSIGN(weights.ln_f.beta, source.take_bias("ln_f.bias", {c.d_model}, d));
  GF_TRY(assemble_unembed(source, found, file, weights));
  weights.dtype = weights.blocks[0].qkv.view.dtype;
  return assemble_warnings(source, options, weights);
}

}  // namespace gf
