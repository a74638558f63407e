// Collects every sentence of the program from its sources: the literals given to text(), counted() and phrase().
#pragma once

#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace gf::house {

inline const std::filesystem::path kRoot = GLASSFORMER_SOURCE_DIR;  ///< of the sources

/// The source without comments; strings stay, and so do line ends. Raw strings are kept as they are.
[[nodiscard]] inline std::string without_comments(std::string_view source) {
  std::string out;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const char c = source[i], next = i + 1 < source.size() ? source[i + 1] : '\0';
    if (c == '/' && next == '/') {
      while (i < source.size() && source[i] != '\n') ++i;
      out += '\n';
    } else if (c == '/' && next == '*') {
      for (i += 2; i + 1 < source.size() && !(source[i] == '*' && source[i + 1] == '/'); ++i)
        if (source[i] == '\n') out += '\n';
      ++i;
    } else if (c == 'R' && next == '"' && (out.empty() || std::isalnum(static_cast<unsigned char>(out.back())) == 0)) {
      const auto open = source.find('(', i);
      const std::string close = ")" + std::string(source.substr(i + 2, open - i - 2)) + "\"";
      const auto end = source.find(close, open);
      if (open == std::string_view::npos || end == std::string_view::npos) return out;
      out += source.substr(i, end + close.size() - i);
      i = end + close.size() - 1;
    } else if (c == '"' || (c == '\'' && (out.empty() || std::isalnum(static_cast<unsigned char>(out.back())) == 0))) {
      std::size_t end = i + 1;
      while (end < source.size() && source[end] != c) end += source[end] == '\\' ? 2 : 1;
      out += source.substr(i, end + 1 - i);
      i = end;
    } else {
      out += c;
    }
  }
  return out;
}

/// The text between the quotes of a literal, with its escapes replaced.
[[nodiscard]] inline std::string unescaped(std::string_view literal) {
  std::string out;
  for (std::size_t i = 0; i < literal.size(); ++i) {
    if (literal[i] != '\\' || i + 1 == literal.size()) {
      out += literal[i];
      continue;
    }
    const char c = literal[++i];
    out += c == 'n' ? '\n' : c == 't' ? '\t' : c;
  }
  return out;
}

/// Reads the string literal at `at`, joined with adjacent ones, and moves `at` behind it. False if there is none.
[[nodiscard]] inline bool read_literal(std::string_view source, std::size_t& at, std::string& to) {
  bool any = false;
  for (std::size_t i = at;;) {
    while (i < source.size() && std::isspace(static_cast<unsigned char>(source[i])) != 0) ++i;
    if (i >= source.size() || source[i] != '"') return any;
    std::size_t end = i + 1;
    while (end < source.size() && source[end] != '"') end += source[end] == '\\' ? 2 : 1;
    if (end >= source.size()) return any;
    to += unescaped(source.substr(i + 1, end - i - 1));
    any = true;
    i = at = end + 1;
  }
}

/// The place behind the opening bracket of the next call of `name`. npos: there is none.
[[nodiscard]] inline std::size_t next_call(std::string_view source, std::string_view name, std::size_t from) {
  for (std::size_t at = from; (at = source.find(name, at)) != std::string_view::npos; ++at) {
    const bool whole = at == 0 || (std::isalnum(static_cast<unsigned char>(source[at - 1])) == 0 && source[at - 1] != '_');
    if (whole && at + name.size() < source.size() && source[at + name.size()] == '(') return at + name.size() + 1;
  }
  return std::string_view::npos;
}

struct Sentence {
  std::string english, file;
};

/// Adds the sentences of one source.
inline void collect_sentences(std::string_view source, const std::string& file, std::vector<Sentence>& to) {
  const std::string code = without_comments(source);
  const std::string_view view = code;
  const auto take = [&](std::size_t& at) {
    std::string english;
    if (read_literal(view, at, english)) to.push_back({english, file});
  };
  for (const std::string_view name : {"text", "phrase"})
    for (std::size_t at = 0; (at = next_call(view, name, at)) != std::string_view::npos;) {
      take(at);
      // text(one ? "a" : "b", ...) has two sentences.
      const auto end = view.find_first_of(";", at);
      for (std::size_t i = at; i < end && i < view.size() && view[i] != ',' && view[i] != ')';) {
        if ((view[i] == '?' || view[i] == ':') && (i == 0 || view[i - 1] != ':') && view.substr(i + 1, 1) != ":") take(++i);
        else if (view[i] == '(') break;
        else ++i;
      }
    }
  for (std::size_t at = 0; (at = next_call(view, "counted", at)) != std::string_view::npos;) {
    // The first argument is an expression; the two forms follow its comma.
    int depth = 0;
    for (; at < view.size() && !(view[at] == ',' && depth == 0); ++at) {
      depth += view[at] == '(' ? 1 : view[at] == ')' ? -1 : 0;
      if (depth < 0) break;
    }
    if (at < view.size() && view[at] == ',') {
      take(++at);
      if (at < view.size() && view[at] == ',') take(++at);
    }
  }
}

[[nodiscard]] inline std::string read_all(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

/// All sources of the program.
[[nodiscard]] inline std::vector<std::filesystem::path> sources_of(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> out;
  for (const char* top : {"model", "cuda", "renderer", "app"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / top)) {
      const auto extension = entry.path().extension();
      if (extension == ".h" || extension == ".cpp" || extension == ".def" || extension == ".inc" || extension == ".cu")
        out.push_back(entry.path());
    }
  return out;
}

/// Each sentence once, with the first file that has it.
[[nodiscard]] inline std::map<std::string, std::string> all_sentences(const std::filesystem::path& root) {
  std::vector<Sentence> found;
  for (const auto& path : sources_of(root)) {
    const std::string name = std::filesystem::relative(path, root).generic_string();
    if (name.starts_with("model/base/text.")) continue;  // it defines them
    collect_sentences(read_all(path), name, found);
  }
  std::map<std::string, std::string> out;
  for (const Sentence& s : found) out.emplace(s.english, s.file);
  return out;
}

/// The places {0}, {1} of a sentence, in order of their numbers.
[[nodiscard]] inline std::string places_of(std::string_view sentence) {
  std::string out;
  for (int n = 0; n < 10; ++n)
    if (const std::string place = "{" + std::to_string(n) + "}"; sentence.find(place) != std::string_view::npos) out += place;
  return out;
}

}  // namespace gf::house
