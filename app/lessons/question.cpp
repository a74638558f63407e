#include "app/lessons/question.h"

#include <algorithm>

#include "app/document/request.h"
#include "model/base/text.h"
#include "model/tokenizer/unicode.h"

namespace gf::lessons {
namespace {

/// What is left of a token where case and the blanks around it do not count.
std::string word_in(std::string_view token) {
  constexpr std::string_view kDot = "\u00B7";
  while (token.starts_with(' ') || token.starts_with(kDot)) token.remove_prefix(token.starts_with(' ') ? 1 : kDot.size());
  while (token.ends_with(' ') || token.ends_with(kDot)) token.remove_suffix(token.ends_with(' ') ? 1 : kDot.size());
  return lower_case(token);
}

}  // namespace

Result<std::vector<std::string>> tokens_meant(const std::string& typed, const Model& model) {
  if (typed.find_first_not_of(' ') == std::string::npos) return fail(ErrorCode::InvalidArgument, gf::text("Type a token first."));
  std::vector<std::string> meant;
  const auto add = [&](const std::string& text, std::optional<TokenId> id) {
    const auto found = doc::token_of(text, model);
    if (found && *found && (!id || **found == *id) && std::ranges::find(meant, text) == meant.end()) meant.push_back(text);
  };
  add(typed, {});
  const Tokenizer& tokenizer = *model.tokenizer;
  if (const std::string wanted = word_in(typed); !wanted.empty())
    for (int id = 0; id < tokenizer.n_vocab(); ++id)
      if (const std::string text = tokenizer.bytes_of(TokenId(id)); word_in(text) == wanted) add(text, TokenId(id));
  if (!meant.empty()) return meant;
  GF_TRY(doc::token_of(typed, model));
  return fail(ErrorCode::InvalidArgument, gf::text("Type a token first."));  // dots alone, which stand for blanks
}

Result<std::optional<Answer>> judge(const Question& question, const Answer& answer, Names& facts, const Model& model) {
  const auto held = [&](const Expression& holds, Names& names) -> Result<std::optional<Answer>> {
    GF_TRY_ASSIGN(const bool right, holds.holds(names));
    return right ? std::optional(answer) : std::nullopt;
  };
  switch (question.kind) {
    case Question::Kind::Until: return held(question.holds.front(), facts);
    case Question::Kind::Choice: {
      EXPECTS(answer.option >= 0 && answer.option < static_cast<int>(question.holds.size()), "an option of the question");
      return held(question.holds[static_cast<std::size_t>(answer.option)], facts);
    }
    case Question::Kind::Head: {
      WithVariables names({{"layer", static_cast<double>(answer.layer)}, {"head", static_cast<double>(answer.head)}}, facts);
      return held(question.holds.front(), names);
    }
    case Question::Kind::Token: break;
  }
  GF_TRY_ASSIGN(const auto meant, tokens_meant(answer.token, model));
  for (const std::string& token : meant) {
    // A typed token stands for itself even where the language of tokens would read "#7" as a number.
    WithVariables names({{"token", token}}, facts);
    GF_TRY_ASSIGN(auto right, held(question.holds.front(), names));
    if (!right) continue;
    right->token = token;
    return right;
  }
  return std::optional<Answer>();
}

std::vector<Answer> possible_answers(const Question& question, const Run& run, const Model& model) {
  std::vector<Answer> all;
  const ModelConfig& config = model.weights->config;
  switch (question.kind) {
    case Question::Kind::Until: all.emplace_back(); break;
    case Question::Kind::Choice:
      for (int option = 0; option < static_cast<int>(question.holds.size()); ++option) all.push_back({-1, -1, {}, option});
      break;
    case Question::Kind::Head:
      for (int layer = 0; layer < config.n_layer; ++layer)
        for (int head = 0; head < config.n_head; ++head) all.push_back({layer, head, {}, -1});
      break;
    case Question::Kind::Token: {
      const Trace& trace = *run.edited;
      for (const auto& top : trace.stats(trace.length() - 1).top)
        all.push_back({-1, -1, valid_utf8(model.tokenizer->bytes_of(top.id)), -1});
      break;
    }
  }
  return all;
}

Result<std::optional<Answer>> right_answer(const Question& question, Facts& facts, const Model& model) {
  if (question.kind == Question::Kind::Until) return std::optional<Answer>();
  for (const Answer& answer : possible_answers(question, facts.run(), model)) {
    GF_TRY_ASSIGN(auto right, judge(question, answer, facts, model));
    if (right) return right;
  }
  return std::optional<Answer>();
}

void reveal(const Question& question, const Answer& answer, const Model& model, scene::ViewState& view) {
  view.hide_prediction = false;
  const auto add = [&](const scene::CellRef& cell) {
    if (std::ranges::find(view.highlights, cell) == view.highlights.end()) view.highlights.push_back(cell);
  };
  if (question.kind == Question::Kind::Head) add({{HookId{HookKind::Pattern, answer.layer}, {}}, {answer.head, -1, -1}});
  if (question.kind != Question::Kind::Token) return;
  if (const auto id = doc::token_of(answer.token, model); id && *id) add({{HookId{HookKind::Logits, -1}, {}}, {-1, (*id)->v, -1}});
}

}  // namespace gf::lessons
