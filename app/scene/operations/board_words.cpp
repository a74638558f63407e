#include "app/scene/operations/board_words.h"

#include "renderer/labels.h"

namespace gf::scene {

float width_of_words(std::string_view words, float letters, bool bold) {
  constexpr float kMeasuredAt = 100;  // pixels
  return render::text_width(words, kMeasuredAt, bold) / kMeasuredAt * letters;
}

std::vector<std::string> in_lines(std::string_view words, float letters, float room, bool bold) {
  std::vector<std::string> lines;
  while (width_of_words(words, letters, bold) > room) {
    // The last blank up to which the words fit, else the first one.
    std::size_t cut = words.find(' ');
    for (std::size_t next = cut; next != std::string_view::npos; next = words.find(' ', next + 1))
      if (width_of_words(words.substr(0, next), letters, bold) <= room) cut = next;
    if (cut == std::string_view::npos) break;
    lines.emplace_back(words.substr(0, cut));
    words.remove_prefix(cut + 1);
  }
  lines.emplace_back(words);
  return lines;
}

}  // namespace gf::scene
