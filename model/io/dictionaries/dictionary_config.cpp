// The config of a dictionary: SAELens's cfg.json of all versions, and the object that older .pt files have in its place.
// Source: SAELens, handle_pre_6_0_config() and the classes of sae_lens/saes.
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "model/base/text.h"
#include "model/io/dictionaries/dictionary_parts.h"

namespace gf {

namespace {

using DictionaryJson = nlohmann::json;

/// Reads one config, and says what is wrong with it.
class DictionaryConfigReader {
 public:
  DictionaryConfigReader(const DictionaryJson& json, DictionaryParts& parts) : json_(json), parts_(parts), c_(parts.config) {
    const auto inner = json.find("metadata");
    metadata_ = inner != json.end() && inner->is_object() ? &*inner : nullptr;
  }

  Result<void> read() {
    GF_TRY(sizes());
    GF_TRY(hooks());
    GF_TRY(kind());
    GF_TRY(normalisation());
    GF_TRY(training());
    return {};
  }

 private:
  [[nodiscard]] tl::unexpected<Error> wrong(const char* key, const std::string& wanted) const {
    return fail(ErrorCode::Corrupt, text("In {0}, {1} should be {2}.", c_.path, key, wanted), "read_dictionary_config");
  }
  [[nodiscard]] tl::unexpected<Error> refuse(const std::string& what) const {
    return fail(ErrorCode::Unsupported, text("Cannot use the dictionary {0}: {1}.", c_.path, what), "read_dictionary_config");
  }
  /// The value at the top or under metadata; nullptr: none, or null.
  [[nodiscard]] const DictionaryJson* find(const char* key) const {
    for (const DictionaryJson* place : {metadata_, &json_}) {
      if (place == nullptr) continue;
      if (const auto at = place->find(key); at != place->end() && !at->is_null()) return &*at;
    }
    return nullptr;
  }
  Result<void> whole(const char* key, int& to) const {
    const DictionaryJson* value = find(key);
    if (value == nullptr) return {};
    constexpr double most = std::numeric_limits<int>::max();
    const double number = value->is_number() ? value->get<double>() : -1;
    if (!(number >= 0) || number > most || number != std::floor(number)) return wrong(key, text("a whole number from 0 on"));
    to = static_cast<int>(number);
    return {};
  }
  Result<void> flag(const char* key, bool& to) const {
    const DictionaryJson* value = find(key);
    if (value == nullptr) return {};
    if (!value->is_boolean()) return wrong(key, text("true or false"));
    to = value->get<bool>();
    return {};
  }
  Result<void> word(const char* key, std::string& to) const {
    const DictionaryJson* value = find(key);
    if (value == nullptr) return {};
    if (!value->is_string()) return wrong(key, text("a text"));
    to = value->get<std::string>();
    return {};
  }

  Result<void> sizes() {
    GF_TRY(whole("d_in", parts_.d_in));
    GF_TRY(whole("d_sae", parts_.n));
    GF_TRY(whole("d_out", parts_.d_out));
    return {};
  }

  Result<void> hooks() {
    GF_TRY(word("model_name", c_.model));
    GF_TRY(word("hook_point", c_.hook));
    GF_TRY(word("hook_name", c_.hook));
    GF_TRY(word("out_hook_point", c_.hook_out));
    GF_TRY(word("hook_name_out", c_.hook_out));
    GF_TRY(whole("hook_point_head_index", c_.head));
    GF_TRY(whole("hook_head_index", c_.head));
    GF_TRY(whole("hook_head_index_out", c_.head_out));
    return {};
  }

