// What the Stream adds to the card of a tile: the logit lens's words there, its entropy, and the norms of what was written.
#include <cmath>

#include "app/scene/cards/explain_parts.h"
#include "app/scene/stream/stream.h"
#include "model/base/numbers.h"

namespace gf::scene {
namespace explaining {
namespace {

/// The tile's place in the Stream: -1 for a hook that is not the residual stream between two blocks.
int depth_of_tile(const CellRef& cell) {
  if (cell.tensor.is_weight()) return -1;
  const HookId hook = cell.tensor.hook;
  return hook.kind == HookKind::ResidPre ? hook.layer : hook.kind == HookKind::ResidPost ? hook.layer + 1 : -1;
}

/// Euclidean. nullopt: the row was not captured.
std::optional<double> norm_of(std::span<const float> row) {
  if (row.empty()) return std::nullopt;
  double squares = 0;
  for (const float x : row) squares += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(squares);
}

void take_lens(TileReading& tile, const LogitLens& lens, int depth, int position, int length, const Pass& pass) {
  const auto first = static_cast<std::size_t>(depth * length + position) * static_cast<std::size_t>(lens.k);
  for (std::size_t i = first; i < first + static_cast<std::size_t>(lens.k); ++i)
    tile.words.push_back({token_text(pass, lens.top[i].id.v), std::exp(static_cast<double>(lens.top[i].logprob))});
  tile.entropy_nats = static_cast<double>(lens.entropy.at(depth, position));
}

/// Whether the reading of this pass can be made; see read_stream().
bool can_be_read(const Trace& trace, int n_layer) {
  return trace.has({HookKind::ResidPost, n_layer - 1}) && trace.has({HookKind::AttnOut, 0}) && trace.has({HookKind::MlpOut, 0});
}

}  // namespace

std::optional<TileReading> tile_of(const CellRef& cell, const Pass& pass, const SceneInput& input, const ViewState& view) {
  const int depth = depth_of_tile(cell), position = cell.index[0];
  if (depth < 0 || pass.trace == nullptr) return std::nullopt;
  const bool base = view.compare == Compare::Base || !input.run->has_edits();
  TileReading tile;
  const StreamReading* reading = shown_reading(input, view.compare);
  const std::string lens = reading && !reading->lens_name.empty() ? text("lens {0}", reading->lens_name) : text("logit lens");
  tile.title = !input.run->has_edits() ? lens : base ? text("{0} of the base run", lens) : text("{0} of the edited run", lens);
  if (reading) take_lens(tile, reading->lens, depth, position, pass.trace->length(), pass);
  else if (can_be_read(*pass.trace, pass.config.n_layer)) tile.note = text("not computed yet: the lens is reading this run");
  else tile.note = text("this run did not keep what the lens reads");
  if (reading && reading->features && reading->features->depth == depth) {
    constexpr std::size_t kMostFeatures = 5;
    for (const FeatureMarks::Mark& mark : reading->features->strongest(position, kMostFeatures))
      tile.features.push_back({reading->features->name_of(mark.feature), static_cast<double>(mark.activation)});
  }
  tile.stream_norm = norm_of(row_of(pass, cell.tensor.hook.kind, cell.tensor.hook.layer, position));
  tile.block = depth - 1;
  if (tile.block < 0) return tile;
  tile.attention_norm = norm_of(row_of(pass, HookKind::AttnOut, tile.block, position));
  tile.mlp_norm = norm_of(row_of(pass, HookKind::MlpOut, tile.block, position));
  return tile;
}

}  // namespace explaining

std::vector<std::string> facts_of(const TileReading& tile) {
  const auto said = [](const std::optional<double>& norm) { return norm ? explaining::number(*norm) : text("not captured"); };
  std::vector<std::string> facts;
  if (tile.entropy_nats) facts.push_back(text("entropy {0} nats", explaining::number(*tile.entropy_nats)));
  facts.push_back(text("norm of the stream here: {0}", said(tile.stream_norm)));
  if (tile.block >= 0)
    facts.push_back(
        text("norm of what block {0} wrote: attention {1}, MLP {2}", tile.block, said(tile.attention_norm), said(tile.mlp_norm)));
  else facts.push_back(text("no block has written here yet"));
  std::string features;
  for (const TileReading::Feature& feature : tile.features)
    features += (features.empty() ? "" : text(", ")) + text("{0}: {1}", feature.name, explaining::number(feature.activation));
  if (!features.empty()) facts.push_back(text("strongest features: {0}", features));
  return facts;
}

}  // namespace gf::scene
