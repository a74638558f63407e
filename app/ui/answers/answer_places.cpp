#include "app/ui/answers/answer_places.h"

#include <algorithm>
#include <array>
#include <string>

#include "app/document/lab.h"
#include "model/base/text.h"

namespace gf::ui {

AnswerPlace place_of(const doc::Document& document, const ModelConfig& config, int length) {
  AnswerPlace place;
  place["position"] = place["query"] = scene::selected_position_in(document, length);
  const auto& cell = document.selection;
  if (!cell || cell->tensor.is_weight()) return place;
  const HookId hook = cell->tensor.hook;
  const RowShape shape = info_of(hook.kind).shape;
  if (hook.layer >= 0) place["layer"] = hook.layer;
  // What a block computes stands between two depths of the stream: at the one that it reads.
  if (hook.layer >= 0) place["depth"] = hook.kind == HookKind::ResidPost ? std::min(hook.layer + 1, config.n_layer) : hook.layer;
  if (shape == RowShape::Causal) {
    place["head"] = cell->index[0];
    place["query"] = place["position"] = cell->index[1];
    place["key"] = cell->index[2];
  } else {
    if (shape == RowShape::Heads || shape == RowShape::HeadsDModel || shape == RowShape::PerHead) place["head"] = cell->index[1];
    place["query"] = place["position"] = cell->index[0];
  }
  return place;
}

void select_place(doc::Document& document, const AnswerPlace& place, const ModelConfig& config, int length) {
  const auto at = [&](const char* axis) {
    const auto found = place.find(axis);
    return found == place.end() ? -1 : found->second;
  };
  const int here = scene::selected_position_in(document, length);
  const int query = at("query") >= 0 ? at("query") : at("position") >= 0 ? at("position") : here;
  const auto select = [&](HookKind kind, int layer, std::array<int, 3> index) {
    document.selection = scene::CellRef{{HookId{kind, layer}, {}}, index};
  };
  if (at("query") >= 0 || at("position") >= 0) document.selected_position = query;
  if (at("head") >= 0 && at("layer") >= 0) {
    select(HookKind::Pattern, at("layer"), {at("head"), query, at("key") >= 0 ? std::min(at("key"), query) : query});
  } else if (const int depth = at("depth"); depth >= 0) {
    const bool end = depth >= config.n_layer;
    select(end ? HookKind::ResidPost : HookKind::ResidPre, end ? config.n_layer - 1 : depth, {query, 0, -1});
  } else if (at("layer") >= 0) {
    select(HookKind::ResidPost, at("layer"), {query, 0, -1});
  }
}

void select_place(doc::Lab& lab, const AnswerPlace& place, std::string_view dock) {
  const auto model = lab.model();
  const auto run = lab.run();
  if (!model || !run) return;
  lab.execute(
      {gf::text("select a cell"),
       [place, config = model->weights->config, length = run->base->length()](doc::Document& d) { select_place(d, place, config, length); },
       "select " + std::string(dock)});
}

}  // namespace gf::ui
