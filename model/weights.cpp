#include "model/weights.h"

#include <algorithm>

#include "model/base/text.h"
#include "model/io/files/mapped_file.h"

namespace gf {

std::vector<NamedTensor> Weights::table() const {
  std::vector<NamedTensor> rows;
  const auto vector = [&](const std::string& name, const TensorView& view) {
    if (view.shape.rank() > 0) rows.push_back({name, view, true});
  };
  const auto matrix = [&](const std::string& name, const Matrix& m) {
    if (m.view.shape.rank() > 0) rows.push_back({name, m.view, m.in_major});
  };
  vector("wte.weight", wte);
  vector("wpe.weight", wpe);
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const BlockWeights& w = blocks[b];
    const std::string h = "h." + std::to_string(b) + ".";
    vector(h + "ln_1.weight", w.ln1.gamma);
    vector(h + "ln_1.bias", w.ln1.beta);
    matrix(h + "attn.c_attn.weight", w.qkv);
    vector(h + "attn.c_attn.bias", w.b_qkv);
    matrix(h + "attn.c_proj.weight", w.o);
    vector(h + "attn.c_proj.bias", w.b_o);
    vector(h + "ln_2.weight", w.ln2.gamma);
    vector(h + "ln_2.bias", w.ln2.beta);
    matrix(h + "mlp.c_fc.weight", w.in);
    vector(h + "mlp.c_fc.bias", w.b_in);
    matrix(h + "mlp.c_proj.weight", w.out);
    vector(h + "mlp.c_proj.bias", w.b_out);
  }
  vector("ln_f.weight", ln_f.gamma);
  vector("ln_f.bias", ln_f.beta);
  if (!config.tied) matrix("lm_head.weight", unembed);
  return rows;
}

std::int64_t Weights::parameters() const {
  std::int64_t n = 0;
  for (const auto& row : table()) n += row.view.elements();
  return n;
}

Error Weights::no_values_error() const {
  return {ErrorCode::Unsupported,
          text("{0} is a structure without weights, so it has no values: its shapes and counts are all there is; open a model that has "
               "weights to run it.",
               name),
          "Weights"};
}

bool Weights::truncated() const {
  return std::any_of(files.begin(), files.end(), [](const auto& file) { return file->truncated(); });
}

Error Weights::truncation_error() const {
  std::string which = path;
  for (const auto& file : files)
    if (file->truncated()) which = file->path();
  return {ErrorCode::Io, text("The file {0} was cut short while it was open; restore it and open the model again.", which), "Weights"};
}

}  // namespace gf
