#include "model/tokenizer/normalizer.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <pcre2.h>
#include <utf8proc.h>

#include "model/base/listed.h"
#include "model/base/text.h"
#include "model/tokenizer/regex_dialect.h"
#include "model/tokenizer/unicode.h"
#include "model/tokenizer/utf8.h"

namespace gf {

namespace {

using NormalizerJson = nlohmann::json;
constexpr std::size_t kNormalizerMostSteps = 100, kNormalizerLongestPattern = 10'000;

struct NormalizerFree {
  void operator()(pcre2_match_data* p) const { pcre2_match_data_free(p); }
  void operator()(pcre2_match_context* p) const { pcre2_match_context_free(p); }
};

/// A normal form of Unicode. Characters below U+0300 never combine with the character before them, so the text is normalised
/// in pieces that begin with such a character.
AlignedText normal_form(const AlignedText& in, utf8proc_option_t options) {
  AlignedText out;
  const std::string_view text = in.text();
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    bool valid = true;
    do {
      const Utf8Char c = utf8_at(text, end);
      if (!c.valid) {
        valid = valid && end > at;  // a broken byte is a piece of its own
        if (end == at) end += c.bytes;
        break;
      }
      end += c.bytes;
    } while (end < text.size() && utf8_at(text, end).code >= 0x300 && utf8_at(text, end).valid);
    const std::string_view piece = text.substr(at, end - at);
    const bool plain = !valid || (piece.size() == 1 && static_cast<unsigned char>(piece[0]) < 0x80);
    utf8proc_uint8_t* made = nullptr;
    const auto bytes = plain ? utf8proc_ssize_t{-1}
                             : utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(piece.data()),
                                            static_cast<utf8proc_ssize_t>(piece.size()), &made, options);
    if (bytes < 0) out.append(in, at, end);
    else
      out.append(std::string_view(reinterpret_cast<const char*>(made), static_cast<std::size_t>(bytes)), in.origin_begin(at),
                 in.origin_end(end));
    std::free(made);  // NOLINT: utf8proc allocates it so
    at = end;
  }
  return out;
}

AlignedText lower_cased(const AlignedText& in) {
  AlignedText out;
  const std::string_view text = in.text();
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char c = utf8_at(text, at);
    std::string made;
    if (c.valid) append_lower_case(made, c.code);
    else made = text.substr(at, c.bytes);
    out.append(made, in.origin_begin(at), in.origin_end(at + c.bytes));
    at += c.bytes;
  }
  return out;
}

AlignedText stripped(const AlignedText& in, bool left, bool right) {
  const std::string_view text = in.text();
  std::size_t begin = text.size(), end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char c = utf8_at(text, at);
    if (!c.valid || !is_white_space(c.code)) {
      begin = std::min(begin, at);
      end = at + c.bytes;
    }
    at += c.bytes;
  }
  AlignedText out;
  if (!left) begin = 0;
  if (!right) end = text.size();
  if (begin < end) out.append(in, begin, end);
  return out;
}

tl::unexpected<Error> normalizer_corrupt(const std::string& path, const std::string& problem) {
  return fail(ErrorCode::Corrupt, text("Cannot read {0}: {1}.", path, problem), "Normalizer");
}

// tokenizers repeats characters of the text then, and does so on no plan.
Error normalizer_empty_match(const std::string& path) {
  return {ErrorCode::Unsupported,
          text("Cannot read {0}: its normalizer replaces where there is nothing (an empty match), which is not supported.", path),
          "Normalizer"};
}

}  // namespace

struct Normalizer::Regex {
  std::string path;  ///< for messages
  std::shared_ptr<pcre2_code> code;
};

class NormalizerParser {
 public:
  explicit NormalizerParser(const std::string& path) : path_(path) {}

  Result<void> add(const NormalizerJson& json) {
    if (json.is_null()) return {};
    const auto type = json.is_object() ? json.find("type") : json.end();
    if (!json.is_object() || type == json.end() || !type->is_string()) return normalizer_corrupt(path_, text("its normalizer has no type"));
    const auto name = type->get<std::string>();
    if (made.steps_.size() >= kNormalizerMostSteps) return normalizer_corrupt(path_, text("its normalizer has too many steps"));
    if (name == "Sequence") {
      const auto list = json.find("normalizers");
      if (list == json.end() || !list->is_array()) return normalizer_corrupt(path_, text("its normalizer Sequence has no list"));
      for (const NormalizerJson& each : *list) GF_TRY(add(each));
      return {};
    }
    using Kind = Normalizer::Step::Kind;
    constexpr std::array<std::pair<const char*, Kind>, 8> kinds = {{{"NFC", Kind::Nfc},
                                                                    {"NFD", Kind::Nfd},
                                                                    {"NFKC", Kind::Nfkc},
                                                                    {"NFKD", Kind::Nfkd},
                                                                    {"Lowercase", Kind::Lowercase},
                                                                    {"Strip", Kind::Strip},
                                                                    {"Replace", Kind::Replace},
                                                                    {"Prepend", Kind::Prepend}}};
    for (const auto& [known, kind] : kinds)
      if (name == known) return add_step({.kind = kind}, json);
    return fail(ErrorCode::Unsupported,
                text("Cannot read {0}: it normalises text by {1}, which is not supported; {2} are.", path_, name,
                     listed(
                         kinds, [](const auto& kind) { return kind.first; }, text(" and "))),
                "Normalizer");
  }
  Normalizer made;

