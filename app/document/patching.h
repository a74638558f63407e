// Copying an activation of the second prompt's run into the document's own: which tokens stand beside each other, the edit that
// copies, and what it can reach.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "app/document/document.h"
#include "model/session.h"

namespace gf::doc {

/// Positions of two prompts that stand beside each other; -1: a gap.
struct AlignedRow {
  int from = -1, to = -1;
  friend bool operator==(const AlignedRow&, const AlignedRow&) = default;
};
/// Row by row where both are equally long. Else by a diff of their tokens: those that both have in the same order stand beside
/// each other; between them stretches are aligned at their ends, because a name has been read whole at its last token.
[[nodiscard]] std::vector<AlignedRow> align_tokens(std::span<const TokenId> from, std::span<const TokenId> to);

enum class PatchSite : std::uint8_t {
  Residual,  ///< a row of the stream; its depths are 0 to n_layer
  HeadZ,     ///< what a head reads
  MlpOut,
  Pattern,  ///< the whole pattern of a head
};
/// "resid_pre", "head_z", "mlp_out", "head_pattern": the names of patch-sweep's sites.
[[nodiscard]] std::span<const char* const> patch_site_names();
[[nodiscard]] inline bool is_of_a_head(PatchSite site) { return site == PatchSite::HeadZ || site == PatchSite::Pattern; }

/// An activation of a run.
struct PatchPlace {
  int layer = 0;      ///< the block; for Residual the depth
  int position = -1;  ///< -1: all positions that have a partner
  friend bool operator==(const PatchPlace&, const PatchPlace&) = default;
};
struct PatchOf {
  PatchSite site = PatchSite::Residual;
  PatchPlace from, to;
  int head = -1;  ///< for HeadZ and Pattern; -1 for the others
};

/// The ids of the prompt that the document's own is compared with, with BOS where the document has it. Errors: InvalidArgument
/// (there is none, or the vocabulary lacks its text, or it does not fit the context), a sentence that says what to do.
[[nodiscard]] Result<std::vector<TokenId>> second_prompt(const Subject& own, const std::string& second, const Model& model);
/// What a patch in a recipe copies from. It has the prompt as text if the text alone gives these ids, so that people can read it.
[[nodiscard]] RunSource second_source(const Subject& own, const std::string& second, const std::vector<TokenId>& ids);

/// Reads "4,9" (a place), "4" (all positions of it), and for a site of a head "4.7" or "4.7,9" (block 4, head 7). `to` empty: the
/// same layer at the position that stands beside. `from_ids`, `to_ids`: as for patch_edit(). Errors: InvalidArgument.
[[nodiscard]] Result<PatchOf> patch_named(const std::string& site, const std::string& from, const std::string& to,
                                          std::span<const TokenId> from_ids, std::span<const TokenId> to_ids);
/// Writes a place in the form that patch_named() reads.
[[nodiscard]] std::string word_of(const PatchOf& patch, const PatchPlace& place);

/// The edit that copies. `from`, `to`: the ids of the second prompt and of the document's run. Where from and to are the same
/// place, it is the edit that patch-sweep makes there. Errors: InvalidArgument, saying what does not fit.
[[nodiscard]] Result<Edit> patch_edit(const PatchOf& patch, const RunSource& source, std::span<const TokenId> from,
                                      std::span<const TokenId> to, const ModelConfig& config);
/// The target of a patch, with its source where that is another place: "block 4 resid_pre, position 9 from block 2 ...".
[[nodiscard]] std::string patch_place(const Edit& edit);

/// Which rows of the residual stream an edited run of T positions may change: [depth, position], n_layer + 1 rows. Those of the
/// edit itself, and from there later depths at the same and at later positions.
[[nodiscard]] std::vector<char> reach_of(const Recipe& recipe, int n_layer, int n_prompt, int T);

}  // namespace gf::doc
