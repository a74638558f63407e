// Questions about a run: one function each, all in the list at the end.
#include <algorithm>
#include <array>
#include <random>

#include "app/cli/analyze/analyze.h"
#include "model/analysis/ablation.h"
#include "model/analysis/analysis.h"
#include "model/analysis/attribution.h"
#include "model/analysis/circuits.h"
#include "model/analysis/entropy.h"
#include "model/analysis/logit_lens.h"
#include "model/analysis/patch_sweep.h"
#include "model/analysis/token_report.h"

namespace gf::cli::analyze_command {

namespace {

Result<void> needs_prompt(const Asked& q, const char* what) {
  if (q.run.edited) return {};
  return fail(ErrorCode::InvalidArgument, std::string(what) + " needs a prompt; give one with --prompt or --ids");
}

Result<void> needs_target(const Asked& q, const char* what) {
  if (q.a) return {};
  return fail(ErrorCode::InvalidArgument, std::string(what) + " needs a token; give it with --target");
}

/// A prompt beside the main one.
Result<std::vector<TokenId>> other_prompt(const Asked& q, const PromptOptions& prompt, const char* what, const char* options) {
  if (!prompt.text.empty() || !prompt.ids.empty()) return prompt_ids(prompt, q.model);
  return fail(ErrorCode::InvalidArgument, std::string(what) + " needs another prompt; give it with " + options);
}

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
  GF_TRY(needs_prompt(q, "entropy"));
  GF_TRY_ASSIGN(const auto e, attention_entropy(q.trace(), q.position));
  GF_TRY_ASSIGN(const auto lens, logit_lens(q.model, q.trace(), {.k = 0, .target = {}, .position = -1}, q.stop));
  return Json{{"attention", json_of(e.attention)},
              {"normalized", json_of(e.normalized)},
              {"by_layer", json_of(e.by_layer)},
              {"by_layer_band95", json_of(e.by_layer_band95)},
              {"lens", json_of(lens.entropy)}};
}

Result<Json> lens(Asked& q) {
  GF_TRY(needs_prompt(q, "logit-lens"));
  GF_TRY_ASSIGN(const auto l, logit_lens(q.model, q.trace(), {.k = q.options.top, .target = q.a, .position = q.position}, q.stop));
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
  GF_TRY(needs_prompt(q, "dla"));
  GF_TRY(needs_target(q, "dla"));
  GF_TRY_ASSIGN(const auto d, direct_attribution(q.session, q.trace(), q.request, *q.a, q.b, q.position, q.stop));
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
  GF_TRY(needs_prompt(q, "neurons"));
  GF_TRY(needs_target(q, "neurons"));
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
    const int n_ctx = q.model.weights->config.n_ctx;
    if (q.options.repeat_random > n_ctx / 2)
      return fail(ErrorCode::InvalidArgument, std::to_string(q.options.repeat_random) +
                                                  " tokens said twice don't fit the model's context of " + std::to_string(n_ctx) +
                                                  "; give --repeat-random " + std::to_string(n_ctx / 2) + " or less");
    std::mt19937_64 random(q.options.seed);
    const int n_text = std::min(q.model.tokenizer->n_vocab(), q.model.weights->config.n_vocab);
    twice.prompt.clear();
    for (int i = 0; i < q.options.repeat_random; ++i)
      twice.prompt.emplace_back(static_cast<int>(random() % static_cast<std::uint64_t>(n_text)));
    const std::vector<TokenId> once = twice.prompt;
    twice.prompt.insert(twice.prompt.end(), once.begin(), once.end());
    GF_TRY_ASSIGN(const Run run, q.session.run(twice, q.stop));
    scores = head_scores(*run.edited, q.options.repeat_random);
  } else {
    GF_TRY(needs_prompt(q, "heads"));
    scores = head_scores(q.trace());
  }
  return Json{{"previous", json_of(scores.previous, "")},
              {"sink", json_of(scores.sink, "")},
              {"duplicate", json_of(scores.duplicate, "")},
              {"induction", json_of(scores.induction, "")}};
}

