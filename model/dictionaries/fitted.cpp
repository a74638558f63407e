#include "model/dictionaries/fitted.h"

#include <algorithm>

#include "model/base/text.h"

namespace gf {

namespace {

constexpr std::string_view kMlpInput = ".mlp.hook_in";

Result<HookId> hook_of_dictionary(const std::string& name, const Dictionary& dictionary, const ModelConfig& config) {
  if (const auto hook = hook_of_name(name, config.n_layer)) return *hook;
  if (hook_of_name(name, kAnyLayer))
    return fail(ErrorCode::InvalidArgument, text("The dictionary {0} is one of {1}, but the blocks of this model are 0 to {2}.",
                                                 dictionary.name, name, config.n_layer - 1));
  return fail(ErrorCode::InvalidArgument,
              text("The dictionary {0} is one of {1}, which is not a hook of this program; name the hook where it reads, if there is one.",
                   dictionary.name, name));
}

/// `head`: the one whose numbers it reads or writes; -1: the whole row.
Result<void> check_width(const Dictionary& dictionary, HookId hook, int head, int width, const ModelConfig& config, bool reads) {
  const RowShape shape = info_of(hook.kind).shape;
  if (head >= 0) {
    if (shape != RowShape::Heads || head >= config.n_head)
      return fail(ErrorCode::InvalidArgument, text("The dictionary {0} is one of head {1} of {2}, which this model does not have.",
                                                   dictionary.name, head, name_of(hook)));
    if (width == config.d_head) return {};
    return fail(ErrorCode::InvalidArgument, text("The dictionary {0} has rows of {1} numbers, but a head of {2} of this model has {3}.",
                                                 dictionary.name, width, name_of(hook), config.d_head));
  }
  if (shape == RowShape::Causal || shape == RowShape::One)
    return fail(ErrorCode::InvalidArgument,
                text("The dictionary {0} cannot stand at {1}, whose rows are not activations.", dictionary.name, name_of(hook)));
  const std::size_t row = row_size(shape, config, 0);
  if (row == static_cast<std::size_t>(width)) return {};
  return fail(ErrorCode::InvalidArgument, reads ? text("The dictionary {0} reads rows of {1} numbers, but {2} of this model has {3}.",
                                                       dictionary.name, width, name_of(hook), row)
                                                : text("The dictionary {0} writes rows of {1} numbers, but {2} of this model has {3}.",
                                                       dictionary.name, width, name_of(hook), row));
}

/// b_V + beta W_V of a block, head after head as in a row of hook_z.
std::vector<float> value_bias(const Weights& weights, int layer, bool with_beta) {
  const BlockWeights& block = weights.blocks[static_cast<std::size_t>(layer)];
  const int d_model = weights.config.d_model;
  std::vector<float> bias(static_cast<std::size_t>(d_model));
  for (int i = 0; i < d_model; ++i) {
    const int column = 2 * d_model + i;
    double sum = block.b_qkv.empty() ? 0.0 : static_cast<double>(block.b_qkv.at(column));
    if (with_beta && !block.ln1.beta.empty())
      for (int j = 0; j < d_model; ++j) sum += static_cast<double>(block.ln1.beta.at(j)) * static_cast<double>(block.qkv.at(j, column));
    bias[static_cast<std::size_t>(i)] = static_cast<float>(sum);
  }
  return bias;
}

}  // namespace

std::optional<HookId> hook_of_name(std::string_view name, int n_layer) {
  if (name.ends_with(kMlpInput)) {
    const std::string before = std::string(name.substr(0, name.size() - kMlpInput.size())) + ".ln2.hook_normalized";
    return parse_hook(before, n_layer);
  }
  return parse_hook(name, n_layer);
}

bool same_place(HookId a, HookId b) {
  const auto entering = [](HookId hook) { return hook.kind == HookKind::ResidPost ? HookId{HookKind::ResidPre, hook.layer + 1} : hook; };
  return entering(a) == entering(b);
}

Result<std::shared_ptr<const FittedDictionary>> fit_dictionary(std::shared_ptr<const Dictionary> dictionary, const Weights& weights,
                                                               std::optional<HookId> at) {
  EXPECTS(dictionary != nullptr, "a dictionary");
  const DictionaryConfig& c = dictionary->config;
  FittedDictionary fitted;
  if (at) {
    fitted.in = *at;
  } else if (!c.hook.empty()) {
    GF_TRY_ASSIGN(fitted.in, hook_of_dictionary(c.hook, *dictionary, weights.config));
  } else {
    return fail(ErrorCode::InvalidArgument, text("The file of the dictionary {0} does not say at which hook it reads; name the hook, "
                                                 "such as blocks.0.hook_resid_post.",
                                                 dictionary->name));
  }
  fitted.out = fitted.in;
  fitted.head = fitted.head_out = c.head;
  if (c.transcoder && c.hook_out.empty())
    return fail(ErrorCode::InvalidArgument,
                text("The file of the transcoder {0} does not say at which hook it writes, so it cannot be used.", dictionary->name));
  if (c.transcoder) {
    GF_TRY_ASSIGN(fitted.out, hook_of_dictionary(c.hook_out, *dictionary, weights.config));
    fitted.head_out = c.head_out;
    if (at) fitted.out.layer = info_of(fitted.out.kind).scope == HookScope::Block ? at->layer : -1;
  }
  GF_TRY(check_width(*dictionary, fitted.in, fitted.head, dictionary->d_in(), weights.config, true));
  GF_TRY(check_width(*dictionary, fitted.out, fitted.head_out, dictionary->d_out(), weights.config, false));
  if (c.without_value_bias && fitted.in.kind == HookKind::Z) {
    fitted.offset = value_bias(weights, fitted.in.layer, c.without_beta);
    if (fitted.head >= 0) {
      const auto width = static_cast<std::ptrdiff_t>(weights.config.d_head), begin = fitted.head * width;
      fitted.offset = {fitted.offset.begin() + begin, fitted.offset.begin() + begin + width};
    }
  }
  if (std::string_view(c.hook).ends_with(kMlpInput) && fitted.in.kind == HookKind::Ln2Normalized) {
    const LayerNormWeights& ln2 = weights.blocks[static_cast<std::size_t>(fitted.in.layer)].ln2;
    for (int i = 0; i < weights.config.d_model; ++i) {
      fitted.factor.push_back(ln2.gamma.at(i));
      fitted.offset.push_back(ln2.beta.empty() ? 0.0F : -ln2.beta.at(i));
    }
    if (!fitted.transcodes() && std::ranges::find(fitted.factor, 0.0F) != fitted.factor.end())
      return fail(ErrorCode::Unsupported,
                  text("The dictionary {0} cannot be written back: a gamma of {1} is 0.", dictionary->name, name_of(fitted.in)));
  }
  fitted.dictionary = std::move(dictionary);
  return std::make_shared<const FittedDictionary>(std::move(fitted));
}

std::vector<float> FittedDictionary::written_row(int feature, const ModelConfig& config) const {
  std::vector<float> own = dictionary->decoder_row(feature);
  if (!transcodes())
    for (std::size_t i = 0; i < factor.size(); ++i) own[i] /= factor[i];
  if (head_out < 0) return own;
  std::vector<float> row(row_size(info_of(out.kind).shape, config, 0));
  std::ranges::copy(own, part_written(std::span(row)).begin());
  return row;
}

std::vector<double> written_to_stream(const Weights& weights, HookId hook, std::span<const float> vector) {
  const auto through = [&](const Matrix& w) {
    std::vector<double> out(static_cast<std::size_t>(w.n_out()));
    for (std::size_t i = 0; i < vector.size(); ++i)
      for (std::size_t o = 0; vector[i] != 0 && o < out.size(); ++o)
        out[o] += static_cast<double>(vector[i]) * static_cast<double>(w.at(static_cast<int>(i), static_cast<int>(o)));
    return out;
  };
  switch (hook.kind) {
    case HookKind::Z: return through(weights.blocks[static_cast<std::size_t>(hook.layer)].o);
    case HookKind::MlpPost: return through(weights.blocks[static_cast<std::size_t>(hook.layer)].out);
    case HookKind::Embed:
    case HookKind::PosEmbed:
    case HookKind::ResidPre:
    case HookKind::ResidMid:
    case HookKind::ResidPost:
    case HookKind::AttnOut:
    case HookKind::MlpOut: return {vector.begin(), vector.end()};
    default: return {};
  }
}

}  // namespace gf
