// Checkpoints in several files, with an index that says which tensor is in which. Source: transformers, utils/hub.py.
#pragma once

#include <functional>
#include <string>

#include "model/base/error.h"
#include "model/io/found_tensors.h"

namespace gf {

/// Calls add(path) for each file that the index names, in the order of their names, and checks after each that the tensors
/// which the index promises of it were found. Safe to use on untrusted files: no name leads out of the index's folder.
/// Errors: NotFound, Io, Corrupt, and add's.
[[nodiscard]] Result<void> add_shards(const std::string& index, const FoundTensors& found,
                                      const std::function<Result<void>(const std::string& path)>& add);

}  // namespace gf
