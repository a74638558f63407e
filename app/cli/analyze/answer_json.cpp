// Answers as JSON. Keys and layout: nested lists in row-major order, null where a value is not a finite number.
#include <algorithm>

#include "app/cli/analyze/analyze.h"

namespace gf::cli {

namespace {

/// Nested lists of these extents; `cell(i)` is the i-th value in row-major order.
template <class Cell>
Json nested_json(const std::vector<int>& shape, const Cell& cell, std::size_t axis, std::size_t& at) {
  if (axis == shape.size()) return cell(at++);
  Json list = Json::array();
  for (int i = 0; i < shape[axis]; ++i) list.push_back(nested_json(shape, cell, axis + 1, at));
  return list;
}
template <class Cell>
Json array_json(const std::vector<std::string>& axes, const std::vector<int>& shape, const std::string& unit, const Cell& cell) {
  std::size_t at = 0;
  return {{"axes", axes}, {"unit", unit}, {"values", nested_json(shape, cell, 0, at)}};
}

struct AnswerJson {
  const Model& model;

  Json operator()(const Grid& g) const {
    return array_json(g.axes, g.shape, g.unit, [&g](std::size_t i) { return number(g.values[i]); });
  }
  Json operator()(const Answer::Number& n) const { return number(n.value); }
  Json operator()(const Answer::Tokens& t) const {
    return array_json(t.axes, t.shape, "", [&](std::size_t i) {
      if (t.is_undefined(i)) return Json();
      Json token = token_json(model, t.ids[i]);
      if (!t.of.empty()) token[t.of] = number(t.values[i]);
      return token;
    });
  }
  Json operator()(const Answer::Words& w) const {
    if (w.axes.empty()) return w.words.front();
    return array_json(w.axes, w.shape, "", [&w](std::size_t i) { return Json(w.words[i]); });
  }
  Json operator()(const Answer::Table& t) const {
    const bool nested = !t.axes.empty();
    Json rows = nested ? Json(std::vector<Json>(static_cast<std::size_t>(t.places), Json::array())) : Json::array();
    for (std::size_t i = 0; i < t.rows(); ++i) {
      Json row = Json::object();
      for (std::size_t c = nested ? 1 : 0; c < t.columns.size(); ++c) put(row, t.columns[c], i);
      Json& list = nested ? rows[static_cast<std::size_t>(std::get<std::vector<int>>(t.columns[0].cells)[i])] : rows;
      list.push_back(std::move(row));
    }
    return nested ? Json{{"axes", t.axes}, {"unit", ""}, {"values", std::move(rows)}} : rows;
  }
  Json operator()(const Answer::Undefined&) const { return nullptr; }

 private:
  void put(Json& row, const Answer::Table::Column& column, std::size_t i) const {
    if (const auto* whole = std::get_if<std::vector<int>>(&column.cells)) row[column.name] = (*whole)[i];
    else if (const auto* numbers = std::get_if<std::vector<float>>(&column.cells)) row[column.name] = number((*numbers)[i]);
    else if (const auto* words = std::get_if<std::vector<std::string>>(&column.cells)) row[column.name] = (*words)[i];
    else if (const auto* places = std::get_if<std::vector<std::vector<int>>>(&column.cells)) row[column.name] = (*places)[i];
    else {
      Json token = token_json(model, std::get<std::vector<TokenId>>(column.cells)[i]);
      if (column.name == "token") row.update(token);
      else row[column.name] = std::move(token);
    }
  }
};

struct ParamJson {
  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(double value) const { return number(value); }
  Json operator()(const UnitRef& unit) const { return std::to_string(unit.layer) + "." + std::to_string(unit.index); }
  Json operator()(const std::vector<TokenId>& ids) const {
    Json list = Json::array();
    for (const TokenId id : ids) list.push_back(id.v);
    return list;
  }
  template <class T>
  Json operator()(const T& value) const {
    return value;
  }
};

}  // namespace

std::string key_of(const Question& question) {
  std::string key = question.name;
  std::ranges::replace(key, '-', '_');
  return key;
}

Json token_json(const Model& model, TokenId id) { return {{"id", id.v}, {"text", text_of(model, id)}}; }

Json json_of(const Question& question, const Answer& answer, const Model& model) {
  Json all = Json::object();
  for (const Answer::Part& part : answer.parts()) {
    Json value = std::visit(AnswerJson{model}, part.value);
    const PartInfo* known = part_of(question, part.name);
    if (known != nullptr && known->first_position != 0) value["first_position"] = known->first_position;
    if (part.name.empty()) return value;
    Json* at = &all;
    std::string_view name = part.name;
    for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
      at = &(*at)[std::string(name.substr(0, dot))];
      name.remove_prefix(dot + 1);
    }
    (*at)[std::string(name)] = std::move(value);
  }
  return all;
}

Json json_of(const Params& params) {
  Json all = Json::object();
  for (std::size_t i = 0; i < params.rows().size(); ++i)
    if (params.rows()[i].kind != Param::Kind::Prompt) all[params.rows()[i].name] = std::visit(ParamJson(), params.value(i));
  return all;
}

}  // namespace gf::cli
