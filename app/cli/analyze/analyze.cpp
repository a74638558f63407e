// Questions about a run, from the command line.
#include "app/cli/analyze/analyze.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "app/cli/analyze/answer_arrays.h"
#include "app/cli/analyze/prompt_set.h"
#include "app/cli/interrupt.h"
#include "app/cli/subcommands.h"
#include "app/cli/validators.h"
#include "model/analysis/circuit_graph.h"
#include "model/base/files/input_files.h"
#include "model/base/files/whole_file.h"
#include "model/base/listed.h"
#include "model/base/text.h"
#include "model/run/remarks.h"
#include "model/run/run_metadata.h"

namespace gf::cli {

namespace {

bool is_given(const PromptOptions& prompt) { return prompt.bos || !prompt.text.empty() || !prompt.ids.empty(); }

/// A word without its space is seldom the token that is meant.
void warn_of_missing_spaces(const AnalyzeOptions& o, const Model& model) {
  for (const std::string& word : {o.target, o.against}) {
    if (word.empty() || word.starts_with('#') || word.starts_with(' ')) continue;
    const auto spaced = model.tokenizer->ids_of(" " + word);
    if (spaced && spaced->size() == 1)
      say(text("'{0}' without a space in front is another token than ' {0}' (#{1}), which is how the word stands inside a text", word,
               spaced->front().v));
  }
}

Json ids_json(std::span<const TokenId> ids) {
  Json list = Json::array();
  for (const TokenId id : ids) list.push_back(id.v);
  return list;
}

std::vector<std::string> texts_of(std::span<const TokenId> ids, const Model& model) {
  std::vector<std::string> texts;
  for (const TokenId id : ids) texts.push_back(text_of(model, id));
  return texts;
}

/// The reply with all that was asked, so that a saved reply says what it is about.
struct Report {
  const AnalyzeOptions& options;
  const Model& model;
  const Asking& asking;
  const std::vector<Answered>& answers;

  /// The prompt whose positions the answers count: the main one, else one of a parameter.
  [[nodiscard]] std::vector<TokenId> ids() const {
    if (asking.run.edited) return asking.request.prompt;
    std::vector<TokenId> found;
    for (const auto& [question, params, answer] : answers)
      if (const Param* instead = params.row(question->needs.instead); instead != nullptr && instead->kind == Param::Kind::Prompt)
        found = params.prompt(instead->name);
    return found;
  }

  /// What questions with an optional A are about where none is given: the likeliest token at the position.
  [[nodiscard]] std::optional<TokenId> likeliest() const {
    if (asking.a || !asking.run.edited || std::ranges::none_of(answers, [](const Answered& answered) {
          return answered.question->needs.a == TokenNeed::Optional && answered.question->needs.position;
        }))
      return std::nullopt;
    const auto& top = asking.trace().stats(asking.at()).top;
    return top.empty() || std::isnan(top.front().logprob) ? std::nullopt : std::optional(top.front().id);
  }

  [[nodiscard]] Json json() const {
    Json r = head();
    for (const auto& [question, params, answer] : answers) {
      Json value = json_of(*question, answer, model);
      const std::string key = key_of(*question);
      // The analysis "tokens" takes the key of the prompt's texts, and keeps them under "text".
      if (key == "tokens") value["text"] = r["tokens"];
      r[key] = std::move(value);
    }
    add_rest(r);
    return r;
  }

  /// The same without the answers, for a file of their arrays.
  [[nodiscard]] ArrayMetadata metadata() const {
    Json about = head();
    add_rest(about);
    about["what"] = options.what;
    if (about["recipe"].is_null()) about["recipe"] = to_json(asking.request.recipe, -1);
    return array_metadata(about, asking.run.edited ? run_metadata(model, asking.run, *asking.run.edited) : ArrayMetadata());
  }

