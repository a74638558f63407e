// Actions in a window: run by their ids, with their shortcuts, and kept as enabled and checked as they are.
#pragma once

#include <QObject>
#include <functional>
#include <map>

#include "app/ui/actions/actions.h"

class QAction;
class QWidget;

namespace gf::ui {

class Commands : public QObject {
 public:
  /// Shortcuts hold in `shortcuts`, the window. Lives as long as it.
  Commands(const ActionContext& context, QWidget& shortcuts);

  /// Errors: as Action::run's; also InvalidArgument for an id that is none and for what cannot be done now.
  Result<void> run(const ActionCall& call);
  /// The same; what goes wrong is told to on_error.
  void trigger(const std::string& id, ActionArguments arguments = {});
  /// Of an action that is bare().
  [[nodiscard]] QAction* qaction(std::string_view id) const;
  /// After a change: what is enabled, checked, and how it is called.
  void refresh();
  /// The label of an action now.
  [[nodiscard]] std::string label(const Action& action) const;
  [[nodiscard]] std::vector<Choice> choices(const Action& action) const;

  std::function<void(const Error&)> on_error;
  std::function<void()> on_done;  ///< one of them was done

 private:
  ActionContext context_;
  std::map<std::string, QAction*, std::less<>> bare_;
};

/// The shortcut that the user has chosen, or the action's own; empty: none.
[[nodiscard]] QString keys_of(const Action& action);

}  // namespace gf::ui
