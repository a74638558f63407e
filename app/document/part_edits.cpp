#include "app/document/part_edits.h"

#include <algorithm>
#include <utility>

#include "model/base/text.h"
#include "model/edits/head_cuts.h"
#include "model/hooks.h"

namespace gf::doc {
namespace {

HookId hook_of(const BlockPart& part) { return {part.is_mlp() ? HookKind::MlpOut : HookKind::Z, part.layer}; }

/// Whether it acts on this part and on no other one.
bool is_own(const Edit& edit, const BlockPart& part) {
  if (edit.hook != name_of(hook_of(part))) return false;
  return part.is_mlp() || edit.heads == Selector::only(part.head);
}

/// Whether its numbers fit rows of any length.
bool fits_any_row(const Edit& edit) {
  return !edit.dims && std::ranges::none_of(vectors_of(edit), [](const auto* vector) { return vector->has_value(); });
}

void put(Document& d, const BlockPart& part, const std::vector<Edit>& edits, const ModelConfig& config) {
  if (part.is_mlp()) restore_mlp(d.recipe, part.layer, config.n_layer);
  else restore_head(d.recipe, part.layer, part.head, config.n_layer, config.n_head);
  std::erase_if(d.recipe.edits, [&](const Edit& edit) { return is_own(edit, part); });
  for (Edit edit : edits) {
    edit.hook = name_of(hook_of(part));
    if (part.is_mlp()) edit.heads.reset();
    else edit.heads = Selector::only(part.head);
    d.recipe.edits.push_back(std::move(edit));
  }
  let_edits_act(d);
}

}  // namespace

std::string words_of(const BlockPart& part) {
  return part.is_mlp() ? text("the MLP of block {0}", part.layer) : text("head {0} of block {1}", part.head, part.layer);
}

Edit edit_of(const BlockPart& part, EditOp op) {
  if (!part.is_mlp()) return edit_of_head(part.layer, part.head, op);
  Edit edit;
  edit.hook = name_of(hook_of(part));
  edit.op = op;
  return edit;
}

bool is_cut(const Recipe& recipe, const BlockPart& part, const ModelConfig& config) {
  return part.is_mlp() ? is_mlp_cut(recipe, part.layer) : gf::is_cut(recipe, part.layer, part.head, config.n_head);
}

bool acts_on(const Edit& edit, const BlockPart& part, const ModelConfig& config) {
  return part.is_mlp() ? acts_on_mlp(edit, part.layer) : acts_on_head(edit, part.layer, part.head, config.n_head);
}

Command set_part_cut(const BlockPart& part, const ModelConfig& config, bool cut, std::string merge_key) {
  return {cut ? text("cut {0}", words_of(part)) : text("restore {0}", words_of(part)),
          [part, config, cut](Document& d) {
            if (cut == is_cut(d.recipe, part, config)) return;
            if (cut && part.is_mlp()) cut_mlp(d.recipe, part.layer);
            else if (cut) cut_head(d.recipe, part.layer, part.head, config.n_head);
            else if (part.is_mlp()) restore_mlp(d.recipe, part.layer, config.n_layer);
            else restore_head(d.recipe, part.layer, part.head, config.n_layer, config.n_head);
            if (cut) let_edits_act(d);
          },
          std::move(merge_key)};
}

Command set_part_edit(const BlockPart& part, const ModelConfig& config, EditOp op, float factor) {
  Edit edit = edit_of(part, op);
  if (op == EditOp::Scale) edit.factor = factor;
  return put_part_edits(text("{0} {1}", name_of(op), words_of(part)), {part}, {edit}, config);
}

Command put_part_edits(std::string name, const std::vector<BlockPart>& parts, const std::vector<Edit>& edits, const ModelConfig& config,
                       std::string merge_key) {
  return {std::move(name),
          [parts, edits, config](Document& d) {
            for (const BlockPart& part : parts) put(d, part, edits, config);
          },
          std::move(merge_key)};
}

std::string copied_edits(const Recipe& recipe, const BlockPart& part, const ModelConfig& config) {
  Recipe own;
  own.folder = recipe.folder;
  for (const Edit& edit : recipe.edits) {
    if (!acts_on(edit, part, config)) continue;
    // An edit of several heads is copied as this head's share of it.
    Edit one = edit;
    one.hook = name_of(hook_of(part));
    if (!part.is_mlp()) one.heads = Selector::only(part.head);
    own.edits.push_back(std::move(one));
  }
  return own.edits.empty() ? std::string() : to_json(own);
}

Result<std::vector<Edit>> edits_to_paste(std::string_view words, const BlockPart& onto) {
  const auto nothing = [] {
    return fail(ErrorCode::InvalidArgument,
                text("There is no edit of a head or an MLP on the clipboard: copy one from another cell first."), "paste");
  };
  auto recipe = parse_recipe(words);
  if (!recipe) return nothing();
  std::vector<Edit> edits;
  bool other = false;
  for (Edit& edit : recipe->edits) {
    const auto kind = kind_named(edit.hook);
    if (!kind || (*kind != HookKind::Z && *kind != HookKind::MlpOut)) continue;
    const bool same = (*kind == HookKind::MlpOut) == onto.is_mlp();
    if (same || fits_any_row(edit)) edits.push_back(std::move(edit));
    else other = true;
  }
  if (!edits.empty()) return edits;
  if (!other) return nothing();
  return fail(ErrorCode::InvalidArgument,
              onto.is_mlp() ? text("What was copied from a head has numbers for a head's row, which an MLP's row is not.")
                            : text("What was copied from an MLP has numbers for an MLP's row, which a head's row is not."),
              "paste");
}

Command paste_edits(const std::vector<Edit>& edits, const std::vector<BlockPart>& onto, const ModelConfig& config, std::string merge_key) {
  const std::string name = onto.size() == 1 ? text("paste onto {0}", words_of(onto.front()))
                                            : counted(static_cast<long long>(onto.size()), "paste onto {0} part", "paste onto {0} parts");
  return put_part_edits(name, onto, edits, config, std::move(merge_key));
}

}  // namespace gf::doc
