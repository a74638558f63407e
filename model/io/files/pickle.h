// Python's pickles, read without Python: a stack machine that knows a fixed list of types and runs nothing.
#pragma once

#include <cstdint>
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
  Big,   ///< a whole number of more than 8 bytes: `text` holds them, little-endian
  List,
  Tuple,
  Dict,     ///< `items`: key, value, key, value, ...
  Global,   ///< `text`: "module.name"; only of the list
  Storage,  ///< `text`: its key; `integer`: elements; items[0]: its type, a Global
  Tensor,   ///< `items`: Storage, offset (Int), sizes (a Tuple of Ints), strides (a Tuple of as many Ints)
};

using PickleId = std::uint32_t;

struct PickleNode {
  PickleKind kind = PickleKind::None;
  std::int64_t integer = 0;  ///< Int, Bool
  double real = 0;           ///< Float
  std::string_view text{};   ///< into the bytes that were read, or a constant
  std::vector<PickleId> items{};
};

/// What a pickle holds. Nodes may refer to each other in circles: nobody walks them by recursion.
/// Safe to use on untrusted bytes: memory is bounded by a number of nodes and steps. Lifetime: texts point into `bytes`.
class Pickle {
 public:
  /// Reads the pickle at the start of `bytes`; `where` names the file in messages.
  /// Errors: Corrupt (what is wrong, and at which byte), Unsupported (a type outside the list, by name).
  [[nodiscard]] static Result<Pickle> read(std::span<const std::byte> bytes, const std::string& where);

  [[nodiscard]] PickleId root() const { return root_; }
  [[nodiscard]] const PickleNode& at(PickleId id) const { return nodes_[id]; }
  [[nodiscard]] std::span<const PickleNode> nodes() const { return nodes_; }
  [[nodiscard]] std::size_t bytes_used() const { return used_; }
  /// The value of a text key; nullptr: none, or no Dict. A key that stands twice has its last value, as in Python.
  [[nodiscard]] const PickleNode* find(const PickleNode& dict, std::string_view key) const;

 private:
  friend class PickleMachine;
  std::vector<PickleNode> nodes_;
  PickleId root_ = 0;
  std::size_t used_ = 0;
};

}  // namespace gf
