// What becomes of the session where the display is lost.
#pragma once

#include <functional>

namespace gf::ui {

/// Qt warns and calls exit() where the display goes away, from within the event loop: threads of this program are at work then, and would
/// read what exit() destroys. While an object of this class lives, `keep` is called at the warning, the user is told what has happened, and
/// the process ends with status 1 without destroying anything. `keep` returns whether the session is kept, and must not use the display.
/// There is one object at a time.
class LostDisplay {
 public:
  explicit LostDisplay(std::function<bool()> keep);
  ~LostDisplay();
  LostDisplay(const LostDisplay&) = delete;
  LostDisplay& operator=(const LostDisplay&) = delete;
};

}  // namespace gf::ui
