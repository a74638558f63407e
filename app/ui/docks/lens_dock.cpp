// The token that the residual stream at each depth predicts.
#include "app/ui/docks/answer_dock.h"

namespace gf::ui {

Dock* make_lens_dock(const DockInfo& info, const DockContext& context) {
  return new AnswerDock(info, context, {.question = "logit-lens", .first = "top", .parts = {}});
}

}  // namespace gf::ui
