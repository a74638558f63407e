#include "model/io/files/pickle.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <unordered_map>

#include "model/base/text.h"

namespace gf {

namespace {

constexpr std::size_t kPickleMaxNodes = 2'000'000;
constexpr std::size_t kPickleMaxSteps = 16'000'000;

constexpr std::size_t kPickleMaxNameBytes = std::size_t{64} << 20;

bool pickle_is_dict_type(std::string_view name) {
  return name == "collections.OrderedDict" || name == "collections.defaultdict" || name == "collections.Counter" ||
         name == "builtins.dict" || name == "__builtin__.dict";
}

}  // namespace

class PickleMachine {
 public:
  PickleMachine(std::span<const std::byte> bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  Result<Pickle> run() {
    for (std::size_t steps = 0; steps < kPickleMaxSteps; ++steps) {
      start_ = at_;
      unsigned op = 0;
      if (!number(1, op)) return corrupt(gf::text("the pickle ends too early"));
      if (op == '.') return finish();
      if (!step(op)) return tl::unexpected(std::move(error_));
      if (out_.nodes_.size() > kPickleMaxNodes) return corrupt(gf::text("the pickle has more than {0} values", kPickleMaxNodes));
    }
    return corrupt(gf::text("the pickle has more than {0} steps", kPickleMaxSteps));
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
    return fail(ErrorCode::Corrupt, gf::text("Cannot read {0}: {1}, at byte {2}.", where_, problem, start_), "Pickle");
  }
  bool wrong(const std::string& problem) {
    error_ = corrupt(problem).value();
    return false;
  }
  bool cut() { return wrong(gf::text("the pickle ends too early")); }
  bool empty() { return wrong(gf::text("the pickle takes from an empty stack")); }
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
    if (marks_.empty()) return wrong(gf::text("the pickle ends a list that it did not begin"));
    items.assign(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return true;
  }
  /// What is set in or added to: an Object takes both.
  bool top(PickleKind kind, const char* what, PickleNode*& node) {
    if (available() == 0) return empty();
    node = &out_.nodes_[stack_.back()];
    return node->kind == kind || node->kind == PickleKind::Object || wrong(std::string("the pickle adds to something that is no ") + what);
  }
  /// Items of one node in another: they count as values, as one list may be named by many calls.
  bool copied(std::size_t count) {
    copied_ += count;
    return copied_ <= kPickleMaxNodes || wrong(gf::text("the pickle has more than {0} values", kPickleMaxNodes));
  }

  Result<Pickle> finish() {
    if (available() == 0) return corrupt(gf::text("the pickle takes from an empty stack"));
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
        return number(1, version) ? version <= 5 || wrong(gf::text("the pickle has the protocol {0}", version)) : cut();
      }
      case 0x95: {
        std::uint64_t frame = 0;
        return number(8, frame) || cut();
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
  bool container(unsigned op) {
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
      case 'P': {
        std::string_view id;
        return line(id) ? make({.kind = PickleKind::Object, .text = "persistent"}) : cut();
      }
      case 0x82:
      case 0x83:
      case 0x84: {  // by a number that only the writer's own registry knows
        std::uint32_t code = 0;
        return number(op == 0x84 ? 4 : op - 0x81, code) ? make({.kind = PickleKind::Global, .text = "extension"}) : cut();
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
        return unsupported("the pickle has the operation 0x" + std::string{hex[op >> 4], hex[op & 15]} + " at byte " +
                           std::to_string(start_) + ", which checkpoints of PyTorch do not use");
      }
    }
  }

  bool get(std::size_t width) {
    std::uint32_t index = 0;
    return number(width, index) ? recall(index) : cut();
  }
  bool recall(std::uint32_t index) {
    const auto it = memo_.find(index);
    return it == memo_.end() ? wrong(gf::text("the pickle recalls the value {0}, which it did not keep", index)) : push(it->second);
  }
  bool put(std::size_t width) {
    std::uint32_t index = 0;
    return number(width, index) ? memoize(index) : cut();
  }
  /// Protocols 0 and 1 write numbers as text.
  bool memo_by_text(bool get) {
    std::string_view digits;
    std::uint32_t index = 0;
    if (!line(digits)) return cut();
    if (std::from_chars(digits.data(), digits.data() + digits.size(), index).ec != std::errc{})
      return wrong(gf::text("the pickle names a kept value by something that is no number"));
    return get ? recall(index) : memoize(index);
  }
  bool number_by_text(unsigned op) {
    std::string_view digits;
    if (!line(digits)) return cut();
    if (digits.ends_with('L')) digits.remove_suffix(1);
    const char *begin = digits.data(), *end = begin + digits.size();
    if (op == 'I' && (digits == "00" || digits == "01")) return make({.kind = PickleKind::Bool, .integer = digits == "01"});
    std::int64_t whole = 0;
    double real = 0;
    const auto read = std::from_chars(begin, end, whole);
    if (op != 'F' && read.ec == std::errc::result_out_of_range) return make({.kind = PickleKind::Big, .text = digits});
    if (op != 'F' && read.ec == std::errc{} && read.ptr == end) return make_int(whole);
    if (op == 'F' && std::from_chars(begin, end, real).ptr == end) return make({.kind = PickleKind::Float, .real = real});
    return wrong(gf::text("the pickle has a number that is none"));
  }
  /// As it is written: escapes stay, since no name of a tensor has any.
  bool text_by_line(bool quoted) {
    PickleNode node{.kind = PickleKind::Text};
    if (!line(node.text)) return cut();
    if (quoted && node.text.size() >= 2) node.text = node.text.substr(1, node.text.size() - 2);
    return make(std::move(node));
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

  bool even(const std::vector<PickleId>& items) { return items.size() % 2 == 0 || wrong(gf::text("the pickle has a key without a value")); }
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
    if (list->kind == PickleKind::List) list->items.push_back(item);
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
    if (kind == PickleKind::List && node->kind == PickleKind::Object) return true;  // of a list of its own class
    node->items.insert(node->items.end(), items.begin(), items.end());
    return true;
  }

  /// A type or function by its name, which is all that is known of it.
  bool global(std::string_view module, std::string_view name) {
    std::string full = std::string(module) + "." + std::string(name);
    auto known = out_.names_.find(full);
    if (known == out_.names_.end()) {
      name_bytes_ += full.size();
      if (name_bytes_ > kPickleMaxNameBytes) return wrong(gf::text("the pickle names more types than any program has"));
      known = out_.names_.insert(std::move(full)).first;
    }
    return make({.kind = PickleKind::Global, .text = *known});
  }
  bool stack_global() {
    PickleId name = 0, module = 0;
    if (!pop(name) || !pop(module)) return false;
    const PickleNode &n = out_.nodes_[name], &m = out_.nodes_[module];
    constexpr std::size_t kLongestName = 512;
    if (n.kind != PickleKind::Text || m.kind != PickleKind::Text || n.text.size() > kLongestName || m.text.size() > kLongestName)
      return wrong(gf::text("the pickle names a type with something that is no name"));
    return global(m.text, n.text);
  }
  // ("storage", torch.FloatStorage, key, place, elements[, a view of old files]); anything else belongs to another
  // program, or is the source text of a module that was saved whole.
  bool storage() {
    PickleId id = 0;
    if (!pop(id)) return false;
    const PickleNode& args = out_.nodes_[id];
    const auto kind = [&](std::size_t i) { return out_.nodes_[args.items[i]].kind; };
    if (args.kind != PickleKind::Tuple || args.items.empty() || kind(0) != PickleKind::Text || out_.nodes_[args.items[0]].text != "storage")
      return make({.kind = PickleKind::Object, .text = "persistent", .items = {}, .args = id});
    if (args.items.size() < 5 || kind(1) != PickleKind::Global || kind(2) != PickleKind::Text || kind(4) != PickleKind::Int)
      return wrong(gf::text("the pickle refers to something that is no storage"));
    if (args.items.size() > 5 && kind(5) != PickleKind::None)
      return unsupported("it has a storage that is a view of another one, as PyTorch before 0.4 wrote; save it again with a newer PyTorch");
    return make({.kind = PickleKind::Storage,
                 .integer = out_.nodes_[args.items[4]].integer,
                 .text = out_.nodes_[args.items[2]].text,
                 .items = {args.items[1]}});
  }
  /// What a call of Python's would give. Nothing is called: what is not known here becomes an Object, which holds
  /// what was said about it.
  bool reduce() {
    PickleId args_id = 0, function_id = 0;
    return pop(args_id) && pop(function_id) && called(function_id, args_id);
  }
  bool called(PickleId function_id, PickleId args_id) {
    const PickleNode& function = out_.nodes_[function_id];
    const PickleNode& args = out_.nodes_[args_id];
    const bool callable = function.kind == PickleKind::Global || function.kind == PickleKind::Object;
    if (!callable || args.kind != PickleKind::Tuple) return wrong(gf::text("the pickle calls something that is no type"));
    const std::string_view name = function.kind == PickleKind::Global ? function.text : std::string_view();
    const auto kind = [&](std::size_t i) { return i < args.items.size() ? out_.nodes_[args.items[i]].kind : PickleKind::None; };
    if (pickle_is_dict_type(name)) return dict(name, args_id);
    if (name == "torch._utils._rebuild_tensor" || name == "torch._utils._rebuild_tensor_v2") return tensor(args_id, false);
    if (name == "torch._utils._rebuild_tensor_v3") return tensor(args_id, true);
    // A parameter, with attributes of its own or without, is its tensor; so is one of a class of its own.
    if (name.starts_with("torch._utils._rebuild_parameter") && kind(0) == PickleKind::Tensor) return push(args.items[0]);
    if (name == "torch._tensor._rebuild_from_type_v2" && kind(0) == PickleKind::Global && kind(2) == PickleKind::Tuple &&
        out_.nodes_[args.items[0]].text != name)
      return called(args.items[0], args.items[2]);
    if (name == "torch.Size" && (kind(0) == PickleKind::Tuple || kind(0) == PickleKind::List)) return push(args.items[0]);
    PickleNode object{.kind = PickleKind::Object, .text = name.empty() ? function.text : name, .items = {}, .args = args_id};
    // Protocols 0 and 1 make an object of a class by a helper of copyreg's.
    if ((name == "copy_reg._reconstructor" || name == "copyreg._reconstructor" || name == "copyreg.__newobj__") &&
        kind(0) == PickleKind::Global)
      object.text = out_.nodes_[args.items[0]].text;
    if (name.ends_with("._reconstructor") && kind(2) == PickleKind::Dict) {  // of a dict's own class
      object.items = out_.nodes_[args.items[2]].items;
      if (!copied(object.items.size())) return false;
    }
    return make(std::move(object));
  }
  /// Of the old protocols: a class and its arguments, from a mark on.
  bool instance(bool named) {
    std::string_view module, name;
    if (named && !(line(module) && line(name))) return cut();
    PickleNode args{.kind = PickleKind::Tuple};
    if (!pop_mark(args.items)) return false;
    if (named) {
      PickleId class_id = 0;
      if (!global(module, name) || !pop(class_id)) return false;
      return called(class_id, add(std::move(args)));
    }
    if (args.items.empty()) return wrong(gf::text("the pickle calls something that is no type"));
    const PickleId class_id = args.items.front();
    args.items.erase(args.items.begin());
    return called(class_id, add(std::move(args)));
  }
  /// Attributes: those of an Object are kept beside its items, no other kind has any that matter.
  bool build() {
    PickleId state_id = 0;
    if (!pop(state_id)) return false;
    if (available() == 0) return empty();
    const PickleId object_id = stack_.back();
    if (out_.nodes_[object_id].kind != PickleKind::Object) return true;
    std::vector<PickleId> dicts = {state_id};  // or (attributes, slots)
    if (out_.nodes_[state_id].kind == PickleKind::Tuple && out_.nodes_[state_id].items.size() == 2) dicts = out_.nodes_[state_id].items;
    for (const PickleId id : dicts) {
      if (out_.nodes_[id].kind != PickleKind::Dict || id == object_id) continue;
      const std::vector<PickleId> items = out_.nodes_[id].items;
      if (!copied(items.size())) return false;
      auto& to = out_.nodes_[object_id].items;
      to.insert(to.end(), items.begin(), items.end());
    }
    return true;
  }
  /// OrderedDict([(key, value), ...]), Counter({...}), defaultdict(type, ...): the first list of pairs or dict counts.
  bool dict(std::string_view name, PickleId args_id) {
    PickleNode made{.kind = PickleKind::Dict};
    const auto& args = out_.nodes_[args_id].items;
    const std::size_t at = name == "collections.defaultdict" ? 1 : 0;
    if (args.size() > at) {
      const PickleNode& given = out_.nodes_[args[at]];
      if (given.kind == PickleKind::Dict) {
        made.items = given.items;
      } else {
        if (given.kind != PickleKind::List && given.kind != PickleKind::Tuple)
          return wrong(gf::text("the pickle makes an OrderedDict of no list"));
        for (const PickleId pair : given.items) {
          const PickleNode& p = out_.nodes_[pair];
          if ((p.kind != PickleKind::List && p.kind != PickleKind::Tuple) || p.items.size() != 2)
            return wrong(gf::text("the pickle makes an OrderedDict of no pairs"));
          made.items.insert(made.items.end(), p.items.begin(), p.items.end());
        }
      }
      if (!copied(made.items.size())) return false;
    }
    return make(std::move(made));
  }
  bool all_ints(const PickleNode& node) const {
    return (node.kind == PickleKind::Tuple || node.kind == PickleKind::List) &&
           std::ranges::all_of(node.items, [&](PickleId id) { return out_.nodes_[id].kind == PickleKind::Int; });
  }
  bool tensor(PickleId args_id, bool typed) {
    const auto& args = out_.nodes_[args_id].items;
    if (args.size() < (typed ? 7U : 4U) || out_.nodes_[args[0]].kind != PickleKind::Storage ||
        out_.nodes_[args[1]].kind != PickleKind::Int || !all_ints(out_.nodes_[args[2]]) || !all_ints(out_.nodes_[args[3]]) ||
        out_.nodes_[args[2]].items.size() != out_.nodes_[args[3]].items.size())
      return wrong(gf::text("the pickle has a tensor without storage, sizes and strides"));
    PickleNode made{.kind = PickleKind::Tensor, .items = {args.begin(), args.begin() + 4}};
    if (typed) made.items.push_back(args[6]);
    return make(std::move(made));
  }

  std::span<const std::byte> bytes_;
  const std::string& where_;
  std::size_t at_ = 0, start_ = 0, copied_ = 0, name_bytes_ = 0;
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint32_t, PickleId> memo_;
  Pickle out_;
  Error error_{};
};

Result<Pickle> Pickle::read(std::span<const std::byte> bytes, const std::string& where) { return PickleMachine(bytes, where).run(); }

const PickleNode* Pickle::find(const PickleNode& dict, std::string_view key) const {
  if (dict.kind != PickleKind::Dict && dict.kind != PickleKind::Object) return nullptr;
  for (std::size_t i = dict.items.size(); i >= 2; i -= 2)
    if (const PickleNode& k = nodes_[dict.items[i - 2]]; k.kind == PickleKind::Text && k.text == key) return &nodes_[dict.items[i - 1]];
  return nullptr;
}

std::optional<std::int64_t> Pickle::whole_number(const PickleNode& node) const {
  if (node.kind == PickleKind::Int) return node.integer;
  if (node.kind != PickleKind::Object || !node.text.ends_with("multiarray.scalar") || !node.args) return {};
  const auto part = [&](const PickleNode& object, std::size_t i, PickleKind kind) -> const PickleNode* {
    const auto* args = object.args ? &nodes_[*object.args].items : nullptr;
    return args != nullptr && i < args->size() && nodes_[(*args)[i]].kind == kind ? &nodes_[(*args)[i]] : nullptr;
  };
  // numpy.dtype("i8", ...) with the number's bytes; before protocol 3 these are text in Latin-1.
  const PickleNode* type = part(node, 0, PickleKind::Object);
  const PickleNode* name = type != nullptr ? part(*type, 0, PickleKind::Text) : nullptr;
  const PickleNode *bytes = part(node, 1, PickleKind::Text), *encoded = part(node, 1, PickleKind::Object);
  if (encoded != nullptr && encoded->text == "_codecs.encode") bytes = part(*encoded, 0, PickleKind::Text);
  if (name == nullptr || bytes == nullptr || name->text.size() != 2 || (name->text[0] != 'i' && name->text[0] != 'u')) return {};
  std::string raw;
  for (std::size_t at = 0; at < bytes->text.size();) {
    const auto lead = static_cast<unsigned char>(bytes->text[at]);
    const bool two = encoded != nullptr && lead >= 0xC2 && lead <= 0xC3 && at + 1 < bytes->text.size();
    raw += two ? static_cast<char>(((lead & 3U) << 6) | (static_cast<unsigned char>(bytes->text[at + 1]) & 0x3FU)) : bytes->text[at];
    at += two ? 2 : 1;
  }
  const auto size = static_cast<std::size_t>(name->text[1] - '0');
  if (size == 0 || size > 8 || raw.size() != size) return {};
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < size; ++i) v |= static_cast<std::uint64_t>(static_cast<unsigned char>(raw[i])) << (8 * i);
  if (name->text[0] == 'i' && size < 8 && (static_cast<unsigned char>(raw.back()) & 0x80U) != 0) v |= ~std::uint64_t{0} << (8 * size);
  return static_cast<std::int64_t>(v);
}

}  // namespace gf
