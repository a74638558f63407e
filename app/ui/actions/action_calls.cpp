// Calls of actions as text.
#include <algorithm>

#include "app/ui/actions/actions.h"
#include "model/base/nearest.h"
#include "model/base/text.h"

namespace gf::ui {
namespace {

constexpr std::size_t kNearest = 5;

/// Ids that `id` may be meant for, the nearest first.
std::vector<std::string> near_ids(std::string_view id) {
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const Action& action : actions()) {
    const std::string_view known = action.id;
    const bool part = id.size() >= 3 && (known.find(id) != std::string_view::npos || id.find(known) != std::string_view::npos);
    const std::size_t distance = part ? 1 : letters_between(id, known);
    if (distance <= std::max<std::size_t>(2, id.size() / 2)) near.emplace_back(distance, known);
  }
  std::ranges::stable_sort(near, {}, &std::pair<std::size_t, std::string>::first);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < std::min(near.size(), kNearest); ++i) ids.push_back(near[i].second);
  return ids;
}

}  // namespace

Result<void> check_call(const ActionCall& call) {
  const Action* action = find_action(call.id);
  if (!action) {
    std::string near;
    for (const std::string& id : near_ids(call.id)) near += (near.empty() ? "" : ", ") + id;
    return fail(ErrorCode::InvalidArgument,
                near.empty() ? gf::text("There is no action \"{0}\".", call.id)
                             : gf::text("There is no action \"{0}\"; near to it: {1}.", call.id, near),
                "action");
  }
  if (!action->bare() && call.arguments.empty())
    return fail(ErrorCode::InvalidArgument, gf::text("An argument is missing: {0}.", usage(*action)), "action");
  if (*action->arguments == '\0' && !call.arguments.empty())
    return fail(ErrorCode::InvalidArgument, gf::text("\"{0}\" takes no arguments.", call.id), "action");
  return {};
}

Result<ActionCall> parse_call(std::string_view line) {
  ActionCall call;
  std::vector<std::string> words;
  bool open = false, quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (!quoted && (c == ' ' || c == '\t')) {
      open = false;
      continue;
    }
    if (!open) words.emplace_back();
    open = true;
    if (c == '"') quoted = !quoted;
    else if (c == '\\' && i + 1 < line.size() && (line[i + 1] == '"' || line[i + 1] == '\\')) words.back() += line[++i];
    else words.back() += c;
  }
  if (quoted) return fail(ErrorCode::InvalidArgument, gf::text("A quotation mark is opened and not closed: {0}", line), "action");
  if (words.empty())
    return fail(ErrorCode::InvalidArgument, gf::text("The line is empty; it should begin with the id of an action."), "action");
  call.id = words.front();
  call.arguments.assign(words.begin() + 1, words.end());
  GF_TRY(check_call(call));
  return call;
}

}  // namespace gf::ui
