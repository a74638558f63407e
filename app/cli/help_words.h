// How --help is set: in the program's language, with columns that letters of two columns do not shift.
#pragma once

#include <memory>

namespace CLI {
class App;
}

namespace gf::cli {

/// Before the app gets its subcommands, which take over its ways.
void give_help_words(CLI::App& app);

}  // namespace gf::cli
