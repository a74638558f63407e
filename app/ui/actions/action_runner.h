// The actions in a window: runs them by their ids, gives them shortcuts, and keeps them enabled and checked as they should be.
#pragma once

#include <QObject>
#include <functional>
#include <map>

#include "app/ui/actions/actions.h"

class QAction;
class QWidget;

namespace gf::ui {

class ActionRunner : public QObject {
 public:
  /// `shortcuts`: the window in which the shortcuts work. Lives as long as it.
  ActionRunner(const ActionContext& context, QWidget& shortcuts);

  /// Errors: as Action::run; InvalidArgument also for an unknown id and for an action that is not enabled.
  Result<void> run(const ActionCall& call);
  /// The same; gives an error to on_error.
  void trigger(const std::string& id, ActionArguments arguments = {});
  /// Gives an error of something else than an action to on_error.
  void tell(const Error& error) const;
  /// Precondition: the action is bare().
  [[nodiscard]] QAction* qaction(std::string_view id) const;
  /// Renews what is enabled, checked and labelled, after a change.
  void refresh();
  /// Titles and tooltips in the present language.
  void say_anew();
  /// The present label of an action.
  [[nodiscard]] std::string label(const Action& action) const;
  [[nodiscard]] std::vector<Choice> choices(const Action& action) const;
  /// Why actions that need values are disabled, see values_needed.h; empty: they are not.
  [[nodiscard]] QString lack_of_values() const;
  /// As store_keys() and forget_keys(); the shortcuts and on_keys follow. Precondition: the action is bare().
  void set_keys(const Action& action, const QString& keys);
  void reset_keys();

  std::function<void(const Error&)> on_error;
  std::function<void()> on_done;  ///< an action has succeeded
  std::function<void()> on_keys;  ///< actions have other keys

 private:
  void take_keys();

  ActionContext context_;
  std::map<std::string, QAction*, std::less<>> bare_;
};

}  // namespace gf::ui
