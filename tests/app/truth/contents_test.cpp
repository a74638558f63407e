// What stands in the scene: each hook and weight once, each cell once, labels that can be read.
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "renderer/labels.h"
#include "tests/app/truth/views.h"

namespace gf::truth {
namespace {

std::multiset<std::string> expected_tensors(const scene::SceneInput& input, scene::View view) {
  std::multiset<std::string> names;
  const Trace& trace = *input.run->edited;
  if (view == scene::View::Stream) {
    const int n_layer = trace.config().n_layer;
    for (int b = 0; b < n_layer; ++b)
      for (const HookKind kind : {HookKind::ResidPre, HookKind::Pattern}) names.insert(name_of(HookId{kind, b}));
    names.insert(name_of(HookId{HookKind::ResidPost, n_layer - 1}));
    return names;
  }
  for (const HookId hook : all_hooks(trace.config().n_layer))
    if (trace.has(hook) || (hook.kind == HookKind::Logits && !trace.last_logits().empty())) names.insert(name_of(hook));
  for (const NamedTensor& row : input.model->weights->table()) names.insert(row.name);
  return names;
}

TEST(Contents, each_hook_of_the_trace_and_each_weight_stands_in_the_scene_exactly_once) {
  for (const View& v : views()) {
    SCOPED_TRACE(v.name);
    scene::SceneBuilder machine;
    const Built built = build(machine, v);
    scene::ViewState compared;
    compared.compare = v.compare;
    const auto j = nlohmann::json::parse(exporting::scene_json(built.scene, built.camera, kWidth, kHeight, v.input, compared));
    EXPECT_EQ(j["compare"], scene::spelled(v.compare));
    EXPECT_EQ(j["ids"].size(), v.input.run->base->ids().size());
    std::multiset<std::string> names;
    for (const auto& block : j["blocks"]) {
      names.insert(block["tensor"].get<std::string>());
      EXPECT_FALSE(block["panels"].empty());
      EXPECT_FALSE(block["shape"].is_null());
    }
    EXPECT_EQ(names, expected_tensors(v.input, v.view));
    EXPECT_FALSE(j["scales"].empty());
    EXPECT_FALSE(j["labels"].empty());
  }
}

/// Numbers that a tensor has, masked ones left out; of the logits those rows that the trace keeps.
std::size_t cells_of(const scene::TensorRef& tensor, const scene::SceneInput& input) {
  if (tensor.is_weight()) {
    for (const NamedTensor& row : input.model->weights->table())
      if (row.name == tensor.weight) return static_cast<std::size_t>(row.view.elements());
    return 0;
  }
  const Trace& trace = *input.run->edited;
  std::size_t cells = 0;
  for (int p = 0; p < trace.length(); ++p) cells += row_size(info_of(tensor.hook.kind).shape, trace.config(), p);
  return cells;
}

void check_cells(const scene::SceneInput& input, scene::View view) {
  View v{"", input};
  v.view = view;
  scene::SceneBuilder machine;
  const Built built = build(machine, v);
  const ModelConfig& config = input.model->weights->config;
  std::map<scene::TensorRef, std::set<std::array<int, 3>>> seen;
  std::map<scene::TensorRef, std::set<int>> logit_rows;
  for (const scene::PanelInfo& panel : built.scene.panels)
    for (int row = 0; row < panel.rows; ++row)
      for (int col = 0; col < panel.cols; ++col) {
        const auto cell = panel.cell(row, col, config);
        if (!cell || std::isnan(one_value(*cell, *input.run->edited, *input.model->weights))) continue;
        EXPECT_EQ(cell->tensor, panel.tensor);
        if (!seen[cell->tensor].insert(cell->index).second) {
          ADD_FAILURE() << cell->tensor.name() << " has a cell that stands twice";
          return;
        }
        if (!cell->tensor.is_weight() && cell->tensor.hook.kind == HookKind::Logits) logit_rows[cell->tensor].insert(cell->index[0]);
      }
  for (const auto& [tensor, cells] : seen) {
    std::size_t expected = cells_of(tensor, input);
    // The logits sheet is that of one position at a time.
    if (const auto it = logit_rows.find(tensor); it != logit_rows.end())
      expected = it->second.size() * static_cast<std::size_t>(config.n_vocab);
    EXPECT_EQ(cells.size(), expected) << tensor.name();
  }
}

TEST(Contents, each_cell_of_a_small_model_stands_exactly_once) {
  check_cells(random_small(true), scene::View::Machine);
  check_cells(random_small(true), scene::View::Stream);
}

TEST(Contents, find_and_cell_are_inverse) {
  int turn = 0;
  for (View v : {View{"", random_small(false)}, View{"", fable(true)}, View{"", random_small(false)}, View{"", fable(true)}}) {
    if (++turn > 2) v.view = scene::View::Stream;
    const scene::SceneInput& input = v.input;
    scene::SceneBuilder machine;
    const Built built = build(machine, v);
    const ModelConfig& config = input.model->weights->config;
    testing_models::Lcg rng{21};
    int found = 0;
    for (int i = 0; i < 2000; ++i) {
      const int p = rng.below(static_cast<int>(built.scene.panels.size()));
      const scene::PanelInfo& panel = built.scene.panels[static_cast<std::size_t>(p)];
      const int row = rng.below(panel.rows), col = rng.below(panel.cols);
      const auto cell = panel.cell(row, col, config);
      if (!cell) continue;
      const auto place = built.scene.find(*cell, config);
      ASSERT_TRUE(place.has_value()) << panel.tensor.name();
      EXPECT_EQ(std::tuple(place->panel, place->row, place->col), std::tuple(p, row, col)) << panel.tensor.name();
      ++found;
    }
    EXPECT_GT(found, 1000);
  }
}

TEST(Contents, labels_above_half_opacity_do_not_overlap_and_none_is_under_11_px) {
  for (const View& v : views())
    for (const float dpr : {1.0F, 2.0F}) {
      SCOPED_TRACE(v.name);
      scene::SceneBuilder machine;
      const Built built = build(machine, v);
      const auto placed = render::place_labels(*built.scene.scene, built.camera, glm::vec2(kWidth, kHeight) * dpr, dpr);
      EXPECT_FALSE(placed.empty());
      int strong = 0;
      for (std::size_t i = 0; i < placed.size(); ++i) {
        EXPECT_GE(placed[i].size_px, 11.0F * dpr - 1e-3F);
        if (placed[i].alpha <= 0.5F) continue;
        ++strong;
        for (std::size_t k = i + 1; k < placed.size(); ++k) {
          if (placed[k].alpha <= 0.5F) continue;
          const auto &a = placed[i], &b = placed[k];
          const bool apart = a.high.x <= b.low.x || b.high.x <= a.low.x || a.high.y <= b.low.y || b.high.y <= a.low.y;
          const auto text = [&](const render::PlacedLabel& l) { return built.scene.scene->labels[static_cast<std::size_t>(l.index)].text; };
          EXPECT_TRUE(apart) << '"' << text(a) << "\" and \"" << text(b) << '"';
        }
      }
      EXPECT_GT(strong, 0);
    }
}

}  // namespace
}  // namespace gf::truth
