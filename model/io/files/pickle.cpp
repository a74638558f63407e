#include "model/io/files/pickle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <unordered_map>

namespace gf {

namespace {

constexpr std::size_t kPickleMaxNodes = 2'000'000;
constexpr std::size_t kPickleMaxSteps = 16'000'000;

// What a checkpoint may name. Everything else is refused before it could mean anything.
constexpr std::array<std::string_view, 28> kPickleGlobals = {"collections.OrderedDict",
                                                             "torch._utils._rebuild_tensor",
                                                             "torch._utils._rebuild_tensor_v2",
                                                             "torch._utils._rebuild_parameter",
                                                             "torch.Size",
                                                             "torch.device",
                                                             "torch.FloatStorage",
                                                             "torch.HalfStorage",
                                                             "torch.BFloat16Storage",
                                                             "torch.DoubleStorage",
                                                             "torch.LongStorage",
                                                             "torch.IntStorage",
                                                             "torch.ShortStorage",
                                                             "torch.CharStorage",
                                                             "torch.ByteStorage",
                                                             "torch.BoolStorage",
                                                             "torch.float32",
                                                             "torch.float16",
                                                             "torch.bfloat16",
                                                             "torch.float64",
                                                             "torch.int64",
                                                             "torch.int32",
                                                             "torch.int16",
                                                             "torch.int8",
                                                             "torch.uint8",
                                                             "torch.bool",
                                                             "torch.strided",
                                                             "torch.serialization._get_layout"};

}  // namespace

class PickleMachine {
 public:
  PickleMachine(std::span<const std::byte> bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  Result<Pickle> run() {
    for (std::size_t steps = 0; steps < kPickleMaxSteps; ++steps) {
      start_ = at_;
      unsigned op = 0;
      if (!number(1, op)) return corrupt("the pickle ends too early");
      if (op == '.') return finish();
      if (!step(op)) return tl::unexpected(std::move(error_));
      if (out_.nodes_.size() > kPickleMaxNodes) return corrupt("the pickle has more than " + std::to_string(kPickleMaxNodes) + " values");
    }
    return corrupt("the pickle has more than " + std::to_string(kPickleMaxSteps) + " steps");
  }

 private:
  // ---- reading ----
  template <class T>
  bool number(std::size_t count, T& value) {
    if (bytes_.size() - at_ < count) return false;
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < count; ++i) v |= static_cast<std::uint64_t>(bytes_[at_ + i]) << (8 * i);
    at_ += count;
    value = static_cast<T>(v);
    return true;
  }
  bool text(std::uint64_t count, std::string_view& value) {
    if (count > bytes_.size() - at_) return false;
    value = {reinterpret_cast<const char*>(bytes_.data()) + at_, static_cast<std::size_t>(count)};
    at_ += static_cast<std::size_t>(count);
    return true;
  }
  bool line(std::string_view& value) {
    constexpr std::size_t kLongestName = 512;
    const auto rest = bytes_.subspan(at_, std::min(kLongestName, bytes_.size() - at_));
    const auto end = std::find(rest.begin(), rest.end(), std::byte{'\n'});
    if (end == rest.end()) return false;
    const bool ok = text(static_cast<std::uint64_t>(end - rest.begin()), value);
    ++at_;
    return ok;
  }

  // ---- errors ----
  tl::unexpected<Error> corrupt(const std::string& problem) const {
    return fail(ErrorCode::Corrupt, "Cannot read " + where_ + ": " + problem + ", at byte " + std::to_string(start_) + ".", "Pickle");
  }
  bool wrong(const std::string& problem) {
    error_ = corrupt(problem).value();
    return false;
  }
  bool cut() { return wrong("the pickle ends too early"); }
  bool empty() { return wrong("the pickle takes from an empty stack"); }
  bool unsupported(const std::string& problem) {
    error_ = {ErrorCode::Unsupported, "Cannot read " + where_ + ": " + problem + ".", "Pickle"};
    return false;
  }

