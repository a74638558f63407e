// What the user has set in controls, carried over to others.
#pragma once

class QWidget;

namespace gf::ui {

/// Sets the controls inside of `to` as those inside of `from` are: texts that are typed, numbers, chosen entries, check marks, pages and
/// splitters. Both are of the same make; a control finds its twin by its class, its name and its place among those of that name. One
/// that differs acts as if the user had set it, so that what depends on it follows; one that shows the document has nothing to carry.
void carry_controls(const QWidget& from, QWidget& to);

}  // namespace gf::ui
