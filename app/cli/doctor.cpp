#include <CLI/CLI.hpp>

#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "app/doctor/inspect.h"
#include "model/base/text.h"

namespace gf::cli {

Runner setup_doctor(CLI::App& app) {
  auto json = std::make_shared<bool>(false);
  app.add_flag("--json", *json, text("print JSON"));
  app.footer(text("Example: glassformer doctor"));
  return [json] {
    const std::vector<doctor::Row> rows = doctor::inspect();
    if (!*json) {
      std::string all = doctor::to_text(rows);
      all.pop_back();
      print_line(all);
      return 0;
    }
    Json list = Json::array();
    for (const doctor::Row& row : rows)
      list.push_back(
          {{"id", row.id}, {"title", row.title}, {"found", row.found}, {"state", doctor::name_of(row.state)}, {"advice", row.advice}});
    print({{"version", GLASSFORMER_VERSION}, {"rows", list}});
    return 0;
  };
}

}  // namespace gf::cli
