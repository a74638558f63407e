// The recipe's file format, strictly: what is not understood is refused by name.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "model/base/json_bounds.h"
#include "model/base/text.h"
#include "model/base/text_file.h"
#include "model/edits/axes.h"
#include "model/edits/recipe.h"

namespace gf {

namespace recipe_parsing {
using Json = nlohmann::json;

constexpr int kAnyLayer = 1 << 20;  // the format is checked without a model: any block number is a name
constexpr std::array kAllAxes{Axis::Positions, Axis::Heads, Axis::Dims, Axis::Neurons, Axis::Queries, Axis::Keys};
constexpr std::array kAllOps{EditOp::Zero, EditOp::Set, EditOp::Scale, EditOp::Add, EditOp::Mean, EditOp::Patch};

std::string ticked(const std::string& text) { return "'" + text + "'"; }

/// What a name that is no hook could have been: "a block has hook_resid_pre, ..., as in blocks.0.attn.hook_z".
std::string hooks_text(std::string_view wrong) {
  const HookScope scope = wrong.starts_with("blocks.") ? HookScope::Block : HookScope::Model;
  std::string names;
  for (const HookInfo& info : hook_table())
    if (info.scope == scope) names += (names.empty() ? "" : ", ") + std::string(info.name);
  if (scope == HookScope::Block) return "a block has " + names + ", named as in blocks.0.attn.hook_z";
  return "outside of blocks there are " + names + "; those of a block are named as in blocks.0.attn.hook_z";
}

/// Finds the first key that stands twice in one object: a parser would let the later one win without a word.
class KeysOnce {
 public:
  void see(int depth, Json::parse_event_t event, const Json& value) {
    if (event == Json::parse_event_t::object_start) {
      if (depth == kEditDepth) ++edits_;
      objects_.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      objects_.pop_back();
    } else if (event == Json::parse_event_t::key && !doubled_) {
      const auto key = value.get<std::string>();
      if (objects_.back().insert(key).second) return;
      const bool in_edit = static_cast<int>(objects_.size()) > 1;
      doubled_ = in_edit ? gf::text("edit {0}: the key {1} stands twice; leave one of them out", edits_, ticked(key))
                         : gf::text("the recipe's key {0} stands twice; leave one of them out", ticked(key));
    }
  }
  [[nodiscard]] const std::optional<std::string>& doubled() const { return doubled_; }

 private:
  static constexpr int kEditDepth = 2;  // the recipe, its list of edits
  std::vector<std::set<std::string>> objects_;
  int edits_ = 0;
  std::optional<std::string> doubled_;
};

/// One edit under the parser's eyes; its functions return what is wrong, empty when nothing is.
class EditParser {
 public:
  EditParser(const Json& json, std::size_t number) : json_(json), where_("edit " + std::to_string(number)) {}

  Result<Edit> parse() {
    if (!json_.is_object()) return wrong("must be an object like {\"hook\": ..., \"op\": ...}");
    GF_TRY(hook());
    GF_TRY(op());
    GF_TRY(keys());
    GF_TRY(selectors());
    GF_TRY(parameters());
    return edit_;
  }

 private:
  tl::unexpected<Error> wrong(const std::string& what) const { return fail(ErrorCode::InvalidArgument, where_ + ": " + what); }

  Result<std::string> text(const Json& from, const char* key) const {
    if (!from.contains(key)) return wrong(ticked(key) + " is missing");
    if (!from[key].is_string()) return wrong(ticked(key) + " must be a text");
    return from[key].get<std::string>();
  }

  Result<float> number(const Json& value, const std::string& name) const {
    if (!value.is_number()) return wrong(ticked(name) + " must be a number");
    const auto v = value.get<float>();
    if (!std::isfinite(v)) return wrong(ticked(name) + " must be a finite number");
    return v;
  }

  Result<int> integer(const Json& value, const std::string& what) const {
    constexpr int most = std::numeric_limits<int>::max();
    if (!value.is_number_integer()) return wrong(what + " must be whole numbers");
    if ((value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{most}) || value.get<std::int64_t>() < -most)
      return wrong(what + " must be whole numbers from " + std::to_string(-most) + " to " + std::to_string(most));
    return value.get<int>();
  }

