#include "app/scene/operations/board_words.h"

#include "renderer/labels.h"
#include "renderer/line_pieces.h"

namespace gf::scene {

float width_of_words(std::string_view words, float letters, bool bold) {
  constexpr float kMeasuredAt = 100;  // pixels
  return render::text_width(words, kMeasuredAt, bold) / kMeasuredAt * letters;
}

std::vector<std::string> in_lines(std::string_view words, float letters, float room, bool bold) {
  return render::lines_within(words, room, [&](std::string_view line) { return width_of_words(line, letters, bold); });
}

}  // namespace gf::scene
