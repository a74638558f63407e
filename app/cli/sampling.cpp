#include "app/cli/sampling.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <limits>

#include "app/cli/options.h"
#include "app/cli/validators.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/tokenizer/token_words.h"

namespace gf::cli {

namespace {

std::string shown_token(const Model& model, TokenId id) { return token_words(model.tokenizer.get(), id); }

Json step_json(const DecodingStep& step, const Model& model) {
  Json r = {{"position", step.position}};
  r["id"] = step.chosen ? Json(step.chosen->v) : Json(nullptr);
  r["text"] = step.chosen ? Json(text_of(model, *step.chosen)) : Json(nullptr);
  r["why"] = step.chosen ? Json(name_of(step.why)) : Json("nothing_left");
  r["kept"] = step.n_kept;
  r["penalized"] = step.n_penalized;
  r["cut"] = Json::object();
  for (std::size_t i = 0; i < kCutReasons; ++i) r["cut"][name_of(static_cast<CutReason>(i))] = step.n_cut[i];
  r["candidates"] = Json::array();
  for (const auto& c : step.candidates)
    r["candidates"].push_back({{"id", c.id.v},
                               {"text", text_of(model, c.id)},
                               {"logit", number(c.logit)},
                               {"logprob", number(c.logprob)},
                               {"penalty", number(c.penalty)},
                               {"prob", number(c.prob)},
                               {"noise", c.noise ? number(*c.noise) : Json(nullptr)},
                               {"score", number(c.score)}});
  r["cut_candidates"] = Json::array();
  for (const auto& c : step.cut)
    r["cut_candidates"].push_back({{"id", c.id.v},
                                   {"text", text_of(model, c.id)},
                                   {"logit", number(c.logit)},
                                   {"logprob", number(c.logprob)},
                                   {"why", name_of(c.why)}});
  if (step.beams.empty()) return r;
  r["beams"] = Json::array();
  for (const auto& b : step.beams)
    r["beams"].push_back({{"parent", b.parent},
                          {"id", b.id.v},
                          {"text", text_of(model, b.id)},
                          {"logprob", number(b.logprob)},
                          {"score", number(b.score)},
                          {"state", name_of(b.state)}});
  return r;
}

std::string cuts_of(const DecodingStep& step, const Model& model) {
  std::string cuts;
  for (std::size_t i = 0; i < kCutReasons; ++i)
    if (step.n_cut[i] > 0)
      cuts += (cuts.empty() ? "" : ", ") + std::string(name_of(static_cast<CutReason>(i))) + " " + std::to_string(step.n_cut[i]);
  if (!step.cut.empty())
    cuts += " " + text("(likeliest {0} {1})", shown_token(model, step.cut[0].id), numbers::percent(std::exp(step.cut[0].logprob)));
  if (step.n_penalized > 0) cuts += (cuts.empty() ? "" : "; ") + text("penalized {0}", step.n_penalized);
  return cuts.empty() ? "-" : cuts;
}

/// The other candidates with their probabilities, or with noise their scores; in a beam search the live beams.
std::string others_of(const DecodingStep& step, const Model& model) {
  std::string others;
  const auto add = [&](TokenId id, const std::string& value) {
    others += (others.empty() ? "" : "  ") + shown_token(model, id) + " " + value;
  };
  for (const auto& b : step.beams)
    if (b.state != BeamEntry::State::Dropped && others.size() < 60)
      add(b.id, numbers::fixed(b.score, 3) + (b.state == BeamEntry::State::Chosen ? "*" : ""));
  if (!step.beams.empty()) return others;
  for (const auto& c : std::span(step.candidates).first(std::min<std::size_t>(3, step.candidates.size())))
    add(c.id, c.noise ? numbers::fixed(c.score, 2) + " (" + numbers::percent(c.prob) + ")" : numbers::percent(std::exp(c.logprob)));
  return others;
}

}  // namespace

void add_sampling_options(CLI::App& app, SamplingOptions& o) {
  auto* greedy = app.add_flag("--greedy")->description(text("always the likeliest token (the default)"));
  auto* beam = app.add_option("--beam", o.sampler.beams, text("beam search: the likeliest of this many continuations kept at each step"))
                   ->check(whole(1, 256))
                   ->excludes(greedy);
  const std::vector<CLI::Option*> noise{
      app.add_option("--temperature", o.sampler.temperature, text("sample at this temperature; 0 means --greedy"))
          ->check(between(0.0F, std::numeric_limits<float>::max(), text("from 0 on"))),
      app.add_option("--top-k", o.sampler.top_k, text("sample among the k likeliest (0: all)"))->check(whole(0)),
      app.add_option("--top-p", o.sampler.top_p, text("sample among the likeliest that make up this probability"))
          ->check(between(std::numeric_limits<float>::denorm_min(), 1.0F, text("above 0, at most 1"))),
      app.add_option("--min-p", o.sampler.min_p, text("sample among tokens at least this share as likely as the likeliest (0: all)"))
          ->check(between(0.0F, 1.0F, text("from 0 to 1"))),
      app.add_option("--typical-p", o.sampler.typical_p,
                     text("sample among the tokens of the most typical surprisal that make up this probability"))
          ->check(between(std::numeric_limits<float>::denorm_min(), 1.0F, text("above 0, at most 1"))),
      app.add_option("--seed", o.sampler.seed, text("sample; the same seed gives the same tokens on any number of threads"))
          ->check(whole<std::uint64_t>(0))};
  for (CLI::Option* option : noise) option->excludes(greedy)->excludes(beam);
  app.add_option("--ban", o.ban, text("a token never to generate, as text or #id; may be repeated"))->allow_extra_args(false);
  app.add_option("--force", o.force, text("generation begins with this text (or #id), whatever the model says; may be repeated"))
      ->allow_extra_args(false);
  app.add_option("--no-repeat-ngram", o.sampler.no_repeat_ngram, text("no run of N tokens stands twice, prompt included"))->check(whole(0));
  const std::vector<CLI::Option*> of_a_line{
      app.add_option("--repetition-penalty", o.sampler.repetition_penalty,
                     text("divides the logits of tokens in the text where positive, multiplies where negative; above 1 repeats less"))
          ->check(between(std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::max(), text("above 0"))),
      app.add_option("--presence-penalty", o.sampler.presence_penalty,
                     text("taken from the logit of each token that was generated before; negative repeats more"))
          ->check(between(-100.0F, 100.0F, text("from -100 to 100"))),
      app.add_option("--stop", o.sampler.stop, text("stop where this text is complete; may be repeated"))
          ->allow_extra_args(false)
          ->check(named())};
  for (CLI::Option* option : of_a_line) option->excludes(beam);
  app.add_flag("--stop-at-eos,!--no-stop-at-eos", o.sampler.stop_at_eos,
               text("go on behind the model's end-of-text token (default: stop there, but in a beam search)"));
  app.parse_complete_callback([&o, noise] {
    for (const CLI::Option* option : noise) o.sampler.greedy = o.sampler.greedy && option->count() == 0;
    if (o.sampler.temperature > 0) return;
    o.sampler.greedy = true;
    o.sampler.temperature = 1;
    say(text("--temperature 0 means --greedy: the likeliest token is taken, and nothing is drawn"));
  });
}

Result<SamplerOptions> sampler_of(const SamplingOptions& options, const Model& model, int n_generate) {
  SamplerOptions sampler = options.sampler;
  for (const std::string& written : options.ban) {
    GF_TRY_ASSIGN(const TokenId id, parse_token(written, model));
    sampler.ban.push_back(id);
  }
  for (const std::string& written : options.force) {
    GF_TRY_ASSIGN(const auto ids, parse_tokens(written, model));
    sampler.force.insert(sampler.force.end(), ids.begin(), ids.end());
  }
  if (sampler.force.size() > static_cast<std::size_t>(n_generate))
    return fail(ErrorCode::InvalidArgument,
                text("--force gives {0} tokens, but -n generates {1}; raise -n", sampler.force.size(), n_generate));
  return sampler;
}

Json log_json(const Run& run, const Model& model) {
  Json list = Json::array();
  if (run.log)
    for (const DecodingStep& step : *run.log) list.push_back(step_json(step, model));
  return list;
}

void print_log(const Run& run, const Model& model) {
  if (!run.log || run.log->empty()) return;
  const bool beams = !run.log->front().beams.empty();
  std::vector<std::vector<std::string>> rows{
      {"", text("chosen"), text("why"), text("kept"), beams ? text("beams by score (nats)") : text("candidates"), text("cut")}};
  for (const DecodingStep& step : *run.log)
    rows.push_back({std::to_string(step.position), step.chosen ? shown_token(model, *step.chosen) : "-",
                    step.chosen ? name_of(step.why) : text("nothing left"), std::to_string(step.n_kept), others_of(step, model),
                    cuts_of(step, model)});
  std::printf("\n%s\n", text("How each token was chosen").c_str());
  print_table(rows);
}

}  // namespace gf::cli
