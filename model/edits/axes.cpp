#include "model/edits/axes.h"

#include <algorithm>
#include <array>

#include "model/base/listed.h"

namespace gf {

namespace {
constexpr std::array kAxisNames{"positions", "heads", "dims", "neurons", "queries", "keys"};
constexpr std::array kPlainAxes{Axis::Positions, Axis::Dims};
constexpr std::array kHeadAxes{Axis::Positions, Axis::Heads, Axis::Dims};
constexpr std::array kNeuronAxes{Axis::Positions, Axis::Neurons};
constexpr std::array kCausalAxes{Axis::Heads, Axis::Queries, Axis::Keys};

bool in_selected_range(const Selector& s, int index, int length) {
  const auto bound = [length](std::optional<int> v, int otherwise) {
    if (!v) return otherwise;
    return std::clamp(*v < 0 ? *v + length : *v, 0, length);
  };
  return index >= bound(s.begin, 0) && index < bound(s.end, length);
}

template <class E>
auto& selector_member(E& edit, Axis axis) {
  switch (axis) {
    case Axis::Positions: return edit.positions;
    case Axis::Heads: return edit.heads;
    case Axis::Dims: return edit.dims;
    case Axis::Neurons: return edit.neurons;
    case Axis::Queries: return edit.queries;
    case Axis::Keys: break;
  }
  return edit.keys;
}
}  // namespace

const char* name_of(Axis axis) { return kAxisNames[static_cast<std::size_t>(axis)]; }

std::span<const Axis> axes_of(RowShape shape) {
  switch (shape) {
    case RowShape::Causal: return kCausalAxes;
    case RowShape::Heads:
    case RowShape::HeadsDModel: return kHeadAxes;
    case RowShape::DMlp: return kNeuronAxes;
    case RowShape::One:
    case RowShape::PerHead:
    case RowShape::DModel:
    case RowShape::NVocab: break;
  }
  return kPlainAxes;
}

std::string axes_text(RowShape shape) {
  return listed(axes_of(shape), [](Axis axis) { return name_of(axis); }, text(" and "));
}

const std::optional<Selector>& selector_of(const Edit& edit, Axis axis) { return selector_member(edit, axis); }
std::optional<Selector>& selector_of(Edit& edit, Axis axis) { return selector_member(edit, axis); }

bool selects(const std::optional<Selector>& selector, int index, int length, int n_prompt) {
  if (!selector) return true;
  const Selector& s = *selector;
  switch (s.kind) {
    case Selector::Kind::All: return true;
    case Selector::Kind::List: return std::ranges::any_of(s.list, [&](int i) { return (i >= 0 ? i : i + length) == index; });
    case Selector::Kind::Range: return in_selected_range(s, index, length);
    case Selector::Kind::Last: return index == length - 1;
    case Selector::Kind::Prompt: return index < n_prompt;
    case Selector::Kind::Generated: return index >= n_prompt;
  }
  return false;
}

int extent_of(Axis axis, RowShape shape, const ModelConfig& config) {
  if (axis == Axis::Heads) return config.n_head;
  if (axis == Axis::Neurons) return config.d_mlp;
  EXPECTS(axis == Axis::Dims, "positions, queries and keys have no fixed extent");
  switch (shape) {
    case RowShape::One: return 1;
    case RowShape::Heads: return config.d_head;
    case RowShape::NVocab: return config.n_vocab;
    default: return config.d_model;
  }
}

std::string text_of(const Selector& s) {
  switch (s.kind) {
    case Selector::Kind::All: return "\"all\"";
    case Selector::Kind::Last: return "\"last\"";
    case Selector::Kind::Prompt: return "\"prompt\"";
    case Selector::Kind::Generated: return "\"generated\"";
    case Selector::Kind::Range: return '"' + (s.begin ? std::to_string(*s.begin) : "") + ':' + (s.end ? std::to_string(*s.end) : "") + '"';
    case Selector::Kind::List: break;
  }
  std::string text = "[";
  for (std::size_t i = 0; i < s.list.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(s.list[i]);
  return text + "]";
}

}  // namespace gf
