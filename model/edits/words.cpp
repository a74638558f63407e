// An edit in words: its place, and the sentence of its operation.
#include "model/base/text.h"
#include "model/edits/axes.h"
#include "model/edits/ops/operation.h"

namespace gf {

namespace {

struct AxisWords {
  const char *all, *last, *prompt, *generated, *one, *several;
};
constexpr AxisWords kAxisWords[] = {
    {phrase("all positions"), phrase("last position"), phrase("prompt positions"), phrase("generated positions"), phrase("position {0}"),
     phrase("positions {0}")},
    {phrase("all heads"), phrase("last head"), "", "", phrase("head {0}"), phrase("heads {0}")},
    {phrase("all dims"), phrase("last dim"), "", "", phrase("dim {0}"), phrase("dims {0}")},
    {phrase("all neurons"), phrase("last neuron"), "", "", phrase("neuron {0}"), phrase("neurons {0}")},
    {phrase("all queries"), phrase("last query"), phrase("prompt queries"), phrase("generated queries"), phrase("query {0}"),
     phrase("queries {0}")},
    {phrase("all keys"), phrase("last key"), phrase("prompt keys"), phrase("generated keys"), phrase("key {0}"), phrase("keys {0}")},
};

std::string words_of_selector(Axis axis, const std::optional<Selector>& s) {
  const AxisWords& words = kAxisWords[static_cast<std::size_t>(axis)];
  if (!s || s->kind == Selector::Kind::All) return text(words.all);
  if (s->kind == Selector::Kind::Last) return text(words.last);
  if (s->kind == Selector::Kind::Prompt) return text(words.prompt);
  if (s->kind == Selector::Kind::Generated) return text(words.generated);
  const std::string quoted = text_of(*s), inside = quoted.substr(1, quoted.size() - 2);
  return text(s->kind == Selector::Kind::List && s->list.size() == 1 ? words.one : words.several, inside);
}

}  // namespace

std::string place_of(const Edit& edit) {
  const auto kind = kind_named(edit.hook);
  if (!kind) return edit.hook;
  const HookInfo& info = info_of(*kind);
  std::string place;
  if (const auto hook = parse_hook(edit.hook, kAnyLayer); !hook) place = text("every block") + " ";
  else if (hook->layer >= 0) place = text("block {0}", hook->layer) + " ";
  if (edit.heads) place += words_of_selector(Axis::Heads, edit.heads) + " ";
  std::string leaf{info.name};
  if (const auto at = leaf.rfind("hook_"); at != std::string::npos) leaf.erase(at, 5);
  if (leaf.starts_with("attn.")) leaf.erase(0, 5);
  place += leaf;
  for (const Axis axis : axes_of(info.shape)) {
    const auto& s = selector_of(edit, axis);
    if (axis == Axis::Heads || (!s && axis != Axis::Positions)) continue;
    place += ", " + words_of_selector(axis, s);
  }
  return place;
}

std::string part_of(const Edit& edit) {
  const auto kind = kind_named(edit.hook);
  if (!kind) return {};
  std::string part;
  for (const Axis axis : axes_of(info_of(*kind).shape)) {
    const auto& s = selector_of(edit, axis);
    if (axis == Axis::Heads || !s || s->kind == Selector::Kind::All) continue;
    part += (part.empty() ? "" : ", ") + words_of_selector(axis, s);
  }
  return part;
}

std::string summary(const Edit& edit) {
  const std::string sentence = operation_of(edit.op).sentence(edit, place_of(edit));
  return edit.renormalize ? text("{0}, renormalized", sentence) : sentence;
}

Edit edit_of_head(int block, int head, EditOp op) {
  Edit edit;
  edit.hook = name_of(HookId{HookKind::Z, block});
  edit.op = op;
  edit.heads = Selector::only(head);
  return edit;
}

}  // namespace gf
