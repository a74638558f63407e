// Actions one after the other: `--do` at the start of the window.
#pragma once

#include <deque>
#include <functional>

#include "app/ui/actions/actions.h"

namespace gf::ui {

class Commands;

/// Each call waits until what the one before it set off is there: the model, the run, a lesson's step. The first that
/// fails ends the script.
class Script {
 public:
  Script(Commands& commands, doc::Lab& lab) : commands_(commands), lab_(lab) {}
  void add(std::vector<ActionCall> calls);
  /// After each change of the Lab.
  void go_on();
  [[nodiscard]] bool done() const { return waiting_.empty(); }
  std::function<void(const ActionCall& call, const Error& error)> on_failed;

 private:
  Commands& commands_;
  doc::Lab& lab_;
  std::deque<ActionCall> waiting_;
  bool running_ = false;
};

}  // namespace gf::ui
