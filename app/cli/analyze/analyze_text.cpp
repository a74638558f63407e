// Answers as tables for people.
#include <algorithm>
#include <cstdio>

#include "app/cli/analyze/analyze.h"

namespace gf::cli::analyze_command {

namespace {

std::string cell(const Json& v) {
  if (v.is_number_float()) return fixed(v.get<double>(), 4);
  return v.is_string() ? v.get<std::string>() : v.is_null() ? std::string("-") : v.dump();
}

/// Objects with the same keys, one a row.
void print_list(const std::string& name, const Json& list) {
  std::vector<std::vector<std::string>> rows(1);
  for (const auto& [key, value] : list[0].items()) rows[0].push_back(key);
  for (const Json& item : list) {
    rows.emplace_back();
    for (const auto& [key, value] : item.items()) rows.back().push_back(cell(value));
  }
  std::printf("\n%s\n", name.c_str());
  print_table(rows);
}

/// The likeliest tokens of each depth at one position.
void print_lens(const std::string& name, const Json& values, int position) {
  std::vector<std::vector<std::string>> rows{{"depth", "likeliest at position " + std::to_string(position)}};
  for (std::size_t depth = 0; depth < values.size(); ++depth) {
    rows.push_back({std::to_string(depth)});
    for (const Json& token : values[depth][static_cast<std::size_t>(position)])
      rows.back().push_back("'" + cell(token["text"]) + "' " + cell(token["logprob"]));
    rows[0].resize(std::max(rows[0].size(), rows.back().size()));
  }
  std::printf("\n%s [depth, k], nats\n", name.c_str());
  print_table(rows);
}

struct Printer {
  const Json& tokens;
  int position;

  void array(const std::string& name, const Json& grid) const {
    const Json &axes = grid["axes"], &values = grid["values"];
    if (axes == Json{"depth", "position", "k"} && !values.empty() && position >= 0) return print_lens(name, values, position);
    std::string heading;
    for (const Json& axis : axes) heading += (heading.empty() ? "" : ", ") + axis.get<std::string>();
    const auto unit = grid["unit"].get<std::string>();
    std::printf("\n%s [%s]%s\n", name.c_str(), heading.c_str(), unit.empty() ? "" : (", " + unit).c_str());
    if (axes.size() > 2) {
      std::printf("(--json has the numbers)\n");
      return;
    }
    // What is said of the tokens that follow starts with the second.
    const bool by_token = axes == Json{"position"} && values.size() <= tokens.size();
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < values.size(); ++i) {
      rows.push_back({std::to_string(i)});
      if (by_token) rows.back().push_back("'" + cell(tokens[i + tokens.size() - values.size()]) + "'");
      if (values[i].is_array())
        for (const Json& v : values[i]) rows.back().push_back(cell(v));
      else rows.back().push_back(cell(values[i]));
    }
    print_table(rows);
  }

  void print(const std::string& name, const Json& value) const {
    if (value.is_object() && value.contains("axes")) return array(name, value);
    if (value.is_object()) {
      for (const auto& [key, part] : value.items()) print(name + "." + key, part);
    } else if (!value.is_array()) {
      std::printf("%s  %s\n", name.c_str(), cell(value).c_str());
    } else if (!value.empty() && value[0].is_object()) {
      print_list(name, value);
    }
  }
};

}  // namespace

void print_text(const Json& reply, int position) {
  const Json& tokens = reply["tokens"].is_array() ? reply["tokens"] : reply["tokens"]["text"];
  const Printer printer{tokens, position};
  for (const auto& [key, value] : reply.items())
    if (key == "neurons" || (key != "ids" && key != "model" && !value.is_array())) printer.print(key, value);
}

}  // namespace gf::cli::analyze_command
