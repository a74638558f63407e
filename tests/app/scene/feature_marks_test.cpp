// Features of an open dictionary in the Stream, and the lens through which its words are read.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

#include "app/scene/cards/explain.h"
#include "app/scene/palette.h"
#include "app/scene/stream/stream_reading.h"
#include "model/dictionaries/naive_coding.h"
#include "tests/app/truth/fable.h"

namespace gf {
namespace {

constexpr int kDepth = 4;  // fable's dictionary reads what leaves block 3

scene::SceneInput plain_fable() {
  static const std::shared_ptr<const Run> run = [] {
    RunRequest request;
    request.prompt = truth::fable_model()->tokenizer->ids_of(truth::kPrompt).value();
    return std::make_shared<const Run>(Session::create(truth::fable_model(), {}).value()->run(request).value());
  }();
  return {truth::fable_model(), run};
}

scene::SceneInput fable_with_features() {
  scene::SceneInput input = plain_fable();
  input.through.dictionary = "fable";
  return scene::with_readings(input).value();
}

scene::ViewState in_the_stream() {
  scene::ViewState view;
  view.view = scene::View::Stream;
  return view;
}

std::size_t ribbons_of(const scene::SceneInput& input) {
  scene::SceneBuilder builder;
  return builder.build(input, in_the_stream()).scene->ribbons.size();
}

TEST(FeatureMarks, are_those_that_the_plain_loops_find) {
  const scene::SceneInput input = fable_with_features();
  const auto& marks = input.edited_reading->features;
  ASSERT_TRUE(marks);
  EXPECT_EQ(marks->depth, kDepth);
  const Trace& trace = *input.run->edited;
  ASSERT_EQ(marks->active.rows(), trace.length());
  float most = 0;
  for (int p = 0; p < trace.length(); ++p) {
    const std::vector<float> plain = naive_encode(*marks->fitted, trace.row(marks->fitted->in, p));
    const auto strongest = marks->strongest(p, 3);
    ASSERT_EQ(strongest.size(), 3U);
    EXPECT_EQ(strongest[0].feature, std::ranges::max_element(plain) - plain.begin());
    for (const auto& mark : strongest) EXPECT_NEAR(mark.activation, plain[static_cast<std::size_t>(mark.feature)], 1e-3);
    EXPECT_GE(strongest[0].activation, strongest[1].activation);
    most = std::max(most, strongest[0].activation);
  }
  EXPECT_EQ(marks->most, most);
}

TEST(FeatureMarks, stand_beside_their_tiles_in_the_legend_and_on_cards) {
  scene::SceneInput input = fable_with_features();
  const std::size_t plain = ribbons_of(scene::with_readings(plain_fable()).value());
  const auto T = static_cast<std::size_t>(input.run->edited->length());
  EXPECT_GE(ribbons_of(input), plain + T);
  const auto first = input.edited_reading->features->strongest(static_cast<int>(T) - 1, 1).front();
  const scene::CellRef cell{{{HookKind::ResidPre, kDepth}, {}}, {static_cast<int>(T) - 1, 0, -1}};
  const scene::Card card = scene::explain(cell, input, in_the_stream());
  ASSERT_TRUE(card.tile && !card.tile->features.empty());
  EXPECT_EQ(card.tile->features.front().name, input.edited_reading->features->name_of(first.feature));
  EXPECT_EQ(card.tile->features.front().activation, static_cast<double>(first.activation));
  const auto facts = scene::facts_of(*card.tile);
  EXPECT_TRUE(facts.back().starts_with("strongest features: " + card.tile->features.front().name)) << facts.back();
  const scene::CellRef elsewhere{{{HookKind::ResidPre, kDepth - 1}, {}}, {1, 0, -1}};
  EXPECT_TRUE(scene::explain(elsewhere, input, in_the_stream()).tile->features.empty());
  // The feature that is looked at stands alone: a bar at each tile where it is active.
  input.marked_feature = first.feature;
  std::size_t active = 0;
  for (std::size_t p = 0; p < T; ++p) active += input.edited_reading->features->active.at(static_cast<int>(p), first.feature) > 0 ? 1 : 0;
  EXPECT_EQ(ribbons_of(input), plain + active);
  scene::SceneBuilder builder;
  const auto keys = builder.build(input, in_the_stream()).keys;
  EXPECT_TRUE(
      std::ranges::any_of(keys, [&](const auto& key) { return key.title.starts_with("feature " + std::to_string(first.feature)); }));
}

TEST(FeatureMarks, are_seen_at_every_tile_where_no_panel_covers_them) {
  scene::SceneInput input = fable_with_features();
  const scene::FeatureMarks& marks = *input.edited_reading->features;
  const scene::ViewState view = in_the_stream();
  const render::Color accent = scene::palette_of(view.theme).accent;
  // Words stand below their tiles in the higher one, and beside them in the lower one.
  for (const glm::vec2 size : {glm::vec2(820, 720), glm::vec2(1280, 330)}) {
    scene::Pane pane;
    pane.size = size;
    input.marked_feature = -1;
    const auto plain = [&] {
      scene::SceneBuilder builder;
      return builder.build(scene::with_readings(plain_fable()).value(), view, pane).scene;
    }();
    for (const int feature : {-1, marks.strongest(input.run->edited->length() - 1, 1).front().feature}) {
      input.marked_feature = feature;
      scene::SceneBuilder builder;
      const scene::ViewScene built = builder.build(input, view, pane);
      const float px = size.y / (built.home.high.y - built.home.low.y), wide_px = size.x / (built.home.high.x - built.home.low.x);
      const render::Panel& column = built.scene->panels[kDepth];
      std::set<int> rows;
      for (const render::Ribbon& ribbon : built.scene->ribbons) {
        const auto is_same = [&](const render::Ribbon& r) { return r.a0 == ribbon.a0 && r.b1 == ribbon.b1 && r.color == ribbon.color; };
        if (std::ranges::any_of(plain->ribbons, is_same)) continue;
        if (feature >= 0) {
          EXPECT_EQ(ribbon.color, accent);
        }
        const float left = std::min(ribbon.a0.x, ribbon.b0.x), top = std::min(ribbon.a0.y, ribbon.a1.y);
        EXPECT_GE(left, column.origin.x + column.across.x) << "ribbons are drawn behind a panel in their place";
        EXPECT_GE(std::abs(ribbon.a1.y - ribbon.a0.y) * std::min(px, wide_px), 2) << "it can be seen";
        const float pitch = (column.down.y - 1) / static_cast<float>(input.run->edited->length() - 1);
        rows.insert(static_cast<int>(std::floor((top - column.origin.y) / pitch)));
      }
      for (int p = 0; p < input.run->edited->length(); ++p)
        EXPECT_EQ(rows.contains(p), feature < 0 || marks.active.at(p, feature) > 0) << "position " << p << ", feature " << feature;
    }
  }
}

TEST(FeatureMarks, are_not_there_for_a_dictionary_that_reads_elsewhere_or_is_none) {
  EXPECT_FALSE(scene::with_readings(plain_fable()).value().edited_reading->features);
  scene::SceneInput input = plain_fable();
  input.through.dictionary = "no-such-dictionary";
  EXPECT_FALSE(scene::with_readings(input));
}

}  // namespace
}  // namespace gf