  Result<void> kind() {
    std::string architecture = "standard", activation = "relu";
    GF_TRY(word("activation_fn", activation));
    GF_TRY(word("activation_fn_str", activation));
    GF_TRY(word("architecture", architecture));
    // The k of a BatchTopK is an average, which need not be whole.
    if (architecture == "topk" || activation == "topk") GF_TRY(whole("k", c_.k));
    if (const DictionaryJson* more = find("activation_fn_kwargs"); more != nullptr && more->is_object() && more->contains("k")) {
      const DictionaryJson& k = (*more)["k"];
      if (!k.is_number_integer() || k.get<std::int64_t>() < 1 || k.get<std::int64_t>() > std::numeric_limits<int>::max())
        return wrong("activation_fn_kwargs.k", text("a whole number from 1 on"));
      c_.k = k.get<int>();
    }
    bool is_transcoder = false;
    GF_TRY(flag("is_transcoder", is_transcoder));
    c_.transcoder = is_transcoder || architecture.ends_with("transcoder");
    const bool batch_topk = architecture == "batchtopk" || architecture == "matryoshka_batchtopk";
    if (architecture == "topk" || activation == "topk") {
      c_.activation = FeatureActivation::TopK;
    } else if (architecture == "jumprelu" || batch_topk || architecture.starts_with("jumprelu_")) {
      // A BatchTopK dictionary is used with the one threshold that its training found, as SAELens does.
      c_.activation = FeatureActivation::JumpRelu;
    } else if (architecture == "gated") {
      c_.activation = FeatureActivation::Gated;
    } else if (architecture != "standard" && architecture != "transcoder" && architecture != "skip_transcoder") {
      return refuse(
          text("its architecture {0} is not known; standard, topk, batchtopk, jumprelu, gated and transcoders are", architecture));
    }
    if (activation != "relu" && activation != "topk")
      return refuse(text("its activation function {0} is not known; relu and topk are", activation));
    c_.rescaled = batch_topk;
    if (c_.activation == FeatureActivation::TopK || batch_topk) GF_TRY(flag("rescale_acts_by_decoder_norm", c_.rescaled));
    return {};
  }

  Result<void> normalisation() {
    GF_TRY(flag("apply_b_dec_to_input", c_.subtracts_bias));
    std::string name = "none";
    if (const DictionaryJson* value = find("normalize_activations"); value != nullptr && value->is_boolean())
      name = value->get<bool>() ? "expected_average_only_in" : "none";  // before version 4
    else GF_TRY(word("normalize_activations", name));
    if (name == "layer_norm") c_.normalisation = RowNormalisation::LayerNorm;
    else if (name == "constant_norm_rescale") c_.normalisation = RowNormalisation::ConstantNorm;
    else if (name == "expected_average_only_in") {
      const DictionaryJson* factor = find("norm_scaling_factor");
      if (factor == nullptr || !factor->is_number() || factor->get<double>() != 1.0)
        return refuse(
            text("normalize_activations is expected_average_only_in, and the factor by which rows were scaled is not in the file; "
                 "fold it into the weights with SAELens's fold_activation_norm_scaling_factor and save them again"));
    } else if (name != "none") {
      return refuse(text("normalize_activations is {0}; none, layer_norm and constant_norm_rescale are known", name));
    }
    return {};
  }

  Result<void> training() {
    if (find("prepend_bos") != nullptr) {
      bool bos = false;
      GF_TRY(flag("prepend_bos", bos));
      c_.bos = bos;
    }
    GF_TRY(whole("context_size", c_.context));
    const DictionaryJson* model = find("model_from_pretrained_kwargs");
    if (model == nullptr || !model->is_object()) return {};
    const auto is = [&](const char* key, bool otherwise) {
      const auto at = model->find(key);
      return at == model->end() || !at->is_boolean() ? otherwise : at->get<bool>();
    };
    c_.centred = is("center_writing_weights", false);
    c_.without_value_bias = is("fold_value_biases", false);
    c_.without_beta = is("fold_ln", true);
    return {};
  }

  const DictionaryJson& json_;
  const DictionaryJson* metadata_ = nullptr;
  DictionaryParts& parts_;
  DictionaryConfig& c_;
};

}  // namespace

Result<void> read_dictionary_config(const nlohmann::json& json, DictionaryParts& parts) {
  if (!json.is_object())
    return fail(ErrorCode::Corrupt, text("{0} should be an object like {\"d_in\": ..., \"d_sae\": ...}.", parts.config.path),
                "read_dictionary_config");
  return DictionaryConfigReader(json, parts).read();
}

}  // namespace gf
