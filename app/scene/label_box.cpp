#include "app/scene/label_box.h"

#include <algorithm>

#include "renderer/labels.h"

namespace gf::scene {
namespace {

/// Where the sign that begins at `at` ends. A sign is a character, or an escape of visible_text() such as "\\xe2".
std::size_t end_of_sign(const std::string& text, std::size_t at) {
  if (text[at] == '\\' && at + 1 < text.size()) {
    const char mark = text[at + 1];
    return std::min(text.size(), at + (mark == 'x' ? 4 : mark == 'u' ? 6 : 2));
  }
  do ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
  return at;
}

}  // namespace

ScreenBox box_of_label(const render::Label& label, const std::string& words, glm::vec2 at, float px) {
  const auto begins = [](float length, render::Align align) {
    return align == render::Align::Begin ? 0 : align == render::Align::Middle ? -length / 2 : -length;
  };
  const glm::vec2 size{render::text_width(words, px, label.bold) + 2 * kTagOfLabel * px, kLineOfLabel * px};
  const glm::vec2 low = at + glm::vec2(begins(size.x, label.horizontal), begins(size.y, label.vertical));
  return {low, low + size};
}

std::optional<ScreenBox> box_of_label(const render::Label& label, const render::Projection& view) {
  const float px = render::label_px(label, view);
  const glm::vec3 at = view.pixel(label.anchor);
  if (px <= 0 || at.z <= 0 || label.alpha <= 0) return std::nullopt;
  return box_of_label(label, label.text, glm::vec2(at) + label.offset_px, px);
}

float area(const ScreenBox& box) {
  const glm::vec2 size = glm::max(glm::vec2(0), box.high - box.low);
  return size.x * size.y;
}

bool lies_in(const ScreenBox& box, const ScreenBox& other) {
  return box.low.x >= other.low.x && box.low.y >= other.low.y && box.high.x <= other.high.x && box.high.y <= other.high.y;
}

std::string words_that_fit(const std::string& text, float room_px, float size_px, bool bold) {
  if (text.empty() || render::text_width(text, size_px, bold) <= room_px) return text;
  std::string best = "…";
  for (std::size_t i = end_of_sign(text, 0); i < text.size(); i = end_of_sign(text, i)) {
    const std::string tried = text.substr(0, i) + "…";
    if (render::text_width(tried, size_px, bold) > room_px) break;
    best = tried;
  }
  return best;
}

}  // namespace gf::scene
