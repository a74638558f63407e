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
  Step says;
  for (const HookKind kind : {HookKind::Embed, HookKind::PosEmbed}) says.look.parts.push_back({{{kind, -1}, {}}, {0, 0, -1}});
  says.look.parts.push_back({{{HookKind::ResidPre, 0}, {}}, {0, 0, -1}});
  says.look.tokens = true;
  Step rows = says;
  says.sentence = text("“{0} …” What comes next?", teller.text_read());
  teller.add(std::move(says));

  rows.to = journey_begins(teller);
  rows.work = 3;
  GF_TRY_ASSIGN(const auto count, teller.fact({"logit-lens", "top"}, {.axis = 1}, Fact::Form::Count));
  if (count && count->value > 1) {
    rows.sentence = text("{0} tokens become rows of numbers, orange above zero and blue below.", count->said);
    rows.facts = {*count};
  } else {
    rows.sentence = text("Each token, a part of the text, becomes a row of numbers, orange above zero and blue below.");
  }
  teller.add(std::move(rows));
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
  step.work = 3.5;
  step.row = subject.position;
  const std::string word = teller.token_at(subject.position);
  GF_TRY_ASSIGN(const auto count, teller.fact({"dla", "heads"}, {.axis = 0}, Fact::Form::Count));
  if (count) {
    step.facts = {*count};
    step.sentence = count->value > 1 ? text("The row of {0} tells what comes next; {1} blocks add to it.", word, count->said)
                                     : text("The row of {0} tells what comes next; {1} block adds to it.", word, count->said);
  } else {
    step.sentence = text("The row of {0} tells what comes next; each block adds to it.", word);
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
