// The neuron that does most for the likeliest token over its rival.
#include "app/story/teller.h"
#include "model/base/text.h"

namespace gf::story {
namespace {

std::optional<double> neuron_when(const Teller& teller) {
  const auto& neuron = teller.subject().neuron;
  if (!teller.subject().a || !neuron || !neuron->telling) return std::nullopt;
  return teller.start_of({HookKind::MlpPre, neuron->layer});
}

Result<void> tell_neuron(Teller& teller) {
  const Subject& subject = teller.subject();
  const Subject::Neuron& neuron = *subject.neuron;
  const Teller::AskedPart table{"neurons", "", {{"top", "100"}}};
  GF_TRY_ASSIGN(const auto activation, teller.fact(table, {{neuron.row}, "activation", {}}, Fact::Form::Value));
  GF_TRY_ASSIGN(const auto effect, teller.fact(table, {{neuron.row}, "contribution", {}}, Fact::Form::Logit));
  if (!activation || !effect) return {};
  const HookId pre{HookKind::MlpPre, neuron.layer}, post{HookKind::MlpPost, neuron.layer};
  const scene::CellRef cell{{post, {}}, {subject.position, neuron.neuron, -1}};
  Step step;
  step.from = teller.start_of(pre);
  step.to = teller.end_of(post);
  step.work = 4;
  step.selection = cell;
  step.row = subject.position;
  step.look.parts = {{{{HookKind::Ln2Normalized, neuron.layer}, {}}, {0, 0, -1}}, {{pre, {}}, {0, 0, -1}}, {{post, {}}, {0, 0, -1}}};
  step.look.board = teller.timeline().op_of(post);
  step.sentence = text("Neuron {0} of block {1} fires with {2}: {3} directly gains {5} {6} on {4}.", neuron.neuron, neuron.layer,
                       activation->said, teller.quoted(*subject.a), teller.quoted(*subject.b), effect->said, teller.logits());
  step.facts = {*activation, *effect};
  teller.add(std::move(step));
  return {};
}

}  // namespace

extern constinit const Chapter kNeuronChapter{"neuron", neuron_when, tell_neuron};

}  // namespace gf::story
