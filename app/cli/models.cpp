#include <CLI/CLI.hpp>

#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "model/base/text.h"
#include "model/io/hub.h"
#include "model/io/loaders.h"

namespace gf::cli {

Runner setup_models(CLI::App& app) {
  auto json = std::make_shared<bool>(false);
  app.add_flag("--json", *json, text("print JSON"));
  app.footer(text("Example: glassformer models"));
  return [json] {
    Json list = Json::array();
    std::vector<std::vector<std::string>> table{{text("name"), text("parameters"), text("context"), text("description")}};
    const auto add = [&](const BundledModel& model, const Weights& weights, const std::string& description) {
      const auto parameters = weights.parameters();
      const int n_ctx = weights.config.n_ctx;
      list.push_back(
          {{"name", model.name}, {"path", model.path}, {"parameters", parameters}, {"n_ctx", n_ctx}, {"description", description}});
      table.push_back({model.name, std::to_string(parameters), std::to_string(n_ctx), description});
    };
    for (const BundledModel& bundled : bundled_models()) {
      const auto weights = load_weights(bundled.path);
      if (!weights) return failed(weights.error());
      add(bundled, **weights, text(bundled.description));
    }
    const bool none_bundled = list.empty();
    // What Hugging Face's own programs have left on this machine; one that cannot be read is not offered.
    for (const BundledModel& cached : hub_models())
      if (const auto weights = load_weights(cached.path)) add(cached, **weights, text("in the Hugging Face cache"));
    if (none_bundled)
      return failed(
          {ErrorCode::NotFound, text("no bundled models were found beside the program; reinstall it, or name a model's path"), {}});
    if (*json) print({{"models", list}});
    else print_table(table);
    return 0;
  };
}

}  // namespace gf::cli
