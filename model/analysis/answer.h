// The answer of an analysis: named parts. Each is an array with named axes, a number, tokens, words or a table.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/analysis/grid.h"
#include "model/base/ids.h"

namespace gf {

/// The parts of one answer, in the order in which they are shown. A dot in a name nests ("composition.q"). A part with
/// the empty name is the whole answer and has no others beside it.
class Answer {
 public:
  /// NaN where undefined.
  struct Number {
    double value = std::numeric_limits<double>::quiet_NaN();
    std::string unit;
    friend bool operator==(const Number&, const Number&) = default;
  };
  /// Tokens of the vocabulary, row-major, each with a number or without.
  struct Tokens {
    std::vector<std::string> axes;
    std::vector<int> shape;
    std::vector<TokenId> ids;
    std::string of, unit;       ///< what `values` are: "logprob" in nats; empty: there are none
    std::vector<float> values;  ///< as many as ids, or none
    /// Where the numbers that would pick a token are NaN: its id says nothing.
    [[nodiscard]] bool is_undefined(std::size_t i) const { return i < values.size() && std::isnan(values[i]); }
    friend bool operator==(const Tokens&, const Tokens&) = default;
  };
  /// Machine words ("high", "raw"), row-major; without axes one word. An undefined word is empty.
  struct Words {
    std::vector<std::string> axes;
    std::vector<int> shape;
    std::vector<std::string> words;
    friend bool operator==(const Words&, const Words&) = default;
  };
  /// Records. All columns have one length. If a record has one token, the column is named "token".
  struct Table {
    struct Column {
      std::string name, unit;
      /// A cell that is a list of whole numbers gives indices into another part of the answer.
      std::variant<std::vector<int>, std::vector<float>, std::vector<std::string>, std::vector<TokenId>, std::vector<std::vector<int>>>
          cells;
      friend bool operator==(const Column&, const Column&) = default;
    };
    std::vector<Column> columns;
    /// If records belong to places of one axis, such as positions, the first column has the place of each, ascending; `places` is
    /// the number of places, some of which may have no record. Empty: the table is a plain list.
    std::vector<std::string> axes{};  ///< the places' axis, then that of the records at one place: "position", "k"
    int places = 0;
    [[nodiscard]] std::size_t rows() const;
    [[nodiscard]] const Column* find(std::string_view name) const;
    friend bool operator==(const Table&, const Table&) = default;
  };
  /// A part that has no value in this run.
  struct Undefined {
    std::string why;  ///< a sentence
    friend bool operator==(const Undefined&, const Undefined&) = default;
  };

  using Value = std::variant<Grid, Number, Tokens, Words, Table, Undefined>;
  struct Part {
    std::string name;
    Value value;
    friend bool operator==(const Part&, const Part&) = default;
  };

  Answer() = default;
  /// An answer that is one array, list or number.
  explicit Answer(Value whole) { add("", std::move(whole)); }
  /// Expects a name that no other part has.
  void add(std::string name, Value value);

  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }
  [[nodiscard]] bool empty() const { return parts_.empty(); }
  /// nullptr where there is no such part.
  [[nodiscard]] const Value* find(std::string_view name) const;
  /// nullptr where there is no such part, or where it is of another kind.
  template <class T>
  [[nodiscard]] const T* get(std::string_view name) const {
    const Value* value = find(name);
    return value == nullptr ? nullptr : std::get_if<T>(value);
  }
  // These expect that the part is there and of that kind.
  [[nodiscard]] const Grid& grid(std::string_view name) const;
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] const Tokens& tokens(std::string_view name) const;
  [[nodiscard]] const Words& words(std::string_view name) const;
  [[nodiscard]] const Table& table(std::string_view name) const;

  /// Two NaNs are not equal.
  friend bool operator==(const Answer&, const Answer&) = default;

 private:
  std::vector<Part> parts_;
};

/// "4,3": a place as texts show it.
[[nodiscard]] std::string written_place(const std::vector<int>& place);

/// The place of a cell in a row-major array. Expects one index for each axis, below its extent.
[[nodiscard]] std::size_t flat_index(const std::vector<int>& shape, const std::vector<int>& index);

}  // namespace gf
