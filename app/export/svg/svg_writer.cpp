#include "app/export/svg/svg_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "renderer/text/utf8.h"

namespace gf::exporting {
namespace {

void svg_add_number(std::string& out, double value) {
  std::array<char, 32> text{};
  const double rounded = std::round(value * 100) / 100;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), rounded == 0 ? 0.0 : rounded).ptr;
  out.append(text.data(), end);
}

void svg_add_point(std::string& out, char command, glm::vec2 p) {
  out += command;
  svg_add_number(out, static_cast<double>(p.x));
  out += ' ';
  svg_add_number(out, static_cast<double>(p.y));
}

std::string xml_escaped(std::string_view text) {
  // XML 1.0 forbids controls, surrogates, U+FFFE and U+FFFF, even as escapes.
  std::string out;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t code = render::next_code_point(text);
    if (code == U'&') out += "&amp;";
    else if (code == U'<') out += "&lt;";
    else if (code == U'>') out += "&gt;";
    else if (code == U'"') out += "&quot;";
    else if (code < 0x20) out += ' ';
    else if (code == render::kReplacementCharacter || code == 0xFFFE || code == 0xFFFF) out += "\uFFFD";
    else out += before.substr(0, before.size() - text.size());
  }
  return out;
}

}  // namespace

void add_polygon(std::string& d, std::span<const glm::vec2> points) {
  for (std::size_t i = 0; i < points.size(); ++i) svg_add_point(d, i == 0 ? 'M' : 'L', points[i]);
  d += 'Z';
}

void add_segment(std::string& d, glm::vec2 from, glm::vec2 to) {
  svg_add_point(d, 'M', from);
  svg_add_point(d, 'L', to);
}

SvgWriter::SvgWriter(glm::vec2 size, std::string_view title, std::string_view description) : size_(size) {
  const std::string w = std::to_string(std::lround(size.x)), h = std::to_string(std::lround(size.y));
  out_ =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
      "width=\"" +
      w + "\" height=\"" + h + "\" viewBox=\"0 0 " + w + " " + h + "\">\n<title>" + xml_escaped(title) + "</title>\n<desc>" +
      xml_escaped(description) + "</desc>\n";
}

void SvgWriter::begin_group(std::string_view name, float from) {
  out_ += "<g id=\"" + xml_escaped(name) + "\"";
  if (from != 0) {
    out_ += " transform=\"translate(";
    number(static_cast<double>(from));
    out_ += " 0)\"";
  }
  out_ += ">\n";
}

void SvgWriter::number(double value) { svg_add_number(out_, value); }

void SvgWriter::color(const char* which, const render::Color& c) {
  std::array<char, 16> hex{};
  const auto byte = [](float v) { return static_cast<int>(std::lround(std::clamp(v, 0.0F, 1.0F) * 255)); };
  std::snprintf(hex.data(), hex.size(), "#%02x%02x%02x", byte(c.r), byte(c.g), byte(c.b));
  out_ += std::string(" ") + which + "=\"" + hex.data() + "\"";
  if (c.a < 0.999F) {
    out_ += std::string(" ") + which + "-opacity=\"";
    number(static_cast<double>(c.a));
    out_ += '"';
  }
}

void SvgWriter::image(std::string_view png_base64) {
  out_ += "<image x=\"0\" y=\"0\" width=\"";
  number(static_cast<double>(size_.x));
  out_ += "\" height=\"";
  number(static_cast<double>(size_.y));
  out_ += "\" preserveAspectRatio=\"none\" xlink:href=\"data:image/png;base64,";
  out_ += png_base64;
  out_ += "\"/>\n";
}

void SvgWriter::fill(const std::string& d, const render::Color& c) {
  if (d.empty()) return;
  out_ += "<path d=\"" + d + "\"";
  color("fill", c);
  out_ += "/>\n";
}

void SvgWriter::stroke(const std::string& d, const render::Color& c, float width_px) {
  if (d.empty()) return;
  out_ += "<path d=\"" + d + "\" fill=\"none\"";
  color("stroke", c);
  out_ += " stroke-width=\"";
  number(static_cast<double>(width_px));
  out_ += "\"/>\n";
}

void SvgWriter::rectangle(glm::vec2 low, glm::vec2 high, float radius, const render::Color& c, bool outlined) {
  // An outline of a pixel runs along the middle of the outermost pixels.
  const float inset = outlined ? 0.5F : 0;
  out_ += "<rect x=\"";
  number(static_cast<double>(low.x + inset));
  out_ += "\" y=\"";
  number(static_cast<double>(low.y + inset));
  out_ += "\" width=\"";
  number(static_cast<double>(high.x - low.x - 2 * inset));
  out_ += "\" height=\"";
  number(static_cast<double>(high.y - low.y - 2 * inset));
  out_ += '"';
  if (radius > 0) {
    out_ += " rx=\"";
    number(static_cast<double>(radius));
    out_ += '"';
  }
  if (outlined) out_ += " fill=\"none\"";
  color(outlined ? "stroke" : "fill", c);
  out_ += "/>\n";
}

void SvgWriter::text(const SvgText& t) {
  out_ += "<text x=\"";
  number(static_cast<double>(t.pen.x));
  out_ += "\" y=\"";
  number(static_cast<double>(t.pen.y));
  out_ += std::string("\" font-family=\"") + kSvgFamilies + "\" font-size=\"";
  number(static_cast<double>(t.size));
  out_ += '"';
  if (t.bold) out_ += " font-weight=\"600\"";
  if (t.width > 0) {
    out_ += " textLength=\"";
    number(static_cast<double>(t.width));
    out_ += "\" lengthAdjust=\"spacingAndGlyphs\"";
  }
  color("fill", t.color);
  out_ += " xml:space=\"preserve\">" + xml_escaped(t.text) + "</text>\n";
}

std::string SvgWriter::finish() && {
  out_ += "</svg>\n";
  return std::move(out_);
}

}  // namespace gf::exporting
