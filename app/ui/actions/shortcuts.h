// The keys of actions, which the user can change. The settings keep what was changed, under shortcuts/ID.
#pragma once

#include <QString>
#include <initializer_list>

#include "app/ui/actions/actions.h"

class QWidget;

namespace gf::ui {

/// Reads from the settings which keys the user has changed. Until then all actions have their own.
void read_shortcuts();
/// As Qt writes them on every system, "Ctrl+B"; empty: none. An action's own keys are not its keys any more once the user has given
/// them to another one.
[[nodiscard]] QString keys_of(const Action& action);
/// The same, as this system shows them.
[[nodiscard]] QString shown_keys(const Action& action);
[[nodiscard]] bool has_own_keys(const Action& action);

/// For sentences: "Ctrl+B", or "“Add a bookmark”" while that action has no keys. Precondition: `id` is an action's.
[[nodiscard]] std::string keys_or_title(std::string_view id);
/// "Play or pause (Space)"; the words alone while the action has no keys.
[[nodiscard]] QString with_keys(const QString& words, std::string_view id);
/// What an action does, with the keys of others that it names.
[[nodiscard]] std::string tip_of(const Action& action);

/// The action that has these keys; null: none.
[[nodiscard]] const Action* action_with(const QString& keys);
/// One combination of keys as keys_of() gives it. Errors: InvalidArgument for words that name no keys, for more than one
/// combination, and for keys that the window itself uses, with what for.
[[nodiscard]] Result<QString> checked_keys(const QString& keys);
/// Gives keys to an action, and takes them from the one that had them. Empty: the action has none. ActionRunner::set_keys() makes
/// the window follow.
void store_keys(const Action& action, const QString& keys);
/// All actions have their own keys again.
void forget_keys();

/// Gives the widget a tooltip that names the keys of actions: {0} those of the first, and so on. A tooltip without {0} gets those
/// of the first action at its end. `tip`: a phrase().
void set_key_tip(QWidget& widget, const char* tip, std::initializer_list<const char*> ids);
/// Renews these tooltips of all widgets in the window, after keys have changed.
void renew_key_tips(const QWidget& window);

}  // namespace gf::ui
