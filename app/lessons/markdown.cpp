#include "app/lessons/markdown.h"

#include <algorithm>
#include <array>
#include <utility>

#include "app/lessons/formula.h"
#include "model/base/html.h"
#include "model/base/text.h"

namespace gf::lessons {
namespace {

struct MarkedSpan {
  enum class Style { Plain, Bold, Italic, Code, Formula } style = Style::Plain;
  std::string text;
};
struct SpanMark {
  const char* sign;
  MarkedSpan::Style style;
};
/// Longer signs first.
constexpr std::array<SpanMark, 4> kSpanMarks{
    {{"**", MarkedSpan::Style::Bold}, {"*", MarkedSpan::Style::Italic}, {"`", MarkedSpan::Style::Code}, {"$", MarkedSpan::Style::Formula}}};

/// One paragraph's spans. `open`: signs that no second one closes; they stay as they are.
std::vector<MarkedSpan> spans_of(std::string_view text, std::vector<std::string>* open = nullptr) {
  std::vector<MarkedSpan> spans;
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\\' && at + 1 < text.size() && std::string_view("*`$\\").find(text[at + 1]) != std::string_view::npos) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
    const auto mark =
        std::find_if(kSpanMarks.begin(), kSpanMarks.end(), [&](const SpanMark& m) { return text.substr(at).starts_with(m.sign); });
    if (mark == kSpanMarks.end()) {
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
    if (!plain.empty()) spans.push_back({MarkedSpan::Style::Plain, std::exchange(plain, {})});
    spans.push_back({mark->style, std::string(text.substr(at + sign.size(), end - at - sign.size()))});
    at = end + sign.size();
  }
  if (!plain.empty()) spans.push_back({MarkedSpan::Style::Plain, std::move(plain)});
  return spans;
}

struct TextBlock {
  bool item = false;  ///< of a list
  std::string text;
};
std::vector<TextBlock> blocks_of(std::string_view text) {
  std::vector<TextBlock> blocks;
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

/// A token in code keeps its leading space, seen as a dot.
std::string code_text(std::string_view text) { return text.starts_with(' ') ? "\u00B7" + std::string(text.substr(1)) : std::string(text); }

std::string html_of(const MarkedSpan& span) {
  switch (span.style) {
    case MarkedSpan::Style::Plain: return html_escaped(span.text);
    case MarkedSpan::Style::Bold: return "<b>" + html_escaped(span.text) + "</b>";
    case MarkedSpan::Style::Italic: return "<i>" + html_escaped(span.text) + "</i>";
    case MarkedSpan::Style::Code: return "<code>" + html_escaped(code_text(span.text)) + "</code>";
    case MarkedSpan::Style::Formula: return formula_html(span.text);
  }
  return {};
}

}  // namespace

std::string to_html(std::string_view markdown) {
  std::string html;
  bool list = false;
  for (const TextBlock& block : blocks_of(markdown)) {
    if (block.item != list) html += block.item ? "<ul>" : "</ul>";
    list = block.item;
    html += list ? "<li>" : "<p>";
    for (const MarkedSpan& span : spans_of(block.text)) html += html_of(span);
    html += list ? "</li>" : "</p>";
  }
  return html + (list ? "</ul>" : "");
}

std::string to_plain(std::string_view markdown) {
  std::string plain;
  bool list = false;
  for (const TextBlock& block : blocks_of(markdown)) {
    if (!plain.empty()) plain += list && block.item ? "\n" : "\n\n";
    list = block.item;
    if (list) plain += "\u2022 ";
    for (const MarkedSpan& span : spans_of(block.text)) {
      if (span.style == MarkedSpan::Style::Formula) plain += formula_plain(span.text);
      else plain += span.style == MarkedSpan::Style::Code ? code_text(span.text) : span.text;
    }
  }
  return plain;
}

std::vector<std::string> markdown_faults(std::string_view markdown) {
  std::vector<std::string> faults;
  for (const TextBlock& block : blocks_of(markdown)) {
    std::vector<std::string> open;
    for (const MarkedSpan& span : spans_of(block.text, &open))
      if (span.style == MarkedSpan::Style::Formula)
        if (const auto fault = formula_fault(span.text)) faults.push_back(gf::text("the formula ${0}$ {1}", span.text, *fault));
    for (const std::string& sign : open) faults.push_back(gf::text("a '{0}' is not closed in: {1}", sign, block.text.substr(0, 60)));
  }
  return faults;
}

double reading_seconds(const std::string& plain) {
  constexpr double kWordsPerSecond = 2.6, kSettle = 1.2, kLeast = 2.5;
  const auto words = 1 + std::count_if(plain.begin(), plain.end(), [](char c) { return c == ' ' || c == '\n'; });
  return std::max(kLeast, kSettle + static_cast<double>(words) / kWordsPerSecond);
}

}  // namespace gf::lessons
