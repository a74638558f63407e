// The list of actions: everything that a user can tell the window to do. Menus, palette, shortcuts, the table of F1, lessons
// and `--do ID ARGS` are made from it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"

namespace gf::doc {
class Lab;
}

namespace gf::ui {

class MainWindow;

/// What an action acts on.
struct ActionContext {
  doc::Lab& lab;
  MainWindow& window;
};

using ActionArguments = std::vector<std::string>;

/// Possible arguments of an action, with the words that menus and the palette show for them.
struct Choice {
  ActionArguments arguments;
  std::string label;  ///< a whole phrase, in the present language: "Show the difference", "Lesson: First look"
  std::string tip;
  std::string brief;       ///< for a button; empty: the label
  const char* group = "";  ///< a phrase(); a menu can show the choices of one group
  bool checked = false;
};

struct Action {
  const char* id;         ///< "cut-head"
  const char* title;      ///< a phrase(), as menus show it
  const char* tip;        ///< a phrase(); {0} in it is the shortcut of "up", see tip_of()
  const char* keys;       ///< the shortcut, as Qt writes it; empty: none
  const char* arguments;  ///< "HEAD ..."; optional ones stand in brackets; empty: it takes none
  /// Errors: InvalidArgument where an argument is missing or wrong, and those of what the action does; one sentence each.
  Result<void> (*run)(const ActionContext& context, const ActionArguments& arguments);
  bool (*enabled)(const ActionContext& context) = nullptr;  ///< null: always
  bool (*checked)(const ActionContext& context) = nullptr;  ///< null: the action is not switched on and off
  std::vector<Choice> (*choices)(const ActionContext& context) = nullptr;
  std::string (*label)(const ActionContext& context) = nullptr;  ///< the title where it changes; null: `title`
  /// Whether it can be run without arguments. Such an action has a row of its own in the palette, and can have a shortcut.
  [[nodiscard]] bool bare() const { return *arguments == '\0' || *arguments == '['; }
};
[[nodiscard]] std::span<const Action> actions();
/// null: no action has that id.
[[nodiscard]] const Action* find_action(std::string_view id);
/// "cut-head HEAD ..."
[[nodiscard]] std::string usage(const Action& action);

/// An action with its arguments; `--do` and the palette make them.
struct ActionCall {
  std::string id;
  ActionArguments arguments;
};
/// Splits a line into words at its blanks; a word in quotes may have blanks, \" and \\ in it. Errors: InvalidArgument for an
/// unknown id (the message names similar ones) and for a quote that is not closed; those of check_call().
[[nodiscard]] Result<ActionCall> parse_call(std::string_view line);
/// Errors: InvalidArgument for an unknown id, for arguments that are missing and for arguments that the action does not take.
[[nodiscard]] Result<void> check_call(const ActionCall& call);

}  // namespace gf::ui
