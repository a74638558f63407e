#include "model/analysis/answer.h"

#include <algorithm>

#include "model/base/error.h"

namespace gf {

std::size_t Answer::Table::rows() const {
  if (columns.empty()) return 0;
  return std::visit([](const auto& cells) { return cells.size(); }, columns.front().cells);
}

const Answer::Table::Column* Answer::Table::find(std::string_view name) const {
  const auto at = std::ranges::find(columns, name, &Column::name);
  return at == columns.end() ? nullptr : &*at;
}

void Answer::add(std::string name, Value value) {
  EXPECTS(find(name) == nullptr, "a part's name stands once in an answer");
  parts_.push_back({std::move(name), std::move(value)});
}

const Answer::Value* Answer::find(std::string_view name) const {
  const auto at = std::ranges::find(parts_, name, &Part::name);
  return at == parts_.end() ? nullptr : &at->value;
}

const Grid& Answer::grid(std::string_view name) const {
  const auto* found = get<Grid>(name);
  EXPECTS(found != nullptr, "a part that is a grid");
  return *found;
}

double Answer::number(std::string_view name) const {
  const auto* found = get<Number>(name);
  EXPECTS(found != nullptr, "a part that is a number");
  return found->value;
}

const Answer::Tokens& Answer::tokens(std::string_view name) const {
  const auto* found = get<Tokens>(name);
  EXPECTS(found != nullptr, "a part that is tokens");
  return *found;
}

const Answer::Words& Answer::words(std::string_view name) const {
  const auto* found = get<Words>(name);
  EXPECTS(found != nullptr, "a part that is words");
  return *found;
}

const Answer::Table& Answer::table(std::string_view name) const {
  const auto* found = get<Table>(name);
  EXPECTS(found != nullptr, "a part that is a table");
  return *found;
}

std::string written_place(const std::vector<int>& place) {
  std::string all;
  for (const int i : place) all += (all.empty() ? "" : ",") + std::to_string(i);
  return all;
}

std::size_t flat_index(const std::vector<int>& shape, const std::vector<int>& index) {
  EXPECTS(shape.size() == index.size(), "an index for each axis");
  std::size_t flat = 0;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    EXPECTS(index[axis] >= 0 && index[axis] < shape[axis], "an index within its axis");
    flat = flat * static_cast<std::size_t>(shape[axis]) + static_cast<std::size_t>(index[axis]);
  }
  return flat;
}

}  // namespace gf
