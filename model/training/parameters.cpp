#include "model/training/parameters.h"

#include <cmath>
#include <limits>
#include <new>
#include <unistd.h>

#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/sampling/philox.h"

namespace gf::training {
namespace {

constexpr double kInitialDeviation = 0.02;

tl::unexpected<Error> parameters_need_memory(std::size_t floats) {
  return fail(ErrorCode::OutOfMemory,
              text("There is not enough memory for {0} of parameters; choose a smaller model.",
                   numbers::bytes(static_cast<double>(floats) * sizeof(float))),
              "Parameters");
}

/// Standard normal numbers, the i-th of stream `stream` a pure function of (seed, stream, i). Box-Muller.
void fill_normal(std::span<float> to, std::uint64_t seed, std::uint32_t stream, double deviation) {
  const std::array<std::uint32_t, 2> key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  const auto uniform = [](std::uint32_t bits) { return (static_cast<double>(bits) + 0.5) / 4294967296.0; };
  for (std::size_t i = 0; i < to.size(); i += 4) {
    const auto bits = philox4x32({static_cast<std::uint32_t>(i / 4), static_cast<std::uint32_t>(i >> 34), stream, 0x696E6974U}, key);
    for (std::size_t pair = 0; pair < 2; ++pair) {
      const double radius = deviation * std::sqrt(-2 * std::log(uniform(bits[2 * pair]))), angle = 2 * M_PI * uniform(bits[2 * pair + 1]);
      if (i + 2 * pair < to.size()) to[i + 2 * pair] = static_cast<float>(radius * std::cos(angle));
      if (i + 2 * pair + 1 < to.size()) to[i + 2 * pair + 1] = static_cast<float>(radius * std::sin(angle));
    }
  }
}

TensorView view_of(const ParameterTensor& tensor, const float* values) {
  return {reinterpret_cast<const std::byte*>(values + tensor.begin), DType::F32, tensor.shape};
}

/// The tensors of a layout as a checkpoint has them.
Weights weights_over(const ParameterLayout& layout, const float* values) {
  Weights w;
  w.config = layout.config;
  w.format = "training";
  const auto vector = [&](std::size_t at, int n) {
    return at == ParameterLayout::kNone ? TensorView{} : TensorView{reinterpret_cast<const std::byte*>(values + at), DType::F32, Shape{n}};
  };
  const auto matrix = [&](const ParameterLayout::Linear& linear) {
    return Matrix{{reinterpret_cast<const std::byte*>(values + linear.weight), DType::F32, Shape{linear.n_in, linear.n_out}}, true};
  };
  const auto norm = [&](const ParameterLayout::Norm& n) {
    return LayerNormWeights{vector(n.gamma, w.config.d_model), vector(n.beta, w.config.d_model)};
  };
  w.wte = view_of(layout.tensors[0], values);
  w.wpe = view_of(layout.tensors[1], values);
  for (const ParameterLayout::Block& b : layout.blocks)
    w.blocks.push_back({norm(b.ln1), norm(b.ln2), matrix(b.qkv), vector(b.qkv.bias, b.qkv.n_out), matrix(b.o), vector(b.o.bias, b.o.n_out),
                        matrix(b.in), vector(b.in.bias, b.in.n_out), matrix(b.out), vector(b.out.bias, b.out.n_out)});
  w.ln_f = norm(layout.ln_f);
  w.unembed = {w.config.tied ? w.wte : view_of(layout.tensors.back(), values), false};
  return w;
}

}  // namespace

ParameterLayout::ParameterLayout(const ModelConfig& c, const std::set<std::string>& without) : config(c) {
  const auto add = [&](const std::string& name, const Shape& shape) {
    if (without.contains(name)) return kNone;
    const std::size_t begin = size;
    tensors.push_back({name, shape, begin, static_cast<std::size_t>(shape.elements())});
    size += tensors.back().count;
    return begin;
  };
  const auto norm = [&](const std::string& name) {
    Norm n;
    n.gamma = add(name + ".weight", {c.d_model});
    n.beta = add(name + ".bias", {c.d_model});
    return n;
  };
  const auto linear = [&](const std::string& name, int n_in, int n_out) {
    Linear l{.n_in = n_in, .n_out = n_out};
    l.weight = add(name + ".weight", {n_in, n_out});
    l.bias = add(name + ".bias", {n_out});
    return l;
  };
  wte = add("wte.weight", {c.n_vocab, c.d_model});
  wpe = add("wpe.weight", {c.n_ctx, c.d_model});
  for (int i = 0; i < c.n_layer; ++i) {
    const std::string h = "h." + std::to_string(i) + ".";
    Block b;
    b.ln1 = norm(h + "ln_1");
    b.qkv = linear(h + "attn.c_attn", c.d_model, 3 * c.d_model);
    b.o = linear(h + "attn.c_proj", c.d_model, c.d_model);
    b.ln2 = norm(h + "ln_2");
    b.in = linear(h + "mlp.c_fc", c.d_model, c.d_mlp);
    b.out = linear(h + "mlp.c_proj", c.d_mlp, c.d_model);
    blocks.push_back(b);
  }
  ln_f = norm("ln_f");
  unembed = c.tied ? wte : add("lm_head.weight", {c.n_vocab, c.d_model});
}

ParameterLayout ParameterLayout::of(const Weights& weights) {
  std::set<std::string> without;
  for (const ParameterTensor& tensor : ParameterLayout(weights.config).tensors) without.insert(tensor.name);
  for (const NamedTensor& row : weights.table()) without.erase(row.name);
  return ParameterLayout(weights.config, without);
}

std::uint64_t physical_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page <= 0) return std::numeric_limits<std::uint64_t>::max();
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
}

