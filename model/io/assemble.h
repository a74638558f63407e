// From named tensors to Weights: the part of loading that checkpoint formats share.
#pragma once

#include "model/io/config_json.h"
#include "model/io/found_tensors.h"
#include "model/io/loaders.h"
#include "model/weights.h"

namespace gf {

/// Warns where nothing says which activation a model of Linear weights has.
void warn_of_activation(const ConfigFile& file, const LoadOptions& options, Weights& weights);
/// Warns where there was no config.json.
void warn_of_missing_config(const ConfigFile& file, Weights& weights);

/// Checks shapes against each other and against the config, and fills config, wte .. blocks, dtype and warnings of
/// `weights` (which keeps path, format, files and storage as they are). Counts weights that are not finite.
/// Errors: Corrupt (a missing tensor, a contradiction: both numbers are named), InvalidArgument (n_head must be given),
/// Unsupported (other models, by name), Cancelled.
[[nodiscard]] Result<void> assemble(FoundTensors found, const ConfigFile& file, const LoadOptions& options, Weights& weights);

}  // namespace gf
