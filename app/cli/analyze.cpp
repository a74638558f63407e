// Questions about a run: one function each, all in the list at the end. Definitions stand beside the analyses.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <random>

#include "app/cli/commands.h"
#include "app/cli/json.h"
#include "app/cli/options.h"
#include "model/analysis/ablation.h"
#include "model/analysis/analysis.h"
#include "model/analysis/attribution.h"
#include "model/analysis/circuits.h"
#include "model/analysis/entropy.h"
#include "model/analysis/logit_lens.h"
#include "model/analysis/patch_sweep.h"
#include "model/analysis/token_report.h"

namespace gf::cli {

namespace analyze_command {

struct Options {
  ModelOptions model;
  PromptOptions prompt, contrast, clean, corrupt;
  std::vector<std::string> what, sites{"resid_pre", "attn_out", "mlp_out", "head_z"};
  std::string recipe, target, against, neuron, with = "zero";
  int threads = 0, top = 5, position = -1, repeat_random = 0;
  std::uint64_t seed = 0;
  double lambda = 0.05;
  bool json = false;
};

/// What every question starts from.
struct Asked {
  const Options& options;
  Session& session;
  const Model& model;
  RunRequest request;
  Run run;  ///< of the request; empty where no prompt was given
  std::optional<TokenId> a, b;
  int position = -1;  ///< checked; -1: the last

