#include "app/cli/help_words.h"

#include <CLI/CLI.hpp>
#include <string>

#include "model/base/text.h"
#include "model/tokenizer/unicode.h"

namespace gf::cli {
namespace {

class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() {
    label("Usage", text("Usage"));
    label("Positionals", text("Arguments"));
    label("REQUIRED", text("(needed)"));
    label("Needs", text("needs"));
    label("Excludes", text("not with"));
  }

  std::string make_group(std::string group, bool positional, std::vector<const CLI::Option*> options) const override {
    return Formatter::make_group(group == "Options" ? text("Options") : std::move(group), positional, std::move(options));
  }

  std::string make_option(const CLI::Option* option, bool positional) const override {
    const std::string name = "  " + make_option_name(option, positional) + make_option_opts(option), doc = make_option_desc(option);
    const std::size_t wide = terminal_columns(name);
    if (doc.empty()) return name + "\n";
    return name + (wide >= column_width_ ? "\n" + std::string(column_width_, ' ') : std::string(column_width_ - wide, ' ')) + doc + "\n";
  }
};

}  // namespace

void give_help_words(CLI::App& app) {
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("-h,--help", text("print this help, and end"));
}

}  // namespace gf::cli
