#include "app/document/cell_edits.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "model/base/text.h"
#include "model/hooks.h"

namespace gf::doc {
namespace {

/// What a sweep does at a cell of a part.
struct PartEdit {
  std::string_view question, part;
  HookKind hook;
  EditOp op;
};
constexpr std::array kPartEdits{
    PartEdit{"ablate-sweep", "delta", HookKind::Z, EditOp::Zero},
    PartEdit{"ablate-sweep", "kl", HookKind::Z, EditOp::Zero},
    PartEdit{"ablate-sweep", "direct", HookKind::Z, EditOp::Zero},
    PartEdit{"ablate-sweep", "repair", HookKind::Z, EditOp::Zero},
    PartEdit{"ablate-sweep", "mlp_delta", HookKind::MlpOut, EditOp::Zero},
    PartEdit{"ablate-sweep", "mlp_kl", HookKind::MlpOut, EditOp::Zero},
    PartEdit{"act-grad", "heads", HookKind::Z, EditOp::Zero},
    PartEdit{"act-grad", "mlp", HookKind::MlpOut, EditOp::Zero},
    PartEdit{"act-grad", "heads_by_position", HookKind::Z, EditOp::Zero},
    PartEdit{"act-grad", "mlp_by_position", HookKind::MlpOut, EditOp::Zero},
    PartEdit{"patch-sweep", "resid_pre", HookKind::ResidPre, EditOp::Patch},
    PartEdit{"patch-sweep", "resid_mid", HookKind::ResidMid, EditOp::Patch},
    PartEdit{"patch-sweep", "resid_post", HookKind::ResidPost, EditOp::Patch},
    PartEdit{"patch-sweep", "attn_out", HookKind::AttnOut, EditOp::Patch},
    PartEdit{"patch-sweep", "mlp_out", HookKind::MlpOut, EditOp::Patch},
    PartEdit{"patch-sweep", "head_z", HookKind::Z, EditOp::Patch},
    PartEdit{"patch-sweep", "head_q", HookKind::Q, EditOp::Patch},
    PartEdit{"patch-sweep", "head_k", HookKind::K, EditOp::Patch},
    PartEdit{"patch-sweep", "head_v", HookKind::V, EditOp::Patch},
    PartEdit{"patch-sweep", "head_pattern", HookKind::Pattern, EditOp::Patch},
    PartEdit{"attribution", "resid_pre", HookKind::ResidPre, EditOp::Patch},
    PartEdit{"attribution", "attn_out", HookKind::AttnOut, EditOp::Patch},
    PartEdit{"attribution", "mlp_out", HookKind::MlpOut, EditOp::Patch},
    PartEdit{"attribution", "head_z", HookKind::Z, EditOp::Patch},
    PartEdit{"attribution", "heads", HookKind::Z, EditOp::Patch},
    PartEdit{"attribution", "attn_by_layer", HookKind::AttnOut, EditOp::Patch},
    PartEdit{"attribution", "mlp_by_layer", HookKind::MlpOut, EditOp::Patch},
};

const PartEdit* part_edit_of(const Question& question, std::string_view part) {
  constexpr std::string_view kDelta = "delta.";
  if (part.starts_with(kDelta)) part.remove_prefix(kDelta.size());
  const auto found =
      std::ranges::find_if(kPartEdits, [&](const PartEdit& row) { return row.question == question.name && row.part == part; });
  return found == kPartEdits.end() ? nullptr : &*found;
}

/// The other subject; one of the document's own model where there was none.
Subject& second_of(Document& d) {
  if (!d.other) {
    d.other = Subject{};
    d.other->model = d.model;
    d.other->prompt.clear();
  }
  return *d.other;
}

bool same_edit(Edit a, const Edit& b) {
  a.enabled = b.enabled;
  return a == b;
}

}  // namespace

bool has_cell_edits(const Question& question, std::string_view part) { return part_edit_of(question, part) != nullptr; }

std::optional<Edit> edit_of_cell(const Question& question, std::string_view part, const std::map<std::string, int>& place,
                                 const RunSource& clean) {
  const PartEdit* row = part_edit_of(question, part);
  const auto layer = place.find("layer");
  if (!row || layer == place.end()) return std::nullopt;
  Edit edit;
  edit.hook = name_of(HookId{row->hook, layer->second});
  edit.op = row->op;
  if (const auto head = place.find("head"); head != place.end()) edit.heads = Selector::only(head->second);
  if (const auto position = place.find("position"); position != place.end()) edit.positions = Selector::only(position->second);
  if (row->op == EditOp::Patch) edit.source = clean;
  return edit;
}

bool has_edit(const Recipe& recipe, const Edit& edit) {
  return std::ranges::any_of(recipe.edits, [&](const Edit& one) { return one.enabled && same_edit(one, edit); });
}

Command set_edit(const Edit& edit, bool on) {
  return {on ? summary(edit) : text("take back: {0}", summary(edit)),
          [edit, on](Document& d) {
            std::erase_if(d.recipe.edits, [&](const Edit& one) { return same_edit(one, edit); });
            if (!on) return;
            d.recipe.edits.push_back(edit);
            let_edits_act(d);
          },
          {}};
}

Edit edge_cut(int layer, int head, int query, int key) {
  Edit edit;
  edit.hook = name_of(HookId{HookKind::AttnScores, layer});
  edit.op = EditOp::Set;
  edit.value = -std::numeric_limits<float>::infinity();
  edit.heads = Selector::only(head);
  edit.queries = Selector::only(query);
  edit.keys = Selector::only(key);
  return edit;
}

std::string other_prompt(const Document& document) { return document.other ? document.other->prompt : std::string(); }

Command set_other_prompt(std::string prompt) {
  return {text("change the second prompt"),
          [prompt = std::move(prompt)](Document& d) {
            const bool compares = d.other && (d.other->model != d.model || !d.other->recipe.empty());
            if (prompt.empty() && !compares) {
              d.other.reset();
              d.scene_of_both = false;
              return;
            }
            Subject& other = second_of(d);
            other.bos = d.bos;
            other.prompt = prompt;
            other.continuation.clear();
          },
          {}};
}

Command set_other_model(std::string model) {
  return {text("compare with {0}", model), [model = std::move(model)](Document& d) { second_of(d).model = model; }, {}};
}

Command set_other_recipe(Recipe recipe) {
  return {text("change the edits of the other"), [recipe = std::move(recipe)](Document& d) { second_of(d).recipe = recipe; }, {}};
}

Command stop_comparing() {
  return {text("stop comparing"),
          [](Document& d) {
            d.other.reset();
            d.scene_of_both = false;
          },
          {}};
}

Command show_both(bool on) {
  return {on ? text("show both runs in the scene") : text("show this run in the scene"), [on](Document& d) { d.scene_of_both = on; }, {}};
}

}  // namespace gf::doc
