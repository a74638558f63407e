// The parts of a model that write to its residual stream, as a user selects and cuts them. Docks whose rows or cells stand for
// such parts share this.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "app/document/command.h"
#include "app/scene/sources/tensor_ref.h"
#include "model/config.h"
#include "model/trace.h"

namespace gf::doc {

struct StreamPart {
  enum class Kind : std::uint8_t { Embed, PosEmbed, Attention, Head, AttentionBias, Mlp, Neuron, Logits };
  Kind kind = Kind::Embed;
  int layer = -1;
  int index = -1;  ///< of a head, a neuron, or of the token whose logit it is
  friend bool operator==(const StreamPart&, const StreamPart&) = default;
};

/// By the name that components have in answers: "embed", "pos_embed", "4.3", "attn_bias.4", "mlp.4".
[[nodiscard]] std::optional<StreamPart> stream_part_named(std::string_view name);
/// The part that a cell belongs to; nullopt: none.
[[nodiscard]] std::optional<StreamPart> stream_part_at(const scene::CellRef& cell);
/// The part that this one is a part of: a head's attention, a neuron's MLP.
[[nodiscard]] std::optional<StreamPart> whole_of(const StreamPart& part);

/// A cell of the part at a position: of a head, that of its pattern where the position looks most. nullopt: the run does not
/// hold it.
[[nodiscard]] std::optional<scene::CellRef> cell_of(const StreamPart& part, const Trace& run, int position);
/// Selects that cell and its position; does nothing where there is none.
[[nodiscard]] Command select_part(const StreamPart& part, const Trace& run, int position);

/// Whether the part can be cut: a bias and a logit cannot.
[[nodiscard]] bool can_be_cut(const StreamPart& part);
/// Whether an enabled edit sets it to zero at every position.
[[nodiscard]] bool is_part_cut(const Recipe& recipe, const StreamPart& part, const ModelConfig& config);
/// Precondition: can_be_cut().
[[nodiscard]] Command set_part_cut(const StreamPart& part, const ModelConfig& config, bool cut);

}  // namespace gf::doc
