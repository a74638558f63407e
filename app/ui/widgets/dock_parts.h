// Controls as docks and dialogs have them.
#pragma once

#include <QString>

class QComboBox;
class QPushButton;
class QWidget;

namespace gf::ui {

/// A list to choose from in a dock, which may be narrow: as wide as its longest words need only where there is room; where there is not,
/// they end in dots. `label` is its accessible name, `least` the number of letters that it always has room for.
[[nodiscard]] QComboBox* narrow_combo(QWidget* parent, const QString& name, const QString& label, int least = 8);
/// Lets a list be as narrow as that.
void make_narrow(QComboBox& combo, int least);

/// `name`: its object name.
[[nodiscard]] QPushButton* push_button(QWidget* parent, const char* name, const QString& words, const QString& tip);
/// One that Enter in a field or a list of its dialog does not press.
[[nodiscard]] QPushButton* clicked_button(QWidget* parent, const char* name, const QString& words, const QString& tip);

}  // namespace gf::ui
