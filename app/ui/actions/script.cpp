#include "app/ui/actions/script.h"

#include <utility>

#include "app/document/lab.h"
#include "app/ui/actions/action_runner.h"

namespace gf::ui {
namespace {

/// The scene is to show both subjects, and the other one's run is on its way: a picture of it would show something else.
bool awaits_other(const doc::Lab& lab) {
  const bool both = lab.document().scene_of_both && lab.document().other.has_value();
  return both && !lab.second().run() && !lab.second().error();
}

}  // namespace

void Script::add(std::vector<ActionCall> calls) {
  for (ActionCall& call : calls) waiting_.push_back(std::move(call));
  go_on();
}

void Script::go_on() {
  if (running_) return;  // an action changes the Lab, and the Lab calls go_on() before the action returns
  running_ = true;
  while (!waiting_.empty()) {
    const auto refused = lab_.refusal();
    if (!refused && (!lab_.up_to_date() || awaits_other(lab_))) break;
    const ActionCall call = std::move(waiting_.front());
    waiting_.pop_front();
    const Result<void> did = refused ? Result<void>(tl::unexpected(*refused)) : runner_.run(call);
    if (!did) {
      waiting_.clear();
      if (on_failed) on_failed(call, did.error());
    }
  }
  running_ = false;
}

}  // namespace gf::ui
