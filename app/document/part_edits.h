// Edits of a head or of an MLP as a whole: what the head grid and its menu do.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/document/command.h"
#include "model/config.h"

namespace gf::doc {

/// A head, or a block's MLP.
struct BlockPart {
  static constexpr int kMlp = -1;
  int layer = 0;
  int head = kMlp;
  [[nodiscard]] bool is_mlp() const { return head < 0; }
  friend bool operator==(const BlockPart&, const BlockPart&) = default;
};
/// "head 3 of block 4", "the MLP of block 4"
[[nodiscard]] std::string words_of(const BlockPart& part);
/// Of all that the part writes: a head's z, hook_mlp_out.
[[nodiscard]] Edit edit_of(const BlockPart& part, EditOp op);
/// By the rule of model/edits/head_cuts.h.
[[nodiscard]] bool is_cut(const Recipe& recipe, const BlockPart& part, const ModelConfig& config);
/// Whether the edit is of what the part writes, at least in some places.
[[nodiscard]] bool acts_on(const Edit& edit, const BlockPart& part, const ModelConfig& config);

[[nodiscard]] Command set_part_cut(const BlockPart& part, const ModelConfig& config, bool cut, std::string merge_key = {});
/// Puts one edit in place of those that act on this part alone, and of its cut. `factor`: of EditOp::Scale.
[[nodiscard]] Command set_part_edit(const BlockPart& part, const ModelConfig& config, EditOp op, float factor);
/// Puts the edits in place of those that act on this part alone, and of its cut. `name`: of the command.
[[nodiscard]] Command put_part_edits(std::string name, const std::vector<BlockPart>& parts, const std::vector<Edit>& edits,
                                     const ModelConfig& config, std::string merge_key = {});

/// The part's own edits as a recipe, for the clipboard; empty: no edit acts on this part alone.
[[nodiscard]] std::string copied_edits(const Recipe& recipe, const BlockPart& part, const ModelConfig& config);
/// What of a copied text can be pasted onto a part of this kind: edits of what a head writes onto heads, edits of what an MLP writes onto
/// MLPs, and those that do not depend on the size of a row onto both. Errors: InvalidArgument, saying what was expected.
[[nodiscard]] Result<std::vector<Edit>> edits_to_paste(std::string_view text, const BlockPart& onto);
/// The command that pastes them. Those that follow each other with the same key undo as one.
[[nodiscard]] Command paste_edits(const std::vector<Edit>& edits, const std::vector<BlockPart>& onto, const ModelConfig& config,
                                  std::string merge_key = {});

}  // namespace gf::doc
