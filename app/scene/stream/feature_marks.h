// Which features of a dictionary are active where in the residual stream, for the Stream's tiles.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "model/dictionaries/coding.h"
#include "model/session.h"

namespace gf::scene {

struct FeatureMarks {
  int depth = 0;  ///< of the tiles whose stream the dictionary reads
  std::shared_ptr<const FittedDictionary> fitted;
  ActiveFeatures active;  ///< a row for each position
  float most = 0;         ///< the largest activation in the run

  struct Mark {
    int feature = -1;
    float activation = 0;
  };
  /// The strongest features at a position, the strongest first.
  [[nodiscard]] std::vector<Mark> strongest(int position, std::size_t most_marks) const;
  /// "862 · days and nights", or the number alone.
  [[nodiscard]] std::string name_of(int feature) const;
};

/// nullopt: the dictionary reads elsewhere than the stream between two blocks, or the trace does not have that stream. `hook` as for
/// open_fitted(). Blocks. Errors: as open_fitted() and encode().
[[nodiscard]] Result<std::optional<FeatureMarks>> feature_marks(const std::string& dictionary, const std::string& hook, const Model& model,
                                                                const Trace& trace, std::stop_token stop = {});

}  // namespace gf::scene
