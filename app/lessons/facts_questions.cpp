// Parts of an analysis as functions: QUESTION.PART(INDICES, [POSITION], [A], [B]), and shorter names for some of them.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/lessons/facts.h"
#include "model/analysis/question.h"
#include "model/base/listed.h"
#include "model/base/text.h"

namespace gf::lessons {

namespace {

using Side = Facts::Side;
using Args = std::span<const Value>;

std::vector<std::string> axes_of_part(const PartInfo& part) {
  std::vector<std::string> axes;
  for (std::string_view rest = part.axes; !rest.empty();) {
    const auto comma = std::min(rest.find(','), rest.size());
    axes.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return axes;
}

/// A part, and of a table one column.
struct NamedPart {
  PartRef ref;
  std::string column;
  std::vector<std::string> axes;  ///< of a table: "row"
};

/// "ablate-sweep" of "ablate_sweep.delta": an expression has _ for the dash of a question's name.
std::string question_of(const std::string& name) {
  std::string question = name.substr(0, name.find('.'));
  std::ranges::replace(question, '_', '-');
  return question;
}

/// "ablate_sweep.delta", "neurons.contribution"
std::optional<NamedPart> part_named(std::string name) {
  const std::string question = question_of(name);
  name.replace(0, question.size(), question);
  if (const auto found = find_part(name); found && found->part->kind != PartInfo::Kind::Table)
    return NamedPart{*found, {}, axes_of_part(*found->part)};
  const auto dot = name.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  const auto table = find_part(name.substr(0, dot));
  if (!table || table->part->kind != PartInfo::Kind::Table) return std::nullopt;
  return NamedPart{*table, name.substr(dot + 1), {"row"}};
}

std::vector<const Param*> required_params(const gf::Question& question) {
  std::vector<const Param*> all;
  for (const Param& param : question.params)
    if (param.required) all.push_back(&param);
  return all;
}

std::size_t tokens_taken(const gf::Question& question) {
  return (question.needs.a != TokenNeed::None ? 1U : 0U) + (question.needs.b != TokenNeed::None ? 1U : 0U);
}

/// "ablate_sweep.delta(LAYER, HEAD, [POSITION], [A], [B])"
std::string usage_of(const std::string& name, const NamedPart& part) {
  std::string arguments;
  const auto add = [&](std::string word, bool optional) {
    std::ranges::transform(word, word.begin(), [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c); });
    arguments += (arguments.empty() ? "" : ", ") + (optional ? "[" + word + "]" : word);
  };
  for (const std::string& axis : part.axes) add(axis, false);
  add("position", true);
  if (tokens_taken(*part.ref.question) > 0) add("a", part.ref.question->needs.b != TokenNeed::Required);
  if (tokens_taken(*part.ref.question) > 1) add("b", part.ref.question->needs.b != TokenNeed::Required);
  for (const Param* param : required_params(*part.ref.question)) add(param->name, false);
  return name + "(" + arguments + ")";
}

/// The arguments of a call, taken apart.
struct PartCall {
  std::vector<int> index;
  std::optional<int> position;
  std::vector<std::string> tokens, params;
  MoreParams more;
};
std::optional<PartCall> taken_apart(const NamedPart& part, Args arguments) {
  PartCall call;
  std::size_t i = 0;
  for (; i < arguments.size() && std::holds_alternative<double>(arguments[i]); ++i) {
    const double x = std::get<double>(arguments[i]);
    if (x != std::floor(x) || std::abs(x) > 1e9) return std::nullopt;
    call.index.push_back(whole(arguments[i]));
  }
  if (call.index.size() == part.axes.size() + 1) {
    call.position = call.index.back();
    call.index.pop_back();
  }
  if (call.index.size() != part.axes.size()) return std::nullopt;
  for (; i < arguments.size(); ++i) {
    if (!std::holds_alternative<std::string>(arguments[i])) return std::nullopt;
    call.tokens.push_back(string_of(arguments[i]));
  }
  const std::size_t n_params = required_params(*part.ref.question).size();
  if (call.tokens.size() < n_params || call.tokens.size() - n_params > tokens_taken(*part.ref.question)) return std::nullopt;
  call.params.assign(call.tokens.end() - static_cast<std::ptrdiff_t>(n_params), call.tokens.end());
  call.tokens.resize(call.tokens.size() - n_params);
  return call;
}

Result<Params> params_of_call(const Side& side, const gf::Question& question, const PartCall& call) {
  Params params(question.params);
  const auto required = required_params(question);
  for (std::size_t i = 0; i < required.size(); ++i) {
    if (required[i]->kind != Param::Kind::Prompt) {
      GF_TRY(params.set(required[i]->name, call.params[i]));
      continue;
    }
    GF_TRY_ASSIGN(auto ids, side.session.model().tokenizer->ids_of(call.params[i]));
    params.set_prompt(required[i]->name, std::move(ids));
  }
  for (const auto& [name, value] : call.more) GF_TRY(params.set(name, value));
  return params;
}

Result<std::shared_ptr<const gf::Answer>> answer_to(Side& side, const NamedPart& part, const PartCall& call) {
  const gf::Question& question = *part.ref.question;
  Run run = side.run;
  run.request = side.request;
  run.edited = side.pointer;
  Asking asking{.session = side.session, .request = side.request, .run = std::move(run), .a = {}, .b = {}, .params = {}};
  asking.stop = side.stop;
  GF_TRY_ASSIGN(asking.params, params_of_call(side, question, call));
  const Value last = -1.0, asked = static_cast<double>(call.position.value_or(-1));
  GF_TRY_ASSIGN(const int at, position(side, std::span(call.position ? &asked : &last, 1), 0));
  asking.position = at;
  if (!call.tokens.empty()) {
    GF_TRY_ASSIGN(asking.a, token(side, call.tokens[0]));
  } else if (question.needs.a == TokenNeed::Required && !side.trace.stats(at).top.empty()) {
    asking.a = side.trace.stats(at).top.front().id;
  }
  if (call.tokens.size() > 1) {
    GF_TRY_ASSIGN(asking.b, token(side, call.tokens[1]));
  }
  if (part.ref.part->only == PartInfo::Only::Wanted || part.ref.part->only == PartInfo::Only::ByParams)
    asking.wanted = {part.ref.part->name};
  const auto id = [](const std::optional<TokenId>& token) { return token ? std::to_string(token->v) : std::string("-"); };
  const std::string key = std::string(question.name) + " " + (asking.wanted.empty() ? "" : asking.wanted.front()) + " " + id(asking.a) +
                          " " + id(asking.b) + " " + std::to_string(at) + " " + asking.params.key();
  return side.once<gf::Answer>(key, [&] { return ask(question, asking); });
}

/// Picks the value at an index out of a part.
struct ValueAt {
  const Side& side;
  const NamedPart& part;
  const std::vector<int>& asked;

