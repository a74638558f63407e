#include "app/scene/machine/layout.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "model/hook_sources.h"
#include "tests/app/scene/page_input.h"

namespace gf::scene {
namespace {

std::vector<LayoutInput> many_inputs() {
  std::vector<LayoutInput> all;
  for (const ModelConfig& c : {config_of(6, 4, 4, 64, 100, true), config_of(3, 3, 6, 40, 57, false), config_of(12, 2, 3, 24, 5, true)})
    for (const int T : {1, 14, 64})
      for (const float aspect : {0.5F, 1.0F, 1.78F, 3.0F}) all.push_back(input_of(c, T, aspect, T == 14 && aspect < 1.5F));
  return all;
}

std::string name_of_case(const LayoutInput& in) {
  return std::to_string(in.config.n_layer) + " blocks, T " + std::to_string(in.T) + ", aspect " + std::to_string(in.aspect);
}

/// Every cell of every tensor that the input names, with how often it must stand there: once.
std::map<CellRef, int> expected_cells(const LayoutInput& in) {
  std::map<CellRef, int> cells;
  const ModelConfig& c = in.config;
  for (const HookId hook : all_hooks(c.n_layer)) {
    if (!in.hooks[static_cast<std::size_t>(hook.kind)]) continue;
    const auto add = [&](int a, int b, int d) { cells[CellRef{{hook, ""}, {a, b, d}}] = 1; };
    for (int t = 0; t < in.T; ++t) switch (info_of(hook.kind).shape) {
        case RowShape::One: add(t, 0, -1); break;
        case RowShape::PerHead:
          for (int h = 0; h < c.n_head; ++h) add(t, h, -1);
          break;
        case RowShape::DModel:
          for (int i = 0; i < c.d_model; ++i) add(t, i, -1);
          break;
        case RowShape::DMlp:
          for (int i = 0; i < c.d_mlp; ++i) add(t, i, -1);
          break;
        case RowShape::Heads:
          for (int i = 0; i < c.d_model; ++i) add(t, i / c.d_head, i % c.d_head);
          break;
        case RowShape::HeadsDModel:
          for (int i = 0; i < c.n_head * c.d_model; ++i) add(t, i / c.d_model, i % c.d_model);
          break;
        case RowShape::Causal:
          for (int h = 0; h < c.n_head; ++h)
            for (int k = 0; k <= t; ++k) add(h, t, k);
          break;
        case RowShape::NVocab:
          if (in.all_logits || t == in.T - 1)
            for (int i = 0; i < c.n_vocab; ++i) add(t, i, -1);
          break;
      }
  }
  for (const WeightShape& w : in.weights) {
    TensorRef tensor;
    tensor.weight = w.name;
    for (int r = 0; r < std::max(1, w.rows); ++r)
      for (int col = 0; col < w.cols; ++col) cells[CellRef{tensor, w.rows == 0 ? std::array{col, -1, -1} : std::array{r, col, -1}}] = 1;
  }
  return cells;
}

TEST(Layout, every_number_stands_there_exactly_once) {
  for (const LayoutInput& in : many_inputs()) {
    if (in.T == 64) continue;  // the same code as T = 14, and slow
    const Layout layout = make_layout(in);
    auto left = expected_cells(in);
    for (const LayoutPanel& p : layout.panels)
      for (int r = 0; r < p.info.rows; ++r)
        for (int c = 0; c < p.info.cols; ++c)
          if (const auto cell = p.info.cell(r, c, in.config)) {
            const auto found = left.find(*cell);
            ASSERT_NE(found, left.end()) << cell->tensor.name() << " in " << name_of_case(in);
            ASSERT_EQ(found->second--, 1) << cell->tensor.name() << " in " << name_of_case(in);
          }
    for (const auto& [cell, count] : left) ASSERT_EQ(count, 0) << cell.tensor.name() << " is missing in " << name_of_case(in);
  }
}

TEST(Layout, without_biases_their_strips_are_absent) {
  LayoutInput in = input_of(config_of(2, 2, 4, 32, 20, true), 5, 1.5F);
  in.weights = shapes_of(in.config, false);
  std::set<std::string> names;
  for (const LayoutPanel& p : make_layout(in).panels)
    if (p.info.tensor.is_weight()) names.insert(p.info.tensor.weight);
  EXPECT_EQ(names.size(), in.weights.size());
  EXPECT_FALSE(names.contains("h.0.attn.c_attn.bias"));
}

struct Span3 {
  glm::vec3 low, high;
};
Span3 extent_of(const LayoutPanel& p) {
  Span3 e{glm::min(p.origin, p.origin + p.across), glm::max(p.origin, p.origin + p.across)};
  e.low = glm::min(e.low, glm::min(p.origin + p.down, p.origin + p.across + p.down));
  e.high = glm::max(e.high, glm::max(p.origin + p.down, p.origin + p.across + p.down));
  return e;
}

TEST(Layout, no_two_panels_overlap) {
  constexpr float kTouch = 1e-4F;
  for (const LayoutInput& in : many_inputs()) {
    const Layout layout = make_layout(in);
    std::vector<Span3> extents;
    for (const LayoutPanel& p : layout.panels) extents.push_back(extent_of(p));
    for (std::size_t i = 0; i < extents.size(); ++i)
      for (std::size_t j = i + 1; j < extents.size(); ++j) {
        const glm::vec3 low = glm::max(extents[i].low, extents[j].low), high = glm::min(extents[i].high, extents[j].high);
        // Panels are flat: they overlap where they meet in a rectangle of one plane or cross in a line inside both.
        const bool apart = high.x < low.x + kTouch || high.y < low.y - kTouch || high.z < low.z - kTouch;
        const bool both_upright = extents[i].high.z - extents[i].low.z < kTouch && extents[j].high.z - extents[j].low.z < kTouch;
        const bool both_lie = extents[i].high.z - extents[i].low.z > kTouch && extents[j].high.z - extents[j].low.z > kTouch;
        if (apart) continue;
        if (both_upright) {
          ASSERT_LT(high.y, low.y + kTouch) << layout.panels[i].info.tensor.name() << " and " << layout.panels[j].info.tensor.name() << ", "
                                            << name_of_case(in);
        } else if (both_lie) {
          ASSERT_LT(high.z, low.z + kTouch) << layout.panels[i].info.tensor.name() << " and " << layout.panels[j].info.tensor.name() << ", "
                                            << name_of_case(in);
        } else {
          const float y = both_lie ? 0 : low.y;  // a shelf that starts at the plane of the sheets must not cut one
          const Span3& upright = extents[i].high.z - extents[i].low.z < kTouch ? extents[i] : extents[j];
          ASSERT_TRUE(y <= upright.low.y + kTouch || y >= upright.high.y - kTouch)
              << layout.panels[i].info.tensor.name() << " and " << layout.panels[j].info.tensor.name() << ", " << name_of_case(in);
        }
      }
  }
}

TEST(Layout, lines_suit_the_window) {
  const ModelConfig c = config_of(12, 4, 4, 64, 100, true);
  const Layout wide = make_layout(input_of(c, 14, 3.0F)), tall = make_layout(input_of(c, 14, 0.5F));
  EXPECT_GT(wide.columns, tall.columns);
  EXPECT_GT((wide.high.x - wide.low.x) / (wide.high.y - wide.low.y), 1.5F);
  EXPECT_LT((tall.high.x - tall.low.x) / (tall.high.y - tall.low.y), 1.0F);
}

TEST(Layout, ribbons_lead_from_each_source_to_what_is_made_of_it) {
  for (const LayoutInput& in : many_inputs()) {
    SCOPED_TRACE(name_of_case(in));
    const auto ribbons = make_layout(in).ribbons;
    for (const LayoutRibbon& r : ribbons) EXPECT_TRUE(feeds(r.from, r.into, in.config)) << name_of(r.from) << " into " << name_of(r.into);
    for (const HookId hook : all_hooks(in.config.n_layer)) {
      const HookInfo& info = info_of(hook.kind);
      if (info.unit == HookUnit::Scale || !in.hooks[static_cast<std::size_t>(hook.kind)])
        continue;  // scales stand at a sheet's side, without ribbons
      for (const HookId source : source_hooks(hook, in.config)) {
        if (info_of(source.kind).unit == HookUnit::Scale || !in.hooks[static_cast<std::size_t>(source.kind)]) continue;
        // The token's embedding joins the position's on its way, so a ribbon may lead past the hook to the next one.
        const bool leads = std::ranges::any_of(ribbons, [&](const LayoutRibbon& r) {
          return r.from == source && (r.into == hook || feeds(hook, r.into, in.config) || feeds(r.into, hook, in.config));
        });
        EXPECT_TRUE(leads) << name_of(source) << " into " << name_of(hook);
      }
    }
  }
}

TEST(Layout, the_stream_reaches_from_the_embedding_to_the_logits) {
  const LayoutInput in = input_of(config_of(6, 4, 4, 64, 100, true), 14, 1.78F);
  std::set<HookId> fed;
  for (const LayoutRibbon& r : make_layout(in).ribbons) fed.insert(r.into);
  for (int b = 0; b < 6; ++b)
    for (const HookKind kind : {HookKind::ResidPre, HookKind::Ln1Normalized, HookKind::Pattern, HookKind::Z, HookKind::AttnOut,
                                HookKind::ResidMid, HookKind::MlpPre, HookKind::MlpOut, HookKind::ResidPost})
      EXPECT_TRUE(fed.contains({kind, b})) << name_of({kind, b});
  EXPECT_TRUE(fed.contains({HookKind::Logits, -1}));
}

}  // namespace
}  // namespace gf::scene
