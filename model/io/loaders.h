// The one list of checkpoint formats, and what opening a model means.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/weights.h"

namespace gf {

/// Asked now and then while loading: fraction in [0, 1]; returning false cancels (ErrorCode::Cancelled).
using LoadProgress = std::function<bool(double fraction)>;

struct LoadOptions {
  int n_head = 0;          ///< for formats that don't say; 0: not given
  std::string activation;  ///< overrides the checkpoint's; empty: not given
  LoadProgress progress;
};

/// One checkpoint format. probe() looks at content first, then at names; never at the extension alone.
struct Format {
  std::string_view name;
  bool (*probe)(const std::string& path);
  Result<std::shared_ptr<const Weights>> (*load)(const std::string& path, const LoadOptions& options);
};
[[nodiscard]] std::span<const Format> formats();

/// Opens a directory or file in any supported format, untrusted: bounds and sizes are checked before anything
/// is read or allocated. Errors: NotFound, Unsupported, Corrupt, Io, OutOfMemory, Cancelled; one sentence each.
[[nodiscard]] Result<std::shared_ptr<const Weights>> load_weights(const std::string& path, const LoadOptions& options = {});

/// A model that comes with the program.
struct BundledModel {
  std::string name, path, description;
};
/// Looks beside the executable, under the installed share directory, in the source tree, in that order.
[[nodiscard]] Result<std::string> asset_path(std::string_view relative);
[[nodiscard]] std::vector<BundledModel> bundled_models();
/// The steps of MODEL/checkpoints/step-N.safetensors, ascending; empty where there are none.
[[nodiscard]] std::vector<int> training_steps(const std::string& model_path);
/// All weights in the folder of a model, the steps of its training among them, whichever of them is opened: no output may land
/// on one. Files that a user put there under names of his own are not among them.
[[nodiscard]] std::vector<std::string> weights_beside(const std::string& path);
/// Turns what a user typed as MODEL (path or bundled name, each also with @STEP for a training checkpoint; empty: the
/// default, "fable"; hf:NAME or hf:ORG/NAME: from Hugging Face's cache, see hub.h; config:NAME: without weights, see
/// structure.h) into a path. A path that exists wins over a bundled name. Errors: NotFound, listing what there is.
[[nodiscard]] Result<std::string> resolve_model(std::string_view name);

}  // namespace gf
