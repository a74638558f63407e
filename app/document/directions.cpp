#include "app/document/directions.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "app/document/edit_changes.h"
#include "app/document/kept.h"
#include "app/document/request.h"
#include "app/document/training.h"
#include "model/base/logits.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/edits/axes.h"
#include "model/edits/sources.h"
#include "model/io/loaders.h"

namespace gf::doc {
namespace {

Recipe without_push(Recipe recipe, const Direction& direction) { return steered(std::move(recipe), direction, 0); }

/// Two lists as rows in turn, so that a held-out stretch has both.
TaggedSet set_of_lists(const DirectionQuery& query, const PromptEncoder& encode, int n_ctx) {
  TaggedSet set;
  set.name = text("the two lists");
  const auto add = [&](const std::string& prompt, const char* tag) {
    const std::size_t row = set.rows.size() + set.failed.size() + 1;
    auto ids = encode(prompt);
    if (ids && static_cast<int>(ids->size()) > n_ctx)
      ids = fail(ErrorCode::InvalidArgument, text("it has {0} tokens, but the model's context is {1}", ids->size(), n_ctx));
    if (ids && !ids->empty()) set.rows.push_back({row, prompt, std::move(*ids), {{"list", std::string(tag)}}});
    else set.failed.push_back({row, ids ? text("it has no tokens") : ids.error().message});
  };
  for (std::size_t i = 0; i < std::max(query.from.size(), query.to.size()); ++i) {
    if (i < query.from.size()) add(query.from[i], "1");
    if (i < query.to.size()) add(query.to[i], "2");
  }
  return set;
}

Result<std::shared_ptr<const TaggedSet>> set_of(const DirectionQuery& query, const Model& model) {
  if (!query.set.empty()) return prompts_named(query.set, model);
  const PromptEncoder encode = [&](const std::string& said) { return model.tokenizer->ids_of(said); };
  TaggedSet set = set_of_lists(query, encode, model.weights->config.n_ctx);
  if (!set.failed.empty())
    return fail(ErrorCode::InvalidArgument, text("Prompt {0} cannot be used: {1}", set.failed.front().row, set.failed.front().why));
  return std::make_shared<const TaggedSet>(std::move(set));
}

std::string key_of_query(const DirectionQuery& q) {
  std::string key = "directions " + q.site + " " + std::to_string(q.folds) + " " + q.tag + "\n" + q.set;
  for (const auto* list : {&q.from, &q.to}) {
    key += "\n";
    for (const std::string& prompt : *list) key += std::to_string(prompt.size()) + ":" + prompt;
  }
  return key;
}

/// The prompt under a recipe, up to the position that is explained, so that the last logits are those of that position.
RunRequest up_to_explained(const Asking& asking, const Recipe& recipe) {
  RunRequest request = request_under(asking.request, recipe, {}, 0);
  const auto ids = asking.trace().ids();
  const auto end = ids.begin() + asking.at() + 1;
  const auto split = ids.begin() + std::min<std::ptrdiff_t>(end - ids.begin(), static_cast<std::ptrdiff_t>(request.prompt.size()));
  request.prompt.assign(ids.begin(), split);
  request.forced.assign(split, end);
  return request;
}

}  // namespace

Command keep_direction(Direction direction) {
  return {text("keep the direction {0}", direction.name),
          [direction](Document& d) {
            Direction kept = direction;
            if (kept.model.empty()) kept.model = d.model;
            keep_named(d.directions, kept, d.recipe, without_push);
          },
          {}};
}

Command forget_direction(std::string name) {
  return {text("forget the direction {0}", name), [name](Document& d) { forget_named(d.directions, name, d.recipe, without_push); }, {}};
}

Command steer(const Direction& direction, float strength) {
  return {strength == 0 ? text("stop steering along {0}", direction.name) : text("steer along {0}", direction.name),
          [direction, strength](Document& d) {
            d.recipe = steered(d.recipe, direction, strength);
            if (strength != 0) let_edits_act(d);
          },
          "steer " + direction.name};
}

float strength_of(const Recipe& recipe, const Direction& direction) {
  for (const Edit& edit : recipe.edits)
    if (edit.enabled && is_push_of(edit, direction)) return edit.factor.value_or(1);
  return 0;
}

Recipe steered(Recipe recipe, const Direction& direction, float strength) {
  auto at = std::ranges::find_if(recipe.edits, [&](const Edit& edit) { return is_push_of(edit, direction); });
  if (strength == 0) {
    if (at != recipe.edits.end()) recipe.edits.erase(at);
    return recipe;
  }
  if (at == recipe.edits.end()) at = recipe.edits.insert(at, direction.push);  // one that is there keeps its positions
  at->factor = strength;
  at->enabled = true;
  return recipe;
}

std::string why_not_in(const Direction& direction, const Document& document, const ModelConfig& config) {
  const Edit& push = direction.push;
  const auto hook = parse_hook(push.hook, config.n_layer);
  if (!hook && !names_every_block(push.hook)) return text("{0} is not in this model, which has {1} blocks.", push.hook, config.n_layer);
  const auto kind = kind_named(push.hook);
  if (!push.vector || !kind) return {};
  const Axis last = axes_of(info_of(*kind).shape).back();
  const bool fixed = last == Axis::Dims || last == Axis::Neurons || last == Axis::Heads;
  const auto n = static_cast<std::int64_t>(push.vector->values.size());
  if (n > 0 && fixed && !push.dims && !push.neurons && n != extent_of(last, info_of(*kind).shape, config))
    return text("It has {0} numbers, and {1} has {2} here.", n, push.hook, extent_of(last, info_of(*kind).shape, config));
  // Tokens and prompts give another direction in each model; numbers are those of the one that they were found in.
  const bool numbers = n > 0 || !push.vector->file.empty();
  // Steps of one training ("sort-nano@3000") are compared with each other.
  if (numbers && !direction.model.empty() && training_name_of(direction.model) != training_name_of(document.model))
    return text("It was found in {0}; in another model its numbers mean something else.", direction.model);
  return {};
}

Edit push_along(std::string hook, VectorSource vector) {
  Edit push;
  push.hook = std::move(hook);
  push.op = EditOp::Add;
  push.positions = Selector{Selector::Kind::Last, {}, {}, {}};
  push.vector = std::move(vector);
  push.factor = 1;
  return push;
}

Result<std::shared_ptr<const TaggedSet>> prompts_named(const std::string& set, const Model& model) {
  const ModelConfig& c = model.weights->config;
  std::error_code ignored;
  const std::string path = std::filesystem::exists(set, ignored) ? set : asset_path("sets/" + set + ".jsonl").value_or(set);
  const PromptEncoder encode = [&](const std::string& said) { return model.tokenizer->ids_of(said); };
  GF_TRY_ASSIGN(auto read, read_tagged_set(path, encode, c.n_vocab, c.n_ctx));
  return std::make_shared<const TaggedSet>(std::move(read));
}

Inquiry<Answer> directions_of(const DirectionQuery& query) {
  return {{.key = key_of_query(query), .title = text("Directions"), .by_run = false}, [query](const Asking& asking) -> Result<Answer> {
            const Question& question = *find_question("directions");
            Asking own = asking;
            GF_TRY_ASSIGN(own.set, set_of(query, asking.model()));
            own.params = Params(question.params);
            GF_TRY(own.params.set("tag", query.tag));
            GF_TRY(own.params.set("site", query.site));
            const int folds = std::min<int>(query.folds, static_cast<int>(own.set->rows.size()));
            GF_TRY(own.params.set("folds", std::to_string(std::max(2, folds))));
            for (const PartInfo& part : question.parts) own.wanted.emplace_back(part.name);
            return ask(question, std::move(own));
          }};
}

Inquiry<Cosines> cosines_of(const std::vector<Direction>& directions) {
  Recipe all;
  Cosines found;
  for (const Direction& direction : directions) {
    all.edits.push_back(direction.push);
    found.names.push_back(direction.name);
  }
  std::string key = "cosines " + gf::to_json(all, -1);
  for (const std::string& name : found.names) key += "\n" + name;
  return {{.key = std::move(key), .by_run = false}, [all, found](const Asking& asking) -> Result<Cosines> {
            GF_TRY_ASSIGN(const Recipe recipe, resolve_sources(all, *asking.model().weights, *asking.model().tokenizer));
            Cosines out = found;
            for (const Edit& a : recipe.edits)
              for (const Edit& b : recipe.edits) {
                const auto &x = a.vector->values, &y = b.vector->values;
                double xy = 0, xx = 0, yy = 0;
                for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
                  xy += static_cast<double>(x[i]) * static_cast<double>(y[i]);
                  xx += static_cast<double>(x[i]) * static_cast<double>(x[i]);
                  yy += static_cast<double>(y[i]) * static_cast<double>(y[i]);
                }
                const bool defined = x.size() == y.size() && xx > 0 && yy > 0;
                out.values.push_back(defined ? static_cast<float>(xy / std::sqrt(xx * yy)) : std::numeric_limits<float>::quiet_NaN());
              }
            return out;
          }};
}

