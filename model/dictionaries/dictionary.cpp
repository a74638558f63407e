#include "model/dictionaries/dictionary.h"

#include <algorithm>
#include <cmath>

#include "model/base/text.h"
#include "model/io/files/mapped_file.h"

namespace gf {

const char* name_of(FeatureActivation activation) {
  switch (activation) {
    case FeatureActivation::Relu: return "relu";
    case FeatureActivation::TopK: return "topk";
    case FeatureActivation::JumpRelu: return "jumprelu";
    case FeatureActivation::Gated: return "gated";
  }
  return "";
}

std::vector<float> Dictionary::decoder_row_as_stored(int feature) const {
  EXPECTS(feature >= 0 && feature < features(), "a feature of the dictionary");
  const auto d = static_cast<std::size_t>(d_out());
  std::vector<float> row(d);
  if (decoder.in_major) {
    const TensorView& view = decoder.view;
    widen(view.data + static_cast<std::size_t>(feature) * d * size_of(view.dtype), view.dtype, row.data(), d);
  } else {
    for (std::size_t i = 0; i < d; ++i) row[i] = decoder.at(feature, static_cast<int>(i));
  }
  return row;
}

std::vector<float> Dictionary::decoder_row(int feature) const {
  std::vector<float> row = decoder_row_as_stored(feature);
  if (!norms.empty())
    for (float& x : row) x /= norms[static_cast<std::size_t>(feature)];
  return row;
}

std::string Dictionary::name_of_feature(int feature) const {
  const auto at = std::ranges::lower_bound(names, feature, {}, &NamedFeature::feature);
  return at == names.end() || at->feature != feature ? std::string() : text(at->name);
}

bool Dictionary::truncated() const {
  return std::ranges::any_of(files, [](const auto& file) { return file->truncated(); });
}

}  // namespace gf
