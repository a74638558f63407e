#include "app/ui/heads/head_menu.h"

#include <QMenu>

#include "app/document/lab.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {

void add_head_edits(QMenu& menu, doc::Lab& lab, int layer, int head) {
  const bool cut = lab.is_cut(layer, head);
  menu.addAction(cut ? text("Restore head {0} of block {1}", head, layer) : text("Cut head {0} of block {1}", head, layer), &menu,
                 [&lab, layer, head, cut] { lab.set_head_cut(layer, head, !cut); });
  menu.addAction(text("Replace by its mean over the prompt"), &menu,
                 [&lab, layer, head] { lab.set_head_edit(layer, head, EditOp::Mean, 1); });
  QMenu* scale = menu.addMenu(text("Scale"));
  for (const float factor : {0.25F, 0.5F, 1.5F, 2.0F, 4.0F, -1.0F})
    scale->addAction(QStringLiteral("× ") + significant(static_cast<double>(factor), 3), &menu,
                     [&lab, layer, head, factor] { lab.set_head_edit(layer, head, EditOp::Scale, factor); });
}

}  // namespace gf::ui
