#include "model/io/dictionaries/dictionary_parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/io/dictionaries/names_file.h"
#include "model/io/finite.h"

namespace gf {

namespace {

/// Puts a dictionary together of the tensors that a reader found.
class DictionaryAssembly {
 public:
  explicit DictionaryAssembly(DictionaryParts parts) : parts_(std::move(parts)) {}

  Result<std::shared_ptr<const Dictionary>> run() {
    GF_TRY(matrices());
    GF_TRY(biases());
    GF_TRY(kind());
    GF_TRY(scaling());
    warn_of_what_is_not_finite();
    name_features();
    made_.storage = std::move(parts_.storage);
    made_.files = std::move(parts_.files);
    made_.config = parts_.config;
    const std::filesystem::path path(parts_.config.path);
    made_.name = (path.parent_path().filename() / path.filename()).string();
    if (made_.truncated()) return corrupt(text("it was cut short while it was read; get it again"));
    return std::make_shared<const Dictionary>(std::move(made_));
  }

 private:
  [[nodiscard]] tl::unexpected<Error> corrupt(const std::string& what) const {
    return fail(ErrorCode::Corrupt, text("The dictionary {0} cannot be read: {1}.", parts_.config.path, what), "assemble_dictionary");
  }
  [[nodiscard]] const TensorView* find(std::string_view name) const {
    const auto at = parts_.tensors.find(name);
    return at == parts_.tensors.end() ? nullptr : &at->second;
  }

  Result<Matrix> matrix(const char* name, bool in_major) const {
    const TensorView* view = find(name);
    if (view == nullptr) return corrupt(text("the tensor {0} is missing", name));
    if (view->shape.rank() != 2 || view->shape[0] < 1 || view->shape[1] < 1 || view->shape[0] > kMostOfAxis || view->shape[1] > kMostOfAxis)
      return corrupt(text("{0} should be a matrix and has the shape {1}", name, view->shape.text()));
    return Matrix{*view, in_major};
  }

  Result<void> matrices() {
    GF_TRY_ASSIGN(made_.encoder, matrix("W_enc", parts_.encoder_in_major));
    GF_TRY_ASSIGN(made_.decoder, matrix("W_dec", parts_.decoder_in_major));
    if (made_.encoder.n_out() != made_.decoder.n_in())
      return corrupt(text("W_enc has {0} features and W_dec {1}", made_.encoder.n_out(), made_.decoder.n_in()));
    const auto agree = [&](const char* name, int said, int found) -> Result<void> {
      if (said == 0 || said == found) return {};
      return corrupt(text("its config has {0} = {1}, but its weights have {2}", name, said, found));
    };
    GF_TRY(agree("d_in", parts_.d_in, made_.d_in()));
    GF_TRY(agree("d_sae", parts_.n, made_.features()));
    if (parts_.config.transcoder) GF_TRY(agree("d_out", parts_.d_out, made_.d_out()));
    if (!parts_.config.transcoder && made_.d_in() != made_.d_out())
      return corrupt(text("it reads rows of {0} numbers and writes rows of {1}, but is not a transcoder", made_.d_in(), made_.d_out()));
    if (find("W_skip") != nullptr) {
      GF_TRY_ASSIGN(made_.skip, matrix("W_skip", false));
      if (made_.skip.n_in() != made_.d_in() || made_.skip.n_out() != made_.d_out())
        return corrupt(text("W_skip has the shape {0}", made_.skip.view.shape.text()));
    }
    return {};
  }

  /// A vector of `count` numbers; empty where there is no such tensor.
  Result<std::vector<float>> vector(const char* name, int count, bool needed) const {
    const TensorView* view = find(name);
    std::vector<float> values;
    if (view == nullptr) {
      if (needed) return corrupt(text("the tensor {0} is missing", name));
      return values;
    }
    if (view->elements() != count)
      return corrupt(text("{0} has the shape {1}, but {2} numbers are needed", name, view->shape.text(), count));
    values.resize(static_cast<std::size_t>(count));
    widen(view->data, view->dtype, values.data(), values.size());
    return values;
  }

