// The action that gives other actions other keys.
#include "app/ui/actions/action_arguments.h"
#include "app/ui/actions/acts.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/shell/main_window.h"
#include "model/base/text.h"

namespace gf::ui::acts {

Result<void> set_keys(C c, A a) {
  GF_TRY_ASSIGN(const std::string id, word_at(a, 0, gf::text("The id of a command")));
  GF_TRY_ASSIGN(const std::string word, word_at(a, 1, gf::text("Keys, none, or own")));
  const Action* action = find_action(id);
  if (!action) return fail(ErrorCode::NotFound, gf::text("There is no command \"{0}\".", id), "action");
  if (!action->bare()) return fail(ErrorCode::InvalidArgument, gf::text("\"{0}\" wants arguments, so it has no keys.", id), "action");
  QString keys;
  if (word == "own") {
    keys = QLatin1String(action->keys);
  } else if (word != "none") {
    GF_TRY_ASSIGN(keys, checked_keys(QString::fromStdString(word)));
  }
  if (const Action* other = action_with(keys); other && other != action)
    return fail(
        ErrorCode::InvalidArgument,
        gf::text("{0} is “{1}” already; \"set-keys {2} none\" takes it from there.", keys.toStdString(), gf::text(other->title), other->id),
        "action");
  c.window.runner().set_keys(*action, keys);
  return {};
}

}  // namespace gf::ui::acts
