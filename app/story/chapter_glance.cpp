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
  return teller.start_of({HookKind::Q, glance->layer});
}

Result<void> tell_glance(Teller& teller) {
  const Subject& subject = teller.subject();
  const Subject::Glance& glance = *subject.glance;
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
  if (!score || !weight || !effect || !all) return {};

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
  // The camera stays where it is while the head looks back.
  const std::vector<HookKind> whole = {HookKind::Q, HookKind::K, HookKind::V, HookKind::Pattern, HookKind::Z};

  const bool own = glance.key == p;
  Step asks = step(HookKind::Q, HookKind::K, 4, whole);
  asks.sentence =
      glance.telling
          ? text("Head {0} of block {1} looks back: {2} asks with a query (q), each token answers with a key (k).", glance.head, layer,
                 from)
          : text("No head stands out. In the strongest, head {0} of block {1}, {2} asks (query, q), each token answers (key, k).",
                 glance.head, layer, from);
  teller.add(std::move(asks));

  Step scores = step(HookKind::AttnScores, HookKind::AttnScores, 4, whole);
  scores.sentence = text("Query times key, number by number, added up, is a score: {0} gets {1}.", to, score->said);
  scores.facts = {*score};
  teller.add(std::move(scores));

  Step softmax = step(HookKind::Pattern, HookKind::Pattern, 4, whole);
  softmax.sentence = own ? text("Softmax makes shares of scores: {0} keeps to itself, with {1} of its attention.", from, weight->said)
                         : text("Softmax makes shares of scores: {0} looks back at {1} with {2} of its attention.", from, to, weight->said);
  softmax.facts = {*weight};
  teller.add(std::move(softmax));

  Step values = step(HookKind::Z, HookKind::Z, 4, whole);
  values.selection.reset();  // its lines lead from query and key to the score, which is made
  constexpr double kMost = 0.5;
  if (glance.share > kMost) {
    values.sentence = text("By these shares the tokens' values (v) fall into one row (z), mostly from {0}.", to);
  } else {
    values.sentence = text("By these shares the tokens' values (v) fall into one row (z), {0} of them from {1}.", weight->said, to);
    values.facts = {*weight};
  }
  teller.add(std::move(values));

  Step writes = step(HookKind::AttnOut, HookKind::ResidMid, 4, {HookKind::Z, HookKind::AttnOut, HookKind::ResidMid});
  // All that the head carries, as the head's number is elsewhere; where other tokens outweigh this one, its part alone.
  if (!glance.telling) {
    writes.sentence = text("Added to the row of {0}, this changes {1} against {2} by {3} {4}.", from, a, b, effect->said, teller.logits());
    writes.facts = {*effect};
  } else if (all->value > 0) {
    writes.sentence = text("Added to the row of {0}, this raises {1} over {2} by {3} {4}.", from, a, b, all->said, teller.logits());
    writes.facts = {*all};
  } else {
    writes.sentence =
        text("Added to the row of {0}, what comes from {1} raises {2} over {3} by {4} {5}.", from, to, a, b, effect->said, teller.logits());
    writes.facts = {*effect};
  }
  teller.add(std::move(writes));
  return {};
}

}  // namespace

extern constinit const Chapter kHeadChapter{"head", glance_when, tell_glance};

}  // namespace gf::story
