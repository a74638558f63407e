// Words on a board: nothing that explains an operation is cut, so what is too wide for its room stands in several lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gf::scene {

/// The width of a line in the world. `letters`: the height of its letters there.
[[nodiscard]] float width_of_words(std::string_view words, float letters, bool bold = false);
/// Broken where a line may end into lines that are no wider than the room, where their words are not wider themselves. At least one line.
[[nodiscard]] std::vector<std::string> in_lines(std::string_view words, float letters, float room, bool bold = false);

}  // namespace gf::scene
