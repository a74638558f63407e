// Functions of the model alone, and plain mathematics.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/lessons/facts.h"
#include "model/base/text.h"

namespace gf::lessons {
namespace {

using Side = Facts::Side;
using Args = std::span<const Value>;

const ModelConfig& config_of(const Side& side) { return side.session.model().weights->config; }
double number_of(const Value& v) { return std::get<double>(v); }

Result<Value> fact_weight(Side& side, Args a) {
  for (const NamedTensor& tensor : side.session.model().weights->table()) {
    if (tensor.name != string_of(a[0])) continue;
    const bool matrix = tensor.view.shape.rank() == 2;
    if (matrix != (a.size() == 3))
      return fail(ErrorCode::InvalidArgument, text(matrix ? "{0} has two indices" : "{0} has one index", tensor.name));
    const auto extent = [&](std::size_t axis) { return static_cast<int>(tensor.view.shape[axis]); };
    // Indices are logical: in, out.
    const std::size_t in = matrix && !tensor.in_major ? 1 : 0;
    GF_TRY_ASSIGN(const int i, index(a[1], extent(in), "row"));
    if (!matrix) return static_cast<double>(tensor.view.at(i));
    GF_TRY_ASSIGN(const int j, index(a[2], extent(1 - in), "column"));
    const std::int64_t flat = tensor.in_major ? std::int64_t{i} * extent(1) + j : std::int64_t{j} * extent(1) + i;
    return static_cast<double>(tensor.view.at(flat));
  }
  return fail(ErrorCode::InvalidArgument, text("the model has no weight '{0}'", string_of(a[0])));
}

/// Cosine of the angle between two tokens' embeddings.
Result<Value> fact_similarity(Side& side, Args a) {
  GF_TRY_ASSIGN(const TokenId first, token(side, a[0]));
  GF_TRY_ASSIGN(const TokenId second, token(side, a[1]));
  const int d = config_of(side).d_model;
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

Result<Value> fact_tokens(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto ids, side.session.model().tokenizer->ids_of(string_of(a[0])));
  return static_cast<double>(ids.size());
}
Result<Value> fact_piece(Side& side, Args a) {
  GF_TRY_ASSIGN(const auto ids, side.session.model().tokenizer->ids_of(string_of(a[0])));
  GF_TRY_ASSIGN(const int i, index(a[1], static_cast<int>(ids.size()), "token"));
  return valid_utf8(side.session.model().tokenizer->bytes_of(ids[static_cast<std::size_t>(i)]));
}
Result<Value> fact_bytes(Side&, Args a) { return static_cast<double>(string_of(a[0]).size()); }
Result<Value> fact_id(Side& side, Args a) {
  GF_TRY_ASSIGN(const TokenId t, token(side, a[0]));
  return static_cast<double>(t.v);
}

constexpr std::array kModelFunctions{
    Facts::Function{"n_layer", "", "n_layer", phrase("blocks"), [](Side& s, Args) -> Result<Value> { return config_of(s).n_layer * 1.0; }},
    Facts::Function{"n_head", "", "n_head", phrase("heads of a block"),
                    [](Side& s, Args) -> Result<Value> { return config_of(s).n_head * 1.0; }},
    Facts::Function{"d_model", "", "d_model", phrase("width of the stream"),
                    [](Side& s, Args) -> Result<Value> { return config_of(s).d_model * 1.0; }},
    Facts::Function{"d_head", "", "d_head", phrase("width of a head"),
                    [](Side& s, Args) -> Result<Value> { return config_of(s).d_head * 1.0; }},
    Facts::Function{"d_mlp", "", "d_mlp", phrase("neurons of a block"),
                    [](Side& s, Args) -> Result<Value> { return config_of(s).d_mlp * 1.0; }},
    Facts::Function{"n_ctx", "", "n_ctx", phrase("tokens of context"),
                    [](Side& s, Args) -> Result<Value> { return config_of(s).n_ctx * 1.0; }},
    Facts::Function{"n_vocab", "", "n_vocab", phrase("tokens of the vocabulary"),
                    [](Side& s, Args) -> Result<Value> { return config_of(s).n_vocab * 1.0; }},
    Facts::Function{"parameters", "", "parameters", phrase("numbers in the checkpoint"),
                    [](Side& s, Args) -> Result<Value> { return static_cast<double>(s.session.model().weights->parameters()); }},
    Facts::Function{"weight", "ti?i", "weight(NAME, I, [J])", phrase("one number of a weight"), fact_weight},
    Facts::Function{"similarity", "tt", "similarity(TOKEN, TOKEN)", phrase("cosine between two tokens' embeddings"), fact_similarity},
    Facts::Function{"tokens", "t", "tokens(TEXT)", phrase("how many tokens a text is"), fact_tokens},
    Facts::Function{"piece", "ti", "piece(TEXT, I)", phrase("token I of a text"), fact_piece},
    Facts::Function{"bytes", "t", "bytes(TEXT)", phrase("how many bytes a text has"), fact_bytes},
    Facts::Function{"id", "t", "id(TOKEN)", phrase("a token's number"), fact_id},
    Facts::Function{"abs", "n", "abs(X)", phrase("absolute value"),
                    [](Side&, Args a) -> Result<Value> { return std::abs(number_of(a[0])); }},
    Facts::Function{"exp", "n", "exp(X)", phrase("e to the X"), [](Side&, Args a) -> Result<Value> { return std::exp(number_of(a[0])); }},
    Facts::Function{"ln", "n", "ln(X)", phrase("natural logarithm"),
                    [](Side&, Args a) -> Result<Value> { return std::log(number_of(a[0])); }},
    Facts::Function{"sqrt", "n", "sqrt(X)", phrase("square root"),
                    [](Side&, Args a) -> Result<Value> { return std::sqrt(number_of(a[0])); }},
    Facts::Function{"tanh", "n", "tanh(X)", phrase("hyperbolic tangent"),
                    [](Side&, Args a) -> Result<Value> { return std::tanh(number_of(a[0])); }},
    Facts::Function{"min", "nn", "min(X, Y)", phrase("the smaller"),
                    [](Side&, Args a) -> Result<Value> { return std::min(number_of(a[0]), number_of(a[1])); }},
    Facts::Function{"max", "nn", "max(X, Y)", phrase("the larger"),
                    [](Side&, Args a) -> Result<Value> { return std::max(number_of(a[0]), number_of(a[1])); }},
};

}  // namespace

std::span<const Facts::Function> model_functions() { return kModelFunctions; }

}  // namespace gf::lessons
