#include "app/hub/fetch.h"

#include <CLI/CLI.hpp>
#include <QCoreApplication>
#include <QNetworkProxyFactory>

#include "app/cli/interrupt.h"
#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "app/cli/validators.h"
#include "model/base/text.h"

namespace gf::cli {

namespace {

struct FetchArguments {
  std::string name, revision = "main";
  std::vector<std::string> files;
  bool plan = false, json = false;
};

Result<void> fetch_model(const FetchArguments& a) {
  int argc = 1;
  std::string program = "glassformer";
  char* argv[] = {program.data(), nullptr};
  const QCoreApplication application(argc, argv);
  QNetworkProxyFactory::setUseSystemConfiguration(true);
  const Interrupt interrupt;
  hub::FetchOptions options = hub::fetch_options_of_environment();
  options.stop = interrupt.token();
  options.revision = a.revision;
  options.wanted = a.files;
  const char* const stopped_words = phrase("The download was stopped; the same command goes on from there.");
  GF_TRY_ASSIGN(const hub::FetchPlan plan, stopped(hub::plan_fetch(a.name, options), stopped_words));
  say(hub::described(plan));
  std::string snapshot;
  if (!a.plan) {
    ProgressBar bar(plan.repository);
    options.progress = [&bar](double fraction) { bar.set(fraction); };
    GF_TRY_ASSIGN(snapshot, stopped(hub::fetch(plan, options), stopped_words));
  }
  if (a.json) {
    Json files = Json::array();
    for (const hub::FetchFile& file : plan.files) files.push_back({{"name", file.name}, {"bytes", file.bytes}, {"hash", file.hash}});
    print({{"repository", plan.repository},
           {"commit", plan.commit},
           {"licence", plan.licence},
           {"bytes", plan.bytes},
           {"bytes_here", plan.bytes_here},
           {"files", files},
           {"path", snapshot}});
  } else if (!a.plan) {
    print_line(snapshot);
    if (a.files.empty()) say(text("Open it as hf:{0}", plan.repository));
  }
  return {};
}

}  // namespace

Runner setup_fetch(CLI::App& app) {
  auto a = std::make_shared<FetchArguments>();
  app.add_option("NAME", a->name, text("a model of Hugging Face: gpt2, distilgpt2, ORG/NAME"))->required()->check(named());
  app.add_option("--revision", a->revision, text("a branch, a tag or a commit"))->check(named());
  app.add_option("--file", a->files, text("a file or folder of the repository, as often as wanted; without: what a GPT-2 model needs"))
      ->allow_extra_args(false);
  app.add_flag("--plan", a->plan, text("say what would be downloaded, and end"));
  app.add_flag("--json", a->json, text("print JSON"));
  app.footer(
      text("HF_ENDPOINT, HF_TOKEN, HF_HOME and HF_HUB_CACHE are those of Hugging Face's own programs, whose cache is shared.\n"
           "Example: glassformer fetch openai-community/gpt2"));
  return [a] { return exit_code(fetch_model(*a)); };
}

}  // namespace gf::cli
