// The parameters of a question. The command line has them as options, a dock as controls.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/base/error.h"
#include "model/base/ids.h"

namespace gf {

/// A parameter of a question. All text is static.
struct Param {
  enum class Kind : std::uint8_t {
    Whole,    ///< a whole number, low to high
    Seed,     ///< any unsigned 64-bit number
    Number,   ///< low to high
    Flag,     ///< yes or no
    Choice,   ///< one of `choices`
    Choices,  ///< several of them, at least one
    Text,     ///< any text
    Prompt,   ///< another prompt, as token ids
    Neuron,   ///< BLOCK.INDEX
    Head,     ///< BLOCK.INDEX
  };
  const char* name = "";  ///< "repeat-random": the command line's --repeat-random
  Kind kind = Kind::Whole;
  const char* doc = "";       ///< a phrase
  const char* fallback = "";  ///< as Params::set() reads it; empty: it has no value at first
  double low = 0, high = std::numeric_limits<int>::max();
  std::span<const std::string_view> choices = {};
  bool required = false;  ///< the question cannot be asked without it

  /// The lowest of a number that has to be above 0.
  static constexpr double kAboveZero = std::numeric_limits<double>::denorm_min();
};

/// BLOCK.INDEX of a neuron or a head.
struct UnitRef {
  int layer = 0, index = 0;
  friend bool operator==(const UnitRef&, const UnitRef&) = default;
};

/// A value for each parameter of a question. Cheap to copy and compare; equal ones ask the same.
class Params {
 public:
  Params() = default;
  /// Every row at its fallback. Lifetime: `rows` is static.
  explicit Params(std::span<const Param> rows);
  [[nodiscard]] std::span<const Param> rows() const { return rows_; }
  [[nodiscard]] const Param* row(std::string_view name) const;

  /// Reads "5", "0.1", "yes", "zero", "resid_pre,head_z", "1,2,3", "4.17"; "" removes the value.
  /// Errors: InvalidArgument, saying what is allowed.
  [[nodiscard]] Result<void> set(std::string_view name, std::string_view text);
  /// Expects a row of Kind::Prompt.
  void set_prompt(std::string_view name, std::vector<TokenId> ids);

  [[nodiscard]] bool given(std::string_view name) const;
  /// Whether it differs from the row's fallback.
  [[nodiscard]] bool changed(std::string_view name) const;

  // Each expects a row of its kind, and gives 0 or nothing where the row has no value.
  [[nodiscard]] int whole(std::string_view name) const;
  [[nodiscard]] std::uint64_t seed(std::string_view name) const;
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const;  ///< of a Text or a Choice
  [[nodiscard]] std::vector<std::string> choices(std::string_view name) const;
  [[nodiscard]] std::vector<TokenId> prompt(std::string_view name) const;
  [[nodiscard]] UnitRef unit(std::string_view name) const;  ///< of a Neuron or a Head

  using Value =
      std::variant<std::monostate, bool, int, std::uint64_t, double, std::string, std::vector<std::string>, std::vector<TokenId>, UnitRef>;
  /// Of rows()[i].
  [[nodiscard]] const Value& value(std::size_t i) const { return values_[i]; }
  /// As set() reads it.
  [[nodiscard]] std::string written(std::size_t i) const;
  /// All values as one text, "top=5;with=zero"; equal only for equal values.
  [[nodiscard]] std::string key() const;

  friend bool operator==(const Params& a, const Params& b) { return a.rows_.data() == b.rows_.data() && a.values_ == b.values_; }

 private:
  [[nodiscard]] std::size_t index(std::string_view name) const;
  std::span<const Param> rows_;
  std::vector<Value> values_;
};

/// "4.17". Errors: InvalidArgument.
[[nodiscard]] Result<UnitRef> parse_unit(std::string_view text);

}  // namespace gf
