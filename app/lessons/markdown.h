// The Markdown of lessons: paragraphs, lists with "- ", **bold**, *italic*, `code` and $formulas$.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gf::lessons {

/// For a label: formulas with true sub- and superscripts.
[[nodiscard]] std::string to_html(std::string_view markdown);
/// For captions in pictures, and for terminals: without signs, sub- and superscripts as Unicode has them.
[[nodiscard]] std::string to_plain(std::string_view markdown);
/// Seconds that a plain text needs to be read aloud, or to be read for the first time.
[[nodiscard]] double reading_seconds(const std::string& plain);
/// What would not be shown as meant: a sign that is not closed, a formula's unknown command.
[[nodiscard]] std::vector<std::string> markdown_faults(std::string_view markdown);

}  // namespace gf::lessons
