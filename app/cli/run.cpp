#include <CLI/CLI.hpp>
#include <cmath>
#include <limits>

#include "app/cli/interrupt.h"
#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/sampling.h"
#include "app/cli/subcommands.h"
#include "app/cli/trace_file.h"
#include "app/cli/validators.h"
#include "model/base/files/input_files.h"
#include "model/base/logits.h"
#include "model/base/numbers.h"
#include "model/base/printable.h"
#include "model/base/text.h"
#include "model/run/remarks.h"
#include "model/run/run_metadata.h"
#include "model/tokenizer/token_words.h"

namespace gf::cli {

namespace {

struct RunOptions {
  ModelOptions model;
  PromptOptions prompt;
  SamplingOptions sampling;
  std::string recipe, trace, hooks, backend = "auto";
  int n = 0, threads = 0, top = 10;
  bool json = false;
};

/// Whether the edit's receipt says how much attention it moved.
bool moves_attention(const Edit& edit) { return kind_named(edit.hook) == HookKind::AttnScores; }

/// Says on standard error why the numbers may be worth nothing, whether the output is text or JSON.
void warn_of(const Run& run, const Model& model) {
  if (const auto remark = remark_on_files(*model.weights)) say(*remark);
  for (const std::string& remark : remarks_on_nan(run)) say(remark);
}

/// Log-probability and rank that a row of logits gives a token.
TokenStats stats_of(std::span<const float> logits, TokenId id) {
  TokenStats stats;
  stats.logprob = static_cast<float>(logprob_of(logits, id.index()));
  stats.rank = rank_of(logits, id.index());
  return stats;
}

Json position_json(const Model& model, TokenId id, const TokenStats& stats, bool first, int top) {
  Json p = {{"id", id.v}, {"text", text_of(model, id)}};
  p["logprob"] = first ? Json(nullptr) : number(stats.logprob);
  p["rank"] = first || stats.rank < 0 || std::isnan(stats.logprob) ? Json(nullptr) : Json(stats.rank);
  p["entropy"] = number(stats.entropy);
  p["top"] = Json::array();
  for (std::size_t i = 0; i < std::min(stats.top.size(), static_cast<std::size_t>(top)); ++i) {
    const auto& t = stats.top[i];
    p["top"].push_back({{"id", t.id.v}, {"text", text_of(model, t.id)}, {"logit", number(t.logit)}, {"logprob", number(t.logprob)}});
  }
  return p;
}

Json run_json(const Run& run, const Model& model, const std::string& backend, int top) {
  const Trace& trace = *run.edited;
  Json r = {{"backend", backend}, {"ids", Json::array()}, {"n_prompt", run.request.prompt.size()}, {"positions", Json::array()}};
  for (int p = 0; p < trace.length(); ++p) {
    const TokenId id = trace.ids()[static_cast<std::size_t>(p)];
    r["ids"].push_back(id.v);
    r["positions"].push_back(position_json(model, id, trace.stats(p), p == 0, top));
  }
  if (run.beyond) {
    TokenStats stats = stats_of(trace.last_logits(), *run.beyond);
    stats.entropy = std::numeric_limits<float>::quiet_NaN();
    r["ids"].push_back(run.beyond->v);
    r["positions"].push_back(position_json(model, *run.beyond, stats, false, 0));
    r["stopped"] = "n_ctx";
  }
  if (run.nothing_left) r["stopped"] = "nothing_left";
  if (run.stopped_at_nan) r["stopped"] = "nan";
  if (run.stopped_at_eos) r["stopped"] = "eos";
  if (run.stopped_at) r["stopped"] = "text", r["stopped_at"] = valid_utf8(*run.stopped_at);
  if (run.first_nan) r["first_nan"] = {{"hook", name_of(run.first_nan->hook)}, {"position", run.first_nan->position}};
  std::vector<TokenId> all(trace.ids().begin(), trace.ids().end());
  if (run.beyond) all.push_back(*run.beyond);
  r["text"] = valid_utf8(model.tokenizer->decode(all));
  r["receipts"] = Json::array();
  for (std::size_t i = 0; i < run.receipts.size(); ++i) {
    const Receipt& receipt = run.receipts[i];
    r["receipts"].push_back({{"fired", receipt.fired}, {"norm", number(receipt.norm)}});
    if (receipt.empty_rows > 0) r["receipts"].back()["empty_rows"] = receipt.empty_rows;
    if (moves_attention(run.request.recipe.edits[i])) r["receipts"].back()["attention"] = number(receipt.attention);
  }
  r["kl"] = run.kl ? number(*run.kl) : Json(nullptr);
  r["log"] = log_json(run, model);
  r["ms"] = {{"prefill", number(run.prefill_ms)},
             {"decode_per_token", run.request.n_generate > 0 ? number(run.decode_ms_per_token) : Json(nullptr)}};
  return r;
}

/// The likeliest tokens with their probabilities.
std::string next_words(const Json& top, const Model& model) {
  std::string next;
  for (std::size_t k = 0; k < std::min<std::size_t>(top.size(), 3); ++k) {
    const Json& t = top[k];
    if (t["logprob"].is_null()) return "NaN";  // one NaN among the logits makes every probability one
    const double logprob = t["logprob"].get<double>();
    next +=
        (k > 0 ? "  " : "") + token_words(model.tokenizer.get(), TokenId(t["id"].get<int>())) + " " + numbers::percent(std::exp(logprob));
  }
  return next;
}

std::string receipt_words(const Edit& edit, const Receipt& receipt) {
  std::string words = text("{0} values written, changed by {1}", receipt.fired, numbers::fixed(receipt.norm, 4));
  if (moves_attention(edit)) words += ", " + text("{0} of the rows' attention moved", numbers::fixed(receipt.attention, 4));
  return edit.enabled && !receipt.changed ? text("{0} (nothing changed)", words) : words;
}

void print_run(const Json& r, const Run& run, const Model& model) {
  std::vector<std::vector<std::string>> rows{
      {"", text("token"), text("logprob"), text("rank"), text("entropy"), text("what it predicts next")}};
  const auto n_prompt = r["n_prompt"].get<std::size_t>(), length = static_cast<std::size_t>(run.edited->length());
  for (std::size_t i = 0; i < r["positions"].size(); ++i) {
    const Json& p = r["positions"][i];
    // A null stands for a value that was not computed (before the first position and after the last), or for NaN.
    const auto shown = [&](const Json& v, bool computed) {
      if (v.is_null()) return std::string(computed ? "NaN" : "-");
      return v.is_number_integer() ? v.dump() : numbers::fixed(v.get<double>(), 3);
    };
    const std::string next = next_words(p["top"], model);
    rows.push_back({std::to_string(i) + (i >= n_prompt ? " +" : ""), token_words(model.tokenizer.get(), TokenId(p["id"].get<int>())),
                    shown(p["logprob"], i > 0), shown(p["rank"], i > 0), shown(p["entropy"], i < length),
                    next.empty() && i < length && p["entropy"].is_null() ? "NaN" : next});
  }
  print_table(rows);
  print_log(run, model);
  if (run.request.n_generate > 0) print_line(text("The text: {0}", printable(r["text"].get<std::string>())));
  for (std::size_t i = 0; i < run.receipts.size(); ++i) {
    const Edit& edit = run.request.recipe.edits[i];
    print_line(text("edit {0}: {1}: {2}", i + 1, summary(edit), receipt_words(edit, run.receipts[i])));
  }
  if (run.kl) print_line(text("KL(base || edited) at the last position: {0} nats", numbers::fixed(*run.kl, 4)));
  if (const auto remark = remark_on_stop(run, model)) print_line(*remark);
}

Result<RunRequest> run_request(const RunOptions& o, const Model& model, const HookChoice& hooks) {
  RunRequest request;
  GF_TRY_ASSIGN(request.prompt, prompt_ids(o.prompt, model));
  request.n_generate = o.n;
  GF_TRY_ASSIGN(request.sampler, sampler_of(o.sampling, model, o.n));
  if (!o.recipe.empty()) {
    GF_TRY_ASSIGN(request.recipe, read_recipe(o.recipe));
  }
  request.plan = o.trace.empty() ? CapturePlan::none() : hooks.plan;
  // With these hooks of the head, the trace keeps the statistics of every position.
  for (const HookKind kind : {HookKind::LnFinalScale, HookKind::LnFinalNormalized}) request.plan.want(kind);
  return request;
}

Result<void> run_model(const RunOptions& o) {
  GF_TRY_ASSIGN(const auto model, open(o.model));
  GF_TRY_ASSIGN(const HookChoice hooks, choose_hooks(o.hooks, model->weights->config.n_layer));
  GF_TRY_ASSIGN(const RunRequest request, run_request(o, *model, hooks));
  if (!o.trace.empty()) {  // a wrong name is refused before the run
    GF_TRY(array_format_of(o.trace));
    GF_TRY(check_output(o.trace));
  }
  Session::Options options;
  options.threads = o.threads;
  options.backend = o.backend;
  GF_TRY_ASSIGN(const auto session, Session::create(model, options));
  const Interrupt interrupt;
  Result<Run> run;
  {
    ProgressBar bar(text("running"));
    run = session->run(request, interrupt.token(), [&bar](const RunProgress& p) {
      bar.set((p.positions_done + static_cast<double>(p.block) / std::max(p.n_layer, 1)) / std::max(p.positions_total, 1));
    });
  }
  run = stopped(std::move(run), phrase("The run was stopped."));
  GF_TRY(run);
  if (!o.trace.empty())
    GF_TRY(write_trace(o.trace, *run->edited, hooks.hooks, run_metadata(*model, *run, *run->edited), interrupt.token()));
  for (std::size_t i = 0; i < run->receipts.size(); ++i)
    if (!run->receipts[i].changed && request.recipe.edits[i].enabled && o.json) say(text("edit {0} changed nothing", i + 1));
  warn_of(*run, *model);
  const Json r = run_json(*run, *model, session->backend_name(), o.top);
  if (o.json) print(r);
  else print_run(r, *run, *model);
  return {};
}

}  // namespace

Runner setup_run(CLI::App& app) {
  auto o = std::make_shared<RunOptions>();
  add_model_options(app, o->model);
  add_config_option(app, o->model.model);
  add_prompt_options(app, o->prompt);
  app.add_option("-n", o->n, text("tokens to generate"))->check(whole(0));
  add_sampling_options(app, o->sampling);
  app.add_option("--recipe", o->recipe, text("a JSON file of interventions"))->check(named());
  auto* trace =
      app.add_option("--trace", o->trace, text("write the captured hooks to this file: .safetensors, .npz, .csv or .json"))->check(named());
  app.add_option("--hooks", o->hooks, text("which hooks: globs like 'blocks.*.hook_z,logits', or none, default, full"))
      ->needs(trace)
      ->check(named());
  app.add_option("--backend", o->backend, text("auto, cpu or cuda; where there is no GPU, the CPU computes"))
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  app.add_option("--threads", o->threads, text("threads to compute with (default: all)"))->check(whole(1, kMostThreads));
  app.add_option("--top", o->top, text("likeliest next tokens to print for each position"))->check(whole(0, 20));
  app.add_flag("--json", o->json, text("print JSON"));
  app.footer(text("Example: glassformer run fable --prompt \"The capital of France is\" -n 5 --recipe cut.json"));
  app.callback([o, &app] {
    if (!o->prompt.bos && o->prompt.text.empty() && o->prompt.ids.empty() &&
        app.get_option("--prompt")->count() + app.get_option("--ids")->count() == 0)
      throw CLI::RequiredError("--prompt or --ids");
    for (const char* name : {"--beam", "--temperature", "--top-k", "--top-p", "--seed", "--ban", "--force", "--no-repeat-ngram",
                             "--repetition-penalty", "--presence-penalty", "--min-p", "--typical-p", "--stop", "--no-stop-at-eos"})
      if (o->n == 0 && app.get_option(name)->count() > 0)
        throw CLI::ValidationError(name, text("it is for tokens that are generated; say how many with -n"));
  });
  return [o] { return exit_code(run_model(*o)); };
}

}  // namespace gf::cli
