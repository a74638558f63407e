#include "app/ui/answers/answer_sheet.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/widgets/words.h"
#include "model/base/csv.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::ui {
namespace {

/// Axes that are shown together: rows, then columns.
constexpr std::array<std::array<std::string_view, 2>, 4> kPlanes{
    {{"layer", "head"}, {"query", "key"}, {"depth", "position"}, {"layer", "position"}}};

bool is_position(const std::string& axis) { return axis == "position" || axis == "query" || axis == "key"; }

/// Axes and extents of an array; null: the value is not an array.
struct ArrayShape {
  const std::vector<std::string>* axes = nullptr;
  const std::vector<int>* shape = nullptr;
};
ArrayShape array_of(const Answer::Value& value) {
  if (const auto* grid = std::get_if<Grid>(&value)) return {&grid->axes, &grid->shape};
  if (const auto* tokens = std::get_if<Answer::Tokens>(&value)) return {&tokens->axes, &tokens->shape};
  if (const auto* words = std::get_if<Answer::Words>(&value)) return {&words->axes, &words->shape};
  return {};
}

/// The indices of the axes that are shown as rows and as columns; -1: there is none.
std::array<int, 2> shown_axes(const std::vector<std::string>& axes) {
  const auto find = [&](std::string_view name) {
    const auto at = std::ranges::find(axes, name);
    return at == axes.end() ? -1 : static_cast<int>(at - axes.begin());
  };
  if (axes.size() == 1) return {-1, 0};
  for (const auto& [row, column] : kPlanes)
    if (const int r = find(row), c = find(column); r >= 0 && c >= 0) return {r, c};
  return axes.empty() ? std::array{-1, -1} : std::array{0, 1};
}

QString shown_number(float value) { return QString::fromStdString(numbers::cell(value)); }

QString shown_token(const AnswerOf& of, TokenId id) { return of.model ? token_text(*of.model, id) : QStringLiteral("#%1").arg(id.v); }

QStringList names_of(const std::string& axis, int extent, const AnswerOf& of) {
  QStringList names;
  const QStringList tokens = !is_position(axis) ? QStringList() : of.model ? token_labels(*of.model, of.ids) : QStringList();
  for (int i = 0; i < extent; ++i) {
    QString name = QString::number(i);
    if (i < tokens.size()) name += QLatin1Char(' ') + tokens[i];
    else if (is_position(axis) && static_cast<std::size_t>(i) < of.ids.size())
      name += QLatin1Char(' ') + shown_token(of, of.ids[static_cast<std::size_t>(i)]);
    names << name;
  }
  return names;
}

/// One element of an array as a cell.
AnswerSheet::Cell cell_of(const Answer::Value& value, std::size_t at, const AnswerOf& of) {
  if (const auto* grid = std::get_if<Grid>(&value)) return {shown_number(grid->values[at]), grid->values[at]};
  if (const auto* words = std::get_if<Answer::Words>(&value)) return {QString::fromStdString(words->words[at]), std::nullopt};
  const auto& tokens = std::get<Answer::Tokens>(value);
  AnswerSheet::Cell cell{tokens.is_undefined(at) ? QStringLiteral("NaN") : shown_token(of, tokens.ids[at]), std::nullopt};
  if (at < tokens.values.size()) cell.value = tokens.values[at];
  return cell;
}

AnswerSheet sheet_of_array(const Answer::Value& value, const AnswerOf& of, const AnswerPlace& held) {
  const auto [axes, shape] = array_of(value);
  AnswerSheet sheet;
  const auto [row, column] = shown_axes(*axes);
  if (column < 0) {  // it has no axes, so it is a single word or token
    sheet.sentence = cell_of(value, 0, of).text;
    return sheet;
  }
  sheet.kind = row < 0 ? AnswerSheet::Kind::Line : AnswerSheet::Kind::Cells;
  sheet.column_axis = (*axes)[static_cast<std::size_t>(column)];
  sheet.columns = names_of(sheet.column_axis, (*shape)[static_cast<std::size_t>(column)], of);
  if (row >= 0) sheet.row_axis = (*axes)[static_cast<std::size_t>(row)];
  sheet.rows = row < 0 ? QStringList{QString()} : names_of(sheet.row_axis, (*shape)[static_cast<std::size_t>(row)], of);
  std::vector<int> index(axes->size(), 0);
  for (std::size_t i = 0; i < axes->size(); ++i)
    if (const auto at = held.find((*axes)[i]); at != held.end()) index[i] = std::clamp(at->second, 0, std::max(0, (*shape)[i] - 1));
  for (int r = 0; r < sheet.rows.size(); ++r)
    for (int c = 0; c < sheet.columns.size(); ++c) {
      if (row >= 0) index[static_cast<std::size_t>(row)] = r;
      index[static_cast<std::size_t>(column)] = c;
      sheet.cells.push_back(cell_of(value, flat_index(*shape, index), of));
      if (const auto& v = sheet.cells.back().value; v && std::isfinite(*v)) sheet.largest = std::max(sheet.largest, std::abs(*v));
    }
  return sheet;
}

AnswerSheet sheet_of_records(const Answer::Table& table, const AnswerOf& of) {
  AnswerSheet sheet;
  sheet.kind = AnswerSheet::Kind::Records;
  const std::size_t n = table.rows();
  for (std::size_t r = 0; r < n; ++r) sheet.rows << QString::number(r);
  for (const auto& column : table.columns)
    sheet.columns << QString::fromStdString(column.unit.empty() ? column.name : column.name + ", " + column.unit);
  for (std::size_t r = 0; r < n; ++r)
    for (const auto& column : table.columns)
      std::visit(
          [&](const auto& cells) {
            using T = std::decay_t<decltype(cells[0])>;
            if constexpr (std::is_same_v<T, int>) sheet.cells.push_back({QString::number(cells[r]), std::nullopt});
            else if constexpr (std::is_same_v<T, float>) sheet.cells.push_back({shown_number(cells[r]), std::nullopt});
            else if constexpr (std::is_same_v<T, TokenId>) sheet.cells.push_back({shown_token(of, cells[r]), std::nullopt});
            else if constexpr (std::is_same_v<T, std::vector<int>>)
              sheet.cells.push_back({QString::fromStdString(written_place(cells[r])), std::nullopt});
            else sheet.cells.push_back({QString::fromStdString(cells[r]), std::nullopt});
          },
          column.cells);
  return sheet;
}

std::string csv_of_array(const Answer::Value& value, const AnswerOf& of) {
  const auto [axes, shape] = array_of(value);
  const auto* grid = std::get_if<Grid>(&value);
  const auto* tokens = std::get_if<Answer::Tokens>(&value);
  std::string csv;
  for (const std::string& axis : *axes) csv += axis + ",";
  const bool numbered = tokens && !tokens->values.empty();
  csv += grid ? "value" : tokens ? "token,text" + (numbered ? "," + tokens->of : std::string()) : std::string("value");
  csv += '\n';
  std::size_t n = 1;
  for (const int extent : *shape) n *= static_cast<std::size_t>(extent);
  for (std::size_t at = 0; at < n; ++at) {
    std::size_t rest = at;
    std::string index;
    for (std::size_t axis = shape->size(); axis-- > 0;) {
      const auto extent = static_cast<std::size_t>((*shape)[axis]);
      index = std::to_string(rest % extent) + "," + index;
      rest /= extent;
    }
    csv += index;
    if (grid) csv += numbers::exact(grid->values[at]);
    else if (tokens) csv += csv_token(of, tokens->ids[at]) + (numbered ? "," + numbers::exact(tokens->values[at]) : std::string());
    else csv += csv_quoted(std::get<Answer::Words>(value).words[at]);
    csv += '\n';
  }
  return csv;
}

std::string csv_of_records(const Answer::Table& table, const AnswerOf& of) {
  std::string csv;
  for (const auto& column : table.columns) {
    const bool is_token = std::holds_alternative<std::vector<TokenId>>(column.cells);
    csv += (csv.empty() ? "" : ",") + column.name + (is_token ? "," + column.name + "_text" : std::string());
  }
  csv += '\n';
  for (std::size_t r = 0; r < table.rows(); ++r) {
    std::string line;
    for (const auto& column : table.columns) {
      if (!line.empty()) line += ',';
      if (const auto* whole = std::get_if<std::vector<int>>(&column.cells)) line += std::to_string((*whole)[r]);
      else if (const auto* number = std::get_if<std::vector<float>>(&column.cells)) line += numbers::exact((*number)[r]);
      else if (const auto* token = std::get_if<std::vector<TokenId>>(&column.cells)) line += csv_token(of, (*token)[r]);
      else if (const auto* places = std::get_if<std::vector<std::vector<int>>>(&column.cells))
        line += csv_quoted(written_place((*places)[r]));
      else line += csv_quoted(std::get<std::vector<std::string>>(column.cells)[r]);
    }
    csv += line + '\n';
  }
  return csv;
}

}  // namespace

