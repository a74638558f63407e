#include <CLI/CLI.hpp>
#include <cmath>
#include <limits>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/json.h"
#include "app/cli/numbers.h"
#include "app/cli/options.h"
#include "app/cli/sampling.h"
#include "app/cli/trace_file.h"

namespace gf::cli {

namespace run_command {

struct Options {
  ModelOptions model;
  PromptOptions prompt;
  SamplingOptions sampling;
  std::string recipe, trace, hooks, backend = "auto";
  int n = 0, threads = 0, top = 10;
  bool json = false;
};

std::string text_of(const Model& model, TokenId id) { return valid_utf8(model.tokenizer->bytes_of(id)); }

/// Log-probability and rank that a row of logits gives a token.
TokenStats stats_of(std::span<const float> logits, TokenId id) {
  const float own = logits[id.index()];
  double sum = 0;
  TokenStats stats;
  stats.rank = 0;
  for (const float x : logits) {
    sum += std::exp(static_cast<double>(x) - static_cast<double>(own));
    if (x > own) ++stats.rank;
  }
  stats.logprob = static_cast<float>(-std::log(sum));
  return stats;
}

Json position_json(const Model& model, TokenId id, const TokenStats& stats, bool first, int top) {
  Json p = {{"id", id.v}, {"text", text_of(model, id)}};
  p["logprob"] = first ? Json(nullptr) : number(stats.logprob);
  p["rank"] = first ? Json(nullptr) : Json(stats.rank);
  p["entropy"] = number(stats.entropy);
  p["top"] = Json::array();
  for (std::size_t i = 0; i < std::min(stats.top.size(), static_cast<std::size_t>(top)); ++i) {
    const auto& t = stats.top[i];
    p["top"].push_back({{"id", t.id.v}, {"text", text_of(model, t.id)}, {"logit", number(t.logit)}, {"logprob", number(t.logprob)}});
  }
  return p;
}

Json reply(const Run& run, const Model& model, const std::string& backend, int top) {
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
  r["receipts"] = Json::array();
  for (const Receipt& receipt : run.receipts) {
    r["receipts"].push_back({{"fired", receipt.fired}, {"norm", number(receipt.norm)}});
    if (receipt.empty_rows > 0) r["receipts"].back()["empty_rows"] = receipt.empty_rows;
  }
  r["kl"] = run.kl ? number(*run.kl) : Json(nullptr);
  r["log"] = log_json(run, model);
  r["ms"] = {{"prefill", number(run.prefill_ms)},
             {"decode_per_token", run.request.n_generate > 0 ? number(run.decode_ms_per_token) : Json(nullptr)}};
  return r;
}

void print_text(const Json& r, const Run& run, const Model& model) {
  std::vector<std::vector<std::string>> rows{{"", "token", "logprob", "rank", "entropy", "what it predicts next"}};
  const auto n_prompt = r["n_prompt"].get<std::size_t>();
  for (std::size_t i = 0; i < r["positions"].size(); ++i) {
    const Json& p = r["positions"][i];
    const auto shown = [](const Json& v, int digits) { return v.is_null() ? std::string("-") : fixed(v.get<double>(), digits); };
    std::string next;
    for (std::size_t k = 0; k < std::min<std::size_t>(p["top"].size(), 3); ++k) {
      const Json& t = p["top"][k];
      next += (k > 0 ? "  " : "") + visible_text(model.tokenizer->bytes_of(TokenId(t["id"].get<int>()))) + " " +
              fixed(100 * std::exp(t["logprob"].get<double>()), 1) + " %";
    }
    rows.push_back({std::to_string(i) + (i >= n_prompt ? " +" : ""), visible_text(model.tokenizer->bytes_of(TokenId(p["id"].get<int>()))),
                    shown(p["logprob"], 3), p["rank"].is_null() ? "-" : p["rank"].dump(), shown(p["entropy"], 3), next});
  }
  print_table(rows);
  print_log(run, model);
  for (std::size_t i = 0; i < run.receipts.size(); ++i)
    std::printf("edit %zu: %s: %lld values written, changed by %s%s\n", i + 1, summary(run.request.recipe.edits[i]).c_str(),
                run.receipts[i].fired, fixed(run.receipts[i].norm, 4).c_str(),
                !run.receipts[i].changed && run.request.recipe.edits[i].enabled ? " (nothing changed)" : "");
  if (run.kl) std::printf("KL(base || edited) at the last position: %s nats\n", fixed(*run.kl, 4).c_str());
  if (run.stopped_at_n_ctx) std::printf("The context of %d tokens is full; generation stopped.\n", model.weights->config.n_ctx);
  if (run.nothing_left) std::printf("Every token was cut; generation stopped.\n");
}

Result<RunRequest> request_of(const Options& o, const Model& model, const HookChoice& hooks) {
  RunRequest request;
  GF_TRY_ASSIGN(request.prompt, prompt_ids(o.prompt, model));
  request.n_generate = o.n;
  GF_TRY_ASSIGN(request.sampler, sampler_of(o.sampling, model, o.n));
  if (!o.recipe.empty()) {
    GF_TRY_ASSIGN(request.recipe, read_recipe(o.recipe));
  }
  request.plan = o.trace.empty() ? CapturePlan::none() : hooks.plan;
  // Statistics of every position are kept where anything of the head is.
  for (const HookKind kind : {HookKind::LnFinalScale, HookKind::LnFinalNormalized}) request.plan.want(kind);
  return request;
}

Result<void> act(const Options& o) {
  GF_TRY_ASSIGN(const auto model, open(o.model));
  GF_TRY_ASSIGN(const HookChoice hooks, choose_hooks(o.hooks, model->weights->config.n_layer));
  GF_TRY_ASSIGN(const RunRequest request, request_of(o, *model, hooks));
  Session::Options options;
  options.threads = o.threads;
  options.backend = o.backend;
  GF_TRY_ASSIGN(const auto session, Session::create(model, options));
  const Interrupt interrupt;
  Result<Run> run;
  {
    ProgressBar bar("running");
    run = session->run(request, interrupt.token(), [&bar](const RunProgress& p) {
      bar.set((p.positions_done + static_cast<double>(p.block) / std::max(p.n_layer, 1)) / std::max(p.positions_total, 1));
    });
  }
  run = stopped(std::move(run), "The run");
  GF_TRY(run);
  if (!o.trace.empty()) GF_TRY(write_trace(o.trace, *run->edited, hooks.hooks, interrupt.token()));
  for (std::size_t i = 0; i < run->receipts.size(); ++i)
    if (!run->receipts[i].changed && request.recipe.edits[i].enabled && o.json) say("edit " + std::to_string(i + 1) + " changed nothing");
  const Json r = reply(*run, *model, session->backend_name(), o.top);
  if (o.json) print(r);
  else print_text(r, *run, *model);
  return {};
}

}  // namespace run_command

Action setup_run(CLI::App& app) {
  using run_command::Options;
  auto o = std::make_shared<Options>();
  add_model_options(app, o->model);
  add_prompt_options(app, o->prompt);
  app.add_option("-n", o->n, "tokens to generate")->check(whole(0));
  add_sampling_options(app, o->sampling);
  app.add_option("--recipe", o->recipe, "a JSON file of interventions")->check(named());
  auto* trace = app.add_option("--trace", o->trace, "write the captured hooks to this safetensors file")->check(named());
  app.add_option("--hooks", o->hooks, "which hooks: globs like 'blocks.*.hook_z,logits', or none, default, full")->needs(trace);
  app.add_option("--backend", o->backend, "auto, cpu or cuda; where there is no GPU, the CPU computes")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  app.add_option("--threads", o->threads, "threads to compute with (default: all)")->check(whole(1, kMostThreads));
  app.add_option("--top", o->top, "likeliest next tokens to print for each position")->check(whole(0, 20));
  app.add_flag("--json", o->json, "print JSON");
  app.footer("Example: glassformer run fable --prompt \"The capital of France is\" -n 5 --recipe cut.json");
  app.callback([o, &app] {
    if (o->prompt.text.empty() && o->prompt.ids.empty() && app.get_option("--prompt")->count() + app.get_option("--ids")->count() == 0)
      throw CLI::RequiredError("--prompt or --ids");
  });
  return [o] {
    const auto done = run_command::act(*o);
    return done ? 0 : failed(done.error());
  };
}

}  // namespace gf::cli
