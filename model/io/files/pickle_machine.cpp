// The operations of a pickle. Source: CPython, Lib/pickletools.py.
#include "model/io/files/pickle_machine.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>

#include "model/base/text.h"
#include "model/tokenizer/utf8.h"

namespace gf {

namespace {

constexpr std::size_t kPickleMaxNodes = 2'000'000;
constexpr std::size_t kPickleMaxSteps = 16'000'000;

}  // namespace

Result<Pickle> PickleMachine::run() {
  for (std::size_t steps = 0; steps < kPickleMaxSteps; ++steps) {
    start_ = bytes_.at();
    unsigned op = 0;
    if (!bytes_.number(1, op)) return corrupt(text("the pickle ends too early"));
    if (op == '.') return finish();
    if (!step(op)) return tl::unexpected(std::move(error_));
    if (out_.nodes_.size() > kPickleMaxNodes) return corrupt(text("the pickle has more than {0} values", kPickleMaxNodes));
  }
  return corrupt(text("the pickle has more than {0} steps", kPickleMaxSteps));
}

tl::unexpected<Error> PickleMachine::corrupt(const std::string& problem) const {
  return fail(ErrorCode::Corrupt, text("Cannot read {0}: {1}, at byte {2}.", where_, problem, start_), "Pickle");
}

bool PickleMachine::wrong(const std::string& problem) {
  error_ = corrupt(problem).value();
  return false;
}

bool PickleMachine::cut() { return wrong(text("the pickle ends too early")); }

bool PickleMachine::empty() { return wrong(text("the pickle takes from an empty stack")); }

bool PickleMachine::unsupported(const std::string& problem) {
  error_ = {ErrorCode::Unsupported, text("Cannot read {0}: {1}.", where_, problem), "Pickle"};
  return false;
}

bool PickleMachine::push(PickleId id) {
  stack_.push_back(id);
  return true;
}

PickleId PickleMachine::add(PickleNode node) {
  out_.nodes_.push_back(std::move(node));
  return static_cast<PickleId>(out_.nodes_.size() - 1);
}

bool PickleMachine::pop(PickleId& id) {
  if (available() == 0) return empty();
  id = stack_.back();
  stack_.pop_back();
  return true;
}

bool PickleMachine::pop_mark(std::vector<PickleId>& items) {
  if (marks_.empty()) return wrong(text("the pickle ends a list that it did not begin"));
  items.assign(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
  stack_.resize(marks_.back());
  marks_.pop_back();
  return true;
}

bool PickleMachine::top(PickleKind kind, PickleNode*& node) {
  if (available() == 0) return empty();
  node = &out_.nodes_[stack_.back()];
  if (node->kind == kind || node->kind == PickleKind::Object) return true;
  return wrong(kind == PickleKind::List ? text("the pickle adds to something that is not a list")
                                        : text("the pickle adds to something that is not a dict"));
}

bool PickleMachine::copied(std::size_t count) {
  copied_ += count;
  return copied_ <= kPickleMaxNodes || wrong(text("the pickle has more than {0} values", kPickleMaxNodes));
}

Result<Pickle> PickleMachine::finish() {
  if (available() == 0) return corrupt(text("the pickle takes from an empty stack"));
  out_.root_ = stack_.back();
  out_.used_ = bytes_.at();
  return std::move(out_);
}

bool PickleMachine::step(unsigned op) {
  switch (op) {
    case '(': marks_.push_back(stack_.size()); return true;
    case '0': {
      PickleId ignored = 0;
      return pop(ignored);
    }
    case '1': {
      std::vector<PickleId> ignored;
      return pop_mark(ignored);
    }
    case '2': return available() == 0 ? empty() : push(stack_.back());
    case 0x80: {
      unsigned version = 0;
      return bytes_.number(1, version) ? version <= 5 || wrong(text("the pickle has the protocol {0}", version)) : cut();
    }
    case 0x95: {
      std::uint64_t frame = 0;
      return bytes_.number(8, frame) || cut();
    }
    case 'h': return get(1);
    case 'j': return get(4);
    case 'q': return put(1);
    case 'r': return put(4);
    case 'g':
    case 'p': return memo_by_text(op == 'g');
    case 0x94: return memoize(static_cast<std::uint32_t>(memo_.size()));
    default: return value(op);
  }
}

bool PickleMachine::value(unsigned op) {
  switch (op) {
    case 'N': return make({});
    case 0x88: return make({.kind = PickleKind::Bool, .integer = 1});
    case 0x89: return make({.kind = PickleKind::Bool});
    case 'K': {
      std::uint8_t v = 0;
      return bytes_.number(1, v) ? make_int(v) : cut();
    }
    case 'M': {
      std::uint16_t v = 0;
      return bytes_.number(2, v) ? make_int(v) : cut();
    }
    case 'J': {
      std::int32_t v = 0;
      return bytes_.number(4, v) ? make_int(v) : cut();
    }
    case 0x8a: return whole_number(1);
    case 0x8b: return whole_number(4);
    case 'G': return real();
    case 'I':
    case 'L':
    case 'F': return number_by_text(op);
    case 'S':
    case 'V': return text_by_line(op == 'S');
    case 'X':
    case 'T':
    case 'B': return counted_text(4);
    case 0x8c:
    case 'U':
    case 'C': return counted_text(1);
    case 0x8d:
    case 0x8e:
    case 0x96: return counted_text(8);
    default: return container(op);
  }
}

bool PickleMachine::container(unsigned op) {
  switch (op) {
    case ']':
    case 0x8f: return make({.kind = PickleKind::List});
    case '}': return make({.kind = PickleKind::Dict});
    case ')': return make({.kind = PickleKind::Tuple});
    case 'l': return from_mark(PickleKind::List);
    case 't':
    case 0x91: return from_mark(PickleKind::Tuple);
    case 'd': return from_mark(PickleKind::Dict);
    case 0x85:
    case 0x86:
    case 0x87: return tuple(op - 0x84);
    case 'a': return append_one();
    case 's': return set_one();
    case 'e':
    case 0x90: return add_from_mark(PickleKind::List);
    case 'u': return add_from_mark(PickleKind::Dict);
    default: return object(op);
  }
}

bool PickleMachine::object(unsigned op) {
  switch (op) {
    case 'c': {
      std::string_view module, name;
      return bytes_.line(module) && bytes_.line(name) ? global(module, name) : cut();
    }
    case 0x93: return stack_global();
    case 'Q': return storage();
    case 'P': {
      std::string_view id;
      return bytes_.line(id) ? make({.kind = PickleKind::Object, .text = "persistent"}) : cut();
    }
    case 0x82:
    case 0x83:
    case 0x84: {  // a type that has a number in the writer's own registry
      std::uint32_t code = 0;
      return bytes_.number(op == 0x84 ? 4 : op - 0x81, code) ? make({.kind = PickleKind::Global, .text = "extension"}) : cut();
    }
    case 'R':
    case 0x81: return reduce();
    case 0x92: {
      PickleId ignored = 0;  // named arguments
      return pop(ignored) && reduce();
    }
    case 'i':
    case 'o': return instance(op == 'i');
    case 'b': return build();
    default: {
      constexpr std::string_view hex = "0123456789abcdef";
      return unsupported(text("the pickle has the operation {0} at byte {1}, which checkpoints of PyTorch do not use",
                              std::string{'0', 'x', hex[op >> 4], hex[op & 15]}, start_));
    }
  }
}

bool PickleMachine::get(std::size_t width) {
  std::uint32_t index = 0;
  return bytes_.number(width, index) ? recall(index) : cut();
}

bool PickleMachine::recall(std::uint32_t index) {
  const auto it = memo_.find(index);
  return it == memo_.end() ? wrong(text("the pickle recalls the value {0}, which it did not keep", index)) : push(it->second);
}

bool PickleMachine::put(std::size_t width) {
  std::uint32_t index = 0;
  return bytes_.number(width, index) ? memoize(index) : cut();
}

// Protocols 0 and 1 write numbers as text.
bool PickleMachine::memo_by_text(bool get) {
  std::string_view digits;
  std::uint32_t index = 0;
  if (!bytes_.line(digits)) return cut();
  if (std::from_chars(digits.data(), digits.data() + digits.size(), index).ec != std::errc{})
    return wrong(text("the pickle names a kept value by something that is not a number"));
  return get ? recall(index) : memoize(index);
}

bool PickleMachine::number_by_text(unsigned op) {
  std::string_view digits;
  if (!bytes_.line(digits)) return cut();
  if (digits.ends_with('L')) digits.remove_suffix(1);
  const char *begin = digits.data(), *end = begin + digits.size();
  if (op == 'I' && (digits == "00" || digits == "01")) return make({.kind = PickleKind::Bool, .integer = digits == "01"});
  std::int64_t whole = 0;
  double real = 0;
  const auto read = std::from_chars(begin, end, whole);
  if (op != 'F' && read.ec == std::errc::result_out_of_range) return make({.kind = PickleKind::Big, .text = digits});
  if (op != 'F' && read.ec == std::errc{} && read.ptr == end) return make_int(whole);
  if (op == 'F' && std::from_chars(begin, end, real).ptr == end) return make({.kind = PickleKind::Float, .real = real});
  return wrong(text("the pickle has a number that is none"));
}

// Python 2's quoted texts are taken as they are: no name of a tensor has escapes. Others are in Latin-1 with \u and \U.
bool PickleMachine::text_by_line(bool quoted) {
  PickleNode node{.kind = PickleKind::Text};
  if (!bytes_.line(node.text)) return cut();
  if (quoted && node.text.size() >= 2) node.text = node.text.substr(1, node.text.size() - 2);
  const bool plain = std::ranges::all_of(node.text, [](char c) { return c != '\\' && static_cast<unsigned char>(c) < 0x80; });
  if (quoted || plain) return make(std::move(node));
  std::string read;
  for (std::size_t at = 0; at < node.text.size();) {
    const std::string_view rest = node.text.substr(at);
    const std::size_t digits = rest.starts_with("\\u") ? 4 : rest.starts_with("\\U") ? 8 : 0;
    std::uint32_t code = static_cast<unsigned char>(rest[0]);
    if (digits > 0 && rest.size() >= 2 + digits) {
      const char* end = rest.data() + 2 + digits;
      if (std::from_chars(rest.data() + 2, end, code, 16).ptr != end || code > 0x10FFFF)
        return wrong(text("the pickle has an escape that is no character"));
      at += 2 + digits;
    } else {
      ++at;
    }
    append_utf8(read, code);
  }
  return keep(std::move(read), node.text) && make(std::move(node));
}

bool PickleMachine::memoize(std::uint32_t index) {
  if (available() == 0) return empty();
  memo_[index] = stack_.back();
  return true;
}

bool PickleMachine::whole_number(std::size_t width) {
  std::uint32_t count = 0;
  PickleNode node{.kind = PickleKind::Big};
  if (!bytes_.number(width, count) || !bytes_.text(count, node.text)) return cut();
  return count > 8 ? make(std::move(node)) : make_int(signed_little_endian(std::as_bytes(std::span(node.text))));
}

bool PickleMachine::real() {
  std::uint64_t little = 0;
  if (!bytes_.number(8, little)) return cut();
  return make({.kind = PickleKind::Float, .real = std::bit_cast<double>(__builtin_bswap64(little))});
}

bool PickleMachine::counted_text(std::size_t width) {
  std::uint64_t count = 0;
  PickleNode node{.kind = PickleKind::Text};
  return bytes_.number(width, count) && bytes_.text(count, node.text) ? make(std::move(node)) : cut();
}

bool PickleMachine::even(const std::vector<PickleId>& items) {
  return items.size() % 2 == 0 || wrong(text("the pickle has a key without a value"));
}

bool PickleMachine::from_mark(PickleKind kind) {
  PickleNode node{.kind = kind};
  return pop_mark(node.items) && (kind != PickleKind::Dict || even(node.items)) && make(std::move(node));
}

bool PickleMachine::tuple(std::size_t count) {
  if (available() < count) return empty();
  PickleNode node{.kind = PickleKind::Tuple};
  node.items.assign(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
  stack_.resize(stack_.size() - count);
  return make(std::move(node));
}

bool PickleMachine::append_one() {
  PickleId item = 0;
  PickleNode* list = nullptr;
  if (!pop(item) || !top(PickleKind::List, list)) return false;
  if (list->kind == PickleKind::List) list->items.push_back(item);
  return true;
}

bool PickleMachine::set_one() {
  PickleId item = 0, key = 0;
  PickleNode* dict = nullptr;
  if (!pop(item) || !pop(key) || !top(PickleKind::Dict, dict)) return false;
  dict->items.insert(dict->items.end(), {key, item});
  return true;
}

bool PickleMachine::add_from_mark(PickleKind kind) {
  std::vector<PickleId> items;
  PickleNode* node = nullptr;
  if (!pop_mark(items) || !top(kind, node) || (kind == PickleKind::Dict && !even(items))) return false;
  if (kind == PickleKind::List && node->kind == PickleKind::Object) return true;  // a class of lists: its items do not matter
  node->items.insert(node->items.end(), items.begin(), items.end());
  return true;
}

}  // namespace gf
