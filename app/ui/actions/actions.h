// The list of actions: everything that the window can be told to do, each once. Menus, palette, shortcuts, the table of
// F1, lessons and `--do ID ARGS` are made from it.
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

/// A value that an action's arguments may have, for menus and the palette.
struct Choice {
  ActionArguments arguments;
  std::string label;  ///< whole, in the present language: "Show the difference", "Lesson: First look"
  std::string tip;
  std::string brief;       ///< on a button; empty: the label
  const char* group = "";  ///< a phrase(); a menu can show one group alone
  bool checked = false;
};

struct Action {
  const char* id;         ///< "cut-head"
  const char* title;      ///< a phrase(), as menus show it
  const char* tip;        ///< a phrase()
  const char* keys;       ///< of the shortcut, as Qt writes them; empty: none
  const char* arguments;  ///< "HEAD ...", in brackets what may be left out; empty: none
  /// Errors: InvalidArgument where an argument is missing or wrong, else as of what is done; one sentence each.
  Result<void> (*run)(const ActionContext& context, const ActionArguments& arguments);
  bool (*enabled)(const ActionContext& context) = nullptr;  ///< null: always
  bool (*checked)(const ActionContext& context) = nullptr;  ///< null: it is not one that is on or off
  std::vector<Choice> (*choices)(const ActionContext& context) = nullptr;
  std::string (*label)(const ActionContext& context) = nullptr;  ///< where the title changes
  /// Whether it can be run without arguments: it stands in the palette by itself and has a shortcut.
  [[nodiscard]] bool bare() const { return *arguments == '\0' || *arguments == '['; }
};
[[nodiscard]] std::span<const Action> actions();
/// null: there is none of that id.
[[nodiscard]] const Action* find_action(std::string_view id);
/// Its usage: "cut-head HEAD ...".
[[nodiscard]] std::string usage(const Action& action);

/// An action with its arguments, as `--do` and the palette take it.
struct ActionCall {
  std::string id;
  ActionArguments arguments;
};
/// Words apart by blanks; "..." keeps blanks together, \" and \\ stand for themselves. Errors: InvalidArgument for an id
/// that is none (saying which are near) and for a quote that does not end.
[[nodiscard]] Result<ActionCall> parse_call(std::string_view line);
/// The same sentence as parse_call's, for a list of words.
[[nodiscard]] Result<void> check_call(const ActionCall& call);

}  // namespace gf::ui