 private:
  Result<void> add_step(Normalizer::Step step, const NormalizerJson& json) {
    using Kind = Normalizer::Step::Kind;
    const auto flag = [&](const char* key) {
      const auto it = json.find(key);
      return it == json.end() || !it->is_boolean() || it->get<bool>();
    };
    const auto word = [&](const char* key) -> std::optional<std::string> {
      const auto it = json.find(key);
      return it != json.end() && it->is_string() ? std::optional(it->get<std::string>()) : std::nullopt;
    };
    if (step.kind == Kind::Strip) {
      step.left = flag("strip_left");
      step.right = flag("strip_right");
    } else if (step.kind == Kind::Prepend) {
      const auto content = word("prepend");
      if (!content) return normalizer_corrupt(path_, text("its normalizer Prepend has no text"));
      step.content = *content;
    } else if (step.kind == Kind::Replace) {
      const auto content = word("content");
      const auto pattern = json.find("pattern");
      const auto part = [&](const char* key) -> const std::string* {
        if (pattern == json.end() || !pattern->is_object()) return nullptr;
        const auto it = pattern->find(key);
        return it != pattern->end() && it->is_string() ? it->get_ptr<const std::string*>() : nullptr;
      };
      const std::string *plain = part("String"), *regex = part("Regex");
      if (!content || (plain == nullptr && regex == nullptr))
        return normalizer_corrupt(path_, text("its normalizer Replace has no pattern and content"));
      step.content = *content;
      if (plain == nullptr) GF_TRY(compile(*regex, step));
      else if (plain->empty()) return tl::unexpected(normalizer_empty_match(path_));
      else step.pattern = *plain;
    }
    made.steps_.push_back(std::move(step));
    return {};
  }
  Result<void> compile(const std::string& pattern, Normalizer::Step& step) {
    int error = 0;
    PCRE2_SIZE at = 0;
    auto regex = std::make_shared<Normalizer::Regex>();
    const auto translated = pattern.size() <= kNormalizerLongestPattern ? pcre2_dialect(pattern) : std::nullopt;
    if (translated)
      regex->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated->data()), translated->size(),
                                      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE, &error, &at, nullptr),
                        pcre2_code_free);
    if (!regex->code)
      return fail(ErrorCode::Unsupported,
                  text("Cannot read {0}: its normalizer replaces by the regular expression {1}, which is not understood.", path_, pattern),
                  "Normalizer");
    regex->path = path_;
    step.regex = std::move(regex);
    return {};
  }
  const std::string& path_;
};

Result<Normalizer> Normalizer::parse(std::string_view json, const std::string& path) {
  const auto parsed = NormalizerJson::parse(json, nullptr, false);
  if (parsed.is_discarded()) return normalizer_corrupt(path, text("its normalizer is not JSON"));
  NormalizerParser parser(path);
  GF_TRY(parser.add(parsed));
  return std::move(parser.made);
}

Result<AlignedText> Normalizer::applied(const Step& step, const AlignedText& in) {
  constexpr auto composed = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE),
                 decomposed = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
  const auto compatible = [](utf8proc_option_t form) { return static_cast<utf8proc_option_t>(form | UTF8PROC_COMPAT); };
  switch (step.kind) {
    case Step::Kind::Nfc: return normal_form(in, composed);
    case Step::Kind::Nfd: return normal_form(in, decomposed);
    case Step::Kind::Nfkc: return normal_form(in, compatible(composed));
    case Step::Kind::Nfkd: return normal_form(in, compatible(decomposed));
    case Step::Kind::Lowercase: return lower_cased(in);
    case Step::Kind::Strip: return stripped(in, step.left, step.right);
    case Step::Kind::Prepend: {
      AlignedText out;
      if (in.text().empty()) return out;
      out.append(step.content, in.origin_begin(0), in.origin_begin(0));
      out.append(in, 0, in.text().size());
      return out;
    }
    case Step::Kind::Replace: break;
  }
  AlignedText out;
  const std::string_view text = in.text();
  std::unique_ptr<pcre2_match_data, NormalizerFree> match;
  std::unique_ptr<pcre2_match_context, NormalizerFree> context;
  if (step.regex) {
    if (!is_valid_utf8(text)) return in;
    match.reset(pcre2_match_data_create(1, nullptr));
    context.reset(pcre2_match_context_create(nullptr));
    if (!match || !context)
      return fail(ErrorCode::OutOfMemory, gf::text("There is not enough memory to normalise the text."), "Normalizer");
    pcre2_set_match_limit(context.get(), 1'000'000);
  }
  std::size_t kept = 0, at = 0;
  while (at <= text.size()) {
    std::size_t begin = 0, end = 0;
    if (step.regex) {
      const int rc = pcre2_match(step.regex->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at, PCRE2_NO_UTF_CHECK,
                                 match.get(), context.get());
      if (rc == PCRE2_ERROR_NOMATCH) break;
      if (rc < 0)
        return fail(ErrorCode::OutOfMemory,
                    gf::text("The tokenizer's regular expression takes too long for this text (PCRE2 error {0}).", rc), "Normalizer");
      begin = pcre2_get_ovector_pointer(match.get())[0];
      end = pcre2_get_ovector_pointer(match.get())[1];
    } else {
      begin = text.find(step.pattern, at);
      if (begin == std::string_view::npos) break;
      end = begin + step.pattern.size();
    }
    if (end <= begin) return tl::unexpected(normalizer_empty_match(step.regex->path));
    out.append(in, kept, begin);
    out.append(step.content, in.origin_begin(begin), in.origin_end(end));
    kept = at = end;
  }
  out.append(in, kept, text.size());
  return out;
}

Result<AlignedText> Normalizer::apply(AlignedText text) const {
  for (const Step& step : steps_) {
    GF_TRY_ASSIGN(text, applied(step, text));
  }
  return text;
}

}  // namespace gf
