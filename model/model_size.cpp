#include "model/model_size.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf {

namespace {

/// Which tensors make a part: those whose name, without its block, begins with one of these.
struct PartRow {
  const char* name;
  bool in_block;
  std::array<std::string_view, 2> begins;
};
constexpr std::array kPartRows{PartRow{phrase("token embedding"), false, {"wte."}},
                               PartRow{phrase("position embedding"), false, {"wpe."}},
                               PartRow{phrase("LayerNorms"), true, {"ln_1.", "ln_2."}},
                               PartRow{phrase("attention"), true, {"attn."}},
                               PartRow{phrase("MLP"), true, {"mlp."}},
                               PartRow{phrase("final LayerNorm"), false, {"ln_f."}},
                               PartRow{phrase("unembedding"), false, {"lm_head."}}};

bool belongs(const PartRow& row, std::string_view tensor) {
  constexpr std::string_view block = "h.0.";  // all blocks are alike
  if (row.in_block != tensor.starts_with(block)) return false;
  if (row.in_block) tensor.remove_prefix(block.size());
  return std::ranges::any_of(row.begins, [&](std::string_view begin) { return !begin.empty() && tensor.starts_with(begin); });
}

}  // namespace

std::vector<ModelPart> parts_of(const Weights& weights) {
  std::vector<ModelPart> parts;
  const std::vector<NamedTensor> table = weights.table();
  for (const PartRow& row : kPartRows) {
    ModelPart part{row.name, {}, row.in_block, row.in_block ? weights.config.n_layer : 1, 0};
    int tensors = 0;
    for (const NamedTensor& tensor : table) {
      if (!belongs(row, tensor.name)) continue;
      part.parameters += tensor.view.elements();
      const Shape& shape = tensor.view.shape;
      part.shape = ++tensors == 1 && shape.rank() == 2 ? numbers::count(shape[0]) + " × " + numbers::count(shape[1]) : std::string();
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

std::int64_t parameters_of_block(const std::vector<ModelPart>& parts) {
  std::int64_t sum = 0;
  for (const ModelPart& part : parts) sum += part.in_block ? part.parameters : 0;
  return sum;
}

double pass_flops(const ModelConfig& c, int T) { return pass_flops(c, T, T); }

double pass_flops(const ModelConfig& c, int T, int logit_rows) {
  const double t = T, d = c.d_model, m = c.d_mlp, layers = c.n_layer;
  const double matrices = layers * (4 * d * d + 2 * d * m), head = d * c.n_vocab;
  return 2 * t * matrices + 2.0 * logit_rows * head + 2 * layers * d * t * (t + 1);
}

std::uint64_t weights_bytes(const Weights& weights) {
  std::uint64_t sum = 0;
  for (const NamedTensor& t : weights.table()) sum += static_cast<std::uint64_t>(t.view.elements()) * size_of(t.view.dtype);
  return sum;
}

std::uint64_t kv_bytes(const ModelConfig& c, int T) {
  return std::uint64_t{2} * sizeof(float) * static_cast<std::uint64_t>(c.n_layer) * static_cast<std::uint64_t>(c.d_model) *
         static_cast<std::uint64_t>(T);
}

}  // namespace gf
