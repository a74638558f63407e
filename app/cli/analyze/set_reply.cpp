// Means and standard errors over the rows of a set, and how they are given.
#include <algorithm>
#include <cmath>
#include <map>

#include "app/cli/analyze/prompt_set.h"
#include "model/base/files/whole_file.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::cli {
namespace {

/// One part over all rows that have it.
struct SetPart {
  Json name, axes, shape, unit;
  std::vector<const Json*> rows;  ///< their values
  bool ragged = false;            ///< its axes have other lengths in other rows
};

std::vector<SetPart> set_parts(const SetResult& result) {
  std::vector<SetPart> parts;
  std::map<std::string, std::size_t> places;
  for (const Json& row : result.rows) {
    if (!row.contains("parts")) continue;
    for (const Json& part : row["parts"]) {
      const auto [at, fresh] = places.emplace(part["name"].get<std::string>(), parts.size());
      if (fresh) parts.push_back({part["name"], part["axes"], part["shape"], part["unit"], {}, false});
      SetPart& all = parts[at->second];
      all.ragged = all.ragged || part["shape"] != all.shape;
      all.rows.push_back(&part["values"]);
    }
  }
  return parts;
}

/// Of the numbers that are there: n of them, their mean, and the sample standard deviation / sqrt(n) where n > 1.
struct SetMoments {
  std::size_t n = 0;
  Json mean, standard_error;
};
SetMoments moments_of(const SetPart& part, std::size_t i) {
  SetMoments m;
  double sum = 0, squares = 0;
  for (const Json* values : part.rows)
    if (!(*values)[i].is_null()) {
      sum += (*values)[i].get<double>();
      ++m.n;
    }
  if (m.n == 0) return m;
  const double n = static_cast<double>(m.n), mean = sum / n;
  for (const Json* values : part.rows)
    if (!(*values)[i].is_null()) squares += ((*values)[i].get<double>() - mean) * ((*values)[i].get<double>() - mean);
  m.mean = number(mean);
  if (m.n > 1) m.standard_error = number(std::sqrt(squares / (n - 1) / n));
  return m;
}

Json nested(const Json& shape, const std::vector<Json>& flat, std::size_t axis, std::size_t& at) {
  if (axis == shape.size()) return flat[at++];
  Json list = Json::array();
  for (std::size_t i = 0; i < shape[axis].get<std::size_t>(); ++i) list.push_back(nested(shape, flat, axis + 1, at));
  return list;
}

Json part_json(const SetPart& part) {
  std::vector<Json> mean, error, n;
  for (std::size_t i = 0; i < part.rows.front()->size(); ++i) {
    SetMoments m = moments_of(part, i);
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

std::string cell_of(const Json& mean, const Json& error) {
  if (!mean.is_number()) return "-";
  const std::string value = numbers::fixed(mean.get<double>(), 4);
  return error.is_number() ? value + " ± " + numbers::fixed(error.get<double>(), 4) : value;
}

void print_set_part(const std::string& name, const Json& part) {
  std::string axes;
  for (const Json& axis : part["axes"]) axes += (axes.empty() ? "" : ", ") + axis.get<std::string>();
  const std::string unit = part["unit"].get<std::string>().empty() ? "" : ", " + part["unit"].get<std::string>();
  const Json &mean = part["mean"], &error = part["standard_error"];
  if (part["axes"].empty()) return print_line(name + "  " + cell_of(mean, error) + unit);
  print_line("\n" + name + " [" + axes + "]" + unit);
  if (part["axes"].size() > 2) return print_line(text("it has more than two axes; --json gives it"));
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    rows.push_back({std::to_string(i)});
    if (!mean[i].is_array()) rows.back().push_back(cell_of(mean[i], error[i]));
    else
      for (std::size_t j = 0; j < mean[i].size(); ++j) rows.back().push_back(cell_of(mean[i][j], error[i][j]));
  }
  print_table(rows);
}

/// Calls print_set_part for each object with a mean, in their order.
void print_nested(const std::string& name, const Json& json) {
  if (!json.is_object()) return;
  if (json.contains("mean") && json.contains("axes")) return print_set_part(name, json);
  for (const auto& [key, value] : json.items()) print_nested(name.empty() ? key : name + "." + key, value);
}

}  // namespace

Json reply_of(const SetResult& result) {
  Json reply = result.about;
  reply["rows"] = result.total;
  reply["failed"] = Json::array();
  for (const Json& row : result.rows)
    if (row.contains("failed")) reply["failed"].push_back({{"row", row["row"]}, {"why", row["failed"]}});
  reply["left_out"] = Json::array();
  Json parts = Json::object();
  for (const SetPart& part : set_parts(result))
    if (part.ragged) reply["left_out"].push_back(part.name);
    else nested_key(parts, part.name) = part_json(part);
  reply.update(parts);
  return reply;
}

Result<void> write_rows(const std::string& path, const SetResult& result) {
  std::vector<std::string> columns;
  for (const SetPart& part : set_parts(result))
    for (const Json& axis : part.axes)
      if (std::ranges::find(columns, axis.get<std::string>()) == columns.end()) columns.push_back(axis);
  GF_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
  std::string head = "row,name";
  for (const std::string& column : columns) head += "," + column;
  GF_TRY(file.write(head + ",value\n"));
  for (const Json& row : result.rows) {
    if (!row.contains("parts")) continue;
    std::string lines;
    for (const Json& part : row["parts"])
      for (std::size_t i = 0; i < part["values"].size(); ++i) {
        std::vector<std::string> cells(columns.size());
        std::size_t rest = i;
        for (std::size_t axis = part["shape"].size(); axis-- > 0; rest /= part["shape"][axis].get<std::size_t>())
          cells[static_cast<std::size_t>(std::ranges::find(columns, part["axes"][axis].get<std::string>()) - columns.begin())] =
              std::to_string(rest % part["shape"][axis].get<std::size_t>());
        lines += row["row"].dump() + "," + part["name"].get<std::string>();
        for (const std::string& cell : cells) lines += "," + cell;
        lines += "," + (part["values"][i].is_null() ? std::string() : part["values"][i].dump()) + "\n";
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
  for (const Json& name : reply["left_out"])
    say(text("{0} has another shape for each prompt, so there is no mean of it", name.get<std::string>()));
  if (!output.empty()) GF_TRY(write_whole_file(output, reply.dump(1, ' ', false, Json::error_handler_t::replace) + "\n"));
  else if (json) print(reply);
  else print_set(reply);
  if (reply["failed"].size() == result.rows.size())
    return fail(ErrorCode::InvalidArgument, text("Every row of the set failed; see the first one's reason."));
  return {};
}

}  // namespace gf::cli
