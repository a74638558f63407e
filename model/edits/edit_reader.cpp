#include "model/edits/edit_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "model/base/listed.h"
#include "model/base/text.h"
#include "model/edits/axes.h"
#include "model/edits/edit_error.h"

namespace gf {

namespace {
constexpr Axis kEveryAxis[] = {Axis::Positions, Axis::Heads, Axis::Dims, Axis::Neurons, Axis::Queries, Axis::Keys};

bool is_bound_of_range(std::string_view part, std::optional<int>& out) {
  if (part.empty()) return true;
  int v = 0;
  const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), v);
  out = v;
  return code == std::errc{} && end == part.data() + part.size();
}
}  // namespace

std::string hooks_text(std::string_view wrong) {
  const HookScope scope = wrong.starts_with("blocks.") ? HookScope::Block : HookScope::Model;
  std::vector<std::string_view> names;
  for (const HookInfo& info : hook_table())
    if (info.scope == scope) names.push_back(info.name);
  if (scope == HookScope::Block) return text("a block has {0}, named as in blocks.0.attn.hook_z", listed(names));
  return text("outside of blocks there are {0}; those of a block are named as in blocks.0.attn.hook_z", listed(names));
}

namespace {

/// Each name once: those that act on features share theirs.
std::string operation_names() {
  std::vector<std::string> names;
  for (const EditOperation* operation : edit_operations())
    if (std::ranges::find(names, operation->name) == names.end()) names.emplace_back(operation->name);
  return listed(names, {}, text(" and "));
}

}  // namespace

Result<Edit> EditReader::read() {
  if (!json_.is_object()) return wrong(text("must be an object like {\"hook\": ..., \"op\": ...}"));
  GF_TRY(hook());
  GF_TRY(op());
  GF_TRY(only_known_keys());
  GF_TRY(selectors());
  GF_TRY(parameters());
  return edit_;
}

tl::unexpected<Error> EditReader::wrong(const std::string& what) const { return edit_error(number_, what); }

Result<std::string> EditReader::string(const Json& from, const char* key) const {
  if (!from.contains(key)) return wrong(text("{0} is missing", ticked(key)));
  if (!from[key].is_string()) return wrong(text("{0} must be a text", ticked(key)));
  return from[key].get<std::string>();
}

Result<float> EditReader::number(const Json& value, std::string_view name) const {
  if (!value.is_number()) return wrong(text("{0} must be a number", ticked(name)));
  const auto v = value.get<float>();
  if (!std::isfinite(v)) return wrong(text("{0} must be a finite number", ticked(name)));
  return v;
}

Result<int> EditReader::integer(const Json& value, const std::string& what) const {
  constexpr int most = std::numeric_limits<int>::max();
  if (!value.is_number_integer()) return wrong(text("{0} must be whole numbers", what));
  if ((value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{most}) || value.get<std::int64_t>() < -most)
    return wrong(text("{0} must be whole numbers from {1} to {2}", what, -most, most));
  return value.get<int>();
}

Result<std::vector<TokenId>> EditReader::token_ids(const Json& value) const {
  if (!value.is_array() || value.empty()) return wrong(text("'ids' must be a list of token ids"));
  std::vector<TokenId> ids;
  for (const Json& v : value) {
    GF_TRY_ASSIGN(const int id, integer(v, text("token ids")));
    if (id < 0) return wrong(text("token ids must not be negative"));
    ids.emplace_back(id);
  }
  return ids;
}

