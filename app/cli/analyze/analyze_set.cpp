// `analyze --prompts` and `merge`.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <set>

#include "app/cli/analyze/answer_arrays.h"
#include "app/cli/analyze/prompt_set.h"
#include "app/cli/interrupt.h"
#include "app/cli/subcommands.h"
#include "app/cli/validators.h"
#include "model/analysis/circuit_graph.h"
#include "model/analysis/edges.h"
#include "model/base/files/input_files.h"
#include "model/base/files/text_lines.h"
#include "model/base/text.h"
#include "model/corpus/corpus_index.h"
#include "model/io/loaders.h"
#include "model/run/remarks.h"

namespace gf::cli {
namespace {

/// What all shards of one call share.
Json about_set(const AnalyzeOptions& o, const std::vector<const Question*>& asked, const Model& model) {
  Json options = Json::object();
  for (const Question* question : asked)
    if (const auto params = params_of(*question, o, model)) options[key_of(*question)] = json_of(*params);
  return {{"model", model.weights->name},
          {"prompts", std::filesystem::path(o.set).filename().string()},
          {"what", o.what},
          {"target", o.target.empty() ? Json() : Json(o.target)},
          {"against", o.against.empty() ? Json() : Json(o.against)},
          {"position", o.position},
          {"recipe", o.recipe.empty() ? Json() : Json(std::filesystem::path(o.recipe).filename().string())},
          {"options", options},
          {"glassformer", GLASSFORMER_VERSION}};
}

/// A file, or a set that comes with the program, by its name.
std::string file_of_set(const std::string& name) {
  std::error_code ignored;
  if (name == "-" || std::filesystem::exists(name, ignored)) return name;
  return asset_path("sets/" + name + ".jsonl").value_or(name);
}

Result<std::vector<std::string>> lines_of_set(const std::string& path) {
  GF_TRY_ASSIGN(TextLines lines, TextLines::open(path, phrase("set of prompts")));
  std::vector<std::string> all;
  for (std::string line;;) {
    GF_TRY_ASSIGN(const bool more, lines.next(line));
    if (!more) break;
    if (!line.empty()) all.push_back(line);
  }
  if (all.empty()) return fail(ErrorCode::InvalidArgument, text("the set of prompts {0} is empty", path));
  return all;
}

}  // namespace

Result<void> analyze_set(const AnalyzeOptions& o) {
  GF_TRY_ASSIGN(const auto asked, questions_asked(o));
  if (std::ranges::any_of(asked, [](const Question* q) { return q->needs.set; })) return analyze_tagged(o, asked, file_of_set(o.set));
  GF_TRY_ASSIGN(const auto lines, lines_of_set(file_of_set(o.set)));
  GF_TRY_ASSIGN(const Recipe recipe, recipe_of(o));
  if (std::ranges::any_of(asked, [](const Question* q) { return q->name == kGraphQuestion; })) GF_TRY(check_unedited(recipe));
  GF_TRY_ASSIGN(const auto model, open(o.model));
  GF_TRY(check_outputs(o));
  Session::Options session_options;
  session_options.threads = o.threads;
  GF_TRY_ASSIGN(const auto session, Session::create(model, session_options));
  const Interrupt interrupt;
  bool nan_said = false;
  std::set<std::string> unread;
  SetResult result{about_set(o, asked, *model), {}, lines.size(), shard_of(o.shard)};
  {
    ProgressBar bar(text("{0} prompts", lines.size()));
    for (std::size_t i = result.shard.index - 1; i < lines.size(); i += result.shard.count) {
      session->forget_runs();  // a shard has other prompts before this one, and must give the same bits
      bar.set(static_cast<double>(i) / static_cast<double>(lines.size()));
      const auto answered = [&]() -> Result<std::vector<Answered>> {
        GF_TRY_ASSIGN(const SetRow of_set, row_of_set(lines[i]));
        for (const std::string& key : unread_keys(o, of_set))
          if (unread.insert(key).second) say(text("prompt {0}: its key \"{1}\" is not read", i + 1, key));
        GF_TRY_ASSIGN(const AnalyzeOptions row, options_of_row(o, of_set));
        GF_TRY_ASSIGN(Asking asking, asking_of(row, recipe, asked, *session, interrupt.token()));
        // The first one is enough: prompts of one model mostly meet the same NaN.
        if (!nan_said && asking.run.edited)
          for (const std::string& remark : remarks_on_nan(asking.run)) {
            say(text("prompt {0}: {1}", i + 1, remark));
            nan_said = true;
          }
        return answers_of(row, asked, asking, [](const Question&, double) {});
      }();
      if (!answered && answered.error().code == ErrorCode::Cancelled) return fail(ErrorCode::Cancelled, text("The analysis was stopped."));
      result.rows.push_back(answered ? row_json(i + 1, *answered, *model) : failed_row_json(i + 1, answered.error().message));
    }
  }
  if (o.shard.empty()) return give_reply(result, o.rows, o.output, o.json);
  if (!o.rows.empty()) GF_TRY(write_rows(o.rows, result));
  return write_shard(o.output, result);
}

Runner setup_merge(CLI::App& app) {
  struct MergeOptions {
    std::vector<std::string> shards;
    std::string output, rows;
    bool json = false;
  };
  auto o = std::make_shared<MergeOptions>();
  app.add_option("SHARD", o->shards, text("the files of all shards of one set or index"))->required()->check(named());
  app.add_option(
         "-o,--output", o->output,
         text("a .json file for the reply (default: it is printed), or {0} for its arrays; of an index a .safetensors", array_endings()))
      ->check(named());
  app.add_option("--rows", o->rows, text("a CSV file of each prompt's numbers"))->check(ends_in(".csv"));
  app.add_flag("--json", o->json, text("print JSON"));
  app.footer(text("Example: glassformer merge shard-1.jsonl shard-2.jsonl -o reply.json"));
  app.callback([o] {
    const bool of_index = o->shards.front().ends_with(".safetensors");
    const bool fits = o->output.empty() || (!of_index && is_array_file(o->output));
    if (const std::string wrong = fits ? std::string() : ends_in(of_index ? ".safetensors" : ".json")(o->output); !wrong.empty())
      throw CLI::ValidationError("-o", wrong);
  });
  return [o] {
    return exit_code([&]() -> Result<void> {
      for (const std::string& shard : o->shards) note_input(shard);
      for (const std::string& path : {o->output, o->rows})
        if (!path.empty()) GF_TRY(check_output(path));
      if (corpus::is_corpus_index(o->shards.front())) {
        if (o->output.empty()) return fail(ErrorCode::InvalidArgument, text("an index is merged into a file; give it with -o"));
        return corpus::merge_indexes(o->shards, o->output);
      }
      std::vector<SetResult> shards;
      for (const std::string& path : o->shards) {
        GF_TRY_ASSIGN(shards.emplace_back(), read_shard(path));
      }
      GF_TRY_ASSIGN(const SetResult all, merged(std::move(shards), o->shards));
      return give_reply(all, o->rows, o->output, o->json);
    }());
  };
}

}  // namespace gf::cli