  Result<std::vector<TokenId>> token_ids(const Json& value) const {
    if (!value.is_array() || value.empty()) return wrong("'ids' must be a list of token ids");
    std::vector<TokenId> ids;
    for (const Json& v : value) {
      GF_TRY_ASSIGN(const int id, integer(v, "token ids"));
      if (id < 0) return wrong("token ids must not be negative");
      ids.emplace_back(id);
    }
    return ids;
  }

  Result<void> hook() {
    GF_TRY_ASSIGN(edit_.hook, text(json_, "hook"));
    const auto id = parse_hook(edit_.hook, kAnyLayer);
    if (!id) return wrong("there is no hook " + ticked(edit_.hook) + "; " + hooks_text(edit_.hook));
    kind_ = id->kind;
    shape_ = info_of(kind_).shape;
    return {};
  }

  Result<void> op() {
    GF_TRY_ASSIGN(const std::string name, text(json_, "op"));
    for (const EditOp op : kAllOps)
      if (name == name_of(op)) {
        edit_.op = op;
        return {};
      }
    return wrong("there is no op " + ticked(name) + "; the ops are zero, set, scale, add, mean and patch");
  }

  std::vector<std::string> op_keys() const {
    switch (edit_.op) {
      case EditOp::Zero: return {};
      case EditOp::Set: return {"value"};
      case EditOp::Scale: return {"factor"};
      case EditOp::Add: return {"vector", "value", "factor"};
      case EditOp::Mean: return {"over"};
      case EditOp::Patch: return {"source"};
    }
    return {};
  }

  Result<void> keys() const {
    std::vector<std::string> allowed = op_keys();
    for (const Axis axis : axes_of(shape_)) allowed.emplace_back(name_of(axis));
    if (kind_ == HookKind::Pattern) allowed.emplace_back("renormalize");
    for (const auto& [key, value] : json_.items()) {
      if (key == "hook" || key == "op" || key == "enabled") continue;
      if (std::ranges::find(allowed, key) != allowed.end()) continue;
      if (std::ranges::any_of(kAllAxes, [&](Axis a) { return key == name_of(a); }))
        return wrong(edit_.hook + " has no axis " + ticked(key) + "; it has " + axes_text(shape_));
      std::string list;
      for (const std::string& a : allowed) list += (list.empty() ? "" : ", ") + a;
      return wrong(ticked(key) + " is not known for " + ticked(name_of(edit_.op)) + " at " + edit_.hook +
                   "; allowed are hook, op, enabled, " + list);
    }
    return {};
  }

  /// `in_time`: the axis is of the sequence's positions, some of which are generated.
  Result<Selector> selector(const Json& value, const std::string& name, bool in_time) const {
    const auto refuse = [&] {
      return wrong(ticked(name) + " must be a list of indices, a range like \"2:5\", or one of \"all\", \"last\"" +
                   (in_time ? ", \"prompt\", \"generated\"" : ""));
    };
    Selector s;
    if (value.is_array()) {
      s.kind = Selector::Kind::List;
      for (const Json& v : value) {
        GF_TRY_ASSIGN(const int i, integer(v, "the indices of " + ticked(name)));
        s.list.push_back(i);
      }
      if (s.list.empty()) return wrong(ticked(name) + " selects nothing; leave it out for all");
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
    const auto bound = [](std::string_view part, std::optional<int>& out) {
      if (part.empty()) return true;
      int v = 0;
      const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), v);
      out = v;
      return code == std::errc{} && end == part.data() + part.size();
    };
    const std::string_view view = word;
    if (!bound(view.substr(0, colon), s.begin) || !bound(view.substr(colon + 1), s.end)) return refuse();
    return s;
  }

