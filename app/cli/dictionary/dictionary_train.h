// `glassformer dictionary train`.
#pragma once

#include "app/cli/subcommands.h"

namespace gf::cli {

/// Declares the options of `dictionary train`.
Runner setup_dictionary_train(CLI::App& app);

}  // namespace gf::cli
