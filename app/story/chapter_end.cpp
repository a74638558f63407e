// The words that the row would say after each block, and the choice of the next token.
#include <algorithm>

#include "app/story/teller.h"
#include "model/base/text.h"
#include "model/tokenizer/token_words.h"

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
  const std::string words = words_by_depth(teller, read->tokens("top"));
  const bool one = words.find(" → ") == std::string::npos && first_depth(teller) == 0;
  step.sentence = one ? text("After each block the row would say the same word: {0}.", words)
                      : text("Block after block, the word that the row would say: {0}.", words);
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

/// The letters of a text in which every token is one, or every token a digit; empty: it is no such text.
std::vector<std::string> letters_of_text(const Teller& teller) {
  const auto* tokenizer = teller.model().tokenizer.get();
  if (tokenizer == nullptr) return {};
  std::vector<std::string> letters;
  bool digits = true, alphabet = true;
  for (const TokenId id : teller.trace().ids().first(static_cast<std::size_t>(teller.subject().position) + 1)) {
    letters.push_back(token_texts(*tokenizer, {&id, 1}).front());
    const auto sign = letters.back().size() == 1 ? static_cast<unsigned char>(letters.back()[0]) : 0U;
    digits = digits && sign >= '0' && sign <= '9';
    alphabet = alphabet && ((sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z'));
  }
  return digits || alphabet ? letters : std::vector<std::string>();
}

std::string spaced(std::span<const std::string> letters) {
  std::string all;
  for (const std::string& letter : letters) all += (all.empty() ? "" : " ") + letter;
  return "“" + all + "”";
}

/// Says so where the likeliest token is the next of the text's own letters in their order, as a model that sorts has it. A text that is
/// in order already would be copied as well as sorted, and says neither.
std::string in_order(const Teller& teller) {
  constexpr std::size_t kLeast = 3, kMost = 16;
  const std::vector<std::string> letters = letters_of_text(teller);
  if (letters.size() < kLeast) return {};
  const TokenId a = *teller.subject().a;
  const std::string next = token_texts(*teller.model().tokenizer, {&a, 1}).front();
  // Some first letters are sorted, and those after them are the beginning of what comes out; the more of it there is, the better.
  for (std::size_t n = kLeast; n <= std::min(letters.size(), kMost); ++n) {
    const std::size_t said = letters.size() - n;
    if (said >= n) continue;
    std::vector<std::string> sorted(letters.begin(), letters.begin() + static_cast<std::ptrdiff_t>(n));
    std::ranges::sort(sorted);
    const std::span all(letters), given = all.first(n), tail = all.subspan(n);
    if (std::ranges::equal(sorted, given) || !std::ranges::equal(tail, std::span(sorted).first(said)) || sorted[said] != next) continue;
    const bool digits = next[0] >= '0' && next[0] <= '9';
    if (said == 0)
      return digits ? text("The digits of the text in order are {0}: {1} comes first.", spaced(sorted), teller.quoted(a))
                    : text("The letters of the text in order are {0}: {1} comes first.", spaced(sorted), teller.quoted(a));
    return text("In order, {0} is {1}: after {2} comes {3}.", spaced(given), spaced(sorted), spaced(tail), teller.quoted(a));
  }
  return {};
}

/// Says so where the text had the explained token before, and the likeliest one followed it there.
std::string as_before(Teller& teller) {
  const auto ids = teller.trace().ids();
  const int p = teller.subject().position;
  const auto at = [&](int i) { return ids[static_cast<std::size_t>(i)]; };
  for (int i = p - 1; i >= 0; --i)
    if (at(i) == at(p) && at(i + 1) == *teller.subject().a)
      return text("The text had {0} before, and {1} followed it there, too.", teller.quoted(at(p)), teller.quoted(at(i + 1)));
  return {};
}

/// What the likeliest token is to the text, where the text shows it; empty: it doesn't.
std::string seen_in_text(Teller& teller) {
  if (teller.trace().stats(teller.subject().position).top.front().id != *teller.subject().a) return {};
  const std::string order = in_order(teller);
  return order.empty() ? as_before(teller) : order;
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
  if (subject.decided) {
    const std::string seen = seen_in_text(teller);
    end.sentence = (seen.empty() ? "" : seen + " ") + ending(teller);
  } else {
    end.sentence = text("The chances are spread nearly as wide as can be: the model says hardly more than chance.");
  }
  teller.add(std::move(end));
  return {};
}

}  // namespace

extern constinit const Chapter kDepthsChapter{"depths", depths_when, tell_depths};
extern constinit const Chapter kChoiceChapter{"choice", choice_when, tell_choice};

}  // namespace gf::story
