// Where a line of text may end: behind blanks, and between Chinese characters, which are written without blanks.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gf::render {

/// The pieces that a line is put together from; joined they are the text. Blanks behind a word belong to it. A sign that must not begin
/// a line, such as a full stop, stays with what is before it, and an opening bracket with what follows.
[[nodiscard]] std::vector<std::string_view> line_pieces(std::string_view text);
/// Lines that are no wider than the room, where no piece of them alone is wider; at least one. Line ends in the text stay, and blanks at
/// the ends of lines go. `width`: of a line, in the unit of `room`.
[[nodiscard]] std::vector<std::string> lines_within(std::string_view text, float room, const std::function<float(std::string_view)>& width);

}  // namespace gf::render
