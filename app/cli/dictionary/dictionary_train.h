// `glassformer dictionary train`.
#pragma once

#include "app/cli/subcommands.h"

namespace gf::cli {

/// Declares its options.
Runner setup_dictionary_train(CLI::App& app);

}  // namespace gf::cli
