// Shared by cards and by the animations of operations: reading cells of one pass, and writing sums out. Not for other rooms.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/scene/cards/explain.h"
#include "model/base/text.h"
#include "model/hook_sources.h"

namespace gf::scene::explaining {

/// The pass that a card speaks about. `trace` is null without a run; `recipe` is null where no edit acts.
struct Pass {
  const ModelConfig& config;
  const Weights& weights;
  const Tokenizer* tokenizer = nullptr;
  const Trace* trace = nullptr;
  const Recipe* recipe = nullptr;
  int terms = kUsualTerms;  ///< at most so many terms of a sum are named, and no more than kMostTerms
};
[[nodiscard]] Pass pass_of(const SceneInput& input, Compare compare);

// --- text
[[nodiscard]] std::string number(double v);                               ///< three to four figures, for formulas
[[nodiscard]] std::string product(double a, double b);                    ///< "0.31 × -1.20 = -0.372"
[[nodiscard]] std::string difference_of(double a, double b);              ///< "0.42 - 0.01"; "0.42 + 0.01" for a negative b
[[nodiscard]] std::string token_text(const Pass& pass, int token);        ///< "\"·cat\"" or "#812" without a text
[[nodiscard]] std::string position_text(const Pass& pass, int position);  ///< "3 \"·cat\""

// --- reading
inline constexpr const char* kMasked = phrase("masked: a position attends to itself and to what stands before it");
/// Why there is no such cell: out of range or masked. Empty if the cell exists.
[[nodiscard]] std::string problem_of(const CellRef& cell, const Pass& pass);
/// What the trace holds. nullopt: not captured.
[[nodiscard]] std::optional<float> captured_value(const Trace& trace, HookId hook, std::array<int, 3> index);
/// Row of a hook, or empty where it was not captured. resid_post is found as the next resid_pre too.
[[nodiscard]] std::span<const float> row_of(const Pass& pass, HookKind kind, int layer, int position);
[[nodiscard]] bool is_computed(const CellRef& cell, const Pass& pass, double time);

/// A weight by its name in the table.
enum class WeightKind : std::uint8_t { Wte, Wpe, Gamma, Beta, Qkv, QkvBias, O, OBias, In, InBias, Out, OutBias, LmHead };
struct WeightPlace {
  WeightKind kind = WeightKind::Wte;
  int layer = -1;
  int norm = 0;  ///< Gamma, Beta: 1, 2, or 0 for ln_final
};
[[nodiscard]] std::optional<WeightPlace> parse_weight(std::string_view name);
[[nodiscard]] const TensorView& view_of(const WeightPlace& place, const Weights& weights);
/// Extents by logical axes: {in, out}, {token, dim}, {index}.
[[nodiscard]] std::array<int, 2> extents_of(const WeightPlace& place, const Weights& weights);
[[nodiscard]] float weight_at(const WeightPlace& place, const Weights& weights, std::array<int, 3> index);
[[nodiscard]] std::string norm_name(int norm, int layer);  ///< "h.0.ln_1" or "ln_f"
[[nodiscard]] const LayerNormWeights& norm_weights(int norm, int layer, const Weights& weights);

[[nodiscard]] inline CellRef at_hook(HookKind kind, int layer, std::array<int, 3> index) { return {{{kind, layer}, {}}, index}; }
[[nodiscard]] inline CellRef at_weight(std::string name, int a, int b = -1) { return {{{}, std::move(name)}, {a, b, -1}}; }

// --- sums
/// How a value is computed, written out.
struct Working {
  std::vector<std::string> formula;
  std::vector<Term> terms;
  int terms_total = 0;
  std::optional<double> total;
  std::vector<CellRef> sources;
  std::vector<Extent> extents;
  std::string missing;  ///< why there is no total
  void source(CellRef cell, Extent extent) {
    sources.push_back(std::move(cell));
    extents.push_back(extent);
  }
};

/// A value whose sources this run did not capture.
[[nodiscard]] Working not_kept();
/// Where an edit acts at the split input that a hook reads: the hook is then made of a copy of the stream that nothing beside it
/// reads, and hook_sources.def does not tell how. nullopt: no edit does.
[[nodiscard]] std::optional<Working> made_of_copy(HookId hook, const Pass& pass);
/// Adds the sources of a hook's cell as hook_sources.def lists them, each with one representative cell: the one at index `top`
/// of the axis that is summed over. Whole vectors such as gamma, and weights that the model lacks, are left out.
void add_sources(Working& w, const CellRef& cell, const Pass& pass, int top = 0);

/// The size by which terms are ordered: a NaN comes first, because it makes the whole sum NaN.
[[nodiscard]] inline double size_of_term(double v) { return std::isnan(v) ? INFINITY : std::abs(v); }

/// Sum over i of left_i * right_i with its largest terms, at most kMostTerms.
struct Dot {
  struct Product {
    int index;
    double left, right;
    [[nodiscard]] double value() const { return left * right; }
  };
  double total = 0;
  int count = 0;
  std::vector<Product> largest;
};
template <class F>  // F: int -> std::pair<double, double>
Dot dot(int count, F&& factors) {
  std::vector<Dot::Product> all(static_cast<std::size_t>(count));
  Dot d;
  d.count = count;
  for (int i = 0; i < count; ++i) {
    const auto [left, right] = factors(i);
    all[static_cast<std::size_t>(i)] = {i, left, right};
    d.total += left * right;
  }
  const auto keep = std::min<std::ptrdiff_t>(kMostTerms, count);
  std::partial_sort(all.begin(), all.begin() + keep, all.end(), [](const Dot::Product& a, const Dot::Product& b) {
    const double x = size_of_term(a.value()), y = size_of_term(b.value());
    return x != y ? x > y : a.index < b.index;
  });
  d.largest.assign(all.begin(), all.begin() + keep);
  return d;
}
/// The largest products as terms, each with the cells of its two factors, then the sources of the whole sum, all as
/// hook_sources.def lists them for `cell`. `name` gives the words for an index of the sum: "dim 17".
template <class Name>
void add_terms(Working& w, const Dot& d, const CellRef& cell, const Pass& pass, const Name& name) {
  w.terms_total = d.count;
  for (const Dot::Product& p : d.largest) {
    if (static_cast<int>(w.terms.size()) == pass.terms) break;
    Working at;  // where this term's two factors stand
    add_sources(at, cell, pass, p.index);
    w.terms.push_back(
        {name(p.index) + ":  " + product(p.left, p.right), static_cast<float>(p.value()), at.sources.at(0), at.sources.at(1)});
  }
  add_sources(w, cell, pass, d.largest.front().index);
}
/// "-0.372 + 0.251 + ... + (251 more: 0.0441) + b 0.0512 = 0.101", the first kUsualTerms of them.
[[nodiscard]] std::string written_out(const Dot& d, std::optional<double> bias = {});

/// An output of (gamma * normalized + beta) . W + b.
struct Affine {
  int norm = 0;  ///< 1, 2, or 0 for ln_final
  const Matrix* matrix = nullptr;
  int out = 0;
  const TensorView* bias = nullptr;
  std::string words;
};
[[nodiscard]] Working affine_of_norm(const CellRef& cell, const Pass& pass, const Affine& affine);

/// The formula of a hook's cell as formula_tree.h of app/lessons reads it: "s_{13{,}1} = \frac{q_{13} \cdot k_{1}}{\sqrt{16}}". Empty
/// for a weight, and where values are added up or read as they stand.
[[nodiscard]] std::string typeset_of(const CellRef& cell, const Pass& pass);
/// Computes a hook's cell from its sources in this pass, before edits at the hook itself.
[[nodiscard]] Working work_out(const CellRef& cell, const Pass& pass);
[[nodiscard]] Working work_out_attention(const CellRef& cell, const Pass& pass);  ///< q, k, v to attn_out
/// The score that the softmax reads: captured (edits included), or recomputed if no edit acts on the scores.
[[nodiscard]] std::optional<double> score_read(const Pass& pass, int layer, int head, int query, int key);
/// q.k times the scale, from the captured q and k.
[[nodiscard]] std::optional<double> score_of(const Pass& pass, int layer, int head, int query, int key);

/// For the card of a weight: the value that it multiplies and the value that it goes into, with the numbers of a position.
[[nodiscard]] Working weight_use(const CellRef& cell, const WeightPlace& place, const Pass& pass, int position);

/// What the Stream knows of the tile that a cell belongs to; nullopt for a cell that is not a part of the residual stream.
[[nodiscard]] std::optional<TileReading> tile_of(const CellRef& cell, const Pass& pass, const SceneInput& input, const ViewState& view);

// --- names
/// A weight's name without its block: "W_O", "LayerNorm 1 gamma", "token embedding weights".
[[nodiscard]] std::string weight_name(const WeightPlace& place);
[[nodiscard]] std::string title_of(const CellRef& cell, const Pass& pass);
[[nodiscard]] std::string doc_of(const CellRef& cell, const Pass& pass);
/// What a number of the hook does at this cell, as hook_sources.def tells it. For a weight what the weight does.
[[nodiscard]] std::string story_of(const CellRef& cell, const Pass& pass, double value);
[[nodiscard]] std::vector<std::pair<std::string, std::string>> indices_of(const CellRef& cell, const Pass& pass);
[[nodiscard]] std::vector<std::string> edits_of(const CellRef& cell, const Pass& pass, std::optional<double> was);

}  // namespace gf::scene::explaining
