// Functions of the model alone, and plain mathematics.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/lessons/facts.h"

namespace gf::lessons {
namespace facts_of_model {

using Side = Facts::Side;
using Args = std::span<const Value>;

const ModelConfig& config(const Side& side) { return side.session.model().weights->config; }
double number(const Value& v) { return std::get<double>(v); }

Result<Value> weight(Side& side, Args a) {
  for (const NamedTensor& tensor : side.session.model().weights->table()) {
    if (tensor.name != text(a[0])) continue;
    const bool matrix = tensor.view.shape.rank() == 2;
    if (matrix != (a.size() == 3)) return fail(ErrorCode::InvalidArgument, tensor.name + " has " + (matrix ? "two indices" : "one index"));
    const auto extent = [&](std::size_t axis) { return static_cast<int>(tensor.view.shape[axis]); };
    // Indices are logical: in, out.
    const std::size_t in = matrix && !tensor.in_major ? 1 : 0;
    GF_TRY_ASSIGN(const int i, index(a[1], extent(in), "row"));
    if (!matrix) return static_cast<double>(tensor.view.at(i));
    GF_TRY_ASSIGN(const int j, index(a[2], extent(1 - in), "column"));
    const std::int64_t flat = tensor.in_major ? std::int64_t{i} * extent(1) + j : std::int64_t{j} * extent(1) + i;
    return static_cast<double>(tensor.view.at(flat));
  }
  return fail(ErrorCode::InvalidArgument, "the model has no weight '" + text(a[0]) + "'");
}

/// Cosine of the angle between two tokens' embeddings.
Result<Value> similarity(Side& side, Args a) {
  GF_TRY_ASSIGN(const TokenId first, token(side, a[0]));
  GF_TRY_ASSIGN(const TokenId second, token(side, a[1]));
  const int d = config(side).d_model;
  const TensorView& wte = side.session.model().weights->wte;
  double dot = 0, one = 0, two = 0;
  for (int i = 0; i < d; ++i) {
    const double x = wte.at(std::int64_t{first.v} * d + i), y = wte.at(std::int64_t{second.v} * d + i);
    dot += x * y;
    one += x * x;
    two += y * y;
  }
  return dot / std::sqrt(one * two);
}

Result<Value> tokens(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto ids, side.session.model().tokenizer->ids_of(text(a[0])));
  return static_cast<double>(ids.size());
}
Result<Value> piece(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto ids, side.session.model().tokenizer->ids_of(text(a[0])));
  GF_TRY_ASSIGN(const int i, index(a[1], static_cast<int>(ids.size()), "token"));
  return valid_utf8(side.session.model().tokenizer->bytes_of(ids[static_cast<std::size_t>(i)]));
}
Result<Value> bytes(Side&, Args a) { return static_cast<double>(text(a[0]).size()); }
Result<Value> id(Side& side, Args a) {
  GF_TRY_ASSIGN(const TokenId t, token(side, a[0]));
  return static_cast<double>(t.v);
}

constexpr std::array kModelFunctions{
    Facts::Function{"n_layer", "", "n_layer", "blocks", [](Side& s, Args) -> Result<Value> { return config(s).n_layer * 1.0; }},
    Facts::Function{"n_head", "", "n_head", "heads of a block", [](Side& s, Args) -> Result<Value> { return config(s).n_head * 1.0; }},
    Facts::Function{"d_model", "", "d_model", "width of the stream",
                    [](Side& s, Args) -> Result<Value> { return config(s).d_model * 1.0; }},
    Facts::Function{"d_head", "", "d_head", "width of a head", [](Side& s, Args) -> Result<Value> { return config(s).d_head * 1.0; }},
    Facts::Function{"d_mlp", "", "d_mlp", "neurons of a block", [](Side& s, Args) -> Result<Value> { return config(s).d_mlp * 1.0; }},
    Facts::Function{"n_ctx", "", "n_ctx", "tokens of context", [](Side& s, Args) -> Result<Value> { return config(s).n_ctx * 1.0; }},
    Facts::Function{"n_vocab", "", "n_vocab", "tokens of the vocabulary",
                    [](Side& s, Args) -> Result<Value> { return config(s).n_vocab * 1.0; }},
    Facts::Function{"parameters", "", "parameters", "numbers in the checkpoint",
                    [](Side& s, Args) -> Result<Value> { return static_cast<double>(s.session.model().weights->parameters()); }},
    Facts::Function{"weight", "ti?i", "weight(NAME, I, [J])", "one number of a weight", weight},
    Facts::Function{"similarity", "tt", "similarity(TOKEN, TOKEN)", "cosine between two tokens' embeddings", similarity},
    Facts::Function{"tokens", "t", "tokens(TEXT)", "how many tokens a text is", tokens},
    Facts::Function{"piece", "ti", "piece(TEXT, I)", "token I of a text", piece},
    Facts::Function{"bytes", "t", "bytes(TEXT)", "how many bytes a text has", bytes},
    Facts::Function{"id", "t", "id(TOKEN)", "a token's number", id},
    Facts::Function{"abs", "n", "abs(X)", "absolute value", [](Side&, Args a) -> Result<Value> { return std::abs(number(a[0])); }},
    Facts::Function{"exp", "n", "exp(X)", "e to the X", [](Side&, Args a) -> Result<Value> { return std::exp(number(a[0])); }},
    Facts::Function{"ln", "n", "ln(X)", "natural logarithm", [](Side&, Args a) -> Result<Value> { return std::log(number(a[0])); }},
    Facts::Function{"sqrt", "n", "sqrt(X)", "square root", [](Side&, Args a) -> Result<Value> { return std::sqrt(number(a[0])); }},
    Facts::Function{"tanh", "n", "tanh(X)", "hyperbolic tangent", [](Side&, Args a) -> Result<Value> { return std::tanh(number(a[0])); }},
    Facts::Function{"min", "nn", "min(X, Y)", "the smaller",
                    [](Side&, Args a) -> Result<Value> { return std::min(number(a[0]), number(a[1])); }},
    Facts::Function{"max", "nn", "max(X, Y)", "the larger",
                    [](Side&, Args a) -> Result<Value> { return std::max(number(a[0]), number(a[1])); }},
};

}  // namespace facts_of_model

std::span<const Facts::Function> model_functions() { return facts_of_model::kModelFunctions; }

}  // namespace gf::lessons
