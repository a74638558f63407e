#include "app/scene/view.h"

namespace gf::scene {

bool same_scene(const ViewState& a, const ViewState& b, Redraws least) {
  bool same = true;
  each_field([&](const char*, auto member, Redraws redraws) {
    if (redraws >= least) same = same && a.*member == b.*member;
  });
  return same;
}

}  // namespace gf::scene
