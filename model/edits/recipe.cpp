#include "model/edits/recipe.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "model/edits/axes.h"
#include "model/hooks.h"

namespace gf {

namespace recipe_text {
using OrderedJson = nlohmann::ordered_json;

OrderedJson json_of(const Selector& s) {
  if (s.kind == Selector::Kind::List) return s.list;
  const std::string text = text_of(s);
  return text.substr(1, text.size() - 2);
}

OrderedJson json_of(const std::vector<TokenId>& ids) {
  OrderedJson list = OrderedJson::array();
  for (const TokenId id : ids) list.push_back(id.v);
  return list;
}

OrderedJson json_of(float v) {
  // The shortest text that reads back as this float32.
  if (std::isinf(v)) return v < 0 ? "-inf" : "inf";
  char text[32];
  for (int digits = 6; digits <= 9; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, static_cast<double>(v));
    if (std::strtof(text, nullptr) == v) break;
  }
  return std::strtod(text, nullptr);
}

OrderedJson json_of(const Edit& e) {
  OrderedJson j = {{"hook", e.hook}, {"op", name_of(e.op)}};
  for (const Axis axis : {Axis::Positions, Axis::Heads, Axis::Dims, Axis::Neurons, Axis::Queries, Axis::Keys})
    if (const auto& s = selector_of(e, axis)) j[name_of(axis)] = json_of(*s);
  if (e.value) j["value"] = json_of(*e.value);
  if (e.vector && !e.vector->file.empty()) j["vector"] = {{"file", e.vector->file}, {"tensor", e.vector->tensor}};
  if (e.vector && e.vector->file.empty()) {
    j["vector"] = OrderedJson::array();
    for (const float v : e.vector->values) j["vector"].push_back(json_of(v));
  }
  if (e.factor) j["factor"] = json_of(*e.factor);
  for (const RunSource& run : e.over) {
    if (run.prompt) j["over"]["prompts"].push_back(*run.prompt);
    else j["over"]["ids"].push_back(json_of(run.ids));
  }
  if (e.source) {
    OrderedJson& s = j["source"];
    if (e.source->prompt) s["prompt"] = *e.source->prompt;
    else s["ids"] = json_of(e.source->ids);
    if (!e.source->hook.empty()) s["hook"] = e.source->hook;
    if (e.source->positions) s["positions"] = json_of(*e.source->positions);
  }
  if (e.renormalize) j["renormalize"] = true;
  if (!e.enabled) j["enabled"] = false;
  return j;
}

std::string short_number(float v) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", static_cast<double>(v));
  return text;
}

/// "heads 0, 5", "all positions", "last position", "positions 1:4"
std::string phrase(Axis axis, const std::optional<Selector>& s) {
  const std::string plural = name_of(axis);
  const std::string singular = axis == Axis::Queries ? "query" : plural.substr(0, plural.size() - 1);
  if (!s || s->kind == Selector::Kind::All) return "all " + plural;
  if (s->kind == Selector::Kind::Last) return "last " + singular;
  if (s->kind == Selector::Kind::Prompt) return "prompt " + plural;
  if (s->kind == Selector::Kind::Generated) return "generated " + plural;
  std::string text = text_of(*s);
  text = text.substr(1, text.size() - 2);
  return (s->kind == Selector::Kind::List && s->list.size() == 1 ? singular : plural) + " " + text;
}
}  // namespace recipe_text

const char* name_of(EditOp op) {
  constexpr std::array names{"zero", "set", "scale", "add", "mean", "patch"};
  return names[static_cast<std::size_t>(op)];
}

std::string to_json(const Recipe& recipe, int indent) {
  recipe_text::OrderedJson j = {{"version", 1}, {"edits", recipe_text::OrderedJson::array()}};
  for (const Edit& e : recipe.edits) j["edits"].push_back(recipe_text::json_of(e));
  return j.dump(indent, ' ', false, recipe_text::OrderedJson::error_handler_t::replace);
}

Edit edit_of_head(int block, int head, EditOp op) {
  Edit edit;
  edit.hook = name_of(HookId{HookKind::Z, block});
  edit.op = op;
  edit.heads = Selector{Selector::Kind::List, {head}, {}, {}};
  return edit;
}

std::string summary(const Edit& edit) {
  const auto hook = parse_hook(edit.hook, 1 << 20);
  std::string text = name_of(edit.op);
  if (edit.op == EditOp::Scale) text += " by " + recipe_text::short_number(edit.factor.value_or(1.0F));
  if (edit.op == EditOp::Set) text += " to " + recipe_text::short_number(edit.value.value_or(0.0F));
  if (edit.op == EditOp::Add) {
    text += edit.value ? " " + recipe_text::short_number(*edit.value) : std::string(" vector");
    if (edit.factor && *edit.factor != 1.0F) text += " times " + recipe_text::short_number(*edit.factor);
    text += " at";
  }
  if (edit.op == EditOp::Mean) text += " of";
  if (!hook) return text + " " + edit.hook;
  if (hook->layer >= 0) text += " block " + std::to_string(hook->layer);
  const RowShape shape = info_of(hook->kind).shape;
  if (edit.heads) text += " " + recipe_text::phrase(Axis::Heads, edit.heads);
  std::string leaf{info_of(hook->kind).name};
  if (const auto at = leaf.rfind("hook_"); at != std::string::npos) leaf.erase(at, 5);
  if (leaf.starts_with("attn.")) leaf.erase(0, 5);
  text += " " + leaf;
  for (const Axis axis : axes_of(shape)) {
    const auto& s = selector_of(edit, axis);
    if (axis == Axis::Heads || (!s && axis != Axis::Positions)) continue;
    text += ", " + recipe_text::phrase(axis, s);
  }
  if (edit.op == EditOp::Patch && edit.source) {
    text += " from ";
    text += edit.source->prompt ? "\"" + *edit.source->prompt + "\"" : std::to_string(edit.source->ids.size()) + " ids";
  }
  if (edit.op == EditOp::Mean && !edit.over.empty()) text += ", over " + std::to_string(edit.over.size()) + " runs";
  if (edit.renormalize) text += ", renormalized";
  return text;
}

}  // namespace gf
