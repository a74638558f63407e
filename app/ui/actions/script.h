// Runs actions one after the other: those of `--do` when the window starts.
#pragma once

#include <deque>
#include <functional>

#include "app/ui/actions/actions.h"

namespace gf::ui {

class ActionRunner;

/// Each call waits until the model, the run or the lesson's step that the call before it asked for is ready. The first call
/// that fails ends the script, and so does a call that waits for what was refused.
class Script {
 public:
  Script(ActionRunner& runner, doc::Lab& lab) : runner_(runner), lab_(lab) {}
  void add(std::vector<ActionCall> calls);
  /// Called after each change of the Lab.
  void go_on();
  [[nodiscard]] bool done() const { return waiting_.empty(); }
  std::function<void(const ActionCall& call, const Error& error)> on_failed;

 private:
  ActionRunner& runner_;
  doc::Lab& lab_;
  std::deque<ActionCall> waiting_;
  bool running_ = false;
};

}  // namespace gf::ui