  [[nodiscard]] const Trace& trace() const { return *run.edited; }
  [[nodiscard]] Result<void> needs_prompt(const char* what) const {
    if (run.edited) return {};
    return fail(ErrorCode::InvalidArgument, std::string(what) + " needs a prompt; give one with --prompt or --ids");
  }
  [[nodiscard]] Result<void> needs_target(const char* what) const {
    if (a) return {};
    return fail(ErrorCode::InvalidArgument, std::string(what) + " needs a token; give it with --target");
  }
};

Json nested(const std::vector<int>& shape, const std::vector<float>& values, std::size_t axis, std::size_t& at) {
  if (axis == shape.size()) return number(values[at++]);
  Json list = Json::array();
  for (int i = 0; i < shape[axis]; ++i) list.push_back(nested(shape, values, axis + 1, at));
  return list;
}

Json json_of(const Grid& g) {
  std::size_t at = 0;
  return {{"axes", g.axes}, {"unit", g.unit}, {"values", nested(g.shape, g.values, 0, at)}};
}

Json json_of(const HeadGrid& g, const char* unit) { return json_of(Grid{{"layer", "head"}, {g.n_layer, g.n_head}, unit, g.values}); }

Json token_json(const Model& model, TokenId id) { return {{"id", id.v}, {"text", valid_utf8(model.tokenizer->bytes_of(id))}}; }

/// An array of values that are no numbers.
Json array(std::vector<std::string> axes, Json values) { return {{"axes", std::move(axes)}, {"unit", ""}, {"values", std::move(values)}}; }

Result<Json> entropy(Asked& q) {
  GF_TRY(q.needs_prompt("entropy"));
  GF_TRY_ASSIGN(const auto e, attention_entropy(q.trace(), q.position));
  GF_TRY_ASSIGN(const auto lens, logit_lens(q.model, q.trace(), {.k = 0, .target = {}, .position = -1}));
  return Json{{"attention", json_of(e.attention)},
              {"normalized", json_of(e.normalized)},
              {"by_layer", json_of(e.by_layer)},
              {"by_layer_band95", json_of(e.by_layer_band95)},
              {"lens", json_of(lens.entropy)}};
}

Result<Json> lens(Asked& q) {
  GF_TRY(q.needs_prompt("logit-lens"));
  GF_TRY_ASSIGN(const auto l, logit_lens(q.model, q.trace(), {.k = q.options.top, .target = q.a, .position = q.position}));
  Json depths = Json::array();
  std::size_t at = 0;
  for (int d = 0; d < l.entropy.shape[0]; ++d) {
    depths.push_back(Json::array());
    for (int p = 0; p < l.entropy.shape[1]; ++p) {
      depths.back().push_back(Json::array());
      for (int k = 0; k < l.k; ++k, ++at) {
        Json token = token_json(q.model, l.top[at].id);
        token["logprob"] = number(l.top[at].logprob);
        depths.back().back().push_back(std::move(token));
      }
    }
  }
  Json r{{"top", array({"depth", "position", "k"}, std::move(depths))},
         {"logprob_of_next", json_of(l.logprob_of_next)},
         {"rank_of_next", json_of(l.rank_of_next)}};
  if (q.a) r["logprob_of_target"] = json_of(l.logprob_of_target);
  return r;
}

Result<Json> dla(Asked& q) {
  GF_TRY(q.needs_prompt("dla"));
  GF_TRY(q.needs_target("dla"));
  GF_TRY_ASSIGN(const auto d, direct_attribution(q.model, q.trace(), q.request.recipe, *q.a, q.b, q.position));
  Json r{{"embed", number(d.embed)}, {"pos_embed", number(d.pos_embed)}, {"heads", json_of(d.heads)}, {"attn_bias", json_of(d.attn_bias)},
         {"mlp", json_of(d.mlp)},    {"constant", number(d.constant)},   {"total", number(d.total)}};
  if (!d.edits.empty()) {
    Json edits = Json::array();
    for (const double e : d.edits) edits.push_back(number(e));
    r["edits"] = {{"axes", {"edit"}}, {"unit", "logit"}, {"values", std::move(edits)}};
  }
  return r;
}

Result<Json> neurons(Asked& q) {
  GF_TRY(q.needs_prompt("neurons"));
  GF_TRY(q.needs_target("neurons"));
  GF_TRY_ASSIGN(const auto list, neuron_attribution(q.model, q.trace(), *q.a, q.b, q.options.top, q.position));
  Json r = Json::array();
  for (const auto& n : list)
    r.push_back({{"layer", n.layer}, {"neuron", n.neuron}, {"activation", number(n.activation)}, {"contribution", number(n.contribution)}});
  return r;
}

Result<Json> heads(Asked& q) {
  HeadScores scores;
  if (q.options.repeat_random > 0) {
    RunRequest twice = q.request;
    std::mt19937_64 random(q.options.seed);
    const int n_text = std::min(q.model.tokenizer->n_vocab(), q.model.weights->config.n_vocab);
    twice.prompt.clear();
    for (int i = 0; i < q.options.repeat_random; ++i)
      twice.prompt.emplace_back(static_cast<int>(random() % static_cast<std::uint64_t>(n_text)));
    const std::vector<TokenId> once = twice.prompt;
    twice.prompt.insert(twice.prompt.end(), once.begin(), once.end());
    GF_TRY_ASSIGN(const Run run, q.session.run(twice));
    scores = head_scores(*run.edited, q.options.repeat_random);
  } else {
    GF_TRY(q.needs_prompt("heads"));
    scores = head_scores(q.trace());
  }
  return Json{{"previous", json_of(scores.previous, "")},
              {"sink", json_of(scores.sink, "")},
              {"duplicate", json_of(scores.duplicate, "")},
              {"induction", json_of(scores.induction, "")}};
}

Result<Json> ablate(Asked& q) {
  GF_TRY(q.needs_prompt("ablate-sweep"));
  GF_TRY(q.needs_target("ablate-sweep"));
  ProgressBar bar("cutting in turn");
  const bool zero = q.options.with == "zero";
  GF_TRY_ASSIGN(const auto s, ablate_everything(q.session, q.request, *q.a, q.b, zero ? AblateWith::Zero : AblateWith::Mean, {},
                                                [&bar](double f) { bar.set(f); }));
  Json r{{"delta", json_of(s.delta)}, {"kl", json_of(s.kl)}, {"mlp_delta", json_of(s.mlp_delta)}, {"mlp_kl", json_of(s.mlp_kl)}};
  if (zero) r["direct"] = json_of(s.direct), r["repair"] = json_of(s.repair);
  return r;
}

Result<Json> patch(Asked& q) {
  if (!q.a || !q.b) return fail(ErrorCode::InvalidArgument, "patch-sweep needs two tokens; give them with --target and --against");
  RunRequest corrupt = q.request;
  GF_TRY_ASSIGN(const auto clean, prompt_ids(q.options.clean, q.model));
  GF_TRY_ASSIGN(corrupt.prompt, prompt_ids(q.options.corrupt, q.model));
  ProgressBar bar("patching in turn");
  GF_TRY_ASSIGN(const auto s, patch_sweep(q.session, corrupt, clean, q.options.sites, *q.a, *q.b, {}, [&bar](double f) { bar.set(f); }));
  Json r{{"clean", number(s.clean)}, {"corrupt", number(s.corrupt)}}, delta = Json::object();
  if (!s.has_effect) r["effect"] = nullptr;
  for (const auto& site : s.sites) {
    r[site.name] = s.has_effect ? json_of(site.effect) : Json(nullptr);
    delta[site.name] = json_of(site.delta);
  }
  r["delta"] = std::move(delta);
  return r;
}

Result<Json> importance(Asked& q) {
  GF_TRY(q.needs_prompt("importance"));
  GF_TRY_ASSIGN(const auto g, token_importance(q.session, q.request, q.a));
  return json_of(g);
}

Result<Json> contrast(Asked& q) {
  GF_TRY(q.needs_prompt("attention-contrast"));
  RunRequest other = q.request;
  GF_TRY_ASSIGN(other.prompt, prompt_ids(q.options.contrast, q.model));
  GF_TRY_ASSIGN(const Run run, q.session.run(other));
  GF_TRY_ASSIGN(const auto g, attention_contrast(q.trace(), *run.edited, q.options.lambda));
  return json_of(g);
}

Result<Json> tokens(Asked& q) {
  GF_TRY(q.needs_prompt("tokens"));
  GF_TRY_ASSIGN(const auto t, token_report(q.trace()));
  Json confidence = Json::array();
  for (const auto c : t.confidence) confidence.push_back(name_of(c));
  return Json{{"logprob", json_of(t.logprob)},     {"rank", json_of(t.rank)},
              {"surprisal", json_of(t.surprisal)}, {"confidence", array({"position"}, std::move(confidence))},
              {"entropy", json_of(t.entropy)},     {"mean_logprob", number(t.mean_logprob)},
              {"perplexity", number(t.perplexity)}};
}

Result<Json> weights_circuits(Asked& q) {
  ProgressBar bar("comparing heads");
  GF_TRY_ASSIGN(const auto c, circuits(*q.model.weights, {}, [&bar](double f) { bar.set(f); }));
  const std::vector<int> shape{c.n_layer, c.n_head, c.n_layer, c.n_head};
  Json composition = Json::object();
  for (const auto& [name, values] : {std::pair<const char*, const std::vector<float>&>{"q", c.q}, {"k", c.k}, {"v", c.v}}) {
    std::size_t at = 0;
    composition[name] = {{"axes", {"layer", "head", "later layer", "later head"}}, {"unit", ""}, {"values", nested(shape, values, 0, at)}};
  }
  return Json{{"composition", std::move(composition)}, {"copying", json_of(c.copying)}};
}

Result<Json> neuron_vocab(Asked& q) {
  const auto dot = q.options.neuron.find('.');
  const auto whole = [](const std::string& text) {
    return !text.empty() && text.size() < 8 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  const std::string layer = q.options.neuron.substr(0, dot), neuron = dot == std::string::npos ? "" : q.options.neuron.substr(dot + 1);
  if (!whole(layer) || !whole(neuron))
    return fail(ErrorCode::InvalidArgument, "neuron-vocab needs a neuron; give it as --neuron BLOCK.INDEX, like 3.17");
  GF_TRY_ASSIGN(const auto v, neuron_vocabulary(*q.model.weights, std::stoi(layer), std::stoi(neuron), q.options.top));
  const auto list = [&](const std::vector<NeuronVocabulary::Token>& tokens) {
    Json all = Json::array();
    for (const auto& t : tokens) {
      all.push_back(token_json(q.model, t.id));
      all.back()["logit"] = number(t.logit);
    }
    return all;
  };
  return Json{{"for", list(v.writes_for)}, {"against", list(v.writes_against)}};
}

struct Question {
  const char* name;
  Result<Json> (*answer)(Asked& asked);
};
constexpr std::array kQuestions{
    Question{"entropy", entropy},
    Question{"logit-lens", lens},
    Question{"dla", dla},
    Question{"neurons", neurons},
    Question{"heads", heads},
    Question{"ablate-sweep", ablate},
    Question{"patch-sweep", patch},
    Question{"importance", importance},
    Question{"attention-contrast", contrast},
    Question{"tokens", tokens},
    Question{"circuits", weights_circuits},
    Question{"neuron-vocab", neuron_vocab},
};

/// Tables for what fits one, and a word about the rest.
void print_text(const Json& value, const std::string& name) {
  const auto cell = [](const Json& v) {
    return v.is_number() ? fixed(v.get<double>(), 4) : v.is_string() ? v.get<std::string>() : v.is_null() ? std::string("-") : v.dump();
  };
  if (!value.is_object()) {
    if (!value.is_array()) std::printf("%s  %s\n", name.c_str(), cell(value).c_str());
    else
      for (const Json& row : value) std::printf("%s  %s\n", name.c_str(), row.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
    return;
  }
  if (!value.contains("axes")) {
    for (const auto& [key, part] : value.items()) print_text(part, name.empty() ? key : name + "." + key);
    return;
  }
  std::string heading = name + " [";
  for (std::size_t i = 0; i < value["axes"].size(); ++i) heading += (i > 0 ? ", " : "") + value["axes"][i].get<std::string>();
  const auto unit = value["unit"].get<std::string>();
  std::printf("\n%s]%s\n", heading.c_str(), unit.empty() ? "" : (", " + unit).c_str());
  if (value["axes"].size() > 2) {
    std::printf("(--json has the numbers)\n");
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < value["values"].size(); ++i) {
    const Json& row = value["values"][i];
    rows.push_back({std::to_string(i)});
    if (row.is_array())
      for (const Json& v : row) rows.back().push_back(cell(v));
    else rows.back().push_back(cell(row));
  }
  print_table(rows);
}

Result<void> act(const Options& o) {
  for (const std::string& what : o.what)
    if (std::ranges::none_of(kQuestions, [&](const Question& q) { return what == q.name; })) {
      std::string list;
      for (const Question& q : kQuestions) list += (list.empty() ? "" : ", ") + std::string(q.name);
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
  Asked q{o, *session, *model, {}, {}, {}, {}, o.position};
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
  Json r{{"model", model->weights->name}, {"ids", Json::array()}, {"tokens", Json::array()}};
  if (!o.prompt.text.empty() || !o.prompt.ids.empty()) {
    GF_TRY_ASSIGN(q.request.prompt, prompt_ids(o.prompt, *model));
    const auto T = static_cast<int>(q.request.prompt.size());
    if (o.position >= T || o.position < -T)
      return fail(ErrorCode::InvalidArgument,
                  "position " + std::to_string(o.position) + " is not in the prompt, whose positions are 0 to " + std::to_string(T - 1));
    if (o.position < 0) q.position = T + o.position;
    GF_TRY_ASSIGN(q.run, session->run(q.request));
    for (const TokenId id : q.request.prompt) {
      r["ids"].push_back(id.v);
      r["tokens"].push_back(valid_utf8(model->tokenizer->bytes_of(id)));
    }
  }
  for (const Question& question : kQuestions) {
    if (std::ranges::find(o.what, question.name) == o.what.end()) continue;
    GF_TRY_ASSIGN(Json answer, question.answer(q));
    std::string key = question.name;
    std::ranges::replace(key, '-', '_');
    // One name for two things: the analysis takes the key, and keeps the texts that stood there.
    if (key == "tokens") answer["text"] = r["tokens"];
    r[key] = std::move(answer);
  }
  if (o.json) print(r);
  else
    for (const auto& [key, value] : r.items())
      if (key != "ids" && key != "model" && !(key == "tokens" && value.is_array())) print_text(value, key);
  return {};
}

}  // namespace analyze_command

Action setup_analyze(CLI::App& app) {
  using analyze_command::Options;
  auto o = std::make_shared<Options>();
  add_model_options(app, o->model);
  add_prompt_options(app, o->prompt);
  std::string names;
  for (const auto& q : analyze_command::kQuestions) names += (names.empty() ? "" : ", ") + std::string(q.name);
  app.add_option("--what", o->what, "which, with commas between: " + names)->delimiter(',')->required();
  app.add_option("--target", o->target, "the token A, as text or #id");
  app.add_option("--against", o->against, "the token B: the logit of A minus that of B is explained");
  app.add_option("--position", o->position, "explain this position instead of the last");
  app.add_option("--recipe", o->recipe, "a JSON file of interventions: the edited run is described");
  app.add_option("--top", o->top, "tokens of the lens, neurons of the list")->check(CLI::Range(1, 1000));
  app.add_option("--with", o->with, "what a cut head gives in ablate-sweep: zero or mean")->check(CLI::IsMember({"zero", "mean"}));
  app.add_option("--clean", o->clean.text, "patch-sweep: the prompt to copy from");
  app.add_option("--corrupt", o->corrupt.text, "patch-sweep: the prompt to copy to");
  app.add_option("--clean-ids", o->clean.ids, "the same as token ids");
  app.add_option("--corrupt-ids", o->corrupt.ids, "the same as token ids");
  app.add_option("--site", o->sites, "patch-sweep: places like resid_pre, attn_out, mlp_out, head_z, head_pattern")->delimiter(',');
  app.add_option("--against-prompt", o->contrast.text, "attention-contrast: the prompt to divide by");
  app.add_option("--lambda", o->lambda, "attention-contrast: added to what is divided by")->check(CLI::PositiveNumber);
  app.add_option("--neuron", o->neuron, "neuron-vocab: BLOCK.INDEX");
  app.add_option("--repeat-random", o->repeat_random, "heads: score on this many random tokens said twice")->check(CLI::PositiveNumber);
  app.add_option("--seed", o->seed, "of the random tokens");
  app.add_option("--threads", o->threads, "threads to compute with (default: all)")->check(CLI::PositiveNumber);
  app.add_flag("--json", o->json, "print JSON");
  app.footer("Example: glassformer analyze fable --prompt \"The capital of France is\" --what dla,heads --target \" Paris\" --json");
  return [o] {
    const auto done = analyze_command::act(*o);
    return done ? 0 : failed(done.error());
  };
}

}  // namespace gf::cli
