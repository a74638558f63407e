#include "app/ui/docks/why_rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/base/text.h"

namespace gf::ui {
namespace {

using Part = doc::StreamPart;

constexpr std::size_t kStrongest = 16, kNeuronsShown = 10;

/// A part with its own parts, as both questions give them.
struct WhyTree {
  WhyRow row;
  std::vector<WhyRow> parts;
};

WhyRow row_of(std::optional<Part> part, std::string name, double value) {
  WhyRow row;
  row.part = part;
  row.name = std::move(name);
  row.value = value;
  return row;
}

/// The first `most` by magnitude; `others` gets the sum of the rest and their number.
std::vector<WhyRow> strongest(std::vector<WhyRow> rows, std::size_t most, double& others, std::size_t& count) {
  std::ranges::stable_sort(rows, [](const WhyRow& a, const WhyRow& b) { return std::abs(a.value) > std::abs(b.value); });
  others = 0;
  count = rows.size() > most ? rows.size() - most : 0;
  for (std::size_t i = most; i < rows.size(); ++i) others += rows[i].value;
  rows.resize(std::min(rows.size(), most));
  return rows;
}

/// The strongest, then what is cut, then the sum of the rest.
std::vector<WhyRow> with_rest(const std::vector<WhyRow>& rows, std::size_t most, const WhyShape& shape, const char* one, const char* many) {
  std::vector<WhyRow> whole, cut;
  for (const WhyRow& row : rows) (row.part && shape.cut.contains(key_of(*row.part)) ? cut : whole).push_back(row);
  double others = 0;
  std::size_t count = 0;
  std::vector<WhyRow> kept = strongest(std::move(whole), most, others, count);
  kept.insert(kept.end(), cut.begin(), cut.end());
  if (count > 0) kept.push_back(row_of({}, gf::counted(static_cast<long long>(count), one, many), others));
  return kept;
}

WhyTree attention_tree(int layer, const Grid& heads, double sign, const Grid* bias) {
  WhyTree tree;
  double sum = 0;
  for (int h = 0; h < heads.shape[1]; ++h) {
    const double value = sign * static_cast<double>(heads.at(layer, h));
    sum += value;
    tree.parts.push_back(row_of(Part{Part::Kind::Head, layer, h}, gf::text("head {0}.{1}", layer, h), value));
  }
  if (bias) {
    const auto value = static_cast<double>(bias->at(layer));
    sum += value;
    tree.parts.push_back(row_of(Part{Part::Kind::AttentionBias, layer}, gf::text("bias"), value));
  }
  tree.row = row_of(Part{Part::Kind::Attention, layer}, gf::text("attention {0}", layer), sum);
  return tree;
}

/// Rows in the order of the pass, with what is open.
std::vector<WhyRow> by_depth(const std::vector<WhyTree>& trees, const WhyShape& shape) {
  std::vector<WhyRow> rows;
  for (const WhyTree& tree : trees) {
    WhyRow row = tree.row;
    row.opens = row.part && (!tree.parts.empty() || row.part->kind == Part::Kind::Mlp);
    row.open = row.opens && shape.open.contains(key_of(*row.part)) && !tree.parts.empty();
    rows.push_back(row);
    if (!row.open) continue;
    for (WhyRow part : tree.parts) {
      part.depth = 1;
      rows.push_back(std::move(part));
    }
  }
  return rows;
}

/// Heads and MLPs among each other, the strongest first.
std::vector<WhyRow> by_strength(const std::vector<WhyTree>& trees, const WhyShape& shape) {
  std::vector<WhyRow> all;
  for (const WhyTree& tree : trees) {
    const bool heads = tree.row.part && tree.row.part->kind == Part::Kind::Attention;
    if (!heads) {
      all.push_back(tree.row);
      continue;
    }
    for (WhyRow part : tree.parts) {
      if (part.part->kind == Part::Kind::AttentionBias) part.name = gf::text("bias of attention {0}", part.part->layer);
      all.push_back(std::move(part));
    }
  }
  return with_rest(all, kStrongest, shape, phrase("{0} other part"), phrase("{0} other parts"));
}

std::vector<WhyRow> shaped(const std::vector<WhyTree>& trees, const WhyShape& shape) {
  return shape.order == WhyOrder::ByDepth ? by_depth(trees, shape) : by_strength(trees, shape);
}

WhyTree single(std::optional<Part> part, std::string name, double value) { return {row_of(part, std::move(name), value), {}}; }

}  // namespace

std::string key_of(const doc::StreamPart& part) {
  return std::to_string(static_cast<int>(part.kind)) + ":" + std::to_string(part.layer) + ":" + std::to_string(part.index);
}

std::vector<WhyRow> why_rows_direct(const Answer& dla, const WhyShape& shape) {
  const Grid &heads = dla.grid("heads"), &bias = dla.grid("attn_bias"), &mlp = dla.grid("mlp");
  const Grid* neurons = dla.get<Grid>("neurons");
  std::vector<WhyTree> trees;
  trees.push_back(single(Part{Part::Kind::Embed}, gf::text("token embedding"), dla.number("embed")));
  trees.push_back(single(Part{Part::Kind::PosEmbed}, gf::text("position embedding"), dla.number("pos_embed")));
  for (int layer = 0; layer < heads.shape[0]; ++layer) {
    trees.push_back(attention_tree(layer, heads, 1, &bias));
    const auto whole = static_cast<double>(mlp.at(layer));
    WhyTree tree = single(Part{Part::Kind::Mlp, layer}, gf::text("MLP {0}", layer), whole);
    if (neurons && shape.open.contains(key_of(*tree.row.part))) {
      std::vector<WhyRow> all;
      double sum = 0;
      for (int n = 0; n < neurons->shape[1]; ++n) {
        const auto value = static_cast<double>(neurons->at(layer, n));
        sum += value;
        all.push_back(row_of(Part{Part::Kind::Neuron, layer, n}, gf::text("neuron {0}", n), value));
      }
      tree.parts = with_rest(all, kNeuronsShown, shape, phrase("{0} other neuron"), phrase("{0} other neurons"));
      tree.parts.push_back(row_of({}, dla.find("edits") ? gf::text("bias and edits") : gf::text("bias"), whole - sum));
    }
    trees.push_back(std::move(tree));
  }
  if (const Grid* edits = dla.get<Grid>("edits")) {
    double sum = 0;
    for (const float value : edits->values) sum += static_cast<double>(value);
    if (sum != 0) trees.push_back(single({}, gf::text("edits of the stream"), sum));
  }
  trees.push_back(single({}, gf::text("last LayerNorm's bias"), dla.number("constant")));
  std::vector<WhyRow> rows = shaped(trees, shape);
  rows.push_back(row_of(Part{Part::Kind::Logits}, gf::text("total"), dla.number("total")));
  rows.back().sum = true;
  return rows;
}

std::vector<WhyRow> why_rows_by_gradient(const Answer& act_grad, const WhyShape& shape) {
  const Grid &heads = act_grad.grid("heads"), &mlp = act_grad.grid("mlp");
  const Answer::Table& neurons = act_grad.table("neurons");
  const auto& layers = std::get<std::vector<int>>(neurons.find("layer")->cells);
  const auto& numbers = std::get<std::vector<int>>(neurons.find("neuron")->cells);
  const auto& values = std::get<std::vector<float>>(neurons.find("attribution")->cells);
  std::vector<WhyTree> trees;
  for (int layer = 0; layer < heads.shape[0]; ++layer) {
    trees.push_back(attention_tree(layer, heads, -1, nullptr));
    WhyTree tree = single(Part{Part::Kind::Mlp, layer}, gf::text("MLP {0}", layer), -static_cast<double>(mlp.at(layer)));
    for (std::size_t i = 0; i < layers.size() && tree.parts.size() < kNeuronsShown; ++i)
      if (layers[i] == layer)
        tree.parts.push_back(
            row_of(Part{Part::Kind::Neuron, layer, numbers[i]}, gf::text("neuron {0}", numbers[i]), -static_cast<double>(values[i])));
    trees.push_back(std::move(tree));
  }
  return shaped(trees, shape);
}

}  // namespace gf::ui
