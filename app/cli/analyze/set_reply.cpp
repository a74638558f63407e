// Means and standard errors over the rows of a set, and how they are given.
#include <algorithm>
#include <cmath>
#include <map>

#include "app/cli/analyze/answer_arrays.h"
#include "app/cli/analyze/prompt_set.h"
#include "app/cli/analyze/set_moments.h"
#include "app/cli/analyze/set_tables.h"
#include "model/base/csv.h"
#include "model/base/files/whole_file.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::cli {
namespace {

/// One part over all rows that have it.
struct SetPart {
  Json name, axes, shape, unit;
  std::vector<const Json*> rows;  ///< the parts of the rows
  bool ragged = false;            ///< its axes have other lengths in other rows
  [[nodiscard]] bool is_table() const { return rows.front()->contains("records"); }
  [[nodiscard]] bool has_numbers() const { return is_table() || rows.front()->contains("values"); }
};

/// Why a part has no mean.
std::string why_left_out(const SetPart& part) {
  if (part.has_numbers()) return text("{0} has another shape for each prompt, so there is no mean of it", part.name.get<std::string>());
  return text("{0} is words or tokens, so there is no mean of it", part.name.get<std::string>());
}

Json first_of(const SetPart& part, const char* key) {
  const Json& first = *part.rows.front();
  return first.contains(key) ? first[key] : Json::array();
}

std::vector<SetPart> set_parts(const SetResult& result) {
  std::vector<SetPart> parts;
  std::map<std::string, std::size_t> places;
  for (const Json& row : result.rows) {
    if (!row.contains("parts")) continue;
    for (const Json& part : row["parts"]) {
      const auto [at, fresh] = places.emplace(part["name"].get<std::string>(), parts.size());
      const auto of = [&part](const char* key) { return part.contains(key) ? part[key] : Json::array(); };
      if (fresh) parts.push_back({part["name"], of("axes"), of("shape"), of("unit"), {}, false});
      SetPart& all = parts[at->second];
      for (const char* key : {"shape", "keys", "columns"}) all.ragged = all.ragged || (!fresh && of(key) != first_of(all, key));
      all.rows.push_back(&part);
    }
  }
  return parts;
}

Json nested(const Json& shape, const std::vector<Json>& flat, std::size_t axis, std::size_t& at) {
  if (axis == shape.size()) return flat[at++];
  Json list = Json::array();
  for (std::size_t i = 0; i < shape[axis].get<std::size_t>(); ++i) list.push_back(nested(shape, flat, axis + 1, at));
  return list;
}

Json part_json(const SetPart& part) {
  std::vector<Json> mean, error, n;
  for (std::size_t i = 0; i < (*part.rows.front())["values"].size(); ++i) {
    std::vector<Json> values;
    for (const Json* row : part.rows) values.push_back((*row)["values"][i]);
    SetMoments m = moments_of(values);
    mean.push_back(std::move(m.mean));
    error.push_back(std::move(m.standard_error));
    n.emplace_back(m.n);
  }
  const auto list = [&](const std::vector<Json>& flat) {
    std::size_t at = 0;
    return nested(part.shape, flat, 0, at);
  };
  return {{"axes", part.axes}, {"unit", part.unit}, {"mean", list(mean)}, {"standard_error", list(error)}, {"n", list(n)}};
}

/// The object at "a.b.c", made where it is not there.
Json& nested_key(Json& all, const std::string& name) {
  Json* at = &all;
  for (std::size_t begin = 0;;) {
    const std::size_t dot = name.find('.', begin);
    at = &(*at)[name.substr(begin, dot - begin)];
    if (dot == std::string::npos) return *at;
    begin = dot + 1;
  }
}

void print_set_part(const std::string& name, const Json& part) {
  std::string axes;
  for (const Json& axis : part["axes"]) axes += (axes.empty() ? "" : ", ") + axis.get<std::string>();
  const std::string unit = part["unit"].get<std::string>().empty() ? "" : ", " + part["unit"].get<std::string>();
  const Json &mean = part["mean"], &error = part["standard_error"];
  if (part["axes"].empty()) return print_line(name + "  " + mean_cell(mean, error) + unit);
  print_line("\n" + name + " [" + axes + "]" + unit);
  if (part["axes"].size() > 2) return print_line(text("it has more than two axes; --json gives it"));
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    rows.push_back({std::to_string(i)});
    if (!mean[i].is_array()) rows.back().push_back(mean_cell(mean[i], error[i]));
    else
      for (std::size_t j = 0; j < mean[i].size(); ++j) rows.back().push_back(mean_cell(mean[i][j], error[i][j]));
  }
  print_table(rows);
}

/// Calls print_set_part for each object with a mean, in their order.
void print_nested(const std::string& name, const Json& json) {
  if (!json.is_object()) return;
  if (json.contains("mean") && json.contains("axes")) return print_set_part(name, json);
  if (json.contains("records") && json.contains("keys")) return print_table_reply(name, json);
  for (const auto& [key, value] : json.items()) print_nested(name.empty() ? key : name + "." + key, value);
}

