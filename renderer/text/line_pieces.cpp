#include "renderer/line_pieces.h"

#include <algorithm>

#include "renderer/text/utf8.h"

namespace gf::render {
namespace {

/// Chinese and Japanese characters with their punctuation, and letters of full width.
bool is_wide(char32_t c) {
  return (c >= 0x2E80 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE4F) || (c >= 0xFF01 && c <= 0xFF60) ||
         (c >= 0x20000 && c <= 0x3FFFF);
}
bool begins_no_line(char32_t c) {
  return c != 0 && std::u32string_view(U"、。〉》」』】〕！），．：；？～’”…%!),.:;?]}—").find(c) != std::u32string_view::npos;
}
bool ends_no_line(char32_t c) { return c != 0 && std::u32string_view(U"〈《「『【〔（‘“([{#").find(c) != std::u32string_view::npos; }
bool may_part(char32_t before, char32_t after) {
  if (before == U'\n') return true;
  if (after == U' ' || after == U'\n') return false;
  if (before == U' ') return true;
  return (is_wide(before) || is_wide(after)) && !begins_no_line(after) && !ends_no_line(before);
}

}  // namespace

std::vector<std::string_view> line_pieces(std::string_view text) {
  std::vector<std::string_view> pieces;
  std::string_view rest = text;
  std::size_t begin = 0;
  char32_t before = 0;
  while (!rest.empty()) {
    const std::size_t at = text.size() - rest.size();
    const char32_t code = next_code_point(rest);
    if (at > begin && may_part(before, code)) {
      pieces.push_back(text.substr(begin, at - begin));
      begin = at;
    }
    before = code;
  }
  if (begin < text.size()) pieces.push_back(text.substr(begin));
  return pieces;
}

std::vector<std::string> lines_within(std::string_view text, float room, const std::function<float(std::string_view)>& width) {
  std::vector<std::string> lines(1);
  const auto bare = [](std::string_view line) { return line.substr(0, line.find_last_not_of(" \n") + 1); };
  for (const std::string_view piece : line_pieces(text)) {
    std::string& line = lines.back();
    const std::string longer = line + std::string(piece);
    if (!line.empty() && width(bare(longer)) > room) lines.emplace_back(piece);
    else line = longer;
    if (piece.back() == '\n') lines.emplace_back();
  }
  for (std::string& line : lines) line = bare(line);
  return lines;
}

}  // namespace gf::render
