#include "app/scene/view.h"

namespace gf::scene {

bool is_word(const CellRef& highlight) {
  return !highlight.tensor.is_weight() && highlight.tensor.hook.kind == HookKind::Logits && highlight.index[1] >= 0;
}

bool is_highlighted(const ViewState& view, TokenId word) {
  return std::ranges::any_of(view.highlights, [&](const CellRef& cell) { return is_word(cell) && cell.index[1] == word.v; });
}

std::string alone_name(const ViewState& view) {
  if (view.cube) return cube_name(*view.cube);
  return view.one_head ? "head " + one_head_name(*view.one_head) : std::string();
}

bool same_scene(const ViewState& a, const ViewState& b, Redraws least) {
  bool same = true;
  each_field([&](const char*, auto member, Redraws redraws) {
    if (redraws >= least) same = same && a.*member == b.*member;
  });
  return same;
}

}  // namespace gf::scene