  Result<Value> operator()(const Grid& g) const {
    GF_TRY_ASSIGN(const std::size_t i, flat(g.shape));
    return static_cast<double>(g.values[i]);
  }
  Result<Value> operator()(const gf::Answer::Number& n) const { return n.value; }
  Result<Value> operator()(const gf::Answer::Tokens& t) const {
    GF_TRY_ASSIGN(const std::size_t i, flat(t.shape));
    return words(t.ids[i]);
  }
  Result<Value> operator()(const gf::Answer::Words& w) const {
    GF_TRY_ASSIGN(const std::size_t i, flat(w.shape));
    return w.words[i];
  }
  Result<Value> operator()(const gf::Answer::Table& t) const {
    const auto* column = t.find(part.column);
    if (column == nullptr)
      return fail(ErrorCode::InvalidArgument, text("{0} has no column '{1}'; it has {2}", part.ref.name(), part.column,
                                                   listed(t.columns, &gf::Answer::Table::Column::name)));
    GF_TRY_ASSIGN(const std::size_t i, flat({static_cast<int>(t.rows())}));
    if (const auto* ids = std::get_if<std::vector<TokenId>>(&column->cells)) return words((*ids)[i]);
    if (const auto* texts = std::get_if<std::vector<std::string>>(&column->cells)) return (*texts)[i];
    if (const auto* places = std::get_if<std::vector<std::vector<int>>>(&column->cells)) return gf::written_place((*places)[i]);
    if (const auto* numbers = std::get_if<std::vector<int>>(&column->cells)) return static_cast<double>((*numbers)[i]);
    return static_cast<double>(std::get<std::vector<float>>(column->cells)[i]);
  }
  Result<Value> operator()(const gf::Answer::Undefined& u) const { return fail(ErrorCode::InvalidArgument, u.why); }

