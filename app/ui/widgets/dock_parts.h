// Controls as docks have them, which may be narrow.
#pragma once

#include <QString>

class QComboBox;
class QWidget;

namespace gf::ui {

/// A list to choose from, as wide as its longest words need only where there is room; where there is not, they end in dots. `label` is its
/// accessible name, `least` the number of letters that it always has room for.
[[nodiscard]] QComboBox* narrow_combo(QWidget* parent, const QString& name, const QString& label, int least = 8);
/// Lets a list be as narrow as that.
void make_narrow(QComboBox& combo, int least);

}  // namespace gf::ui
