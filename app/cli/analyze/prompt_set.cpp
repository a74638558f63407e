#include "app/cli/analyze/prompt_set.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <utility>

#include "app/cli/analyze/set_tables.h"
#include "app/cli/validators.h"
#include "model/base/files/json_bounds.h"
#include "model/base/files/text_lines.h"
#include "model/base/files/whole_file.h"
#include "model/base/text.h"
#include "model/edits/keys_once.h"

namespace gf::cli {
namespace {

constexpr std::size_t kMostShards = 1'000'000, kMostValuesOfRow = 4'000'000;
constexpr const char* kShardKind = "glassformer set";

/// "#883" of a number, else the text; nullopt: neither.
std::optional<std::string> token_word(const Json& value) {
  if (value.is_number_unsigned()) return "#" + value.dump();
  if (value.is_string()) return value.get<std::string>();
  return std::nullopt;
}

/// "1,2,3" of a list of numbers.
std::string ids_word(const Json& list) {
  std::string ids;
  for (const Json& id : list) ids += (ids.empty() ? "" : ",") + id.dump();
  return ids;
}

bool set_prompt(PromptOptions& prompt, const Json& value) {
  prompt.text.clear();
  prompt.ids.clear();
  if (value.is_string()) prompt.text = value.get<std::string>();
  else if (value.is_array()) prompt.ids = ids_word(value);
  else return false;
  return true;
}

}  // namespace

CLI::Validator shard_word() {
  return {[](const std::string& word) {
            const auto slash = word.find('/');
            const std::string index = word.substr(0, slash), count = slash == std::string::npos ? "" : word.substr(slash + 1);
            const bool numbers = is_number<std::size_t>(index, 1, kMostShards) && is_number<std::size_t>(count, 1, kMostShards);
            return numbers && shard_of(word).index <= shard_of(word).count
                       ? std::string()
                       : text("'{0}' is not a shard like 2/4, the second of four", word);
          },
          "I/N"};
}

Shard shard_of(const std::string& word) {
  Shard shard;
  const auto slash = word.find('/');
  if (slash == std::string::npos) return shard;
  std::from_chars(word.data(), word.data() + slash, shard.index);
  std::from_chars(word.data() + slash + 1, word.data() + word.size(), shard.count);
  return shard;
}

Result<SetRow> row_of_set(const std::string& line) {
  GF_TRY(check_json_bounds(line, kMostValuesOfRow, text("it")));
  KeysOnce keys;
  const auto see = [&keys](int, auto event, const auto& value) { return keys.see(event, value); };
  Json object = Json::parse(line, see, false);
  if (!object.is_object()) return fail(ErrorCode::InvalidArgument, text("it is not a JSON object with a prompt"));
  return SetRow{std::move(object), keys.doubled()};
}

Result<AnalyzeOptions> options_of_row(const AnalyzeOptions& options, const SetRow& of_set) {
  if (of_set.doubled) return fail(ErrorCode::InvalidArgument, text("its key \"{0}\" stands twice; leave one of them out", *of_set.doubled));
  const Json& row = of_set.object;
  AnalyzeOptions o = options;
  o.set.clear();
  // A question answers more where its own file is written. No row of a set writes one, so that -o must not change its answers.
  o.output.clear();
  const auto wrong = [](const std::string& key) {
    return fail(ErrorCode::InvalidArgument, text("its \"{0}\" is not what it should be", key));
  };
  const auto take_prompt = [&](const char* key, PromptOptions& to) { return !row.contains(key) || set_prompt(to, row[key]); };
  if (!row.contains("prompt") && !row.contains("ids")) return fail(ErrorCode::InvalidArgument, text("it has no prompt"));
  for (const char* key : {"prompt", "ids"})
    if (!take_prompt(key, o.prompt)) return wrong(key);
  for (auto& [name, prompt] : o.prompts) {
    if (name == "clean") prompt = o.prompt;
    for (const std::string& key : {name, name + "_ids"})
      if (!take_prompt(key.c_str(), prompt)) return wrong(key);
  }
  for (const auto& [key, to] : {std::pair{"target", &o.target}, std::pair{"against", &o.against}}) {
    if (!row.contains(key) || row[key].is_null()) continue;
    const auto word = token_word(row[key]);
    if (!word) return wrong(key);
    *to = *word;
  }
  if (const auto at = row.find("position"); at != row.end() && !at->is_null()) {
    if (!at->is_number_integer() || !is_number(at->dump(), std::numeric_limits<int>::min(), std::numeric_limits<int>::max()))
      return wrong("position");
    o.position = at->get<int>();
  }
  return o;
}

std::vector<std::string> unread_keys(const AnalyzeOptions& options, const SetRow& row) {
  const auto is_read = [&](const std::string& key) {
    for (const char* known : {"prompt", "ids", "target", "against", "position", "tags"})
      if (key == known) return true;
    return std::ranges::any_of(options.prompts, [&](const auto& prompt) { return key == prompt.first || key == prompt.first + "_ids"; });
  };
  std::vector<std::string> unread;
  for (const auto& [key, value] : row.object.items())
    if (!is_read(key)) unread.push_back(key);
  return unread;
}

Json failed_row_json(std::size_t row, const std::string& why) { return {{"row", row}, {"failed", why}}; }

Json row_json(std::size_t row, const std::vector<Answered>& answers, const Model& model) {
  Json parts = Json::array();
  for (const Answered& answered : answers)
    for (const Answer::Part& part : answered.answer.parts()) {
      const std::string name = key_of(*answered.question) + (part.name.empty() ? "" : "." + part.name);
      Json values = Json::array();
      if (const auto* grid = std::get_if<Grid>(&part.value)) {
        for (const float value : grid->values) values.push_back(number(value));
        parts.push_back(
            {{"name", name}, {"axes", grid->axes}, {"shape", grid->shape}, {"unit", grid->unit}, {"values", std::move(values)}});
      } else if (const auto* single = std::get_if<Answer::Number>(&part.value)) {
        values.push_back(number(single->value));
        parts.push_back(
            {{"name", name}, {"axes", Json::array()}, {"shape", Json::array()}, {"unit", single->unit}, {"values", std::move(values)}});
      } else if (!std::holds_alternative<Answer::Undefined>(part.value)) {
        const auto* table = std::get_if<Answer::Table>(&part.value);
        Json records = table == nullptr ? Json() : table_row_json(name, *table, model);
        parts.push_back(records.is_null() ? Json{{"name", name}} : std::move(records));
      }
    }
  return {{"row", row}, {"parts", std::move(parts)}};
}

Result<void> write_shard(const std::string& path, const SetResult& result) {
  GF_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
  const Json head = {{kShardKind, 1}, {"shard", {result.shard.index, result.shard.count}}, {"rows", result.total}, {"about", result.about}};
  GF_TRY(file.write(head.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"));
  for (const Json& row : result.rows) GF_TRY(file.write(row.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"));
  return file.keep();
}

namespace {

bool is_count(const Json& value) { return value.is_number_unsigned(); }

/// Whether a row has the form that row_json() and failed_row_json() give.
bool is_row(const Json& row) {
  if (!row.is_object() || !row.contains("row") || !is_count(row["row"])) return false;
  if (row.contains("failed")) return row["failed"].is_string();
  if (!row.contains("parts") || !row["parts"].is_array()) return false;
  for (const Json& part : row["parts"]) {
    if (is_table_row(part)) continue;
    if (part.is_object() && part.size() == 1 && part.contains("name") && part["name"].is_string()) continue;
    for (const char* key : {"name", "unit"})
      if (!part.is_object() || !part.contains(key) || !part[key].is_string()) return false;
    for (const char* key : {"axes", "shape", "values"})
      if (!part.contains(key) || !part[key].is_array()) return false;
    std::size_t count = 1;
    if (part["axes"].size() != part["shape"].size()) return false;
    for (const Json& axis : part["axes"])
      if (!axis.is_string()) return false;
    for (const Json& extent : part["shape"]) {
      if (!is_count(extent) || extent.get<std::uint64_t>() > kMostValuesOfRow) return false;
      count *= extent.get<std::size_t>();
      if (count > kMostValuesOfRow) return false;
    }
    if (count != part["values"].size()) return false;
    for (const Json& value : part["values"])
      if (!value.is_number() && !value.is_null()) return false;
  }
  return true;
}

}  // namespace

Result<SetResult> read_shard(const std::string& path) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 30, kMostValues = 8 * kMostValuesOfRow;
  GF_TRY_ASSIGN(TextLines lines, TextLines::open(path, phrase("shard"), kMostBytes));
  SetResult result;
  std::string line;
  const auto wrong = [&] { return fail(ErrorCode::Corrupt, text("{0} is not a file that analyze --shard wrote.", path)); };
  for (bool first = true;; first = false) {
    GF_TRY_ASSIGN(const bool more, lines.next(line));
    if (!more && first) return wrong();
    if (!more) return result;
    GF_TRY(check_json_bounds(line, kMostValues, path));
    Json json = Json::parse(line, nullptr, false);
    if (!first) {
      if (!is_row(json)) return wrong();
      result.rows.push_back(std::move(json));
      continue;
    }
    const bool usual = json.is_object() && json.contains(kShardKind) && json.contains("about") && json["about"].is_object() &&
                       json.contains("rows") && is_count(json["rows"]) && json.contains("shard") && json["shard"].is_array() &&
                       json["shard"].size() == 2 && is_count(json["shard"][0]) && is_count(json["shard"][1]);
    if (!usual) return wrong();
    result.about = json["about"];
    result.total = json["rows"];
    result.shard = {json["shard"][0], json["shard"][1]};
    if (result.shard.index < 1 || result.shard.index > result.shard.count || result.shard.count > kMostShards) return wrong();
  }
}

Result<SetResult> merged(std::vector<SetResult> shards, const std::vector<std::string>& paths) {
  const auto wrong = [](std::string sentence) { return fail(ErrorCode::InvalidArgument, std::move(sentence), "merged"); };
  std::vector<std::string> of_index(shards.front().shard.count);
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const SetResult& shard = shards[i];
    if (shard.about != shards[0].about || shard.total != shards[0].total || shard.shard.count != of_index.size())
      return wrong(text("{0} and {1} are not shards of one call; merge those of one set, asked in one way.", paths[0], paths[i]));
    std::string& before = of_index[shard.shard.index - 1];
    if (!before.empty()) return wrong(text("{0} and {1} are both shard {2}; leave one out.", before, paths[i], shard.shard.index));
    before = paths[i];
  }
  for (std::size_t i = 0; i < of_index.size(); ++i)
    if (of_index[i].empty()) return wrong(text("Shard {0} of {1} is missing; name its file too.", i + 1, of_index.size()));
  SetResult all{shards[0].about, {}, shards[0].total, {}};
  for (SetResult& shard : shards) std::ranges::move(shard.rows, std::back_inserter(all.rows));
  std::ranges::stable_sort(all.rows, {}, [](const Json& row) { return row["row"].get<std::size_t>(); });
  if (all.rows.size() != all.total)
    return wrong(text("The shards have {0} rows of {1}; one was not written whole.", all.rows.size(), all.total));
  return all;
}

}  // namespace gf::cli
