// Regular expressions of tokenizer.json files, which are written for Oniguruma, as PCRE2 reads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gf {

/// The same expression for PCRE2 with PCRE2_UTF, PCRE2_UCP and PCRE2_MULTILINE: the two differ in \s, \w, \b, \h, \u, (?m),
/// in [:names:] and in sets inside of sets. Empty where it has something that PCRE2 can't say.
/// Source: github.com/kkos/oniguruma, doc/RE and doc/SYNTAX.md (Ruby's syntax, which tokenizers uses).
[[nodiscard]] std::optional<std::string> pcre2_dialect(std::string_view oniguruma);

}  // namespace gf
