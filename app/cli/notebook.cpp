#include "app/export/notebook/notebook.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/cli/interrupt.h"
#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "app/cli/validators.h"
#include "app/export/sidecar.h"
#include "model/base/files/input_files.h"
#include "model/base/files/whole_file.h"
#include "model/base/text.h"

namespace gf::cli {
namespace {

struct NotebookArguments {
  std::string from, output;
  std::vector<std::string> what;
  bool json = false;
};

Result<void> write_notebook(const NotebookArguments& a) {
  GF_TRY_ASSIGN(const exporting::Sidecar sidecar, exporting::read_sidecar_or_session(a.from));
  ModelOptions which;
  which.model = sidecar.document.model;
  GF_TRY_ASSIGN(const auto model, open(which));
  GF_TRY(check_output(a.output));
  GF_TRY(check_output(exporting::sidecar_path(a.output)));
  GF_TRY_ASSIGN(RunRequest request, exporting::request_of(sidecar, *model, a.from));
  GF_TRY_ASSIGN(const auto session, Session::create(model, {}));
  exporting::NotebookParts parts;
  if (!a.what.empty()) {
    const auto asked = [&](const char* part) { return std::ranges::find(a.what, part) != a.what.end(); };
    parts = {asked("attention"), asked("lens"), asked("dla"), asked("selection")};
  }
  const Interrupt interrupt;
  Result<std::string> notebook;
  {
    ProgressBar bar(text("running"));
    notebook = exporting::notebook_of(*session, sidecar.document, request, parts, interrupt.token(), [&bar](double f) { bar.set(f); });
  }
  notebook = stopped(std::move(notebook), phrase("The run was stopped."));
  GF_TRY(notebook);
  GF_TRY(write_whole_file(a.output, *notebook));
  GF_TRY_ASSIGN(Run run, session->run(request, interrupt.token()));
  GF_TRY(exporting::write_sidecar(sidecar.document, {model, std::make_shared<const Run>(std::move(run))}, sidecar.options, a.output));
  if (a.json) print({{"file", a.output}, {"sidecar", exporting::sidecar_path(a.output)}});
  else print_line(a.output);
  return {};
}

}  // namespace

Runner setup_notebook(CLI::App& app) {
  auto a = std::make_shared<NotebookArguments>();
  app.add_option("FILE", a->from, text("a sidecar, or a session that the window saved"))->required()->check(named());
  app.add_option("-o,--output", a->output, text("the notebook, whose name ends in .ipynb"))->required()->check(ends_in(".ipynb"));
  app.add_option("--what", a->what, text("what it redoes beside the run: attention, lens, dla, selection (default: all)"))
      ->delimiter(',')
      ->check(CLI::IsMember({"attention", "lens", "dla", "selection"}));
  app.add_flag("--json", a->json, text("print JSON"));
  app.footer(
      text("The notebook does with TransformerLens 4 what Glassformer showed, and asserts that the numbers are the same.\n"
           "Example: glassformer notebook france.png.json -o france.ipynb"));
  return [a] { return exit_code(write_notebook(*a)); };
}

}  // namespace gf::cli
