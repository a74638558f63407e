#include "app/ui/docks/explained_words.h"

#include "app/document/lab.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {

QString explained_pair(const doc::Lab& lab) {
  const auto model = lab.model();
  const auto a = lab.target(), b = lab.rival();
  if (!model || !a) return {};
  return b ? text("logit {0} − logit {1}", quoted_token(*model, *a), quoted_token(*model, *b))
           : text("logit {0}", quoted_token(*model, *a));
}

QString explained_words(const doc::Lab& lab) {
  const QString pair = explained_pair(lab);
  if (pair.isEmpty()) return {};
  const int position = scene::selected_position_in(lab.document(), lab.run()->base->length());
  return text("{0}, {1}", pair, after_position(*lab.model(), lab.run()->base->ids(), position));
}

}  // namespace gf::ui
