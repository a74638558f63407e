// The named controls of a dock as words, for a file, and set again from them.
#pragma once

#include <string>
#include <utility>
#include <vector>

class QWidget;

namespace gf::ui {

/// Object names with values: of a list the entry's id, or its words where it has none; of a check mark "on" or "off"; numbers without a
/// locale; texts as they are. In the order in which the controls were made.
using ControlValues = std::vector<std::pair<std::string, std::string>>;
/// Of the controls inside of `around` that the user sees, and of options that are folded away.
[[nodiscard]] ControlValues control_values(const QWidget& around);
/// Sets them, as if the user had. Returns those that are not there, or cannot have such a value: they may come with an answer. The values
/// are untrusted: they change what controls show, and the only buttons that they can press are those that stay checked.
[[nodiscard]] ControlValues set_control_values(QWidget& around, const ControlValues& values);

}  // namespace gf::ui
