// From the event loop, once Qt has done what it is in the middle of.
#pragma once

#include <QTimer>
#include <utility>

namespace gf::ui {

/// Runs `act` when the events that wait now are handled, unless `owner` is gone by then. A widget that hears of its new size or place
/// changes parts of a dock so, because Qt may be handing out the room of all docks: what shows at once has the window arrange them anew
/// in the middle of that, and QMainWindow, which begins with a state that was kept for a maximised window, frees what it still works with.
template <class Owner, class Act>
void later(Owner* owner, Act act) {
  QTimer::singleShot(0, owner, std::move(act));
}

}  // namespace gf::ui
