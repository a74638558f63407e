// Features whose decoder rows point the same way.
#pragma once

#include <vector>

#include "model/dictionaries/dictionary.h"

namespace gf {

struct NearFeature {
  int feature = 0;
  float cosine = 0;  ///< of the two rows of the decoder
};
/// The `count` others with the largest cosine, largest first, ties by number. Reads the decoder once.
[[nodiscard]] std::vector<NearFeature> nearest_features(const Dictionary& dictionary, int feature, int count);

}  // namespace gf