Result<std::uint64_t> count_parameters(const ModelConfig& c) {
  constexpr int kMostLayers = 100'000;
  constexpr double kMost = 1e15;  // exact in a double, and far beyond what any machine trains
  const double d = c.d_model, m = c.d_mlp, v = c.n_vocab;
  const double block = 4 * d * d + 2 * d * m + 9 * d + m;  // with biases
  const double all = v * d * (c.tied ? 1 : 2) + c.n_ctx * d + c.n_layer * block + 2 * d;
  if (c.n_layer < 1 || c.n_head < 1 || c.d_model < 1 || c.d_mlp < 1 || c.n_ctx < 1 || c.n_vocab < 1 || !(all < kMost) ||
      c.n_layer > kMostLayers || c.d_model > std::numeric_limits<int>::max() / 3)
    return fail(ErrorCode::InvalidArgument, text("The config describes a model that no machine can hold; give it smaller sizes."),
                "count_parameters");
  if (c.d_model % c.n_head != 0)
    return fail(ErrorCode::InvalidArgument,
                text("n_head {0} does not divide n_embd {1}; give the config a number of heads that does.", c.n_head, c.d_model),
                "count_parameters");
  return static_cast<std::uint64_t>(all);
}

Parameters::Parameters(ParameterLayout layout) : layout_(std::make_unique<const ParameterLayout>(std::move(layout))) {}

Result<Parameters> Parameters::zeros(ParameterLayout layout) {
  if (kTrainingArenas * sizeof(float) * layout.size > physical_memory()) return parameters_need_memory(kTrainingArenas * layout.size);
  Parameters p(std::move(layout));
  try {
    p.values_.resize(p.layout().size);
  } catch (const std::bad_alloc&) {
    return parameters_need_memory(p.layout().size);
  }
  return p;
}

Result<Parameters> Parameters::copy_of(const Weights& weights) {
  GF_TRY_ASSIGN(Parameters p, zeros(ParameterLayout::of(weights)));
  const std::vector<NamedTensor> table = weights.table();
  EXPECTS(table.size() == p.layout().tensors.size(), "a layout has the tensors of its model");
  for (std::size_t t = 0; t < table.size(); ++t) {
    const TensorView& from = table[t].view;
    const ParameterTensor& tensor = p.layout().tensors[t];
    float* to = p.values_.data() + tensor.begin;
    const bool turned = !table[t].in_major && tensor.name != "lm_head.weight";
    if (!turned) {
      widen(from.data, from.dtype, to, tensor.count);
      continue;
    }
    const auto n_in = tensor.shape[0], n_out = tensor.shape[1];
    for (std::int64_t i = 0; i < n_in; ++i)
      for (std::int64_t j = 0; j < n_out; ++j) to[i * n_out + j] = from.at(j * n_in + i);
  }
  if (weights.truncated()) return tl::unexpected(weights.truncation_error());
  return p;
}

Result<Parameters> Parameters::fresh(const ModelConfig& config, std::uint64_t seed) {
  GF_TRY_ASSIGN(Parameters p, zeros(ParameterLayout(config)));
  const double of_outputs = kInitialDeviation / std::sqrt(2.0 * config.n_layer);
  for (std::size_t t = 0; t < p.layout().tensors.size(); ++t) {
    const ParameterTensor& tensor = p.layout().tensors[t];
    const std::span<float> to(p.values_.data() + tensor.begin, tensor.count);
    if (tensor.is_matrix())
      fill_normal(to, seed, static_cast<std::uint32_t>(t), tensor.name.ends_with(".c_proj.weight") ? of_outputs : kInitialDeviation);
    else std::fill(to.begin(), to.end(), tensor.name.ends_with(".weight") ? 1.0F : 0.0F);
  }
  return p;
}

std::span<float> Parameters::change() {
  ++revision_;
  return values_;
}

Weights Parameters::weights() const { return weights_over(*layout_, values_.data()); }

Result<std::shared_ptr<const Weights>> Parameters::weights_of(std::span<const float> arena) const {
  EXPECTS(arena.size() == values_.size(), "the arena is one of this layout");
  try {
    const auto copy = std::make_shared<const std::vector<float>>(arena.begin(), arena.end());
    auto weights = std::make_shared<Weights>(weights_over(*layout_, copy->data()));
    weights->storage.push_back(copy);
    return std::shared_ptr<const Weights>(std::move(weights));
  } catch (const std::bad_alloc&) {
    return parameters_need_memory(values_.size());
  }
}

}  // namespace gf::training
