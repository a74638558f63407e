#include "app/ui/shell/window_arguments.h"

#include <utility>

#include "model/base/text.h"

namespace gf::ui {

Result<WindowCalls> take_calls(std::span<const std::string> words) {
  WindowCalls taken;
  for (std::size_t at = 0; at < words.size();) {
    if (words[at] != "--do") {
      taken.others.push_back(words[at++]);
      continue;
    }
    if (++at == words.size()) return fail(ErrorCode::InvalidArgument, gf::text("--do wants the id of an action."), "arguments");
    ActionCall call{words[at++], {}};
    while (at < words.size() && !words[at].starts_with("--")) call.arguments.push_back(words[at++]);
    GF_TRY(check_call(call));
    taken.calls.push_back(std::move(call));
  }
  return taken;
}

}  // namespace gf::ui