  Result<void> biases() {
    const bool two = find("b_dec_out") != nullptr;
    const DictionaryConfig& c = parts_.config;
    GF_TRY_ASSIGN(made_.bias_out, vector(two ? "b_dec_out" : "b_dec", made_.d_out(), false));
    if (made_.bias_out.empty()) made_.bias_out.resize(static_cast<std::size_t>(made_.d_out()));
    // The b_dec of a transcoder without b_dec_out is that of its output, and nothing is taken off its input.
    if (c.subtracts_bias && (two || !c.transcoder)) {
      GF_TRY_ASSIGN(made_.bias_in, vector("b_dec", made_.d_in(), false));
    }
    return {};
  }

  Result<void> kind() {
    DictionaryConfig& c = parts_.config;
    const int n = made_.features();
    const bool gated = c.activation == FeatureActivation::Gated;
    GF_TRY_ASSIGN(made_.bias, vector(gated ? "b_mag" : "b_enc", n, gated));
    if (made_.bias.empty()) made_.bias.resize(static_cast<std::size_t>(n));
    if (gated) {
      GF_TRY_ASSIGN(made_.gate, vector("b_gate", n, true));
      GF_TRY_ASSIGN(made_.gain, vector("r_mag", n, true));
      for (float& r : made_.gain) r = std::exp(r);
    }
    if (c.activation == FeatureActivation::JumpRelu) {
      const TensorView* one = find("topk_threshold");
      if (one != nullptr && find("threshold") == nullptr && one->elements() == 1) {
        made_.threshold.assign(static_cast<std::size_t>(n), one->at(0));
      } else {
        GF_TRY_ASSIGN(made_.threshold, vector("threshold", n, true));
      }
    }
    if (c.activation == FeatureActivation::TopK && (c.k < 1 || c.k > n))
      return corrupt(text("it keeps the {0} largest of {1} features; k must be from 1 to {1}", c.k, n));
    if (c.rescaled)
      for (int f = 0; f < n; ++f) {
        double squares = 0;
        for (const float x : made_.decoder_row_as_stored(f)) squares += static_cast<double>(x) * static_cast<double>(x);
        made_.norms.push_back(static_cast<float>(std::sqrt(squares)));
      }
    return {};
  }

  Result<void> scaling() const {
    const TensorView* factor = find("scaling_factor");
    for (std::int64_t i = 0; factor != nullptr && i < factor->elements(); ++i)
      if (std::abs(factor->at(i) - 1) > 1e-5F)
        return fail(ErrorCode::Unsupported,
                    text("Cannot use the dictionary {0}: its scaling_factor is not 1 everywhere (feature {1}: {2}), and fine-tuned factors "
                         "are not supported.",
                         parts_.config.path, i, numbers::significant(static_cast<double>(factor->at(i)), 4)),
                    "assemble_dictionary");
    return {};
  }

  /// Names that cannot be read are no reason to refuse the numbers.
  void name_features() {
    std::error_code ignored;
    if (parts_.names_file.empty() || !std::filesystem::exists(parts_.names_file, ignored)) return;
    auto names = read_feature_names(parts_.names_file, made_.features());
    if (names) made_.names = std::move(*names);
    else made_.warnings.push_back(names.error().message);
  }

  void warn_of_what_is_not_finite() {
    std::int64_t bad = 0;
    for (const auto& [name, view] : parts_.tensors)
      bad += count_not_finite(view.data, view.dtype, static_cast<std::size_t>(view.elements()));
    if (bad > 0)
      made_.warnings.push_back(
          counted(bad, "{0} number of the dictionary is not finite.", "{0} numbers of the dictionary are not finite."));
  }

  static constexpr std::int64_t kMostOfAxis = 1 << 28;
  DictionaryParts parts_;
  Dictionary made_;
};

}  // namespace

std::span<const char* const> dictionary_tensors() {
  static constexpr std::array kNames = {"W_enc",  "W_dec", "b_enc", "b_dec",  "b_dec_out",      "threshold",
                                        "b_gate", "b_mag", "r_mag", "W_skip", "scaling_factor", "topk_threshold"};
  return kNames;
}

Result<std::shared_ptr<const Dictionary>> assemble_dictionary(DictionaryParts parts) { return DictionaryAssembly(std::move(parts)).run(); }

}  // namespace gf
