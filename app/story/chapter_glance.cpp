// The head and the token it looks at that do most for the likeliest token over its rival: query and key, softmax, values, and what
// is written.
#include <algorithm>
#include <cmath>

#include "app/story/teller.h"
#include "model/base/text.h"
#include "model/sweep.h"

namespace gf::story {
namespace {

scene::CellRef cell_at(HookKind kind, int layer, std::array<int, 3> index = {0, 0, 0}) { return {{{kind, layer}, {}}, index}; }

std::optional<double> glance_when(const Teller& teller) {
  const auto& glance = teller.subject().glance;
  if (!teller.subject().a || !glance) return std::nullopt;
  return teller.start_of({HookKind::Q, glance->layer});
}

int largest_key(const Teller& teller, const Subject::Glance& glance) {
  const auto shares = teller.trace().causal_row({HookKind::Pattern, glance.layer}, glance.head, teller.subject().position);
  return static_cast<int>(std::ranges::max_element(shares) - shares.begin());
}

/// What cutting the head does, which is another number than its direct effect: what comes after it may make up for the cut, or build on
/// what it wrote. Empty where it can't be known quickly. `direct`: the head's effect; nullopt: it tells nothing.
Result<void> tell_cut(Teller& teller, Step& step, const std::optional<Fact>& direct) {
  const Subject::Glance& glance = *teller.subject().glance;
  // One pass for each head: only where that takes no time.
  constexpr double kQuick = 2e10;
  const auto heads = static_cast<std::uint64_t>(teller.config().n_layer) * static_cast<std::uint64_t>(teller.config().n_head);
  if (static_cast<double>(heads * full_pass_work(teller.config(), teller.trace().length())) >= kQuick) return {};
  GF_TRY_ASSIGN(const auto cut, teller.fact({"ablate-sweep", "delta"}, {{glance.layer, glance.head}}, Fact::Form::Loss));
  if (!cut) return {};
  const std::string a = teller.quoted(*teller.subject().a), b = teller.quoted(*teller.subject().b);
  if (!(cut->value < 0)) {
    step.sentence += " " + (direct ? text("Without it {0} loses nothing against {1}: what follows makes up for it.", a, b)
                                   : text("Without it {0} loses nothing.", a));
    return {};
  }
  constexpr double kSame = 0.1;  // of the direct effect
  const double more = direct ? -cut->value - std::abs(direct->value) : 0, same = direct ? kSame * std::abs(direct->value) : 0;
  step.sentence +=
      " " + (more < -same  ? text("Without it {0} falls by {1} against {2}: what follows makes up for the rest.", a, cut->said, b)
             : more > same ? text("Without it {0} falls by {1} against {2}: what follows builds on it.", a, cut->said, b)
                           : text("Without it {0} falls by {1} against {2}.", a, cut->said, b));
  step.facts.push_back(*cut);
  return {};
}

/// Where no head stands out the answer comes from elsewhere: the MLP that does more than the head, if there is one.
Result<void> tell_mlp(Teller& teller, Step& step) {
  const Subject& subject = teller.subject();
  const Teller::AskedPart mlps{"dla", "mlp"};
  GF_TRY_ASSIGN(const auto effects, teller.answer(mlps));
  if (!effects || effects->get<Grid>("mlp") == nullptr || !subject.decided) return {};
  const std::vector<float>& of_block = effects->grid("mlp").values;
  const int block = static_cast<int>(std::ranges::max_element(of_block) - of_block.begin());
  GF_TRY_ASSIGN(const auto effect, teller.fact(mlps, {{block}}, Fact::Form::Logit));
  GF_TRY_ASSIGN(const auto lead, teller.fact({"dla", "total"}, {}, Fact::Form::Logit));
  if (!effect || !lead || !(effect->value > subject.glance->effect) || !(lead->value > effect->value)) return {};
  step.sentence += " " + text("The MLP of block {0} gives more: {1} of the lead of {2}.", block, effect->said, lead->said);
  step.facts.push_back(*effect);
  step.facts.push_back(*lead);
  return {};
}

/// Where the head stands in the model, which its frame and its name over it show, and what the prediction is without it. `direct`: the
/// head's effect; nullopt: it tells nothing.
Result<void> tell_place(Teller& teller, Step step, const std::optional<Fact>& direct) {
  step.sentence = text("Framed: the head.");
  GF_TRY(tell_cut(teller, step, direct));
  if (!direct) GF_TRY(tell_mlp(teller, step));
  teller.add(std::move(step));
  return {};
}

Result<void> tell_glance(Teller& teller) {
  const Subject& subject = teller.subject();
  const Subject::Glance& glance = *subject.glance;
  const int layer = glance.layer, p = subject.position;
  const auto hook = [layer](HookKind kind) { return HookId{kind, layer}; };
  // Which of several tokens it is, is said where it is named first.
  const bool own = glance.key == p, alike = !own && teller.quoted(teller.trace().ids()[static_cast<std::size_t>(p)]) ==
                                                        teller.quoted(teller.trace().ids()[static_cast<std::size_t>(glance.key)]);
  const auto named = [&](int position) { return alike ? teller.which_token_at(position) : teller.token_at(position); };
  const auto from = [&] { return named(p); };
  const auto to = [&] { return named(glance.key); };
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
  // The head is shown alone, where its words and numbers can be read, and then on the page.
  const auto alone = [&](HookKind begins, HookKind ends) {
    Step s;
    s.one_head = scene::OneHead{layer, glance.head};
    s.selection = plate;
    s.row = p;
    s.from = teller.start_of(hook(begins));
    s.to = teller.end_of(hook(ends));
    s.work = 3;
    s.look.camera = "whole";
    for (const HookKind kind : {HookKind::Q, HookKind::K, HookKind::V, HookKind::Z})
      s.look.parts.push_back(cell_at(kind, layer, {p, glance.head, 0}));
    s.look.parts.push_back(plate);
    s.look.board = teller.timeline().op_of(hook(ends));
    return s;
  };

  Step asks = alone(HookKind::Q, HookKind::K);
  asks.sentence =
      glance.telling && own ? text("Head {0} of block {1}: {2} asks (query, q), each token answers (key, k).", glance.head, layer, from())
      : glance.telling
          ? text("Head {0} of block {1} looks back: {2} asks (query, q), each token answers (key, k).", glance.head, layer, from())
          : text("No head stands out. In the strongest, head {0} of block {1}, {2} asks (query, q), each token answers (key, k).",
                 glance.head, layer, from());
  teller.add(std::move(asks));

  // What the board divides by; a model that divides by the block's number as well is told without it.
  const ModelConfig& config = teller.config();
  const auto divided = config.scale_attn && !config.scale_attn_by_layer ? std::optional("√" + std::to_string(config.d_head)) : std::nullopt;
  Step scores = alone(HookKind::AttnScores, HookKind::AttnScores);
  scores.sentence = divided ? text("Query times key, added up, divided by {0}, is a score: {1} gets {2}.", *divided, to(), score->said)
                            : text("Query times key, number by number, added up, is a score: {0} gets {1}.", to(), score->said);
  scores.facts = {*score};
  teller.add(std::move(scores));

  Step softmax = alone(HookKind::Pattern, HookKind::Pattern);
  softmax.sentence =
      own ? text("Softmax makes shares of scores: {0} gives itself {1} of its attention.", from(), weight->said)
          : text("Softmax makes shares of scores: {0} looks back at {1} with {2} of its attention.", from(), to(), weight->said);
  softmax.facts = {*weight};
  // Lines from query and key lead to the score, which is made; without a choice the largest share is the one that is written out.
  if (largest_key(teller, glance) == glance.key) softmax.selection.reset();
  teller.add(std::move(softmax));

  Step values = alone(HookKind::Z, HookKind::Z);
  values.selection.reset();  // its lines lead from query and key to the score, which is made
  constexpr double kMost = 0.5;
  if (glance.share > kMost) {
    values.sentence = text("In these shares the values (v) add up to one row (z); {0} counts most.", to());
  } else {
    values.sentence = text("In these shares the values (v) add up to one row (z); {0} counts {1}.", to(), weight->said);
    values.facts = {*weight};
  }
  teller.add(std::move(values));

  Step writes;
  writes.row = p;
  writes.marked = {cell_at(HookKind::Pattern, layer, {glance.head, -1, -1})};
  writes.from = teller.start_of(hook(HookKind::AttnOut));
  writes.to = teller.end_of(hook(HookKind::ResidMid));
  writes.work = 3;
  writes.look.camera = "attention " + std::to_string(layer);  // the door through which the head was shown
  writes.look.parts = {plate, cell_at(HookKind::Z, layer, {p, glance.head, 0}), cell_at(HookKind::AttnOut, layer, {p, 0, 0})};
  writes.look.board = teller.timeline().op_of(hook(HookKind::ResidMid));
  Step stands = writes;
  // All that the head carries, as the head's number is elsewhere; where other tokens outweigh this one, its part alone. It is what goes
  // straight to the logits; what cutting the head does, which later blocks answer, is another number.
  GF_TRY_ASSIGN(const auto lead, teller.fact({"dla", "total"}, {}, Fact::Form::Logit));
  if (glance.telling && all->value > 0 && lead && lead->value > all->value) {
    writes.sentence = text("Added to the row of {0}, this directly gives {3} of the {4} {5} by which {1} leads {2}.", from(), a, b,
                           all->said, lead->said, teller.logits());
    writes.facts = {*all, *lead};
  } else if (glance.telling && all->value > 0) {
    writes.sentence =
        text("Added to the row of {0}, this directly raises {1} over {2} by {3} {4}.", from(), a, b, all->said, teller.logits());
    writes.facts = {*all};
  } else if (effect->value > 0) {
    writes.sentence = text("Added to the row of {0}, what comes from {1} directly raises {2} over {3} by {4} {5}.", from(), to(), a, b,
                           effect->said, teller.logits());
    writes.facts = {*effect};
  } else {
    writes.sentence =
        text("Added to the row of {0}, this directly changes {1} against {2} by {3} {4}.", from(), a, b, effect->said, teller.logits());
    writes.facts = {*effect};
  }
  teller.add(std::move(writes));

  stands.look = {};
  stands.look.camera = "whole";
  stands.from = stands.to;
  stands.work = 0;
  GF_TRY(tell_place(teller, std::move(stands), glance.telling ? all : std::nullopt));
  return {};
}

}  // namespace

extern constinit const Chapter kHeadChapter{"head", glance_when, tell_glance};

}  // namespace gf::story