  // ---- the stack ----
  bool push(PickleId id) {
    stack_.push_back(id);
    return true;
  }
  PickleId add(PickleNode node) {
    out_.nodes_.push_back(std::move(node));
    return static_cast<PickleId>(out_.nodes_.size() - 1);
  }
  bool make(PickleNode node) { return push(add(std::move(node))); }
  bool make_int(std::int64_t value) { return make({.kind = PickleKind::Int, .integer = value}); }
  bool make_text(std::uint64_t count) {
    PickleNode node{.kind = PickleKind::Text};
    return text(count, node.text) ? make(std::move(node)) : cut();
  }
  [[nodiscard]] std::size_t available() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }
  bool pop(PickleId& id) {
    if (available() == 0) return empty();
    id = stack_.back();
    stack_.pop_back();
    return true;
  }
  bool pop_mark(std::vector<PickleId>& items) {
    if (marks_.empty()) return wrong("the pickle ends a list that it did not begin");
    items.assign(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return true;
  }
  bool top(PickleKind kind, const char* what, PickleNode*& node) {
    if (available() == 0) return empty();
    node = &out_.nodes_[stack_.back()];
    return node->kind == kind || wrong(std::string("the pickle adds to something that is no ") + what);
  }

  Result<Pickle> finish() {
    if (available() == 0) return corrupt("the pickle takes from an empty stack");
    out_.root_ = stack_.back();
    out_.used_ = at_;
    return std::move(out_);
  }

  // ---- the steps ----
  bool step(unsigned op) {
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
        return number(1, version) ? version <= 5 || wrong("the pickle has the protocol " + std::to_string(version)) : cut();
      }
      case 0x95: {
        std::uint64_t frame = 0;
        return number(8, frame) || cut();
      }
      case 'h': return get(1);
      case 'j': return get(4);
      case 'q': return put(1);
      case 'r': return put(4);
      case 0x94: return memoize(static_cast<std::uint32_t>(memo_.size()));
      default: return value(op);
    }
  }
  bool value(unsigned op) {
    switch (op) {
      case 'N': return make({});
      case 0x88: return make({.kind = PickleKind::Bool, .integer = 1});
      case 0x89: return make({.kind = PickleKind::Bool});
      case 'K': {
        std::uint8_t v = 0;
        return number(1, v) ? make_int(v) : cut();
      }
      case 'M': {
        std::uint16_t v = 0;
        return number(2, v) ? make_int(v) : cut();
      }
      case 'J': {
        std::int32_t v = 0;
        return number(4, v) ? make_int(v) : cut();
      }
      case 0x8a: return whole_number(1);
      case 0x8b: return whole_number(4);
      case 'G': return real();
      case 'X':
      case 'T':
      case 'B': return counted_text(4);
      case 0x8c:
      case 'U':
      case 'C': return counted_text(1);
      case 0x8d:
      case 0x8e: return counted_text(8);
      default: return container(op);
    }
  }
  bool container(unsigned op) {
    switch (op) {
      case ']':
      case 0x8f: return make({.kind = PickleKind::List});
      case '}': return make({.kind = PickleKind::Dict});
      case ')': return make({.kind = PickleKind::Tuple});
      case 'l': return from_mark(PickleKind::List);
      case 't': return from_mark(PickleKind::Tuple);
      case 'd': return from_mark(PickleKind::Dict);
      case 0x85:
      case 0x86:
      case 0x87: return tuple(op - 0x84);
      case 'a': return append_one();
      case 's': return set_one();
      case 'e':
      case 0x90: return add_from_mark(PickleKind::List, "list");
      case 'u': return add_from_mark(PickleKind::Dict, "dict");
      default: return object(op);
    }
  }
  bool object(unsigned op) {
    switch (op) {
      case 'c': {
        std::string_view module, name;
        return line(module) && line(name) ? global(module, name) : cut();
      }
      case 0x93: return stack_global();
      case 'Q': return storage();
      case 'R':
      case 0x81: return reduce();
      case 'b': {
        PickleId ignored = 0;
        return pop(ignored) && (available() > 0 || empty());
      }  // attributes: no weights are there
      default: {
        constexpr std::string_view hex = "0123456789abcdef";
        return unsupported("the pickle has the operation 0x" + std::string{hex[op >> 4], hex[op & 15]} + " at byte " +
                           std::to_string(start_) + ", which checkpoints of PyTorch do not use");
      }
    }
  }

  bool get(std::size_t width) {
    std::uint32_t index = 0;
    if (!number(width, index)) return cut();
    const auto it = memo_.find(index);
    return it == memo_.end() ? wrong("the pickle recalls the value " + std::to_string(index) + ", which it did not keep")
                             : push(it->second);
  }
  bool put(std::size_t width) {
    std::uint32_t index = 0;
    return number(width, index) ? memoize(index) : cut();
  }
  bool memoize(std::uint32_t index) {
    if (available() == 0) return empty();
    memo_[index] = stack_.back();
    return true;
  }
  bool whole_number(std::size_t width) {
    std::uint32_t count = 0;
    PickleNode node{.kind = PickleKind::Big};
    if (!number(width, count) || !text(count, node.text)) return cut();
    if (count > 8) return make(std::move(node));
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < count; ++i) v |= static_cast<std::uint64_t>(static_cast<unsigned char>(node.text[i])) << (8 * i);
    if (count > 0 && count < 8 && (static_cast<unsigned char>(node.text[count - 1]) & 0x80U) != 0) v |= ~std::uint64_t{0} << (8 * count);
    return make_int(static_cast<std::int64_t>(v));
  }
  bool real() {
    std::uint64_t little = 0;
    if (!number(8, little)) return cut();
    return make({.kind = PickleKind::Float, .real = std::bit_cast<double>(__builtin_bswap64(little))});
  }
  bool counted_text(std::size_t width) {
    std::uint64_t count = 0;
    return number(width, count) ? make_text(count) : cut();
  }

  bool even(const std::vector<PickleId>& items) { return items.size() % 2 == 0 || wrong("the pickle has a key without a value"); }
  bool from_mark(PickleKind kind) {
    PickleNode node{.kind = kind};
    return pop_mark(node.items) && (kind != PickleKind::Dict || even(node.items)) && make(std::move(node));
  }
  bool tuple(std::size_t count) {
    if (available() < count) return empty();
    PickleNode node{.kind = PickleKind::Tuple};
    node.items.assign(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return make(std::move(node));
  }
  bool append_one() {
    PickleId item = 0;
    PickleNode* list = nullptr;
    if (!pop(item) || !top(PickleKind::List, "list", list)) return false;
    list->items.push_back(item);
    return true;
  }
  bool set_one() {
    PickleId item = 0, key = 0;
    PickleNode* dict = nullptr;
    if (!pop(item) || !pop(key) || !top(PickleKind::Dict, "dict", dict)) return false;
    dict->items.insert(dict->items.end(), {key, item});
    return true;
  }
  bool add_from_mark(PickleKind kind, const char* what) {
    std::vector<PickleId> items;
    PickleNode* node = nullptr;
    if (!pop_mark(items) || !top(kind, what, node) || (kind == PickleKind::Dict && !even(items))) return false;
    node->items.insert(node->items.end(), items.begin(), items.end());
    return true;
  }

  bool global(std::string_view module, std::string_view name) {
    const std::string full = std::string(module) + "." + std::string(name);
    const auto* const known = std::find(kPickleGlobals.begin(), kPickleGlobals.end(), full);
    if (known == kPickleGlobals.end())
      return unsupported("it asks for " + full + ", which is not among the types that a checkpoint may hold; nothing of it was run");
    return make({.kind = PickleKind::Global, .text = *known});
  }
  bool stack_global() {
    PickleId name = 0, module = 0;
    if (!pop(name) || !pop(module)) return false;
    const PickleNode &n = out_.nodes_[name], &m = out_.nodes_[module];
    constexpr std::size_t kLongestName = 512;
    if (n.kind != PickleKind::Text || m.kind != PickleKind::Text || n.text.size() > kLongestName || m.text.size() > kLongestName)
      return wrong("the pickle names a type with something that is no name");
    return global(m.text, n.text);
  }
  // ("storage", torch.FloatStorage, key, place, elements[, a view of old files])
  bool storage() {
    PickleId id = 0;
    if (!pop(id)) return false;
    const PickleNode& args = out_.nodes_[id];
    const auto kind = [&](std::size_t i) { return out_.nodes_[args.items[i]].kind; };
    if (args.kind != PickleKind::Tuple || args.items.size() < 5 || kind(0) != PickleKind::Text ||
        out_.nodes_[args.items[0]].text != "storage" || kind(1) != PickleKind::Global || kind(2) != PickleKind::Text ||
        kind(4) != PickleKind::Int)
      return wrong("the pickle refers to something that is no storage");
    if (args.items.size() > 5 && kind(5) != PickleKind::None)
      return unsupported("it has a storage that is a view of another one, as PyTorch before 0.4 wrote; save it again with a newer PyTorch");
    return make({.kind = PickleKind::Storage,
                 .integer = out_.nodes_[args.items[4]].integer,
                 .text = out_.nodes_[args.items[2]].text,
                 .items = {args.items[1]}});
  }
  bool reduce() {
    PickleId args_id = 0, function_id = 0;
    if (!pop(args_id) || !pop(function_id)) return false;
    const PickleNode& function = out_.nodes_[function_id];
    const PickleNode& args = out_.nodes_[args_id];
    if (function.kind != PickleKind::Global || args.kind != PickleKind::Tuple) return wrong("the pickle calls something that is no type");
    const std::string_view name = function.text;
    const auto first = [&](PickleKind kind) { return !args.items.empty() && out_.nodes_[args.items[0]].kind == kind; };
    if (name == "collections.OrderedDict") return ordered_dict(args_id);
    if (name.starts_with("torch._utils._rebuild_tensor")) return tensor(args_id);
    if (name == "torch._utils._rebuild_parameter" && first(PickleKind::Tensor)) return push(args.items[0]);
    if (name == "torch.Size" && (first(PickleKind::Tuple) || first(PickleKind::List))) return push(args.items[0]);
    if (name == "torch.device" || name == "torch.serialization._get_layout") return make({});
    return wrong("the pickle calls " + std::string(name) + " with the wrong arguments");
  }
  bool ordered_dict(PickleId args_id) {
    PickleNode dict{.kind = PickleKind::Dict};
    const auto& args = out_.nodes_[args_id].items;
    if (!args.empty()) {
      const PickleNode& pairs = out_.nodes_[args[0]];
      if (pairs.kind != PickleKind::List && pairs.kind != PickleKind::Tuple) return wrong("the pickle makes an OrderedDict of no list");
      for (const PickleId pair : pairs.items) {
        const PickleNode& p = out_.nodes_[pair];
        if ((p.kind != PickleKind::List && p.kind != PickleKind::Tuple) || p.items.size() != 2)
          return wrong("the pickle makes an OrderedDict of no pairs");
        dict.items.insert(dict.items.end(), p.items.begin(), p.items.end());
      }
      // One list may be named by many calls: what was copied counts as values, so that it stays bounded.
      copied_ += dict.items.size();
      if (copied_ > kPickleMaxNodes) return wrong("the pickle has more than " + std::to_string(kPickleMaxNodes) + " values");
    }
    return make(std::move(dict));
  }
  bool all_ints(const PickleNode& node) const {
    return (node.kind == PickleKind::Tuple || node.kind == PickleKind::List) &&
           std::ranges::all_of(node.items, [&](PickleId id) { return out_.nodes_[id].kind == PickleKind::Int; });
  }
  bool tensor(PickleId args_id) {
    const auto& args = out_.nodes_[args_id].items;
    if (args.size() < 4 || out_.nodes_[args[0]].kind != PickleKind::Storage || out_.nodes_[args[1]].kind != PickleKind::Int ||
        !all_ints(out_.nodes_[args[2]]) || !all_ints(out_.nodes_[args[3]]) ||
        out_.nodes_[args[2]].items.size() != out_.nodes_[args[3]].items.size())
      return wrong("the pickle has a tensor without storage, sizes and strides");
    return make({.kind = PickleKind::Tensor, .items = {args.begin(), args.begin() + 4}});
  }

  std::span<const std::byte> bytes_;
  const std::string& where_;
  std::size_t at_ = 0, start_ = 0, copied_ = 0;
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint32_t, PickleId> memo_;
  Pickle out_;
  Error error_{};
};

Result<Pickle> Pickle::read(std::span<const std::byte> bytes, const std::string& where) { return PickleMachine(bytes, where).run(); }

const PickleNode* Pickle::find(const PickleNode& dict, std::string_view key) const {
  if (dict.kind != PickleKind::Dict) return nullptr;
  for (std::size_t i = dict.items.size(); i >= 2; i -= 2)
    if (const PickleNode& k = nodes_[dict.items[i - 2]]; k.kind == PickleKind::Text && k.text == key) return &nodes_[dict.items[i - 1]];
  return nullptr;
}

}  // namespace gf
