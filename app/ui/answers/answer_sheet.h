// The part of an answer that is on the screen: two of its axes, while the others are held at one index.
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

/// Indices on some of the axes: {{"layer", 4}, {"head", 3}}.
using AnswerPlace = std::map<std::string, int>;

/// The model and the tokens that the answer belongs to, so that tokens can be shown as text.
struct AnswerOf {
  std::shared_ptr<const Model> model;
  std::vector<TokenId> ids;  ///< of the run; they name positions, queries and keys
  int position = -1;         ///< what a part without an axis of positions speaks of; -1: the answer depends on none
};

struct AnswerSheet {
  enum class Kind : std::uint8_t {
    Sentence,  ///< `sentence`: a number with its unit, a word, or why there is nothing
    Line,      ///< one axis: a curve, and a row of cells
    Cells,     ///< two axes, coloured by value
    Records,   ///< a table with columns of its own
  } kind = Kind::Sentence;
  struct Cell {
    QString text;
    std::optional<float> value;  ///< colours the cell; may be NaN
  };
  QString sentence, unit;
  std::string row_axis, column_axis;  ///< empty: none
  QStringList rows, columns;          ///< their names
  std::vector<Cell> cells;            ///< row-major
  float largest = 0;                  ///< the largest absolute value
  bool is_signed = false;             ///< colours are spread around 0
  [[nodiscard]] const Cell& at(int row, int column) const {
    return cells[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns.size()) + static_cast<std::size_t>(column)];
  }
};

/// The name of an axis as it stands in the window; it is a code in replies and files.
[[nodiscard]] QString axis_words(const std::string& axis);

struct AnswerAxis {
  std::string name;
  int extent = 0;
};
/// The axes that a sheet of this value holds at one index. It shows [layer, head] as a grid, [query, key] as a matrix,
/// [depth, position] as a table and a single axis as a line; else it shows the first two axes.
[[nodiscard]] std::vector<AnswerAxis> held_axes(const Answer::Value& value);
/// `held`: the indices of the held axes; 0 where it has none. `info`: of the part; null: unknown.
[[nodiscard]] AnswerSheet sheet_of(const Answer::Value& value, const PartInfo* info, const AnswerOf& of, const AnswerPlace& held);
/// A token as two fields of CSV: its id, and its text where the model is known.
[[nodiscard]] std::string csv_token(const AnswerOf& of, TokenId id);
/// The whole part, with a column for each axis and then its values: "layer,head,value". Numbers have the digits to read them
/// back exactly; text stands in quotes.
[[nodiscard]] std::string csv_of(const Answer::Value& value, const AnswerOf& of);

}  // namespace gf::ui
