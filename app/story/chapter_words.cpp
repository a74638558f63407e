// The words become rows, and the row that is explained begins its way.
#include "app/story/teller.h"
#include "model/base/text.h"

namespace gf::story {
namespace {

/// When the journey begins. Before the first row there are no others: there the words' chapter shows how it comes to be.
double journey_begins(const Teller& teller) {
  const int position = teller.subject().position;
  return position == 0 ? teller.end_of({HookKind::ResidPre, 0}) : teller.timeline().start_of(position, 0);
}

std::optional<double> words_when(const Teller&) { return -1; }

Result<void> tell_words(Teller& teller) {
  Step step;
  for (const HookKind kind : {HookKind::Embed, HookKind::PosEmbed}) step.look.parts.push_back({{{kind, -1}, {}}, {0, 0, -1}});
  step.look.parts.push_back({{{HookKind::ResidPre, 0}, {}}, {0, 0, -1}});
  step.look.tokens = true;
  step.to = journey_begins(teller);
  step.work = 4;
  GF_TRY_ASSIGN(const auto count, teller.fact({"logit-lens", "top"}, {.axis = 1}, Fact::Form::Count));
  if (count && count->value > 1) {
    step.sentence = text("The text is {0} tokens. Each becomes a row of numbers, orange above zero and blue below.", count->said);
    step.facts = {*count};
  } else {
    step.sentence = text("The model reads tokens, parts of a text. Each becomes a row of numbers, orange above zero and blue below.");
  }
  teller.add(std::move(step));
  return {};
}

std::optional<double> journey_when(const Teller& teller) { return teller.timeline().start_of(teller.subject().position, 0); }

/// How far the row goes in the journey: to what is told next.
double journey_end(const Teller& teller) {
  const Subject& subject = teller.subject();
  int block = teller.config().n_layer;
  if (subject.glance) block = subject.glance->layer;
  if (subject.neuron && subject.neuron->telling) block = std::min(block, subject.neuron->layer);
  const HookId first{HookKind::Ln1Scale, std::min(block, teller.config().n_layer - 1)};
  return block < teller.config().n_layer ? teller.start_of(first) : teller.end_of({HookKind::ResidPost, teller.config().n_layer - 1});
}

Result<void> tell_journey(Teller& teller) {
  const Subject& subject = teller.subject();
  Step step;
  step.look.camera = "whole";
  step.from = journey_begins(teller);
  step.to = journey_end(teller);
  step.work = 4;
  step.row = subject.position;
  const std::string word = teller.token_at(subject.position);
  GF_TRY_ASSIGN(const auto count, teller.fact({"dla", "heads"}, {.axis = 0}, Fact::Form::Count));
  if (count) {
    step.facts = {*count};
    step.sentence = count->value > 1
                        ? text("The row of {0} decides what comes next. Each of {1} blocks adds to it what it finds.", word, count->said)
                        : text("The row of {0} decides what comes next. {1} block adds to it what it finds.", word, count->said);
  } else {
    step.sentence = text("The row of {0} decides what comes next. Each block adds to it what it finds.", word);
  }
  teller.add(std::move(step));
  if (subject.a) return {};
  Step nothing;
  nothing.look.camera = "whole";
  nothing.from = nothing.to = step.to;
  nothing.sentence = text("On the way something becomes NaN, not a number. What follows from it says nothing, so the story ends here.");
  teller.add(std::move(nothing));
  return {};
}

}  // namespace

extern constinit const Chapter kWordsChapter{"words", words_when, tell_words};
extern constinit const Chapter kJourneyChapter{"journey", journey_when, tell_journey};

}  // namespace gf::story
