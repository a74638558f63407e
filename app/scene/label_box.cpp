#include "app/scene/label_box.h"

#include <algorithm>
#include <utility>

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

render::Label label_at(glm::vec2 at, std::string words, float px, glm::vec3 target, const render::Projection& view) {
  render::Label label;
  label.text = std::move(words);
  label.anchor = target;
  label.offset_px = at - glm::vec2(view.pixel(target));
  label.height = 1e3F;  // as large as allowed
  label.max_px = px;
  return label;
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
