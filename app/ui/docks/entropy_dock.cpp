// The entropy of each head's attention, and of the prediction at each depth.
#include "app/ui/docks/answer_dock.h"

namespace gf::ui {

Dock* make_entropy_dock(const DockInfo& info, const DockContext& context) {
  return new AnswerDock(info, context, {.question = "entropy", .first = "attention", .parts = {}});
}

}  // namespace gf::ui