 private:
  [[nodiscard]] Value words(TokenId id) const { return valid_utf8(side.session.model().tokenizer->bytes_of(id)); }
  /// Negative positions count from the end.
  [[nodiscard]] Result<std::size_t> flat(const std::vector<int>& shape) const {
    std::vector<int> at;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      const std::string& name = part.axes[axis];
      const bool from_end = asked[axis] < 0 && (name == "position" || name == "query" || name == "key");
      const Value value = static_cast<double>(from_end ? shape[axis] + asked[axis] : asked[axis]);
      GF_TRY_ASSIGN(const int i, index(value, shape[axis], name == "layer" ? "block" : name.c_str()));
      at.push_back(i);
    }
    return flat_index(shape, at);
  }
};

/// The value of a part whose shorter name takes its arguments in another order.
Result<Value> named_value(Side& side, const std::string& name, std::initializer_list<Value> arguments, const MoreParams& more = {}) {
  return part_value(side, name, Args(arguments.begin(), arguments.size()), more);
}

/// The token at which a feature is strongest in the I-th of its strongest passages.
Result<Value> example_of(Side& side, Args a) {
  const MoreParams feature{{"dictionary", string_of(a[0])}, {"feature", std::to_string(whole(a[1]))}};
  GF_TRY_ASSIGN(const Value place, named_value(side, "examples.passages.position", {a[2]}, feature));
  return named_value(side, "examples.activations", {a[2], place}, feature);
}

constexpr std::array kQuestionFunctions{
    Facts::Function{"dla", "iit?t", "dla(BLOCK, HEAD, A, [B])", phrase("what a head writes for A minus B directly, logits"),
                    [](Side& s, Args a) { return part_value(s, "dla.heads", a); }},
    Facts::Function{"dla_mlp", "it?t", "dla_mlp(BLOCK, A, [B])", phrase("the same for an MLP"),
                    [](Side& s, Args a) { return part_value(s, "dla.mlp", a); }},
    Facts::Function{"dla_neuron", "iit?t", "dla_neuron(BLOCK, NEURON, A, [B])", phrase("the same for a neuron"),
                    [](Side& s, Args a) { return part_value(s, "dla.neurons", a); }},
    Facts::Function{"dla_total", "t?t", "dla_total(A, [B])", phrase("the sum of all parts: the logit (difference)"),
                    [](Side& s, Args a) { return part_value(s, "dla.total", a); }},
    Facts::Function{"ablate", "iit?t", "ablate(BLOCK, HEAD, A, [B])", phrase("what cutting a head does to the logit (difference)"),
                    [](Side& s, Args a) { return part_value(s, "ablate_sweep.delta", a); }},
    Facts::Function{"repair", "iit?t", "repair(BLOCK, HEAD, A, [B])", phrase("what the rest makes up for: ablate plus dla"),
                    [](Side& s, Args a) { return part_value(s, "ablate_sweep.repair", a); }},
    Facts::Function{"ablate_kl", "ii", "ablate_kl(BLOCK, HEAD)", phrase("how far cutting a head moves the prediction, nats"),
                    [](Side& s, Args a) { return part_value(s, "ablate_sweep.kl", a); }},
    Facts::Function{"ablate_mlp", "it?t", "ablate_mlp(BLOCK, A, [B])", phrase("what cutting an MLP does to the logit (difference)"),
                    [](Side& s, Args a) { return part_value(s, "ablate_sweep.mlp_delta", a); }},
    Facts::Function{"score", "tii", "score(NAME, BLOCK, HEAD)", phrase("previous, sink, duplicate or induction"),
                    [](Side& s, Args a) { return part_value(s, "heads." + string_of(a[0]), a.subspan(1)); }},
    Facts::Function{"entropy", "ii?i", "entropy(BLOCK, HEAD, [QUERY])", phrase("of a head's attention, nats"),
                    [](Side& s, Args a) { return named_value(s, "entropy.attention", {a[0], a[1], a.size() > 2 ? a[2] : Value(-1.0)}); }},
    Facts::Function{"lens", "iit", "lens(DEPTH, POSITION, TOKEN)", phrase("probability that the logit lens gives"),
                    [](Side& s, Args a) -> Result<Value> {
                      GF_TRY_ASSIGN(const Value logprob, part_value(s, "logit_lens.logprob_of_target", a));
                      return std::exp(std::get<double>(logprob));
                    }},
    Facts::Function{"lens_top", "ii", "lens_top(DEPTH, POSITION)", phrase("the logit lens's likeliest token"),
                    [](Side& s, Args a) { return named_value(s, "logit_lens.top", {a[0], a[1], 0.0}); }},
    Facts::Function{"patch", "ttiitt", "patch(CLEAN, SITE, BLOCK, POSITION or HEAD, A, B)",
                    phrase("effect of copying from the clean prompt's run"),
                    [](Side& s, Args a) { return named_value(s, "patch_sweep." + string_of(a[1]), {a[2], a[3], a[4], a[5], a[0]}); }},
    Facts::Function{"importance", "i?t", "importance(POSITION, [TOKEN])", phrase("log p lost without that token, nats"),
                    [](Side& s, Args a) { return part_value(s, "importance", a); }},
    Facts::Function{"composition", "tiiii", "composition(Q K OR V, BLOCK, HEAD, BLOCK, HEAD)",
                    phrase("how an earlier head feeds a later one"),
                    [](Side& s, Args a) { return part_value(s, "circuits.composition." + string_of(a[0]), a.subspan(1)); }},
    Facts::Function{"feature", "ti?i", "feature(DICTIONARY, FEATURE, [POSITION])", phrase("how active a feature is"),
                    [](Side& s, Args a) {
                      return named_value(s, "features.activations", {a.size() > 2 ? a[2] : Value(-1.0), a[0]},
                                         {{"feature", std::to_string(whole(a[1]))}});
                    }},
    Facts::Function{"feature_word", "tii", "feature_word(DICTIONARY, FEATURE, I)", phrase("the token that a feature raises I-th most"),
                    [](Side& s, Args a) {
                      return named_value(s, "features.words_for.token", {a[2], a[0]}, {{"feature", std::to_string(whole(a[1]))}});
                    }},
    Facts::Function{"example", "tii", "example(DICTIONARY, FEATURE, I)",
                    phrase("the token at which a feature is strongest in its I-th passage of the bundled text"), example_of},
    Facts::Function{"copying", "ii", "copying(BLOCK, HEAD)", phrase("whether a head writes the token that it reads, -1 to 1"),
                    [](Side& s, Args a) { return part_value(s, "circuits.copying", a); }},
};

}  // namespace

bool names_a_part(const std::string& name) { return name.find('.') != std::string::npos && find_question(question_of(name)) != nullptr; }

Result<Value> part_value(Facts::Side& side, const std::string& name, std::span<const Value> arguments, const MoreParams& more) {
  const auto part = part_named(name);
  if (!part) {
    const std::string question = question_of(name);
    const gf::Question* found = find_question(question);
    return fail(ErrorCode::InvalidArgument, text("there is no '{0}'; {1} has {2}", name, question,
                                                 found == nullptr ? std::string() : listed(found->parts, &PartInfo::name)));
  }
  auto call = taken_apart(*part, arguments);
  if (call) call->more = more;
  if (!call) return fail(ErrorCode::InvalidArgument, text("'{0}' is used as {1}", name, usage_of(name, *part)));
  GF_TRY_ASSIGN(const auto answer, answer_to(side, *part, *call));
  const gf::Answer::Value* found = answer->find(part->ref.part->name);
  if (found == nullptr) return fail(ErrorCode::InvalidArgument, text("this run has no {0}", name));
  return std::visit(ValueAt{side, *part, call->index}, *found);
}

std::span<const Facts::Function> analysis_functions() { return kQuestionFunctions; }

}  // namespace gf::lessons
