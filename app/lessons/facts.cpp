#include "app/lessons/facts.h"

#include <cmath>
#include <utility>

#include "app/document/request.h"
#include "model/base/text.h"

namespace gf::lessons {
namespace {

const Facts::Function* function_named(const std::string& name) {
  for (const auto functions : {model_functions(), run_functions(), analysis_functions()})
    for (const Facts::Function& f : functions)
      if (name == f.name) return &f;
  return nullptr;
}

bool is_whole_value(double x) { return std::isfinite(x) && x == std::floor(x) && std::abs(x) < 1e9; }

bool argument_fits(char wanted, const Value& value) {
  if (wanted == 't') return std::holds_alternative<std::string>(value);
  const double* number = std::get_if<double>(&value);
  return number != nullptr && (wanted == 'n' || is_whole_value(*number));
}

/// Whether the arguments are those of "tn?ii".
bool arguments_fit(const std::string& wanted, std::span<const Value> given) {
  std::size_t i = 0;
  bool optional = false;
  for (const char letter : wanted) {
    if (letter == '?') {
      optional = true;
      continue;
    }
    if (i == given.size()) return optional;
    if (!argument_fits(letter, given[i++])) return false;
  }
  return i == given.size();
}

}  // namespace

Facts::Facts(Session& session, Run run, std::stop_token stop)
    : run_(std::move(run)),
      edited_{session, run_, *run_.edited, run_.edited, run_.request, stop},
      base_{session, run_, *run_.base, run_.base, run_.request, stop} {
  base_.request.recipe = {};
}

Result<std::unique_ptr<Facts>> Facts::of(Session& session, RunRequest request, std::stop_token stop) {
  request.plan = CapturePlan::defaults();
  GF_TRY_ASSIGN(Run run, session.run(request, stop));
  return std::unique_ptr<Facts>(new Facts(session, std::move(run), stop));
}

Result<Value> Facts::call(const std::string& name, std::span<const Value> arguments) {
  constexpr std::string_view kBase = "base_";
  const bool base = name.starts_with(kBase);
  const std::string own = base ? name.substr(kBase.size()) : name;
  Side& side = base ? base_ : edited_;
  const Function* function = function_named(own);
  if (function == nullptr && names_a_part(own)) return part_value(side, own, arguments);
  if (function == nullptr)
    return fail(ErrorCode::InvalidArgument,
                text("there is no function '{0}'; the README beside the lessons lists those that there are", name));
  if (!arguments_fit(function->arguments, arguments))
    return fail(ErrorCode::InvalidArgument, text("'{0}' is used as {1}", name, std::string(base ? kBase : "") + function->usage));
  return function->compute(side, arguments);
}

int whole(const Value& value) { return static_cast<int>(std::get<double>(value)); }
const std::string& string_of(const Value& value) { return std::get<std::string>(value); }

Result<TokenId> token(const Facts::Side& side, const Value& value) {
  GF_TRY_ASSIGN(const auto id, doc::token_of(string_of(value), side.session.model()));
  if (!id) return fail(ErrorCode::InvalidArgument, text("an empty text is not a token"));
  return *id;
}

Result<int> position(const Facts::Side& side, std::span<const Value> arguments, std::size_t i) {
  const int length = side.trace.length();
  if (i >= arguments.size()) return length - 1;
  const int at = whole(arguments[i]) < 0 ? length + whole(arguments[i]) : whole(arguments[i]);
  if (at < 0 || at >= length)
    return fail(ErrorCode::InvalidArgument,
                text("position {0} is not in the run, whose positions are 0 to {1}", whole(arguments[i]), length - 1));
  return at;
}

Result<std::shared_ptr<const Trace>> trace_of(Facts::Side& side, HookId hook) {
  // The run's own trace has only the last row of the logits, and callers want another one.
  if (side.trace.has(hook) && hook.kind != HookKind::Logits) return side.pointer;
  GF_TRY_ASSIGN(const auto replayed, side.once<std::shared_ptr<const Trace>>(
                                         "replay " + name_of(hook), [&] { return side.session.replay(side.trace, hook, side.request); }));
  return *replayed;
}

Result<int> index(const Value& value, int end, const char* what) {
  const int at = whole(value);
  if (at >= 0 && at < end) return at;
  return fail(ErrorCode::InvalidArgument, text("{0} {1} does not exist; there are 0 to {2}", what, at, end - 1));
}

}  // namespace gf::lessons