std::string csv_token(const AnswerOf& of, TokenId id) {
  return std::to_string(id.v) + "," + csv_quoted(of.model ? valid_utf8(of.model->tokenizer->bytes_of(id)) : std::string());
}

QString axis_words(const std::string& axis) {
  for (const char* known : {phrase("layer"), phrase("later layer"), phrase("head"), phrase("later head"), phrase("query"), phrase("key"),
                            phrase("position"), phrase("depth"), phrase("neuron"), phrase("feature"), phrase("row")})
    if (axis == known) return QString::fromStdString(gf::text(known));
  return QString::fromStdString(axis);
}

std::vector<AnswerAxis> held_axes(const Answer::Value& value) {
  const auto [axes, shape] = array_of(value);
  std::vector<AnswerAxis> held;
  if (!axes) return held;
  const auto [row, column] = shown_axes(*axes);
  for (std::size_t i = 0; i < axes->size(); ++i)
    if (static_cast<int>(i) != row && static_cast<int>(i) != column) held.push_back({(*axes)[i], (*shape)[i]});
  return held;
}

AnswerSheet sheet_of(const Answer::Value& value, const PartInfo* info, const AnswerOf& of, const AnswerPlace& held) {
  AnswerSheet sheet;
  if (const auto* number = std::get_if<Answer::Number>(&value)) {
    sheet.sentence = significant(number->value, 5);
    if (!number->unit.empty()) sheet.sentence += QLatin1Char(' ') + QString::fromStdString(number->unit);
    return sheet;
  }
  if (const auto* nothing = std::get_if<Answer::Undefined>(&value)) {
    sheet.sentence = QString::fromStdString(nothing->why);
    return sheet;
  }
  if (const auto* table = std::get_if<Answer::Table>(&value)) return sheet_of_records(*table, of);
  sheet = sheet_of_array(value, of, held);
  if (const auto* grid = std::get_if<Grid>(&value)) sheet.unit = QString::fromStdString(grid->unit);
  if (const auto* tokens = std::get_if<Answer::Tokens>(&value); tokens && !tokens->of.empty())
    sheet.unit = QString::fromStdString(tokens->of + ", " + tokens->unit);
  const bool below_zero = std::ranges::any_of(sheet.cells, [](const auto& cell) { return cell.value && *cell.value < 0; });
  sheet.is_signed = (info && info->scale == PartInfo::Scale::Signed) || below_zero;
  return sheet;
}

std::string csv_of(const Answer::Value& value, const AnswerOf& of) {
  if (const auto* number = std::get_if<Answer::Number>(&value)) return "value\n" + numbers::significant(number->value, 17) + "\n";
  if (const auto* table = std::get_if<Answer::Table>(&value)) return csv_of_records(*table, of);
  return std::holds_alternative<Answer::Undefined>(value) ? std::string() : csv_of_array(value, of);
}

}  // namespace gf::ui
