// Explains what a cell is and how its value is computed: the text of the hover card and the arcs to its sources.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/scene/scene_builder.h"
#include "app/scene/sources/tensor_ref.h"

namespace gf::scene {

/// One term of a sum, the largest first.
struct Term {
  std::string text;  ///< "dim 17:  0.31 x -1.20 = -0.37"
  float contribution = 0;
  std::optional<CellRef> left, right;
};

/// How much of its panel a source is: one number, or the whole row or column through it.
enum class Extent : std::uint8_t { Cell, Row, Column };

/// What the Stream knows of a tile: the residual stream of one position between two blocks.
struct TileReading {
  struct Word {
    std::string text;  ///< in quotes
    double probability = 0;
  };
  std::string title;        ///< "logit lens", and of which run where an edit acts
  std::vector<Word> words;  ///< the lens's five likeliest, the likeliest first; empty: `note` says why
  std::string note;
  std::optional<double> entropy_nats;  ///< of the lens
  int block = -1;                      ///< the block before the tile; -1: none
  /// Features of the open dictionary that are active here, the strongest first; empty: it does not read here, or none is open.
  struct Feature {
    std::string name;
    double activation = 0;
  };
  std::vector<Feature> features;
  /// Euclidean norms of the stream here, and of what that block's parts wrote; none: not captured.
  std::optional<double> stream_norm, attention_norm, mlp_norm;
};
/// Entropy and norms in sentences.
[[nodiscard]] std::vector<std::string> facts_of(const TileReading& tile);

/// How many terms of a sum a card names, and how many at most.
inline constexpr int kUsualTerms = 5, kMostTerms = 12;

/// How deep a card goes: a sentence about what the number does here; the numbers that it is made of; the formula; lines of
/// PyTorch that give it.
enum class CardDepth : std::uint8_t { Story, Numbers, Formula, Code };
inline constexpr Named<CardDepth> kCardDepthNames[] = {
    {CardDepth::Story, "story"}, {CardDepth::Numbers, "numbers"}, {CardDepth::Formula, "formula"}, {CardDepth::Code, "code"}};
constexpr auto& names_of(CardDepth) { return kCardDepthNames; }

/// A card for one cell. All numbers are those of the trace and the weights.
struct Card {
  CellRef cell;
  std::string title;                                         ///< "block 4, head 7, pattern"
  std::string doc;                                           ///< one line: what this tensor is
  std::string story;                                         ///< a sentence: what this number does here; empty: there is none
  std::string code;                                          ///< code_of() the cell, for whoever has asked for it
  std::vector<std::pair<std::string, std::string>> indices;  ///< {"query", "13 \"·to\""}, ...
  std::optional<float> value;                                ///< none: not computed yet, masked, or not captured (says `note`)
  std::optional<float> base, edited;                         ///< both, where an edit is active
  std::string note;
  std::string typeset;               ///< the formula in a little of TeX, which says what the first line of `formula` says; may be empty
  std::vector<std::string> formula;  ///< lines with this cell's own numbers
  std::vector<Term> terms;           ///< at most as many as explain() was asked for
  int terms_total = 0;               ///< how many the sum has
  std::vector<CellRef> sources;      ///< representative cells of each source row or column
  std::vector<Extent> extents;       ///< one for each of `sources`
  /// The formula's result with all its terms, recomputed from the sources in this trace: the value before any edit of this
  /// cell. None where the sources were not captured, and for weights.
  std::optional<float> total;
  std::vector<std::string> edits;   ///< "edited: zero (was 0.42)", one for each edit that acts on this cell
  std::optional<TileReading> tile;  ///< in the Stream, for a cell of a tile
};

/// How many terms of the sum `terms` leaves out, in words; empty: none.
[[nodiscard]] std::string more_terms(const Card& card);

/// Errors: none; `note` says what cannot be explained and why.
[[nodiscard]] Card explain(const CellRef& cell, const SceneInput& input, const ViewState& view, int terms = kUsualTerms);
/// Adds the arcs from the card's sources to its cell, and highlights, to a built scene.
void add_arcs(ViewScene& scene, const Card& card, const ModelConfig& config);
/// The value of a cell as the view shows it (base, edited or difference). nullopt where there is none.
[[nodiscard]] std::optional<float> value_of(const CellRef& cell, const SceneInput& input, const ViewState& view);
/// The card as lines of text, for tests, tooltips and the clipboard.
[[nodiscard]] std::string to_text(const Card& card);

}  // namespace gf::scene
