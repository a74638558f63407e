// SVG elements as text. Internal to app/export.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/export/svg/svg_occlusion.h"

namespace gf::exporting {

/// Appends points as a closed path to the text of a `d` attribute, rounded to a hundredth of a pixel.
void add_polygon(std::string& d, std::span<const glm::vec2> points);
void add_segment(std::string& d, glm::vec2 from, glm::vec2 to);

/// The typefaces of text, the wanted one first.
inline constexpr const char* kSvgFamilies = "Inter, 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif";

struct SvgText {
  glm::vec2 pen{0};  ///< where its baseline starts
  std::string_view text;
  float size = 12, width = 0;  ///< its letters' em; its width in the program's own letters
  bool bold = false;
  render::Color color{1};
};

class SvgWriter {
 public:
  SvgWriter(glm::vec2 size, std::string_view title, std::string_view description);
  /// What is written until end_group() stands so far to the right.
  void begin_group(std::string_view name, float from = 0);
  void end_group() { out_ += "</g>\n"; }
  /// A PNG over the whole picture.
  void image(std::string_view png_base64);
  void fill(const std::string& d, const render::Color& color);
  void stroke(const std::string& d, const render::Color& color, float width_px);
  void rectangle(glm::vec2 low, glm::vec2 high, float radius, const render::Color& color, bool outlined = false);
  /// Writes text that can be found and edited. If the typeface is missing, another one is set to the same width.
  void text(const SvgText& text);
  [[nodiscard]] std::string finish() &&;

 private:
  void color(const char* which, const render::Color& color);
  void number(double value);

  glm::vec2 size_;
  std::string out_;
};

}  // namespace gf::exporting
