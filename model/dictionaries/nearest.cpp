#include "model/dictionaries/nearest.h"

#include <algorithm>
#include <cmath>

namespace gf {

std::vector<NearFeature> nearest_features(const Dictionary& dictionary, int feature, int count) {
  const auto n = static_cast<std::size_t>(dictionary.features()), d = static_cast<std::size_t>(dictionary.d_out());
  const std::vector<float> own = dictionary.decoder_row_as_stored(feature);
  std::vector<double> along(n), squares(n);
  const TensorView& view = dictionary.decoder.view;
  // In the order in which the file has them, since that order decides how fast they are read.
  std::vector<float> line(dictionary.decoder.in_major ? d : n);
  for (std::size_t i = 0; i < (dictionary.decoder.in_major ? n : d); ++i) {
    widen(view.data + i * line.size() * size_of(view.dtype), view.dtype, line.data(), line.size());
    for (std::size_t j = 0; j < line.size(); ++j) {
      const std::size_t f = dictionary.decoder.in_major ? i : j, at = dictionary.decoder.in_major ? j : i;
      along[f] += static_cast<double>(line[j]) * static_cast<double>(own[at]);
      squares[f] += static_cast<double>(line[j]) * static_cast<double>(line[j]);
    }
  }
  std::vector<NearFeature> all;
  const double norm = std::sqrt(squares[static_cast<std::size_t>(feature)]);
  for (std::size_t f = 0; f < n; ++f)
    if (f != static_cast<std::size_t>(feature) && squares[f] > 0 && norm > 0)
      all.push_back({static_cast<int>(f), static_cast<float>(along[f] / std::sqrt(squares[f]) / norm)});
  const auto kept = std::min(all.size(), static_cast<std::size_t>(std::max(count, 0)));
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(kept), [](const NearFeature& a, const NearFeature& b) {
    return a.cosine != b.cosine ? a.cosine > b.cosine : a.feature < b.feature;
  });
  all.resize(kept);
  return all;
}

}  // namespace gf
