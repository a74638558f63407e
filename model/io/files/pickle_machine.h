// The stack machine that runs a pickle. Only pickle*.cpp include this.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/base/error.h"
#include "model/io/files/pickle.h"
#include "model/io/files/pickle_bytes.h"

namespace gf {

/// Runs one pickle. The functions that return bool are its steps: false means that error_ says what is wrong.
class PickleMachine {
 public:
  PickleMachine(std::span<const std::byte> bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  Result<Pickle> run();

 private:
  // ---- pickle_machine.cpp: errors ----
  [[nodiscard]] tl::unexpected<Error> corrupt(const std::string& problem) const;
  bool wrong(const std::string& problem);
  bool cut();
  bool empty();
  bool unsupported(const std::string& problem);

  // ---- pickle_machine.cpp: the stack ----
  bool push(PickleId id);
  PickleId add(PickleNode node);
  bool make(PickleNode node) { return push(add(std::move(node))); }
  bool make_int(std::int64_t value) { return make({.kind = PickleKind::Int, .integer = value}); }
  /// The values above the last mark.
  [[nodiscard]] std::size_t available() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }
  bool pop(PickleId& id);
  bool pop_mark(std::vector<PickleId>& items);
  /// The node that a step adds to: a List or Dict as `kind` says, or an Object, which may be of any class.
  bool top(PickleKind kind, PickleNode*& node);
  /// Counts items that are copied from one node into another. They count as values, since many calls may name the same list.
  bool copied(std::size_t count);
  Result<Pickle> finish();

  // ---- pickle_machine.cpp: the operations; each of these four passes on to the next what it does not handle ----
  bool step(unsigned op);
  bool value(unsigned op);
  bool container(unsigned op);
  bool object(unsigned op);

  bool get(std::size_t width);
  bool recall(std::uint32_t index);
  bool put(std::size_t width);
  bool memoize(std::uint32_t index);
  bool memo_by_text(bool get);

  bool whole_number(std::size_t width);
  bool real();
  bool number_by_text(unsigned op);
  bool text_by_line(bool quoted);
  bool counted_text(std::size_t width);

  bool even(const std::vector<PickleId>& items);
  bool from_mark(PickleKind kind);
  bool tuple(std::size_t count);
  bool append_one();
  bool set_one();
  bool add_from_mark(PickleKind kind);

  /// Keeps a text or name that does not stand in the bytes as it is, and gives the view that lives as long as the pickle.
  bool keep(std::string made, std::string_view& view);

  // ---- pickle_objects.cpp: what calls and classes mean ----
  bool global(std::string_view module, std::string_view name);
  bool stack_global();
  bool storage();
  bool reduce();
  bool called(PickleId function_id, PickleId args_id);
  bool instance(bool named);
  bool build();
  bool dict(std::string_view name, PickleId args_id);
  [[nodiscard]] bool all_ints(const PickleNode& node) const;
  bool tensor(PickleId args_id, bool typed);

  PickleBytes bytes_;
  const std::string& where_;
  std::size_t start_ = 0;  ///< where the present operation begins
  std::size_t copied_ = 0, name_bytes_ = 0;
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint32_t, PickleId> memo_;
  Pickle out_;
  Error error_{};
};

}  // namespace gf