/// In quotes where a comma, a quote or a line's end would end it.
std::string csv_cell(const std::string& cell) { return cell.find_first_of(",\"\r\n") == std::string::npos ? cell : csv_quoted(cell); }

/// The indices of the i-th number of an array.
std::vector<std::string> place_of(const Json& shape, std::size_t i) {
  std::vector<std::string> place(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0; i /= shape[axis].get<std::size_t>())
    place[axis] = std::to_string(i % shape[axis].get<std::size_t>());
  return place;
}

/// body(column, words of the keys, value) for each number of a table's record.
template <class Body>
void each_number(const Json& table, const Json& record, const Body& body) {
  const std::size_t n_keys = table["keys"].size();
  std::vector<std::string> keys;
  for (std::size_t k = 0; k < n_keys; ++k) keys.push_back(key_word(record[k]));
  for (std::size_t c = 0; c < table["columns"].size(); ++c) body(table["columns"][c].template get<std::string>(), keys, record[n_keys + c]);
}

/// What was asked of the set, and which rows and parts it lacks.
Json about_arrays(const SetResult& result, const Json& reply) {
  Json about = result.about;
  for (const char* key : {"rows", "failed", "left_out"}) about[key] = reply[key];
  return about;
}

}  // namespace

Json reply_of(const SetResult& result) {
  Json reply = result.about;
  reply["rows"] = result.total;
  reply["failed"] = Json::array();
  for (const Json& row : result.rows)
    if (row.contains("failed")) reply["failed"].push_back({{"row", row["row"]}, {"why", row["failed"]}});
  reply["left_out"] = reply["why_left_out"] = Json::array();
  Json parts = Json::object();
  for (const SetPart& part : set_parts(result))
    if (part.ragged || !part.has_numbers()) {
      reply["left_out"].push_back(part.name);
      reply["why_left_out"].push_back(why_left_out(part));
    } else {
      nested_key(parts, part.name) = part.is_table() ? table_reply(part.rows) : part_json(part);
    }
  reply.update(parts);
  return reply;
}

Result<void> write_rows(const std::string& path, const SetResult& result) {
  std::vector<std::string> columns;
  const auto add_columns = [&](const Json& names) {
    for (const Json& name : names)
      if (std::ranges::find(columns, name.get<std::string>()) == columns.end()) columns.push_back(name);
  };
  for (const SetPart& part : set_parts(result)) add_columns(part.is_table() ? first_of(part, "keys") : part.axes);
  GF_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
  std::string head = "row,name";
  for (const std::string& column : columns) head += "," + csv_cell(column);
  GF_TRY(file.write(head + ",value\n"));
  for (const Json& row : result.rows) {
    if (!row.contains("parts")) continue;
    std::string lines;
    const auto add_line = [&](const std::string& name, const Json& axes, const std::vector<std::string>& place, const Json& value) {
      std::vector<std::string> cells(columns.size());
      for (std::size_t axis = 0; axis < place.size(); ++axis)
        cells[static_cast<std::size_t>(std::ranges::find(columns, axes[axis].get<std::string>()) - columns.begin())] = place[axis];
      lines += row["row"].dump() + "," + csv_cell(name);
      for (const std::string& cell : cells) lines += "," + csv_cell(cell);
      lines += "," + (value.is_null() ? std::string() : value.dump()) + "\n";
    };
    for (const Json& part : row["parts"]) {
      const auto name = part["name"].get<std::string>();
      if (part.contains("records"))
        for (const Json& record : part["records"])
          each_number(part, record, [&](const std::string& column, const auto& keys, const Json& value) {
            add_line(name + "." + column, part["keys"], keys, value);
          });
      else if (part.contains("values"))
        for (std::size_t i = 0; i < part["values"].size(); ++i) add_line(name, part["axes"], place_of(part["shape"], i), part["values"][i]);
    }
    GF_TRY(file.write(lines));
  }
  return file.keep();
}

void print_set(const Json& reply) {
  for (const auto& [key, value] : reply.items())
    if (key != "options") print_nested(key, value);
}

Result<void> give_reply(const SetResult& result, const std::string& rows_file, const std::string& output, bool json) {
  const Json reply = reply_of(result);
  if (!rows_file.empty()) GF_TRY(write_rows(rows_file, result));
  for (const Json& row : reply["failed"]) say(text("row {0} failed: {1}", row["row"].get<std::size_t>(), row["why"].get<std::string>()));
  for (const Json& why : reply["why_left_out"]) say(why.get<std::string>());
  if (is_array_file(output)) GF_TRY(write_set_arrays(output, reply, array_metadata(about_arrays(result, reply))));
  else if (!output.empty()) GF_TRY(write_whole_file(output, reply.dump(1, ' ', false, Json::error_handler_t::replace) + "\n"));
  else if (json) print(reply);
  else print_set(reply);
  if (reply["failed"].size() == result.rows.size())
    return fail(ErrorCode::InvalidArgument, text("Every row of the set failed; see the first one's reason."));
  return {};
}

}  // namespace gf::cli
