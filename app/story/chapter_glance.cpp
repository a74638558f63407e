// The head and the token it looks at that do most for the likeliest token over its rival: query and key, softmax, values, and what
// is written.
#include "app/story/teller.h"
#include "model/base/text.h"

namespace gf::story {
namespace {

scene::CellRef cell_at(HookKind kind, int layer, std::array<int, 3> index = {0, 0, 0}) { return {{{kind, layer}, {}}, index}; }

std::optional<double> glance_when(const Teller& teller) {
  const auto& glance = teller.subject().glance;
  if (!teller.subject().a || !glance) return std::nullopt;
  // Where nothing stands out this is said after the journey.
  const int layer = glance->telling ? glance->layer : teller.config().n_layer - 1;
  return glance->telling ? teller.start_of({HookKind::Q, layer}) : teller.end_of({HookKind::ResidPost, layer});
}

/// "a logit is a word's score" the first time.
std::string logits_in_words(Teller& teller) { return teller.is_new("logit") ? text(" (a logit is a word's score)") : std::string(); }

Result<void> tell_nothing(Teller& teller) {
  const Subject::Glance& glance = *teller.subject().glance;
  Step step;
  step.look.camera = "whole";
  step.from = step.to = teller.end_of({HookKind::ResidPost, teller.config().n_layer - 1});
  const Teller::AskedPart sources{"dla", "sources"};
  GF_TRY_ASSIGN(const auto effect, teller.fact(sources, {{glance.layer, glance.head, glance.key}}, Fact::Form::Logit));
  if (!effect) return {};
  step.facts = {*effect};
  const std::string a = teller.quoted(*teller.subject().a), b = teller.quoted(*teller.subject().b);
  step.sentence = text(
      "No head, a part that looks back at earlier tokens, stands out: even the strongest, head {0} of block {1}, changes {2} against {3} "
      "by "
      "{4} logits only.",
      glance.head, glance.layer, a, b, effect->said);
  step.marked = {cell_at(HookKind::Pattern, glance.layer, {glance.head, -1, -1})};
  teller.is_new("head");
  teller.add(std::move(step));
  return {};
}

Result<void> tell_glance(Teller& teller) {
  const Subject& subject = teller.subject();
  const Subject::Glance& glance = *subject.glance;
  if (!glance.telling) return tell_nothing(teller);
  const int layer = glance.layer, p = subject.position;
  const auto hook = [layer](HookKind kind) { return HookId{kind, layer}; };
  const std::string from = teller.token_at(p), to = teller.token_at(glance.key);
  const std::string a = teller.quoted(*subject.a), b = teller.quoted(*subject.b);
  const std::string head = std::to_string(layer) + "." + std::to_string(glance.head);
  const Teller::AskedPart why{"why-attention", "", {{"head", head}, {"query", std::to_string(p)}, {"key", std::to_string(glance.key)}}};
  const auto asked = [&](const char* part) { return Teller::AskedPart{why.question, part, why.params}; };
  GF_TRY_ASSIGN(const auto score, teller.fact(asked("score"), {}, Fact::Form::Logit));
  GF_TRY_ASSIGN(const auto weight, teller.fact(asked("weight"), {}, Fact::Form::Share));
  GF_TRY_ASSIGN(const auto effect, teller.fact({"dla", "sources"}, {{layer, glance.head, glance.key}}, Fact::Form::Logit));
  GF_TRY_ASSIGN(const auto all, teller.fact({"dla", "heads"}, {{layer, glance.head}}, Fact::Form::Logit));
  GF_TRY_ASSIGN(const auto heads, teller.fact({"dla", "heads"}, {.axis = 1}, Fact::Form::Count));
  if (!score || !weight || !effect || !all || !heads) return {};

  const scene::CellRef plate = cell_at(HookKind::Pattern, layer, {glance.head, p, glance.key});
  Step base;
  base.selection = plate;
  base.row = p;
  base.marked = {cell_at(HookKind::Pattern, layer, {glance.head, -1, -1})};
  const auto step = [&](HookKind begins, HookKind ends, double work, std::vector<HookKind> parts) {
    Step s = base;
    s.from = teller.start_of(hook(begins));
    s.to = teller.end_of(hook(ends));
    s.work = work;
    for (const HookKind kind : parts) s.look.parts.push_back(kind == HookKind::Pattern ? plate : cell_at(kind, layer, {p, glance.head, 0}));
    s.look.board = teller.timeline().op_of(hook(ends));
    return s;
  };

  const bool own = glance.key == p;
  Step asks = step(HookKind::Q, HookKind::V, 5, {HookKind::Q, HookKind::K, HookKind::V, HookKind::Pattern});
  asks.from = teller.start_of(hook(HookKind::Ln1Scale));
  asks.sentence =
      heads->value > 1
          ? text(
                "Block {0} has {1} heads: parts that fetch from the tokens so far. In head {2}, {3} asks with a query (q), and each token "
                "answers with a key (k).",
                layer, heads->said, glance.head, from)
          : text(
                "Block {0} has {1} head: a part that fetches from the tokens so far. {3} asks with a query (q), and each token answers "
                "with a key (k).",
                layer, heads->said, glance.head, from);
  asks.facts = {*heads};
  teller.is_new("head");
  teller.add(std::move(asks));

  Step scores = step(HookKind::AttnScores, HookKind::AttnScores, 7, {HookKind::Q, HookKind::K, HookKind::Pattern});
  scores.sentence =
      own ? text("Query times key, number by number, added up: {0} scores {1} with its own key.", from, score->said)
          : text("Query times key, number by number, added up: with the key of {0} this makes a score of {1}.", to, score->said);
  scores.facts = {*score};
  teller.add(std::move(scores));

  Step softmax = step(HookKind::Pattern, HookKind::Pattern, 6, {HookKind::Pattern, HookKind::K});
  softmax.sentence = own ? text(
                               "Softmax turns scores into shares of one: head {0} of block {1} keeps to {2} itself, with {3} of its "
                               "attention.",
                               glance.head, layer, from, weight->said)
                         : text(
                               "Softmax turns scores into shares of one: head {0} of block {1} looks from {2} back at {3}, with {4} "
                               "of its attention.",
                               glance.head, layer, from, to, weight->said);
  softmax.facts = {*weight};
  teller.add(std::move(softmax));

  Step values = step(HookKind::Z, HookKind::Z, 6, {HookKind::V, HookKind::Pattern, HookKind::Z});
  values.sentence =
      text("By these shares the tokens' values (v), what they have to give, fall into one row: z. Most of it comes from {0}.", to);
  constexpr double kMost = 0.5;
  if (glance.share <= kMost) {
    values.sentence =
        text("By these shares the tokens' values (v), what they have to give, fall into one row: z. {0} gives {1} of its own.", to,
             weight->said);
    values.facts = {*weight};
  }
  teller.add(std::move(values));

  Step writes = step(HookKind::AttnOut, HookKind::ResidMid, 5, {HookKind::Z, HookKind::AttnOut, HookKind::ResidMid});
  // All that the head carries, as the head's number is elsewhere; where other tokens outweigh this one, its part alone.
  if (all->value > 0) {
    writes.sentence = text("Block {0} adds it to the row of {1}. What head {2} carries raises {3} over {4} by {5} logits{6}.", layer, from,
                           glance.head, a, b, all->said, logits_in_words(teller));
    writes.facts = {*all};
  } else {
    writes.sentence = text("Block {0} adds it to the row of {1}. What head {2} carries over from {3} raises {4} over {5} by {6} logits{7}.",
                           layer, from, glance.head, to, a, b, effect->said, logits_in_words(teller));
    writes.facts = {*effect};
  }
  teller.add(std::move(writes));
  return {};
}

}  // namespace

extern constinit const Chapter kGlanceChapter{glance_when, tell_glance};

}  // namespace gf::story
