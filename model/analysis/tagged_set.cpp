#include "model/analysis/tagged_set.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "model/analysis/probes.h"
#include "model/base/files/json_bounds.h"
#include "model/base/files/text_lines.h"
#include "model/base/listed.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/base/token_ids.h"

namespace gf {

namespace {

using SetJson = nlohmann::json;
constexpr std::size_t kMostSetRows = 100'000, kMostValuesOfSetRow = 100'000;

tl::unexpected<Error> wrong_set(std::string sentence) { return fail(ErrorCode::InvalidArgument, std::move(sentence)); }

Result<std::map<std::string, TagValue>> tags_of(const SetJson& row) {
  std::map<std::string, TagValue> tags;
  const auto all = row.find("tags");
  if (all == row.end()) return tags;
  if (!all->is_object()) return wrong_set(text("its \"{0}\" is not what it should be", "tags"));
  for (const auto& [name, value] : all->items()) {
    if (value.is_string()) tags[name] = value.get<std::string>();
    else if (value.is_boolean()) tags[name] = std::string(value.get<bool>() ? "true" : "false");
    else if (value.is_number() && std::isfinite(value.get<double>())) tags[name] = value.get<double>();
    else return wrong_set(text("its tag \"{0}\" is neither a word nor a number", name));
  }
  return tags;
}

Result<std::vector<TokenId>> ids_of_set_row(const SetJson& row, TaggedPrompt& prompt, const PromptEncoder& encode) {
  const auto ids = row.find("ids"), said = row.find("prompt");
  const SetJson* list = ids != row.end() ? &*ids : (said != row.end() && said->is_array() ? &*said : nullptr);
  if (list == nullptr) {
    if (said == row.end()) return wrong_set(text("it has no prompt"));
    if (!said->is_string() || said->get<std::string>().empty()) return wrong_set(text("its \"{0}\" is not what it should be", "prompt"));
    prompt.text = said->get<std::string>();
    return encode(prompt.text);
  }
  std::vector<TokenId> found;
  if (!list->is_array()) return wrong_set(text("its \"{0}\" is not what it should be", "ids"));
  for (const SetJson& id : *list) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() > std::numeric_limits<int>::max())
      return wrong_set(text("its \"{0}\" is not what it should be", "ids"));
    found.emplace_back(id.get<int>());
  }
  return found;
}

Result<TaggedPrompt> tagged_prompt(const std::string& line, const PromptEncoder& encode, int n_vocab, int n_ctx) {
  GF_TRY(check_json_bounds(line, kMostValuesOfSetRow, text("it")));
  const SetJson row = SetJson::parse(line, nullptr, false);
  if (!row.is_object()) return wrong_set(text("it is not a JSON object with a prompt"));
  TaggedPrompt prompt;
  GF_TRY_ASSIGN(prompt.ids, ids_of_set_row(row, prompt, encode));
  GF_TRY_ASSIGN(prompt.tags, tags_of(row));
  for (const auto& [key, word] : {std::pair{"target", &prompt.target}, std::pair{"against", &prompt.against}}) {
    const auto said = row.find(key);
    if (said == row.end() || said->is_null()) continue;
    if (!said->is_string()) return wrong_set(text("its \"{0}\" is not what it should be", key));
    *word = said->get<std::string>();
  }
  if (prompt.ids.empty()) return wrong_set(text("it has no tokens"));
  GF_TRY(check_ids(prompt.ids, n_vocab));
  if (const auto at = row.find("position"); at != row.end() && !at->is_null()) {
    const auto T = static_cast<std::int64_t>(prompt.ids.size());
    const std::int64_t position = at->is_number_integer() ? at->get<std::int64_t>() : T;
    if (position >= T || position < -T) return wrong_set(text("its \"{0}\" is not what it should be", "position"));
    prompt.ids.resize(static_cast<std::size_t>((position < 0 ? T + position : position) + 1));
  }
  if (static_cast<std::int64_t>(prompt.ids.size()) > n_ctx)
    return wrong_set(text("it has {0} tokens, but the model's context is {1}", prompt.ids.size(), n_ctx));
  return prompt;
}