 private:
  [[nodiscard]] Json head() const { return {{"model", model.weights->name}, {"ids", ids_json(ids())}, {"tokens", texts_of(ids(), model)}}; }
  void add_rest(Json& r) const {
    r["prompts"] = prompts();
    r["target"] = asking.a ? token_json(model, *asking.a) : Json();
    r["against"] = asking.b ? token_json(model, *asking.b) : Json();
    r["position"] = position();
    const auto likely = likeliest();
    r["likeliest"] = likely ? token_json(model, *likely) : Json();
    if (asking.run.first_nan)
      r["first_nan"] = {{"hook", name_of(asking.run.first_nan->hook)}, {"position", asking.run.first_nan->position}};
    r["recipe"] = options.recipe.empty() ? Json() : Json::parse(to_json(asking.request.recipe));
    r["options"] = Json::object();
    for (const auto& [question, params, answer] : answers) r["options"][key_of(*question)] = json_of(params);
    r["glassformer"] = GLASSFORMER_VERSION;
  }
  [[nodiscard]] Json prompt(const PromptOptions& given, std::span<const TokenId> ids) const {
    return {{"text", given.text.empty() ? Json() : Json(given.text)}, {"ids", ids_json(ids)}, {"tokens", texts_of(ids, model)}};
  }
  [[nodiscard]] Json prompts() const {
    Json all = Json::object();
    if (asking.run.edited) all["prompt"] = prompt(options.prompt, asking.request.prompt);
    for (const auto& [question, params, answer] : answers)
      for (const Param& param : params.rows())
        if (param.kind == Param::Kind::Prompt && params.given(param.name))
          all[param.name] = prompt(options.prompts.at(param.name), params.prompt(param.name));
    return all;
  }
  [[nodiscard]] Json position() const {
    const auto T = static_cast<int>(ids().size());
    if (T == 0) return nullptr;
    return asking.position < 0 ? T + asking.position : asking.position;
  }
};

Result<void> write_circuit(const std::string& path, const Answered& edges, const Asking& asking) {
  CircuitAbout about{asking.model(), edges.params.prompt("clean"),       0,
                     *asking.a,      edges.answer.number("probability"), static_cast<int>(edges.answer.number("count")),
                     asking.b};
  about.position = asking.at(static_cast<int>(about.ids.size()));
  return write_circuit_graph(path, edges.answer.table("edges"), about);
}

/// The file that -o names: one of a question's own, the arrays, or the reply.
Result<void> write_report(const AnalyzeOptions& o, const Report& report) {
  const bool own =
      std::ranges::any_of(report.answers, [&](const Answered& answered) { return has_own_file(*answered.question, o.output); });
  if (!own && is_array_file(o.output)) return write_answer_arrays(o.output, report.answers, report.metadata());
  if (!own) return write_whole_file(o.output, report.json().dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  for (const Answered& answered : report.answers) {
    if (std::string_view(answered.question->name) == kGraphQuestion) GF_TRY(write_circuit(o.output, answered, report.asking));
    else GF_TRY(write_output(o, answered));
  }
  return {};
}

Result<void> analyze(const AnalyzeOptions& o) {
  if (!o.set.empty()) return analyze_set(o);
  GF_TRY_ASSIGN(const auto asked, questions_asked(o));
  GF_TRY_ASSIGN(const auto model, open(o.model));
  Session::Options session_options;
  session_options.threads = o.threads;
  GF_TRY_ASSIGN(const auto session, Session::create(model, session_options));
  warn_of_missing_spaces(o, *model);
  const Interrupt interrupt;
  GF_TRY_ASSIGN(Recipe recipe, recipe_of(o));
  GF_TRY(check_outputs(o));
  const auto copies = [](const Question* q) { return std::ranges::find(q->params, "clean", &Param::name) != q->params.end(); };
  if (std::ranges::any_of(recipe.edits, &Edit::enabled) && std::ranges::any_of(asked, copies))
    say(text("the recipe edits the corrupt run alone; the clean run, which is copied from, stays unedited"));
  GF_TRY_ASSIGN(Asking asking,
                stopped(asking_of(o, std::move(recipe), asked, *session, interrupt.token()), phrase("The analysis was stopped.")));
  std::optional<ProgressBar> bar;
  const Question* shown = nullptr;
  const auto progress = [&](const Question& question, double fraction) {
    if (shown != &question) bar.emplace(text(question.title));
    shown = &question;
    bar->set(fraction);
  };
  GF_TRY_ASSIGN(const auto answers, stopped(answers_of(o, asked, asking, progress), phrase("The analysis was stopped.")));
  bar.reset();
  if (asking.run.edited)
    for (const std::string& remark : remarks_on_nan(asking.run)) say(remark);
  const Report report{o, *model, asking, answers};
  if (!o.output.empty()) GF_TRY(write_report(o, report));
  if (o.json) {
    print(report.json());
    return {};
  }
  if (!o.output.empty() && std::ranges::none_of(asked, [&](const Question* q) { return has_own_file(*q, o.output); })) return {};
  Explained about{report.ids(), -1, asking.a, asking.b};
  if (!about.ids.empty()) about.position = asking.at(static_cast<int>(about.ids.size()));
  if (about.position >= 0 && std::ranges::any_of(asked, [](const Question* q) { return q->needs.position; })) {
    const std::string token = named_token(*model, about.ids[static_cast<std::size_t>(about.position)]);
    const auto likely = report.likeliest();
    print_line(likely ? text("explained at position {0}, {1}; the likeliest next token is {2}", about.position, token,
                             named_token(*model, *likely))
                      : text("explained at position {0}, {1}", about.position, token));
  }
  print_text(answers, *model, about);
  return {};
}

/// The parts that the question's own file is made of.
std::vector<std::string> parts_of_file(const Question& question, const Params& params) {
  std::vector<std::string> parts = all_parts(question);
  // The graph has no faithfulness in it, so the extra pass that measures it is not made.
  if (question.name == kGraphQuestion && !params.given("keep")) std::erase(parts, "faithfulness");
  return parts;
}

}  // namespace

Result<void> check_outputs(const AnalyzeOptions& o) {
  // Dictionaries, lenses and the like are read when their question is asked.
  for (const auto& [name, value] : o.values) note_input(value);
  for (const std::string& path : {o.output, o.rows})
    if (!path.empty()) GF_TRY(check_output(path));
  return {};
}

Result<Recipe> recipe_of(const AnalyzeOptions& o) { return o.recipe.empty() ? Recipe() : read_recipe(o.recipe); }

Result<Asking> asking_of(const AnalyzeOptions& o, Recipe recipe, const std::vector<const Question*>& asked, Session& session,
                         const std::stop_token& stop) {
  const Model& model = session.model();
  Asking asking{.session = session, .request = {}, .run = {}, .a = {}, .b = {}, .position = o.position, .params = {}};
  asking.stop = stop;
  if (!o.target.empty()) {
    GF_TRY_ASSIGN(asking.a, parse_token(o.target, model));
  }
  if (!o.against.empty()) {
    GF_TRY_ASSIGN(asking.b, parse_token(o.against, model));
  }
  asking.request.recipe = std::move(recipe);
  asking.request.plan = CapturePlan::defaults();
  if (std::ranges::none_of(asked, [](const Question* q) { return q->needs.pattern; })) {
    asking.request.plan.kinds[static_cast<std::size_t>(HookKind::Pattern)] = false;
    asking.request.plan.want(HookKind::PatternEntropy);
  }
  if (!is_given(o.prompt)) return asking;
  GF_TRY_ASSIGN(asking.request.prompt, prompt_ids(o.prompt, model));
  const auto T = static_cast<int>(asking.request.prompt.size());
  if (o.position >= T || o.position < -T)
    return fail(ErrorCode::InvalidArgument, text("position {0} is not in the prompt, whose positions are 0 to {1}", o.position, T - 1));
  GF_TRY_ASSIGN(asking.run, session.run(asking.request, asking.stop));
  return asking;
}

Result<std::vector<Answered>> answers_of(const AnalyzeOptions& o, const std::vector<const Question*>& asked, Asking& asking,
                                         const std::function<void(const Question&, double)>& progress) {
  std::vector<Answered> answers;
  for (const Question* question : asked) {
    GF_TRY_ASSIGN(asking.params, params_of(*question, o, asking.model()));
    if (const auto lack = lacks(*question, asking)) return tl::unexpected(lacking(*question, *lack));
    asking.wanted = has_own_file(*question, o.output) ? parts_of_file(*question, asking.params) : std::vector<std::string>();
    asking.progress = [&](double fraction) { progress(*question, fraction); };
    progress(*question, 0);
    GF_TRY_ASSIGN(auto answer, ask(*question, asking));
    answers.push_back({question, asking.params, std::move(answer)});
  }
  asking.progress = {};
  asking.wanted.clear();
  return answers;
}

Runner setup_analyze(CLI::App& app) {
  auto o = std::make_shared<AnalyzeOptions>();
  add_model_options(app, o->model);
  add_config_option(app, o->model.model);
  add_prompt_options(app, o->prompt);
  add_list_option(app, "--what", o->what, text("which, with commas between: {0}", listed(questions(), &Question::name)))->required();
  app.add_option("--target", o->target, text("the token A, as text or #id"));
  app.add_option("--against", o->against, text("the token B: the logit of A minus that of B is explained"));
  app.add_option("--position", o->position, text("explain this position instead of the last; -1 is the last"))
      ->check(whole(std::numeric_limits<int>::min()).description(text("negative: from the end")));
  app.add_option("--recipe", o->recipe, text("a JSON file of interventions: the edited run is described"))->check(named());
  add_question_options(app, *o);
  auto* set =
      app.add_option(
             "--prompts", o->set,
             text(
                 "a JSON Lines file of prompts, or indirect-objects, capitals, truth, places, world or years: each is asked about, and the "
                 "reply has means and standard errors; directions, head-probes and lofit read all of them together"))
          ->check(named())
          ->excludes(app.get_option("--prompt"))
          ->excludes(app.get_option("--ids"));
  app.add_option("--rows", o->rows, text("with --prompts: a CSV file of each prompt's numbers"))->check(ends_in(".csv"))->needs(set);
  auto* output =
      app.add_option("-o,--output", o->output,
                     text("a file for the arrays, {0}, or for the reply, .json, or for a shard's rows, .jsonl; of some questions for "
                          "what they make: directions: their vectors as .safetensors; head-probes, lofit: the heads as a recipe, .json; "
                          "sparsity: what is left out as a recipe, .json; edges: the graph as circuit-tracer reads it, .json",
                          array_endings()))
          ->check(named());
  app.add_option("--shard", o->shard, text("with --prompts: I/N, rows I, I + N and so on alone; 'merge' makes one reply of all N files"))
      ->needs(set)
      ->needs(output)
      ->check(shard_word());
  app.add_option("--threads", o->threads, text("threads to compute with (default: all)"))->check(whole(1, kMostThreads));
  app.add_flag("--json", o->json, text("print JSON"));
  app.footer(text("Example: glassformer analyze fable --prompt \"The capital of France is\" --what dla,heads --target \" Paris\" --json"));
  app.callback([o] {
    const auto asked = questions_asked(*o);
    if (!asked) return;  // analyze() says why
    if (const std::string wrong = problem_of_output(*o, *asked); !wrong.empty()) throw CLI::ValidationError("-o", wrong);
    if (const auto unread = unread_options(*asked, *o); !unread.empty())
      throw CLI::ValidationError(text("{0}; leave that out", listed(unread, {}, text(" and "))));
  });
  return [o] { return exit_code(analyze(*o)); };
}

}  // namespace gf::cli
