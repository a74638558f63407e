// What can do nothing while a model is open that has no values: a structure without weights.
#pragma once

#include <QString>
#include <string_view>

class QWidget;

namespace gf::doc {
class Lab;
}

namespace gf::ui {

/// Whether the action acts on a run, or on what shows one.
[[nodiscard]] bool needs_values(std::string_view id);
/// Why what needs values is disabled: the open model's own sentence. Empty: its model has values, or none is open.
[[nodiscard]] QString lack_of_values(const doc::Lab& lab);
/// Disables a control, with the reason as its tooltip. An empty reason gives its own tooltip back, and it is `enabled` or not.
void enable_unless(QWidget& control, const QString& lack, bool enabled = true);

}  // namespace gf::ui