  Result<void> selectors() {
    for (const Axis axis : axes_of(shape_)) {
      const char* name = name_of(axis);
      if (!json_.contains(name)) continue;
      const bool in_time = axis == Axis::Positions || axis == Axis::Queries || axis == Axis::Keys;
      GF_TRY_ASSIGN(Selector s, selector(json_[name], name, in_time));
      if (!in_time && (s.kind == Selector::Kind::Prompt || s.kind == Selector::Kind::Generated))
        return wrong(ticked(name) + " is no axis of positions, so " + text_of(s) + " means nothing there");
      selector_of(edit_, axis) = std::move(s);
    }
    return {};
  }

  Result<void> parameters() {
    if (json_.contains("enabled")) {
      if (!json_["enabled"].is_boolean()) return wrong("'enabled' must be true or false");
      edit_.enabled = json_["enabled"].get<bool>();
    }
    if (json_.contains("renormalize")) {
      if (!json_["renormalize"].is_boolean()) return wrong("'renormalize' must be true or false");
      edit_.renormalize = json_["renormalize"].get<bool>();
    }
    if (json_.contains("value")) {
      GF_TRY_ASSIGN(edit_.value, value(json_["value"]));
    }
    if (json_.contains("factor")) {
      GF_TRY_ASSIGN(edit_.factor, number(json_["factor"], "factor"));
    }
    switch (edit_.op) {
      case EditOp::Zero: return {};
      case EditOp::Set: return edit_.value ? Result<void>{} : wrong("'set' needs 'value'");
      case EditOp::Scale: return edit_.factor ? Result<void>{} : wrong("'scale' needs 'factor'");
      case EditOp::Add: return add();
      case EditOp::Mean: return mean();
      case EditOp::Patch: return patch();
    }
    return {};
  }

  Result<float> value(const Json& json) const {
    if (json.is_string() && json.get<std::string>() == "-inf") {
      if (kind_ == HookKind::AttnScores) return -std::numeric_limits<float>::infinity();
      return wrong("'value' may be \"-inf\" at hook_attn_scores alone, not at " + edit_.hook);
    }
    return number(json, "value");
  }

  Result<void> add() {
    if (json_.contains("vector") == json_.contains("value")) return wrong("'add' needs either 'vector' or 'value'");
    if (!json_.contains("vector")) {
      if (std::isinf(*edit_.value) && edit_.factor.value_or(1.0F) <= 0) return wrong("'factor' must be above 0 where 'value' is \"-inf\"");
      return {};
    }
    const Json& v = json_["vector"];
    VectorSource source;
    if (v.is_array()) {
      for (const Json& x : v) {
        if (!x.is_number()) return wrong("'vector' must be a list of numbers, without anything else in it");
        GF_TRY_ASSIGN(const float f, number(x, "vector"));
        source.values.push_back(f);
      }
      if (source.values.empty()) return wrong("'vector' is empty");
    } else if (v.is_object()) {
      for (const auto& [key, unused] : v.items())
        if (key != "file" && key != "tensor") return wrong("'vector' has file and tensor, not " + ticked(key));
      GF_TRY_ASSIGN(source.file, text(v, "file"));
      if (source.file.empty()) return wrong("the file of 'vector' has no name");
      GF_TRY_ASSIGN(source.tensor, text(v, "tensor"));
    } else {
      return wrong("'vector' must be a list of numbers or {\"file\": ..., \"tensor\": ...}");
    }
    edit_.vector = std::move(source);
    return {};
  }

  Result<void> mean() {
    if (shape_ == RowShape::Causal) return wrong("'mean' is not possible at " + edit_.hook + ": its rows differ in length");
    if (!json_.contains("over")) return {};
    const Json& over = json_["over"];
    if (!over.is_object() || over.size() != 1 || !(over.contains("prompts") || over.contains("ids")))
      return wrong("'over' must be {\"prompts\": [...]} or {\"ids\": [[...]]}");
    const Json& list = over.begin().value();
    if (!list.is_array() || list.empty()) return wrong("'over' must list at least one run");
    for (const Json& run : list) {
      RunSource source;
      if (over.contains("ids")) {
        GF_TRY_ASSIGN(source.ids, token_ids(run));
      } else {
        if (!run.is_string() || run.get<std::string>().empty()) return wrong("'prompts' must be a list of texts");
        source.prompt = run.get<std::string>();
      }
      edit_.over.push_back(std::move(source));
    }
    return {};
  }

