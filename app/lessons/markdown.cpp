#include "app/lessons/markdown.h"

#include <algorithm>
#include <array>
#include <utility>

#include "app/lessons/formula.h"

namespace gf::lessons {
namespace marking {

struct Span {
  enum class Style { Plain, Bold, Italic, Code, Formula } style = Style::Plain;
  std::string text;
};
struct Mark {
  const char* sign;
  Span::Style style;
};
/// Longer signs first.
constexpr std::array<Mark, 4> kMarks{
    {{"**", Span::Style::Bold}, {"*", Span::Style::Italic}, {"`", Span::Style::Code}, {"$", Span::Style::Formula}}};

/// One paragraph's spans. `open`: signs that no second one closes; they stay as they are.
std::vector<Span> spans_of(std::string_view text, std::vector<std::string>* open = nullptr) {
  std::vector<Span> spans;
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\\' && at + 1 < text.size() && std::string_view("*`$\\").find(text[at + 1]) != std::string_view::npos) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
    const auto mark = std::find_if(kMarks.begin(), kMarks.end(), [&](const Mark& m) { return text.substr(at).starts_with(m.sign); });
    if (mark == kMarks.end()) {
      plain += text[at++];
      continue;
    }
    const std::string_view sign = mark->sign;
    const std::size_t end = text.find(sign, at + sign.size());
    if (end == std::string_view::npos) {
      if (open) open->emplace_back(sign);
      plain += sign;
      at += sign.size();
      continue;
    }
    if (!plain.empty()) spans.push_back({Span::Style::Plain, std::exchange(plain, {})});
    spans.push_back({mark->style, std::string(text.substr(at + sign.size(), end - at - sign.size()))});
    at = end + sign.size();
  }
  if (!plain.empty()) spans.push_back({Span::Style::Plain, std::move(plain)});
  return spans;
}

struct Block {
  bool item = false;  ///< of a list
  std::string text;
};
std::vector<Block> blocks_of(std::string_view text) {
  std::vector<Block> blocks;
  bool fresh = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool item = line.starts_with("- ");
    if (line.empty()) {
      fresh = true;
    } else if (fresh || item || blocks.empty()) {
      blocks.push_back({item, std::string(item ? line.substr(2) : line)});
      fresh = false;
    } else {
      blocks.back().text += " " + std::string(line);
    }
  }
  return blocks;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else out += c;
  }
  return out;
}

/// A token in code keeps its leading space, seen as a dot.
std::string code_text(std::string_view text) { return text.starts_with(' ') ? "\u00B7" + std::string(text.substr(1)) : std::string(text); }

std::string html_of(const Span& span) {
  switch (span.style) {
    case Span::Style::Plain: return escaped(span.text);
    case Span::Style::Bold: return "<b>" + escaped(span.text) + "</b>";
    case Span::Style::Italic: return "<i>" + escaped(span.text) + "</i>";
    case Span::Style::Code: return "<code>" + escaped(code_text(span.text)) + "</code>";
    case Span::Style::Formula: return "<i>" + formula_html(span.text) + "</i>";
  }
  return {};
}

}  // namespace marking

std::string to_html(std::string_view markdown) {
  std::string html;
  bool list = false;
  for (const marking::Block& block : marking::blocks_of(markdown)) {
    if (block.item != list) html += block.item ? "<ul>" : "</ul>";
    list = block.item;
    html += list ? "<li>" : "<p>";
    for (const marking::Span& span : marking::spans_of(block.text)) html += marking::html_of(span);
    html += list ? "</li>" : "</p>";
  }
  return html + (list ? "</ul>" : "");
}

std::string to_plain(std::string_view markdown) {
  std::string plain;
  bool list = false;
  for (const marking::Block& block : marking::blocks_of(markdown)) {
    if (!plain.empty()) plain += list && block.item ? "\n" : "\n\n";
    list = block.item;
    if (list) plain += "\u2022 ";
    for (const marking::Span& span : marking::spans_of(block.text)) {
      if (span.style == marking::Span::Style::Formula) plain += formula_plain(span.text);
      else plain += span.style == marking::Span::Style::Code ? marking::code_text(span.text) : span.text;
    }
  }
  return plain;
}

std::vector<std::string> markdown_faults(std::string_view markdown) {
  std::vector<std::string> faults;
  for (const marking::Block& block : marking::blocks_of(markdown)) {
    std::vector<std::string> open;
    for (const marking::Span& span : marking::spans_of(block.text, &open))
      if (span.style == marking::Span::Style::Formula)
        if (const auto unknown = unknown_command(span.text))
          faults.push_back("the formula $" + span.text + "$ uses \\" + *unknown + ", which is not known");
    for (const std::string& sign : open) faults.push_back("a '" + sign + "' is not closed in: " + block.text.substr(0, 60));
  }
  return faults;
}

}  // namespace gf::lessons
