#include "model/analysis/params.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "model/base/listed.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf {

namespace {

template <class T>
bool read_param(std::string_view text, T& to) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc() && end == text.data() + text.size();
}

std::string_view trimmed_param(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::vector<std::string> words_of_param(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    words.emplace_back(trimmed_param(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return words;
}

/// The shortest text that reads back as this number.
std::string exact_param(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

tl::unexpected<Error> wrong_param(std::string sentence) { return fail(ErrorCode::InvalidArgument, std::move(sentence)); }

Result<Params::Value> parse_whole(const Param& row, std::string_view text) {
  int value = 0;
  if (read_param(text, value) && value >= row.low && value <= row.high) return value;
  const auto low = static_cast<long long>(row.low), high = static_cast<long long>(row.high);
  if (high == std::numeric_limits<int>::max())
    return wrong_param(gf::text("'{0}' for {1} is not a whole number from {2} on", text, row.name, low));
  return wrong_param(gf::text("'{0}' for {1} is not a whole number from {2} to {3}", text, row.name, low, high));
}

Result<Params::Value> parse_number(const Param& row, std::string_view text) {
  double value = 0;
  if (read_param(text, value) && std::isfinite(value) && value >= row.low && value <= row.high) return value;
  if (row.low == Param::kAboveZero) return wrong_param(gf::text("'{0}' for {1} is not a number above 0", text, row.name));
  return wrong_param(gf::text("'{0}' for {1} is not a number from {2} to {3}", text, row.name, numbers::significant(row.low, 6),
                              numbers::significant(row.high, 6)));
}

/// One word, or several.
Result<Params::Value> parse_choices(const Param& row, std::string_view text) {
  const bool several = row.kind == Param::Kind::Choices;
  auto words = several ? words_of_param(text) : std::vector<std::string>{std::string(text)};
  for (const std::string& word : words)
    if (std::ranges::find(row.choices, word) == row.choices.end())
      return wrong_param(gf::text("there is no {0} '{1}'; there are {2}", row.name, word, listed(row.choices)));
  if (several) return words;
  return words.front();
}

Result<Params::Value> parse_prompt(const Param& row, std::string_view text) {
  std::vector<TokenId> ids;
  for (const std::string& word : words_of_param(text)) {
    int id = -1;
    if (!read_param(std::string_view(word), id) || id < 0)
      return wrong_param(gf::text("'{0}' for {1} is not a token id; ids are written as 1,2,3", word, row.name));
    ids.emplace_back(id);
  }
  return ids;
}

Result<Params::Value> parse_param(const Param& row, std::string_view text) {
  if (text.empty()) return Params::Value{};
  switch (row.kind) {
    case Param::Kind::Whole: return parse_whole(row, text);
    case Param::Kind::Number: return parse_number(row, text);
    case Param::Kind::Choice:
    case Param::Kind::Choices: return parse_choices(row, text);
    case Param::Kind::Prompt: return parse_prompt(row, text);
    case Param::Kind::Text: return std::string(text);
    case Param::Kind::Seed: {
      std::uint64_t value = 0;
      if (read_param(text, value)) return value;
      return wrong_param(gf::text("'{0}' for {1} is not a whole number from {2} on", text, row.name, 0));
    }
    case Param::Kind::Flag:
      if (text == "yes" || text == "no") return text == "yes";
      return wrong_param(gf::text("'{0}' for {1} is not yes or no", text, row.name));
    case Param::Kind::Neuron:
    case Param::Kind::Head: break;
  }
  GF_TRY_ASSIGN(const UnitRef unit, parse_unit(text));
  return unit;
}

struct ParamWriter {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(bool value) const { return value ? "yes" : "no"; }
  std::string operator()(int value) const { return std::to_string(value); }
  std::string operator()(std::uint64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return exact_param(value); }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const std::vector<std::string>& words) const {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : ",") + word;
    return all;
  }
  std::string operator()(const std::vector<TokenId>& ids) const {
    std::string all;
    for (const TokenId id : ids) all += (all.empty() ? "" : ",") + std::to_string(id.v);
    return all;
  }
  std::string operator()(const UnitRef& unit) const { return std::to_string(unit.layer) + "." + std::to_string(unit.index); }
};

template <class T>
T param_or(const Params::Value& value, T otherwise) {
  if (std::holds_alternative<std::monostate>(value)) return otherwise;
  const T* found = std::get_if<T>(&value);
  EXPECTS(found != nullptr, "a parameter of this kind");
  return *found;
}

}  // namespace

Result<UnitRef> parse_unit(std::string_view text) {
  const auto dot = std::min(text.find('.'), text.size());
  UnitRef unit{-1, -1};
  if (dot < text.size() && read_param(text.substr(0, dot), unit.layer) && read_param(text.substr(dot + 1), unit.index) && unit.layer >= 0 &&
      unit.index >= 0)
    return unit;
  return wrong_param(gf::text("'{0}' is not BLOCK.INDEX, like 3.17", text));
}

Params::Params(std::span<const Param> rows) : rows_(rows) {
  for (const Param& row : rows) {
    auto value = parse_param(row, row.fallback);
    EXPECTS(value.has_value(), "a fallback that its own row allows");
    values_.push_back(std::move(*value));
  }
}

const Param* Params::row(std::string_view name) const {
  const auto at = std::ranges::find_if(rows_, [&](const Param& row) { return name == row.name; });
  return at == rows_.end() ? nullptr : &*at;
}

std::size_t Params::index(std::string_view name) const {
  const Param* found = row(name);
  EXPECTS(found != nullptr, "a parameter of this question");
  return static_cast<std::size_t>(found - rows_.data());
}

Result<void> Params::set(std::string_view name, std::string_view text) {
  const Param* found = row(name);
  if (found == nullptr) return wrong_param(gf::text("there is no parameter '{0}' here", name));
  GF_TRY_ASSIGN(values_[index(name)], parse_param(*found, text));
  return {};
}

void Params::set_prompt(std::string_view name, std::vector<TokenId> ids) {
  const std::size_t i = index(name);
  EXPECTS(rows_[i].kind == Param::Kind::Prompt, "a parameter that is a prompt");
  if (ids.empty()) values_[i] = Value{};
  else values_[i] = std::move(ids);
}

bool Params::given(std::string_view name) const { return !std::holds_alternative<std::monostate>(values_[index(name)]); }
bool Params::changed(std::string_view name) const {
  const std::size_t i = index(name);
  return values_[i] != parse_param(rows_[i], rows_[i].fallback).value();
}

int Params::whole(std::string_view name) const { return param_or(values_[index(name)], 0); }
std::uint64_t Params::seed(std::string_view name) const { return param_or(values_[index(name)], std::uint64_t{0}); }
double Params::number(std::string_view name) const { return param_or(values_[index(name)], 0.0); }
bool Params::flag(std::string_view name) const { return param_or(values_[index(name)], false); }
std::string Params::text(std::string_view name) const { return param_or(values_[index(name)], std::string()); }
std::vector<std::string> Params::choices(std::string_view name) const { return param_or(values_[index(name)], std::vector<std::string>()); }
std::vector<TokenId> Params::prompt(std::string_view name) const { return param_or(values_[index(name)], std::vector<TokenId>()); }
UnitRef Params::unit(std::string_view name) const { return param_or(values_[index(name)], UnitRef()); }

std::string Params::written(std::size_t i) const { return std::visit(ParamWriter(), values_[i]); }

std::string Params::key() const {
  std::string all;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    all += (i == 0 ? "" : ";") + std::string(rows_[i].name) + "=";
    for (const char c : written(i)) {
      if (c == ';' || c == '\\') all += '\\';
      all += c;
    }
  }
  return all;
}

}  // namespace gf