Result<Json> ablate(Asked& q) {
  GF_TRY(needs_prompt(q, "ablate-sweep"));
  GF_TRY(needs_target(q, "ablate-sweep"));
  ProgressBar bar("cutting in turn");
  const bool zero = q.options.with == "zero";
  GF_TRY_ASSIGN(const auto s, ablate_everything(
                                  q.session, q.request, *q.a, q.b, zero ? AblateWith::Zero : AblateWith::Mean, q.stop,
                                  [&bar](double f) { bar.set(f); }, q.position));
  Json r{{"delta", json_of(s.delta)}, {"kl", json_of(s.kl)}, {"mlp_delta", json_of(s.mlp_delta)}, {"mlp_kl", json_of(s.mlp_kl)}};
  if (zero) r["direct"] = json_of(s.direct), r["repair"] = json_of(s.repair);
  return r;
}

Result<Json> patch(Asked& q) {
  if (!q.a || !q.b) return fail(ErrorCode::InvalidArgument, "patch-sweep needs two tokens; give them with --target and --against");
  RunRequest corrupt = q.request;
  GF_TRY_ASSIGN(const auto clean, other_prompt(q, q.options.clean, "patch-sweep", "--clean or --clean-ids"));
  GF_TRY_ASSIGN(corrupt.prompt, other_prompt(q, q.options.corrupt, "patch-sweep", "--corrupt or --corrupt-ids"));
  const auto T = static_cast<int>(corrupt.prompt.size());
  if (q.options.position >= T || q.options.position < -T)
    return fail(ErrorCode::InvalidArgument, "position " + std::to_string(q.options.position) +
                                                " is not in the corrupt prompt, whose positions are 0 to " + std::to_string(T - 1));
  const int position = q.options.position < 0 ? T + q.options.position : q.options.position;
  ProgressBar bar("patching in turn");
  GF_TRY_ASSIGN(const auto s,
                patch_sweep(q.session, corrupt, clean, q.options.sites, *q.a, *q.b, q.stop, [&bar](double f) { bar.set(f); }, position));
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
  GF_TRY(needs_prompt(q, "importance"));
  ProgressBar bar("leaving out in turn");
  GF_TRY_ASSIGN(const auto g, token_importance(q.session, q.request, q.a, q.stop, [&bar](double f) { bar.set(f); }, q.position));
  return json_of(g);
}

Result<Json> contrast(Asked& q) {
  GF_TRY(needs_prompt(q, "attention-contrast"));
  RunRequest other = q.request;
  GF_TRY_ASSIGN(other.prompt, other_prompt(q, q.options.contrast, "attention-contrast", "--against-prompt or --against-ids"));
  GF_TRY_ASSIGN(const Run run, q.session.run(other, q.stop));
  GF_TRY_ASSIGN(const auto g, attention_contrast(q.trace(), *run.edited, q.options.lambda, q.position));
  return json_of(g);
}

Result<Json> tokens(Asked& q) {
  GF_TRY(needs_prompt(q, "tokens"));
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
  GF_TRY_ASSIGN(const auto c, circuits(*q.model.weights, q.stop, [&bar](double f) { bar.set(f); }));
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

}  // namespace

std::span<const Question> questions() {
  static constexpr std::array kQuestions{
      Question{"entropy", entropy, false},
      Question{"logit-lens", lens, false},
      Question{"dla", dla},
      Question{"neurons", neurons},
      Question{"heads", heads},
      Question{"ablate-sweep", ablate},
      Question{"patch-sweep", patch},
      Question{"importance", importance},
      Question{"attention-contrast", contrast},
      Question{"tokens", tokens, false},
      Question{"circuits", weights_circuits},
      Question{"neuron-vocab", neuron_vocab},
  };
  return kQuestions;
}

}  // namespace gf::cli::analyze_command