  Result<void> patch() {
    if (!json_.contains("source") || !json_["source"].is_object()) return wrong("'patch' needs 'source', an object with prompt or ids");
    const Json& from = json_["source"];
    for (const auto& [key, unused] : from.items())
      if (key != "prompt" && key != "ids" && key != "hook" && key != "positions")
        return wrong("'source' has prompt or ids, hook and positions, not " + ticked(key));
    if (from.contains("prompt") == from.contains("ids")) return wrong("'source' needs either 'prompt' or 'ids'");
    RunSource source;
    if (from.contains("prompt")) {
      GF_TRY_ASSIGN(source.prompt, text(from, "prompt"));
      if (source.prompt->empty()) return wrong("the prompt of 'source' is empty");
    } else {
      GF_TRY_ASSIGN(source.ids, token_ids(from["ids"]));
    }
    if (from.contains("hook")) {
      GF_TRY_ASSIGN(source.hook, text(from, "hook"));
      const auto id = parse_hook(source.hook, kAnyLayer);
      if (!id) return wrong("there is no hook " + ticked(source.hook) + " to take values from; " + hooks_text(source.hook));
      if (info_of(id->kind).shape != shape_) return wrong("the source's hook " + source.hook + " has another shape than " + edit_.hook);
    }
    if (from.contains("positions")) {
      if (shape_ == RowShape::Causal) return wrong("at " + edit_.hook + " the same query and key are copied, so 'source' has no positions");
      GF_TRY_ASSIGN(source.positions, selector(from["positions"], "positions", false));
    }
    edit_.source = std::move(source);
    return {};
  }

  const Json& json_;
  std::string where_;
  HookKind kind_ = HookKind::Embed;
  RowShape shape_ = RowShape::One;
  Edit edit_;
};

}  // namespace recipe_parsing

Result<Recipe> parse_recipe(std::string_view text, std::string folder) {
  const auto wrong = [](const std::string& what) { return fail(ErrorCode::InvalidArgument, what); };
  constexpr std::size_t most_values = 4'000'000;
  GF_TRY(check_json_bounds(text, most_values, "the recipe"));
  recipe_parsing::Json json;
  recipe_parsing::KeysOnce keys;
  try {
    json = recipe_parsing::Json::parse(text, [&](int depth, recipe_parsing::Json::parse_event_t event, const recipe_parsing::Json& value) {
      keys.see(depth, event, value);
      return true;
    });
  } catch (const recipe_parsing::Json::parse_error& e) {
    return wrong("the recipe is no valid JSON from byte " + std::to_string(e.byte) + " on; look for a missing comma or quote");
  } catch (const recipe_parsing::Json::out_of_range&) {
    return wrong("the recipe has a number that is larger than any that a computer holds");
  }
  if (keys.doubled()) return wrong(*keys.doubled());
  if (!json.is_object()) return wrong("a recipe must be an object like {\"version\": 1, \"edits\": [...]}");
  for (const auto& [key, unused] : json.items())
    if (key != "version" && key != "edits") return wrong("a recipe has version and edits, not " + recipe_parsing::ticked(key));
  if (!json.contains("version") || json["version"] != 1)
    return wrong("the recipe's 'version' must be 1, the only version that this program reads");
  if (!json.contains("edits") || !json["edits"].is_array()) return wrong("the recipe's 'edits' must be a list");
  Recipe recipe;
  recipe.folder = std::move(folder);
  for (std::size_t i = 0; i < json["edits"].size(); ++i) {
    GF_TRY_ASSIGN(Edit edit, recipe_parsing::EditParser(json["edits"][i], i + 1).parse());
    recipe.edits.push_back(std::move(edit));
  }
  return recipe;
}

Result<Recipe> read_recipe(const std::string& path) {
  GF_TRY_ASSIGN(const std::string bytes, read_text_file(path, phrase("recipe")));
  auto recipe = parse_recipe(bytes, std::filesystem::path(path).parent_path().string());
  if (!recipe) return fail(recipe.error().code, path + ": " + recipe.error().message);
  return recipe;
}

}  // namespace gf
