// What of an answer is on the screen: two of its axes, with the others held.
#pragma once

#include <QString>
#include <QStringList>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/analysis/question.h"

namespace gf::ui {

/// An index on some axes: {{"layer", 4}, {"head", 3}}.
using AnswerPlace = std::map<std::string, int>;

/// Whose answer it is: tokens are shown as their text.
struct AnswerOf {
  std::shared_ptr<const Model> model;
  std::vector<TokenId> ids;  ///< of the run; positions, queries and keys are called by them
};

struct AnswerSheet {
  enum class Kind : std::uint8_t {
    Sentence,  ///< `sentence`: a number with its unit, a word, or why there is nothing
    Line,      ///< one axis: a curve, and a row of cells
    Cells,     ///< two axes, coloured by value
    Records,   ///< a table whose columns are what they are
  } kind = Kind::Sentence;
  struct Cell {
    QString text;
    std::optional<float> value;  ///< what colours it; may be NaN
  };
  QString sentence, unit;
  std::string row_axis, column_axis;  ///< empty: none
  QStringList rows, columns;          ///< what they are called
  std::vector<Cell> cells;            ///< row-major
  float largest = 0;                  ///< of all sizes
  bool is_signed = false;             ///< colours spread around 0
  [[nodiscard]] const Cell& at(int row, int column) const {
    return cells[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns.size()) + static_cast<std::size_t>(column)];
  }
};

struct AnswerAxis {
  std::string name;
  int extent = 0;
};
/// The axes of a value that a sheet holds at one index: [layer, head] are a grid, [query, key] a matrix, [depth, position]
/// a table, one axis a line; else the first two are shown.
[[nodiscard]] std::vector<AnswerAxis> held_axes(const Answer::Value& value);
/// `held`: where those are; the first, where it says nothing. `info`: of the part, null: unknown.
[[nodiscard]] AnswerSheet sheet_of(const Answer::Value& value, const PartInfo* info, const AnswerOf& of, const AnswerPlace& held);
/// The whole part, one column an axis, then its values: "layer,head,value". Numbers read back as they are; text in quotes.
[[nodiscard]] std::string csv_of(const Answer::Value& value, const AnswerOf& of);

}  // namespace gf::ui