Result<Selector> EditReader::selector(const Json& value, std::string_view name, bool in_time) const {
  const auto refuse = [&] {
    if (in_time)
      return wrong(text("{0} must be a list of indices, a range like \"2:5\", or one of \"all\", \"last\", \"prompt\", \"generated\"",
                        ticked(name)));
    return wrong(text("{0} must be a list of indices, a range like \"2:5\", or one of \"all\", \"last\"", ticked(name)));
  };
  Selector s;
  if (value.is_array()) {
    s.kind = Selector::Kind::List;
    for (const Json& v : value) {
      GF_TRY_ASSIGN(const int i, integer(v, text("the indices of {0}", ticked(name))));
      s.list.push_back(i);
    }
    if (s.list.empty()) return wrong(text("{0} selects nothing; leave it out for all", ticked(name)));
    return s;
  }
  if (!value.is_string()) return refuse();
  const auto word = value.get<std::string>();
  if (word == "all") return s;
  if (word == "last" || word == "prompt" || word == "generated") {
    s.kind = word == "last" ? Selector::Kind::Last : word == "prompt" ? Selector::Kind::Prompt : Selector::Kind::Generated;
    return s;
  }
  const auto colon = word.find(':');
  if (colon == std::string::npos) return refuse();
  s.kind = Selector::Kind::Range;
  const std::string_view view = word;
  if (!is_bound_of_range(view.substr(0, colon), s.begin) || !is_bound_of_range(view.substr(colon + 1), s.end)) return refuse();
  return s;
}

Result<void> EditReader::hook() {
  GF_TRY_ASSIGN(edit_.hook, string(json_, "hook"));
  const auto kind = kind_named(edit_.hook);
  if (!kind) return wrong(text("there is no hook {0}; {1}", ticked(edit_.hook), hooks_text(edit_.hook)));
  kind_ = *kind;
  edit_.hook = own_hook_name(edit_.hook);
  return {};
}

Result<void> EditReader::op() {
  GF_TRY_ASSIGN(const std::string name, string(json_, "op"));
  const EditOperation* found = find_operation(name);
  if (found == nullptr) return wrong(text("there is no op {0}; the ops are {1}", ticked(name), operation_names()));
  edit_.op = json_.contains("dictionary") && found->on_feature ? *found->on_feature : found->op;
  return {};
}

Result<void> EditReader::only_known_keys() const {
  const EditOperation& operation = operation_of(edit_.op);
  std::vector<std::string> allowed;
  for (const RecipeKey& key : recipe_keys())
    if (operation.takes.has(key.key)) allowed.emplace_back(key.name);
  for (const Axis axis : axes_of(shape())) allowed.emplace_back(name_of(axis));
  if (kind_ == HookKind::Pattern) allowed.emplace_back("renormalize");
  for (const auto& [key, value] : json_.items()) {
    if (key == "hook" || key == "op" || key == "enabled") continue;
    if (std::ranges::find(allowed, key) != allowed.end()) continue;
    if (std::ranges::any_of(kEveryAxis, [&](Axis a) { return key == name_of(a); }))
      return wrong(text("{0} has no axis {1}; it has {2}", edit_.hook, ticked(key), axes_text(shape())));
    return wrong(text("{0} is not known for {1} at {2}; allowed are hook, op, enabled, {3}", ticked(key), ticked(operation.name),
                      edit_.hook, listed(allowed)));
  }
  return {};
}

Result<void> EditReader::selectors() {
  for (const Axis axis : axes_of(shape())) {
    const char* name = name_of(axis);
    if (!json_.contains(name)) continue;
    const bool in_time = axis == Axis::Positions || axis == Axis::Queries || axis == Axis::Keys;
    GF_TRY_ASSIGN(Selector s, selector(json_[name], name, in_time));
    if (!in_time && (s.kind == Selector::Kind::Prompt || s.kind == Selector::Kind::Generated))
      return wrong(text("{0} is not an axis of positions, so {1} means nothing there", ticked(name), text_of(s)));
    selector_of(edit_, axis) = std::move(s);
  }
  return {};
}

Result<bool> EditReader::flag(const char* key, bool otherwise) const {
  if (!json_.contains(key)) return otherwise;
  if (!json_[key].is_boolean()) return wrong(text("{0} must be true or false", ticked(key)));
  return json_[key].get<bool>();
}

Result<void> EditReader::parameters() {
  GF_TRY_ASSIGN(edit_.enabled, flag("enabled", true));
  GF_TRY_ASSIGN(edit_.renormalize, flag("renormalize", false));
  for (const RecipeKey& key : recipe_keys())
    if (json_.contains(key.name)) GF_TRY(key.read(*this, json_[key.name], edit_));
  if (const std::string what = problem_of(edit_); !what.empty()) return wrong(what);
  return {};
}

}  // namespace gf