std::string written_tag(const TagValue& value) {
  const auto* word = std::get_if<std::string>(&value);
  return word != nullptr ? *word : numbers::significant(std::get<double>(value), 6);
}

Result<std::string> tag_name(const TaggedSet& set, std::string_view asked) {
  std::set<std::string> names;
  for (const TaggedPrompt& row : set.rows)
    for (const auto& [name, value] : row.tags) names.insert(name);
  const std::vector<std::string> all(names.begin(), names.end());
  if (all.empty()) return wrong_set(text("The prompts of {0} have no tags; give each row \"tags\": {\"name\": value}.", set.name));
  if (asked.empty() && all.size() == 1) return all.front();
  if (asked.empty()) return wrong_set(text("The prompts of {0} have the tags {1}; choose one with {2}.", set.name, listed(all), "--tag"));
  if (!names.contains(std::string(asked)))
    return wrong_set(text("The prompts of {0} have no tag '{1}'; there are {2}.", set.name, asked, listed(all)));
  return std::string(asked);
}

}  // namespace

Result<TaggedSet> read_tagged_set(const std::string& path, const PromptEncoder& encode, int n_vocab, int n_ctx) {
  GF_TRY_ASSIGN(TextLines lines, TextLines::open(path, phrase("set of prompts")));
  TaggedSet set;
  set.name = std::filesystem::path(path).filename().string();
  std::size_t number = 0;
  for (std::string line;;) {
    GF_TRY_ASSIGN(const bool more, lines.next(line));
    if (!more) break;
    if (line.empty()) continue;
    if (++number > kMostSetRows)
      return wrong_set(text("The set of prompts {0} has more than {1} rows; give it in parts.", path, kMostSetRows));
    auto row = tagged_prompt(line, encode, n_vocab, n_ctx);
    if (!row) {
      set.failed.push_back({number, row.error().message});
      continue;
    }
    row->row = number;
    set.rows.push_back(std::move(*row));
  }
  if (number == 0) return wrong_set(text("the set of prompts {0} is empty", path));
  if (set.rows.empty())
    return wrong_set(
        text("No row of the set of prompts {0} can be used; row {1}: {2}.", path, set.failed.front().row, set.failed.front().why));
  return set;
}

Result<TagColumn> tag_column(const TaggedSet& set, std::string_view asked, int folds) {
  TagColumn column;
  GF_TRY_ASSIGN(column.tag, tag_name(set, asked));
  std::vector<TagValue> values;
  for (const TaggedPrompt& row : set.rows)
    if (const auto at = row.tags.find(column.tag); at != row.tags.end()) {
      column.rows.push_back(&row);
      values.push_back(at->second);
    }
  const std::set<TagValue> different(values.begin(), values.end());
  const auto n = values.size();
  if (n < static_cast<std::size_t>(folds))
    return wrong_set(
        text("The tag '{0}' stands on {1} prompts, too few for {2} folds; give more prompts or fewer folds.", column.tag, n, folds));
  if (different.size() > 2 && std::ranges::all_of(different, [](const TagValue& v) { return std::holds_alternative<double>(v); })) {
    for (const TagValue& v : values) column.targets.push_back(std::get<double>(v));
    return column;
  }
  if (different.size() != 2)
    return wrong_set(text("The tag '{0}' has {1} values; a direction needs two, or numbers to predict.", column.tag, different.size()));
  column.zero = written_tag(*different.begin());
  column.one = written_tag(*different.rbegin());
  for (const TagValue& v : values) column.labels.push_back(v == *different.rbegin() ? 1 : 0);
  const auto ones = std::ranges::count(column.labels, 1);
  for (const auto& [begin, end] : contiguous_folds(n, static_cast<std::size_t>(folds))) {
    const auto inside =
        std::count(column.labels.begin() + static_cast<std::ptrdiff_t>(begin), column.labels.begin() + static_cast<std::ptrdiff_t>(end), 1);
    const auto others = static_cast<std::ptrdiff_t>(n - (end - begin));
    if (ones - inside == 0 || ones - inside == others)
      return wrong_set(
          text("All prompts outside rows {0} to {1} have one value of '{2}', so that nothing can be learnt from them; mix the rows.",
               begin + 1, end, column.tag));
  }
  return column;
}

}  // namespace gf