Inquiry<TextPair> steered_texts(const Direction& direction, int n, TellTexts tell) {
  return texts_of_two(
      {.key = "steered texts " + std::to_string(n) + " " + push_json(direction.push), .title = text("Steered text")},
      [direction](const Recipe& recipe) { return steered(recipe, direction, 0); }, n, std::move(tell));
}

Inquiry<StrengthSweep> strength_sweep(const Direction& direction, double most, int n) {
  constexpr int kSteps = 6;  // to each side
  return {{.key = "strengths " + std::to_string(n) + " " + numbers::significant(most, 9) + " " + push_json(direction.push),
           .title = text("Strength sweep"),
           .by_tokens = true,
           .by_position = true},
          [direction, most, n](const Asking& asking) -> Result<StrengthSweep> {
            StrengthSweep sweep;
            sweep.target = asking.a;
            sweep.position = asking.at();
            for (int i = -kSteps; i <= kSteps; ++i) {
              const double strength = most * i / kSteps;
              const Recipe recipe = steered(asking.request.recipe, direction, static_cast<float>(strength));
              GF_TRY_ASSIGN(const Run next, asking.session.run(up_to_explained(asking, recipe), asking.stop));
              const auto logits = next.edited->last_logits();
              sweep.strengths.push_back(strength);
              sweep.probability.push_back(asking.a ? std::exp(logprob_of(logits, static_cast<std::size_t>(asking.a->v)))
                                                   : std::numeric_limits<double>::quiet_NaN());
              GF_TRY_ASSIGN(const Run longer, asking.session.run(request_under(asking.request, recipe, {}, n), asking.stop));
              double sum = 0;
              const int first = longer.base->n_prompt(), last = longer.base->length();
              for (int position = first; position < last; ++position) sum += static_cast<double>(longer.base->stats(position).logprob);
              sweep.perplexity.push_back(last > first ? std::exp(-sum / (last - first)) : std::numeric_limits<double>::quiet_NaN());
              if (asking.progress) asking.progress(static_cast<double>(sweep.strengths.size()) / (2 * kSteps + 1));
            }
            return sweep;
          }};
}

}  // namespace gf::doc
