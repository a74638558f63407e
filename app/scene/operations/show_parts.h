// Shared by the animations of operations: how time passes within one, and sums that are written out.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/scene/cards/explain_parts.h"
#include "app/scene/operations/show.h"

namespace gf::scene::showing {

using explaining::at_hook;
using explaining::at_weight;
using explaining::number;
using explaining::Pass;
using explaining::row_of;

/// The work of an operation at one moment.
struct Work {
  const Pass& pass;
  const SceneInput& input;
  const ViewState& view;
  HookId hook;  ///< that it fills
  int position = 0;
  double progress = 0;   ///< (0, 1]
  int head = 0;          ///< whose numbers are written out
  int chosen = -1;       ///< the selected cell of the row by its flat index; -1: none
  bool of_head = false;  ///< that head is spoken of: what it makes is told apart from what the others make
  int neuron = -1;       ///< of this block, that is spoken of; -1: none
  [[nodiscard]] const ModelConfig& config() const { return pass.config; }
  [[nodiscard]] std::string token(int at) const { return explaining::token_text(pass, pass.trace->ids()[static_cast<std::size_t>(at)].v); }
};

// One function for each kind of operation. nullopt: its numbers were not captured, and cannot be computed either.
[[nodiscard]] std::optional<Show> show_embedding(const Work& work);
[[nodiscard]] std::optional<Show> show_sum(const Work& work);
[[nodiscard]] std::optional<Show> show_layer_norm(const Work& work);
[[nodiscard]] std::optional<Show> show_product(const Work& work);
[[nodiscard]] std::optional<Show> show_scores(const Work& work);
[[nodiscard]] std::optional<Show> show_softmax(const Work& work);
[[nodiscard]] std::optional<Show> show_values(const Work& work);
[[nodiscard]] std::optional<Show> show_activation(const Work& work);
[[nodiscard]] std::optional<Show> show_logits(const Work& work);
[[nodiscard]] std::optional<Show> show_choice(const Work& work);

/// A step from 0 to 1 between two moments, eased.
[[nodiscard]] double eased(double t, double from, double to);

/// Cell after cell of a row: the first one is slow, the next two are faster, the rest flow. In the end the first one is seen
/// once more. `alone`: it was chosen, so that the next two flow as well.
struct Turn {
  int cell = 0;
  double s = 0;       ///< of that cell's work; 1: done
  int made = 0;       ///< cells of the row that are there
  bool slow = false;  ///< slow enough to be read
};
[[nodiscard]] Turn turn_of(double progress, int cells, int first, bool alone = false);
/// The moments of a cell's work: until then its terms appear, then the rest is added, then the sum drops into the cell.
inline constexpr double kTermsEnd = 0.5, kSumAt = 0.6, kDropAt = 0.72, kDropEnd = 0.9;

/// Tells a sum of products: its terms as bars, the largest written out, the rest, the bias, the sum. `last`: what the sum is
/// called, and whether it is the result. `name` gives the words for a term.
struct SumOfProducts {
  std::vector<std::pair<double, double>> terms;
  std::optional<double> bias;
  /// The terms of the head or neuron that is spoken of, which are written out; the others are told together.
  struct Own {
    int first = 0, count = 0;
    std::string words, others;  ///< of their sum, and of what is not theirs
  };
  std::optional<Own> own;
  [[nodiscard]] double total() const;
};
void tell_sum(Show& show, const SumOfProducts& sum, double s, const std::string& bars, const std::function<std::string(int)>& name,
              const std::string& last, ShowLine::Kind kind);
inline constexpr int kWrittenTerms = 4, kWrittenOfHead = 3;
/// At most this many bars: neighbours are added up where there are more terms.
inline constexpr int kMostBars = 48;
struct Binned {
  std::vector<double> values;
  int each = 1;
};
[[nodiscard]] Binned added_up(std::span<const double> values);
[[nodiscard]] Binned averaged(std::span<const double> values);

/// The result drops into its cell, and the row is filled as far as the turn says.
void drop_result(Show& show, const Work& work, const CellRef& cell, const Turn& turn, int columns_before = 0);
/// What the head or neuron that is spoken of adds to the stream: a part of attention out or MLP out at one position.
struct OwnPart {
  std::string words, others;  ///< "head 3.0" and "other heads, bias"
  std::vector<double> row;    ///< d_model numbers
  int first = 0, count = 0;   ///< its cells of the row that is multiplied, z or the neurons
};
/// nullopt: none is spoken of, the block has no other, or the run did not keep what is multiplied. `out`: AttnOut or MlpOut.
[[nodiscard]] std::optional<OwnPart> own_part(const Work& work, HookId out);
/// The scores of a query in the plate of the pattern, where the run kept no plates of scores, named as what they are. `made`: how many
/// of them.
void lay_scores(Show& show, const Work& work, int made);
/// Says so where an edit has made another value of the result.
void tell_edit(Show& show, const Work& work);

/// The cell of a flat index in a row of a hook.
[[nodiscard]] CellRef cell_of(HookId hook, int position, int flat, const ModelConfig& config);
[[nodiscard]] int largest_of(std::span<const float> row);
[[nodiscard]] int largest_of(std::span<const double> row);
[[nodiscard]] std::span<const float> head_of(std::span<const float> row, int head, const ModelConfig& config);
/// "W_Q", "LayerNorm 1"
[[nodiscard]] std::string with_block(HookId hook, const std::string& words);

}  // namespace gf::scene::showing
