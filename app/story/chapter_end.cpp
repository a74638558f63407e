// The words that the row would say after each block, and the choice of the next token.
#include <algorithm>

#include "app/story/teller.h"
#include "model/base/text.h"

namespace gf::story {
namespace {

double blocks_done(const Teller& teller) { return teller.end_of({HookKind::ResidPost, teller.config().n_layer - 1}); }

std::optional<double> depths_when(const Teller& teller) {
  if (!teller.subject().a) return std::nullopt;
  return blocks_done(teller);
}

/// The first depth that is shown: the camera sees so many columns of the Stream, and no word is told that is not in one.
int first_depth(const Teller& teller) {
  constexpr int kColumns = 7;
  return std::max(0, teller.config().n_layer + 1 - kColumns);
}

/// The words of a row by depth, each once as long as it stays: "“the”, “of”, “Mary”"; the last few where there are many.
std::string words_by_depth(const Teller& teller, const Answer::Tokens& top) {
  constexpr std::size_t kMost = 4;
  std::vector<TokenId> words;
  const int p = teller.subject().position;
  for (int depth = first_depth(teller); depth < top.shape[0]; ++depth) {
    const TokenId id = top.ids[flat_index(top.shape, {depth, p, 0})];
    if (words.empty() || words.back() != id) words.push_back(id);
  }
  std::string listed = words.size() > kMost || first_depth(teller) > 0 ? "… " : "";
  for (std::size_t i = words.size() - std::min(words.size(), kMost); i < words.size(); ++i)
    listed += (listed.empty() || listed == "… " ? "" : " → ") + teller.quoted(words[i]);
  return listed;
}

Result<void> tell_depths(Teller& teller) {
  const Subject& subject = teller.subject();
  const int layers = teller.config().n_layer, p = subject.position;
  const Teller::AskedPart lens{"logit-lens", "top"};
  GF_TRY_ASSIGN(const auto read, teller.answer(lens));
  if (!read) return {};
  Step step;
  step.view = scene::View::Stream;
  step.from = step.to = blocks_done(teller);
  step.row = p;
  for (const int depth : {first_depth(teller), layers})
    for (const int row : {std::max(0, p - 3), p})
      step.look.parts.push_back(depth < layers ? scene::CellRef{{{HookKind::ResidPre, depth}, {}}, {row, 0, -1}}
                                               : scene::CellRef{{{HookKind::ResidPost, layers - 1}, {}}, {row, 0, -1}});
  step.sentence = text("Block after block, the word that the row would say: {0}.", words_by_depth(teller, read->tokens("top")));
  teller.add(std::move(step));
  return {};
}

std::optional<double> choice_when(const Teller& teller) {
  if (!teller.subject().a) return std::nullopt;
  return teller.start_of({HookKind::LnFinalScale, -1});
}

/// The token that stands or is chosen after the explained one; none: nothing follows.
std::string ending(const Teller& teller) {
  const Subject& subject = teller.subject();
  const auto ids = teller.trace().ids();
  const auto next = static_cast<std::size_t>(subject.position) + 1;
  if (next < ids.size()) {
    const std::string follows = teller.quoted(ids[next]);
    return static_cast<int>(next) < teller.run().base->n_prompt() ? text("The text goes on with {0}.", follows)
                                                                  : text("{0} was chosen, and became the next row.", follows);
  }
  return text("{0} becomes the next row, and a new pass begins.", teller.quoted(teller.trace().stats(subject.position).top.front().id));
}

Result<void> tell_choice(Teller& teller) {
  const Subject& subject = teller.subject();
  const int layers = teller.config().n_layer, p = subject.position;
  const Teller::AskedPart lens{"logit-lens", "top"};
  GF_TRY_ASSIGN(const auto read, teller.answer(lens));
  GF_TRY_ASSIGN(const auto first, teller.fact(lens, {{layers, p, 0}}, Fact::Form::Logprob));
  GF_TRY_ASSIGN(const auto second, teller.fact(lens, {{layers, p, 1}}, Fact::Form::Logprob));
  if (!read || !first || !second) return {};
  const auto word = [&](int k) { return teller.quoted(read->tokens("top").ids[flat_index(read->tokens("top").shape, {layers, p, k})]); };
  Step step;
  step.look.camera = "logits";
  step.from = teller.start_of({HookKind::Logits, -1});  // with the LayerNorm before it the words of the row before would stand there long
  step.to = teller.timeline().start_of(p + 1, 0) - 1;
  step.work = 3;
  step.row = p;
  step.sentence = teller.is_new("logit") ? text("Each word gets points, its logit. Softmax makes them chances: {0} {1}, {2} {3}.", word(0),
                                                first->said, word(1), second->said)
                                         : text("Each word gets points. Softmax makes them chances: {0} {1}, {2} {3}.", word(0),
                                                first->said, word(1), second->said);
  step.facts = {*first, *second};
  teller.add(step);

  Step end;
  end.look.camera = "whole";  // from the words to the list of tokens
  end.from = step.to;
  end.to = step.to + 1;
  end.work = 2.5;
  end.row = p;
  end.sentence =
      subject.decided ? ending(teller) : text("All words are nearly as likely as each other: the model says hardly more than chance.");
  teller.add(std::move(end));
  return {};
}

}  // namespace

extern constinit const Chapter kDepthsChapter{"depths", depths_when, tell_depths};
extern constinit const Chapter kChoiceChapter{"choice", choice_when, tell_choice};

}  // namespace gf::story
