// What the calls and classes of a pickle mean: dicts, tensors, their storages, and objects of any other class.
#include <algorithm>
#include <cstddef>

#include "model/base/text.h"
#include "model/io/files/pickle_machine.h"

namespace gf {

namespace {

constexpr std::size_t kPickleMaxNameBytes = std::size_t{64} << 20;

bool pickle_is_dict_type(std::string_view name) {
  return name == "collections.OrderedDict" || name == "collections.defaultdict" || name == "collections.Counter" ||
         name == "builtins.dict" || name == "__builtin__.dict";
}

}  // namespace

bool PickleMachine::keep(std::string made, std::string_view& view) {
  auto known = out_.names_.find(made);
  if (known == out_.names_.end()) {
    name_bytes_ += made.size();
    if (name_bytes_ > kPickleMaxNameBytes) return wrong(text("the pickle names more types than any program has"));
    known = out_.names_.insert(std::move(made)).first;
  }
  view = *known;
  return true;
}

// Types and functions are known by their names alone.
bool PickleMachine::global(std::string_view module, std::string_view name) {
  PickleNode node{.kind = PickleKind::Global};
  return keep(std::string(module) + "." + std::string(name), node.text) && make(std::move(node));
}

bool PickleMachine::stack_global() {
  PickleId name = 0, module = 0;
  if (!pop(name) || !pop(module)) return false;
  const PickleNode &n = out_.nodes_[name], &m = out_.nodes_[module];
  if (n.kind != PickleKind::Text || m.kind != PickleKind::Text || n.text.size() > kPickleLongestName || m.text.size() > kPickleLongestName)
    return wrong(text("the pickle names a type with something that is not a name"));
  return global(m.text, n.text);
}

// PyTorch writes ("storage", torch.FloatStorage, key, place, elements[, a view in old files]), and before 1.6 ("module", class,
// file, source text) for the class of a module that was saved whole. Other tuples are another program's.
bool PickleMachine::storage() {
  PickleId id = 0;
  if (!pop(id)) return false;
  const PickleNode& args = out_.nodes_[id];
  const auto kind = [&](std::size_t i) { return out_.nodes_[args.items[i]].kind; };
  const bool tagged = args.kind == PickleKind::Tuple && !args.items.empty() && kind(0) == PickleKind::Text;
  const std::string_view tag = tagged ? out_.nodes_[args.items[0]].text : std::string_view();
  if (tag == "module" && args.items.size() > 1 && kind(1) == PickleKind::Global) return push(args.items[1]);
  if (tag != "storage") return make({.kind = PickleKind::Object, .text = "persistent", .items = {}, .args = id});
  if (args.items.size() < 5 || kind(1) != PickleKind::Global || kind(2) != PickleKind::Text || kind(4) != PickleKind::Int)
    return wrong(text("the pickle refers to something that is not a storage"));
  if (args.items.size() > 5 && kind(5) != PickleKind::None)
    return unsupported(
        text("it has a storage that is a view of another one, as PyTorch before 0.4 wrote; save it again with a newer PyTorch"));
  return make({.kind = PickleKind::Storage,
               .integer = out_.nodes_[args.items[4]].integer,
               .text = out_.nodes_[args.items[2]].text,
               .items = {args.items[1]}});
}

// Python would call the function here. This program calls nothing: it makes a node of the result where it knows the
// function, and otherwise an Object that names the function and its arguments.
bool PickleMachine::reduce() {
  PickleId args_id = 0, function_id = 0;
  return pop(args_id) && pop(function_id) && called(function_id, args_id);
}

bool PickleMachine::called(PickleId function_id, PickleId args_id) {
  const PickleNode& function = out_.nodes_[function_id];
  const PickleNode& args = out_.nodes_[args_id];
  const bool callable = function.kind == PickleKind::Global || function.kind == PickleKind::Object;
  if (!callable || args.kind != PickleKind::Tuple) return wrong(text("the pickle calls something that is not a type"));
  const std::string_view name = function.kind == PickleKind::Global ? function.text : std::string_view();
  const auto kind = [&](std::size_t i) { return i < args.items.size() ? out_.nodes_[args.items[i]].kind : PickleKind::None; };
  if (pickle_is_dict_type(name)) return dict(name, args_id);
  if (name == "torch._utils._rebuild_tensor" || name == "torch._utils._rebuild_tensor_v2") return tensor(args_id, false);
  if (name == "torch._utils._rebuild_tensor_v3") return tensor(args_id, true);
  // A parameter is read as its tensor, whether it has attributes or a class of its own or not.
  if (name.starts_with("torch._utils._rebuild_parameter") && kind(0) == PickleKind::Tensor) return push(args.items[0]);
  if (name == "torch._tensor._rebuild_from_type_v2" && kind(0) == PickleKind::Global && kind(2) == PickleKind::Tuple &&
      out_.nodes_[args.items[0]].text != name)
    return called(args.items[0], args.items[2]);
  if (name == "torch.Size" && (kind(0) == PickleKind::Tuple || kind(0) == PickleKind::List)) return push(args.items[0]);
  PickleNode object{.kind = PickleKind::Object, .text = name.empty() ? function.text : name, .items = {}, .args = args_id};
  // Protocols 0 and 1 call a helper of copyreg's to make an object of a class.
  if ((name == "copy_reg._reconstructor" || name == "copyreg._reconstructor" || name == "copyreg.__newobj__") &&
      kind(0) == PickleKind::Global)
    object.text = out_.nodes_[args.items[0]].text;
  if (name.ends_with("._reconstructor") && kind(2) == PickleKind::Dict) {  // the object's class is one of dicts
    object.items = out_.nodes_[args.items[2]].items;
    if (!copied(object.items.size())) return false;
  }
  return make(std::move(object));
}

// Protocols 0 and 1: above a mark lie the class and its arguments, or the arguments alone where the operation names the class.
bool PickleMachine::instance(bool named) {
  std::string_view module, name;
  if (named && !(bytes_.line(module) && bytes_.line(name))) return cut();
  PickleNode args{.kind = PickleKind::Tuple};
  if (!pop_mark(args.items)) return false;
  PickleId class_id = 0;
  if (named) {
    if (!global(module, name) || !pop(class_id)) return false;
  } else {
    if (args.items.empty()) return wrong(text("the pickle calls something that is not a type"));
    class_id = args.items.front();
    args.items.erase(args.items.begin());
  }
  return called(class_id, add(std::move(args)));
}

// Sets attributes. Those of an Object are kept among its items; those of other kinds do not matter.
bool PickleMachine::build() {
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

// OrderedDict([(key, value), ...]), Counter({...}), defaultdict(type, ...): a dict is made of the list of pairs or the dict.
bool PickleMachine::dict(std::string_view name, PickleId args_id) {
  PickleNode made{.kind = PickleKind::Dict};
  const auto& args = out_.nodes_[args_id].items;
  const std::size_t at = name == "collections.defaultdict" ? 1 : 0;
  if (args.size() > at) {
    const PickleNode& given = out_.nodes_[args[at]];
    if (given.kind == PickleKind::Dict) {
      made.items = given.items;
    } else {
      if (given.kind != PickleKind::List && given.kind != PickleKind::Tuple)
        return wrong(text("the pickle makes an OrderedDict of no list"));
      for (const PickleId pair : given.items) {
        const PickleNode& p = out_.nodes_[pair];
        if ((p.kind != PickleKind::List && p.kind != PickleKind::Tuple) || p.items.size() != 2)
          return wrong(text("the pickle makes an OrderedDict of no pairs"));
        made.items.insert(made.items.end(), p.items.begin(), p.items.end());
      }
    }
    if (!copied(made.items.size())) return false;
  }
  return make(std::move(made));
}

bool PickleMachine::all_ints(const PickleNode& node) const {
  return (node.kind == PickleKind::Tuple || node.kind == PickleKind::List) &&
         std::ranges::all_of(node.items, [&](PickleId id) { return out_.nodes_[id].kind == PickleKind::Int; });
}

bool PickleMachine::tensor(PickleId args_id, bool typed) {
  const auto& args = out_.nodes_[args_id].items;
  if (!args.empty() && out_.nodes_[args[0]].kind == PickleKind::Object)
    return unsupported(text("its tensors were pickled one by one; save them with torch.save(model.state_dict(), ...)"));
  if (args.size() < (typed ? 7U : 4U) || out_.nodes_[args[0]].kind != PickleKind::Storage || out_.nodes_[args[1]].kind != PickleKind::Int ||
      !all_ints(out_.nodes_[args[2]]) || !all_ints(out_.nodes_[args[3]]) ||
      out_.nodes_[args[2]].items.size() != out_.nodes_[args[3]].items.size())
    return wrong(text("the pickle has a tensor without storage, sizes and strides"));
  PickleNode made{.kind = PickleKind::Tensor, .items = {args.begin(), args.begin() + 4}};
  if (typed) made.items.push_back(args[6]);
  return make(std::move(made));
}

}  // namespace gf
