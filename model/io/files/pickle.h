// Python's pickles, read without Python: a stack machine that knows tensors and plain values, and runs nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"

namespace gf {

enum class PickleKind : std::uint8_t {
  None,
  Bool,
  Int,
  Float,
  Text,  ///< str or bytes: `text`
  Big,   ///< a whole number of more than 8 bytes: `text` holds them, little-endian, or its digits
  List,
  Tuple,
  Dict,     ///< `items`: key, value, key, value, ...
  Global,   ///< a type or function: `text` is "module.name"
  Storage,  ///< `text`: its key; `integer`: elements; items[0]: its type, a Global
  Tensor,   ///< `items`: Storage, offset (Int), sizes (a Tuple of Ints), strides (a Tuple of as many Ints)[, its type, a Global]
  /// Whatever else a pickle makes: a config, an optimizer, a path, a number of NumPy's. It is never made here, only
  /// described: `text`: its type or the function that makes it; `args`: that one's arguments; `items`: as of a Dict, what
  /// was set in it and its attributes.
  Object,
};

using PickleId = std::uint32_t;

struct PickleNode {
  PickleKind kind = PickleKind::None;
  std::int64_t integer = 0;  ///< Int, Bool
  double real = 0;           ///< Float
  std::string_view text{};   ///< into the bytes that were read, or a constant
  std::vector<PickleId> items{};
  std::optional<PickleId> args{};  ///< of an Object: a Tuple
};

/// What a pickle holds. Nodes may refer to each other in circles: nobody walks them by recursion.
/// Safe to use on untrusted bytes: memory is bounded by a number of nodes and steps. Lifetime: texts point into `bytes`.
class Pickle {
 public:
  /// Reads the pickle at the start of `bytes`; `where` names the file in messages.
  /// Errors: Corrupt (what is wrong, and at which byte), Unsupported (an operation that is not known).
  [[nodiscard]] static Result<Pickle> read(std::span<const std::byte> bytes, const std::string& where);

  [[nodiscard]] PickleId root() const { return root_; }
  [[nodiscard]] const PickleNode& at(PickleId id) const { return nodes_[id]; }
  [[nodiscard]] std::span<const PickleNode> nodes() const { return nodes_; }
  [[nodiscard]] std::size_t bytes_used() const { return used_; }
  /// The value of a text key; nullptr: none, or neither Dict nor Object. A key that stands twice has its last value, as
  /// in Python.
  [[nodiscard]] const PickleNode* find(const PickleNode& dict, std::string_view key) const;
  /// Of an Int, or of a whole number of NumPy's.
  [[nodiscard]] std::optional<std::int64_t> whole_number(const PickleNode& node) const;

 private:
  friend class PickleMachine;
  std::vector<PickleNode> nodes_;
  std::set<std::string, std::less<>> names_;  ///< of Globals; texts point into it
  PickleId root_ = 0;
  std::size_t used_ = 0;
};

}  // namespace gf
