// Questions about a run, from the command line.
#include "app/cli/analyze/analyze.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/numbers.h"

namespace gf::cli {

namespace analyze_command {

namespace {

Result<void> act(const Options& o) {
  for (const std::string& what : o.what)
    if (std::ranges::none_of(questions(), [&](const Question& q) { return what == q.name; })) {
      std::string list;
      for (const Question& q : questions()) list += (list.empty() ? "" : ", ") + std::string(q.name);
      return fail(ErrorCode::InvalidArgument, "there is no analysis '" + what + "'; there are " + list);
    }
  GF_TRY_ASSIGN(const auto model, open(o.model));
  Session::Options options;
  options.threads = o.threads;
  GF_TRY_ASSIGN(const auto session, Session::create(model, options));
  for (const std::string& text : {o.target, o.against}) {
    if (text.empty() || text.starts_with('#') || text.starts_with(' ')) continue;
    const auto spaced = model->tokenizer->ids_of(" " + text);
    if (spaced && spaced->size() == 1)
      say("'" + text + "' without a space in front is another token than ' " + text + "' (#" + std::to_string(spaced->front().v) +
          "), which is how the word stands inside a text");
  }
  const Interrupt interrupt;
  Asked q{o, *session, *model, {}, {}, {}, {}, o.position, interrupt.token()};
  if (!o.target.empty()) {
    GF_TRY_ASSIGN(q.a, parse_token(o.target, *model));
  }
  if (!o.against.empty()) {
    GF_TRY_ASSIGN(q.b, parse_token(o.against, *model));
  }
  if (!o.recipe.empty()) {
    GF_TRY_ASSIGN(q.request.recipe, read_recipe(o.recipe));
  }
  q.request.plan = CapturePlan::defaults();
  const auto asked_for = [&](const Question& question) { return std::ranges::find(o.what, question.name) != o.what.end(); };
  if (std::ranges::none_of(questions(), [&](const Question& question) { return question.reads_pattern && asked_for(question); })) {
    q.request.plan.kinds[static_cast<std::size_t>(HookKind::Pattern)] = false;
    q.request.plan.want(HookKind::PatternEntropy);
  }
  Json r{{"model", model->weights->name}, {"ids", Json::array()}, {"tokens", Json::array()}};
  if (!o.prompt.text.empty() || !o.prompt.ids.empty()) {
    GF_TRY_ASSIGN(q.request.prompt, prompt_ids(o.prompt, *model));
    const auto T = static_cast<int>(q.request.prompt.size());
    if (o.position >= T || o.position < -T)
      return fail(ErrorCode::InvalidArgument,
                  "position " + std::to_string(o.position) + " is not in the prompt, whose positions are 0 to " + std::to_string(T - 1));
    if (o.position < 0) q.position = T + o.position;
    GF_TRY_ASSIGN(q.run, stopped(session->run(q.request, q.stop), "The analysis"));
    for (const TokenId id : q.request.prompt) {
      r["ids"].push_back(id.v);
      r["tokens"].push_back(valid_utf8(model->tokenizer->bytes_of(id)));
    }
  }
  for (const Question& question : questions()) {
    if (!asked_for(question)) continue;
    GF_TRY_ASSIGN(Json answer, stopped(question.answer(q), "The analysis"));
    std::string key = question.name;
    std::ranges::replace(key, '-', '_');
    // One name for two things: the analysis takes the key, and keeps the texts that stood there.
    if (key == "tokens") answer["text"] = r["tokens"];
    r[key] = std::move(answer);
  }
  if (o.json) print(r);
  else print_text(r, q.position);
  return {};
}

}  // namespace
}  // namespace analyze_command

Action setup_analyze(CLI::App& app) {
  using analyze_command::Options;
  auto o = std::make_shared<Options>();
  add_model_options(app, o->model);
  add_prompt_options(app, o->prompt);
  std::string names;
  for (const auto& q : analyze_command::questions()) names += (names.empty() ? "" : ", ") + std::string(q.name);
  // "lens, dla" in quotes means what it means without the blank.
  const auto bare = [](std::string word) { return CLI::detail::trim(word); };
  app.add_option("--what", o->what, "which, with commas between: " + names)->delimiter(',')->transform(bare, "")->required();
  app.add_option("--target", o->target, "the token A, as text or #id");
  app.add_option("--against", o->against, "the token B: the logit of A minus that of B is explained");
  app.add_option("--position", o->position, "explain this position instead of the last; -1 is the last")
      ->check(whole(std::numeric_limits<int>::min()));
  app.add_option("--recipe", o->recipe, "a JSON file of interventions: the edited run is described")->check(named());
  app.add_option("--top", o->top, "tokens of the lens, neurons of the list")->check(whole(1, 1000));
  app.add_option("--with", o->with, "what a cut head gives in ablate-sweep: zero or mean")->check(CLI::IsMember({"zero", "mean"}));
  const auto other_prompt = [&app](const char* text, const char* ids, PromptOptions& prompt, const char* what) {
    app.add_option(ids, prompt.ids, "the same as token ids")->excludes(app.add_option(text, prompt.text, what));
  };
  other_prompt("--clean", "--clean-ids", o->clean, "patch-sweep: the prompt to copy from");
  other_prompt("--corrupt", "--corrupt-ids", o->corrupt, "patch-sweep: the prompt to copy to");
  app.add_option("--site", o->sites, "patch-sweep: places like resid_pre, attn_out, mlp_out, head_z, head_pattern")
      ->delimiter(',')
      ->transform(bare, "");
  other_prompt("--against-prompt", "--against-ids", o->contrast, "attention-contrast: the prompt to divide by");
  app.add_option("--lambda", o->lambda, "attention-contrast: added to what is divided by")->check(above_zero<double>());
  app.add_option("--neuron", o->neuron, "neuron-vocab: BLOCK.INDEX");
  app.add_option("--repeat-random", o->repeat_random, "heads: score on this many random tokens said twice")->check(whole(1));
  app.add_option("--seed", o->seed, "of the random tokens")->check(whole<std::uint64_t>(0));
  app.add_option("--threads", o->threads, "threads to compute with (default: all)")->check(whole(1, kMostThreads));
  app.add_flag("--json", o->json, "print JSON");
  app.footer("Example: glassformer analyze fable --prompt \"The capital of France is\" --what dla,heads --target \" Paris\" --json");
  return [o] {
    const auto done = analyze_command::act(*o);
    return done ? 0 : failed(done.error());
  };
}

}  // namespace gf::cli
