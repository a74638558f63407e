#include "app/cli/analyze/set_tables.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "app/cli/analyze/set_moments.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::cli {
namespace {

constexpr std::size_t kPrintedRecords = 20;

using Column = Answer::Table::Column;

bool is_number_column(const Column& column) { return std::holds_alternative<std::vector<float>>(column.cells); }
bool is_list_column(const Column& column) { return std::holds_alternative<std::vector<std::vector<int>>>(column.cells); }

Json key_cell(const Column& column, std::size_t i, const Model& model) {
  if (const auto* whole = std::get_if<std::vector<int>>(&column.cells)) return (*whole)[i];
  if (const auto* words = std::get_if<std::vector<std::string>>(&column.cells)) return (*words)[i];
  return token_json(model, std::get<std::vector<TokenId>>(column.cells)[i]);
}

bool is_key_cell(const Json& cell) {
  if (cell.is_object()) return cell.contains("text") && cell["text"].is_string() && cell.contains("id") && cell["id"].is_number_integer();
  return cell.is_number_integer() || cell.is_string();
}

bool are_words(const Json& list) {
  return list.is_array() && std::ranges::all_of(list, [](const Json& word) { return word.is_string(); });
}

/// One record over the prompts that list it.
struct Record {
  Json keys;
  std::vector<std::vector<Json>> values;  ///< for each column the numbers of the prompts; null where a number is not finite
  double size = 0;                        ///< the sum of the magnitudes of its last column: what it does for what is asked
};

}  // namespace

std::string key_word(const Json& key) {
  if (key.is_object()) return key["text"].get<std::string>();
  return key.is_string() ? key.get<std::string>() : key.dump();
}

Json table_row_json(const std::string& name, const Answer::Table& table, const Model& model) {
  if (std::ranges::any_of(table.columns, is_list_column) || std::ranges::none_of(table.columns, is_number_column)) return {};
  Json keys = Json::array(), columns = Json::array(), units = Json::array(), records = Json::array();
  for (const Column& column : table.columns)
    if (is_number_column(column)) {
      columns.push_back(column.name);
      units.push_back(column.unit);
    } else {
      keys.push_back(column.name);
    }
  for (std::size_t i = 0; i < table.rows(); ++i) {
    Json record = Json::array();
    for (const Column& column : table.columns)
      if (!is_number_column(column)) record.push_back(key_cell(column, i, model));
    for (const Column& column : table.columns)
      if (is_number_column(column)) record.push_back(number(std::get<std::vector<float>>(column.cells)[i]));
    records.push_back(std::move(record));
  }
  return {{"name", name}, {"keys", keys}, {"columns", columns}, {"units", units}, {"records", records}};
}

bool is_table_row(const Json& part) {
  if (!part.is_object() || !part.contains("name") || !part["name"].is_string()) return false;
  for (const char* key : {"keys", "columns", "units"})
    if (!part.contains(key) || !are_words(part[key])) return false;
  if (!part.contains("records") || !part["records"].is_array() || part["units"].size() != part["columns"].size()) return false;
  const std::size_t keys = part["keys"].size(), all = keys + part["columns"].size();
  return std::ranges::all_of(part["records"], [&](const Json& record) {
    if (!record.is_array() || record.size() != all || part["columns"].empty()) return false;
    for (std::size_t i = 0; i < all; ++i)
      if (i < keys ? !is_key_cell(record[i]) : !record[i].is_number() && !record[i].is_null()) return false;
    return true;
  });
}

Json table_reply(const std::vector<const Json*>& rows) {
  const Json& first = *rows.front();
  const std::size_t n_keys = first["keys"].size(), n_columns = first["columns"].size();
  std::vector<Record> records;
  std::map<std::string, std::size_t> places;
  for (const Json* row : rows)
    for (const Json& cells : (*row)["records"]) {
      const Json keys(std::vector<Json>(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(n_keys)));
      const auto [at, fresh] = places.emplace(keys.dump(-1, ' ', false, Json::error_handler_t::replace), records.size());
      if (fresh) records.push_back({keys, std::vector<std::vector<Json>>(n_columns), 0});
      Record& record = records[at->second];
      for (std::size_t c = 0; c < n_columns; ++c) record.values[c].push_back(cells[n_keys + c]);
      if (const Json& size = cells[n_keys + n_columns - 1]; size.is_number()) record.size += std::abs(size.get<double>());
    }
  std::ranges::stable_sort(records, [](const Record& a, const Record& b) { return a.size > b.size; });
  Json list = Json::array();
  for (const Record& record : records) {
    Json json = Json::object();
    for (std::size_t k = 0; k < n_keys; ++k) json[first["keys"][k].get<std::string>()] = record.keys[k];
    for (std::size_t c = 0; c < n_columns; ++c) {
      const SetMoments m = moments_of(record.values[c]);
      json[first["columns"][c].get<std::string>()] = {{"mean", m.mean}, {"standard_error", m.standard_error}};
    }
    json["n"] = record.values.front().size();
    list.push_back(std::move(json));
  }
  return {{"keys", first["keys"]}, {"columns", first["columns"]}, {"units", first["units"]}, {"prompts", rows.size()}, {"records", list}};
}

void print_table_reply(const std::string& name, const Json& reply) {
  print_line("\n" + text("{0}, each record's mean over the n of {1} prompts that list it", name, reply["prompts"].get<std::size_t>()));
  std::vector<std::vector<std::string>> rows(1);
  for (const char* kind : {"keys", "columns"})
    for (const Json& column : reply[kind]) rows[0].push_back(column.get<std::string>());
  rows[0].emplace_back("n");
  const Json& records = reply["records"];
  for (std::size_t i = 0; i < std::min(records.size(), kPrintedRecords); ++i) {
    std::vector<std::string>& row = rows.emplace_back();
    for (const Json& key : reply["keys"]) row.push_back(key_word(records[i][key.get<std::string>()]));
    for (const Json& column : reply["columns"]) {
      const Json& cell = records[i][column.get<std::string>()];
      row.push_back(mean_cell(cell["mean"], cell["standard_error"]));
    }
    row.push_back(records[i]["n"].dump());
  }
  print_table(rows);
  if (records.size() > kPrintedRecords) print_line(text("and {0} more; --json gives them", records.size() - kPrintedRecords));
}

}  // namespace gf::cli
