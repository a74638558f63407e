// Python's pickles, read without Python: a stack machine that knows tensors and plain values, and calls nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <ranges>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/base/error.h"

namespace gf {

enum class PickleKind : std::uint8_t {
  None,
  Bool,
  Int,
  Float,
  Text,  ///< str or bytes: `text`
  Big,   ///< a whole number of more than 8 bytes: `text` has the bytes, little-endian, or the digits
  List,
  Tuple,
  Dict,     ///< `items`: key, value, key, value, ...
  Global,   ///< a type or function: `text` is "module.name"
  Storage,  ///< `text`: its key; `integer`: elements; items[0]: its type, a Global
  Tensor,   ///< `items`: Storage, offset (Int), sizes (a Tuple of Ints), strides (a Tuple of as many Ints)[, its type, a Global]
  /// An object of any other class: a config, an optimizer, a path, a number of NumPy's. It is described and never made.
  /// `text`: its class or the function that makes it; `args`: the arguments of that call; `items`: its entries and attributes,
  /// as of a Dict.
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

/// What a pickle holds. Nodes may refer to each other in circles: a recursion over them needs a bound.
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
  /// The value of a text key; nullptr: there is none, or the node is neither a Dict nor an Object. Where a key stands twice,
  /// the last value counts, as in Python.
  [[nodiscard]] const PickleNode* find(const PickleNode& dict, std::string_view key) const;
  /// The entries of a Dict or Object that have a text key: each key with the node of its value, in their order.
  [[nodiscard]] auto entries(const PickleNode& node) const {
    return std::views::iota(std::size_t{0}, node.items.size() / 2) |
           std::views::filter([this, &node](std::size_t i) { return nodes_[node.items[2 * i]].kind == PickleKind::Text; }) |
           std::views::transform([this, &node](std::size_t i) {
             return std::pair<std::string_view, const PickleNode*>(nodes_[node.items[2 * i]].text, &nodes_[node.items[2 * i + 1]]);
           });
  }
  /// The value of an Int, of a Float without a fraction, or of a whole number of NumPy's; nullopt for other nodes.
  [[nodiscard]] std::optional<std::int64_t> whole_number(const PickleNode& node) const;

 private:
  friend class PickleMachine;
  std::vector<PickleNode> nodes_;
  std::set<std::string, std::less<>> names_;  ///< of Globals; their texts point into it
  PickleId root_ = 0;
  std::size_t used_ = 0;
};

}  // namespace gf
