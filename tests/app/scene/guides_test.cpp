// The path and the map: each step and each place leads where it says, and names keep clear of both.
#include "app/scene/guides.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "app/scene/compose.h"
#include "app/scene/views.h"
#include "renderer/labels.h"
#include "tests/app/truth/small_model.h"

namespace gf::scene {
namespace {

class GuidesTest : public testing::Test {
 protected:
  GuidesTest() {
    pane.guides = true;
    pane.foot = legend_share(pane);
    rebuild();
  }
  void rebuild() {
    do built = machine.build(input, view, pane);
    while (!machine.settled());
  }
  [[nodiscard]] render::Camera camera(const std::string& name) {
    const auto found = machine.camera(name, input, view, pane);
    EXPECT_TRUE(found) << name;
    return found ? *found : render::Camera{};
  }
  [[nodiscard]] Guides guides_at(const render::Camera& from, const std::optional<MapBefore>& before = {}) const {
    Guides guides = path_over(built, from, pane, input, view.view);
    add_map(guides, built, from, pane, input, {}, before);
    return guides;
  }
  [[nodiscard]] std::vector<std::string> path_at(const render::Camera& from) const {
    std::vector<std::string> names;
    for (const PathStep& step : path_to(built, from, pane, input, view.view)) names.push_back(step.camera);
    return names;
  }
  [[nodiscard]] std::string words_at(const render::Camera& from) const {
    std::string words;
    for (const PathStep& step : path_to(built, from, pane, input, view.view)) words += (words.empty() ? "" : " › ") + step.text;
    return words;
  }

  std::shared_ptr<const Model> model = testing_models::random_model(testing_models::small_config(), 3);
  std::shared_ptr<const gf::Run> run =
      testing_models::run_of(*model, testing_models::random_ids(9, 57, 5), testing_models::everything(), "");
  SceneInput input = *read_for(View::Stream, {model, run});
  const ModelConfig& config = model->weights->config;
  ViewState view;
  Pane pane;
  SceneBuilder machine;
  ViewScene built;
};

TEST_F(GuidesTest, the_path_says_where_a_camera_looks) {
  EXPECT_EQ(words_at(camera("whole")), "random");
  EXPECT_EQ(words_at(camera("block 1")), "random › block 1");
  EXPECT_EQ(words_at(camera("attention 1")), "random › block 1 › attention");
  EXPECT_EQ(words_at(camera("MLP 2")), "random › block 2 › MLP");
  EXPECT_EQ(words_at(camera("head 1.2")), "random › block 1 › attention › head 2 › attention pattern");
  EXPECT_EQ(words_at(camera("blocks.1.attn.hook_attn_scores 0")), "random › block 1 › attention › head 0 › scores");
  EXPECT_EQ(words_at(camera("blocks.0.mlp.hook_post")), "random › block 0 › MLP › after GELU");
  EXPECT_EQ(words_at(camera("blocks.2.hook_resid_mid")), "random › block 2 › + attention");
  EXPECT_EQ(words_at(camera("h.1.attn.c_proj.weight")), "random › block 1 › attention › W_O");
}

TEST_F(GuidesTest, each_step_of_a_path_leads_to_a_view_with_the_same_path_to_it) {
  for (const HookId hook : all_hooks(config.n_layer)) {
    if (info_of(hook.kind).shape == RowShape::One) continue;  // a narrow strip beside its sheet
    const bool plates = info_of(hook.kind).shape == RowShape::Causal || info_of(hook.kind).shape == RowShape::HeadsDModel;
    const std::string name = camera_name({hook, {}}, plates ? 1 : -1);
    SCOPED_TRACE(name);
    const auto path = path_at(camera(name));
    EXPECT_EQ(path.back(), name);
    for (std::size_t i = 0; i < path.size(); ++i) {
      auto there = path_at(camera(path[i]));
      ASSERT_GT(there.size(), i) << path[i];
      there.resize(i + 1);
      EXPECT_EQ(there, std::vector(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i) + 1));
    }
  }
}

TEST_F(GuidesTest, a_click_on_the_map_gives_the_camera_of_what_lies_there) {
  for (const glm::vec2 size : {glm::vec2(1280, 720), {960, 720}, {1920, 900}}) {
    SCOPED_TRACE(size.x);
    pane.size = size;
    pane.foot = legend_share(pane);
    rebuild();
    const Guides guides = guides_at(camera("block 1"));
    ASSERT_EQ(guides.places.size(), static_cast<std::size_t>(config.n_layer) + 2);
    EXPECT_GE(guides.map.low.x, 0);
    EXPECT_LE(guides.map.high.y, size.y);
    for (int block = 0; block < config.n_layer; ++block) {
      const MapPlace& place = guides.places[static_cast<std::size_t>(block) + 1];
      const std::string name = guides.link_at((place.box.low + place.box.high) / 2.0F);
      EXPECT_EQ(name, "block " + std::to_string(block));
      EXPECT_EQ(place.here, block == 1);
      const Guides there = guides_at(camera(name));
      ASSERT_FALSE(there.places.empty());
      EXPECT_TRUE(there.places[static_cast<std::size_t>(block) + 1].here);
    }
    // A drag on the map moves the view's corners by as much.
    const render::Camera dragged = moved_on_map(guides, camera("block 1"), {13, -7});
    const Guides after = guides_at(dragged, MapBefore{guides.corner, true});
    EXPECT_EQ(after.map, guides.map) << "it stays below the pointer";
    for (std::size_t i = 0; i < guides.seen.size(); ++i) EXPECT_LT(glm::length(after.seen[i] - guides.seen[i] - glm::vec2(13, -7)), 0.05F);
    // The view's corners on the map lie round the block that it shows.
    glm::vec2 low(1e9F), high(-1e9F);
    for (const glm::vec2 at : guides.seen) low = glm::min(low, at), high = glm::max(high, at);
    const ScreenBox& block = guides.places[2].box;
    EXPECT_TRUE(low.x < block.low.x + 1 && low.y < block.low.y + 1 && high.x > block.high.x - 1 && high.y > block.high.y - 1);
  }
}

TEST_F(GuidesTest, the_stream_has_a_map_of_its_columns) {
  view.view = View::Stream;
  rebuild();
  render::Camera near = camera("block 1");
  near.distance *= 0.5F;
  const Guides guides = guides_at(near);
  EXPECT_EQ(words_at(near), "random › block 1");
  ASSERT_EQ(guides.places.size(), static_cast<std::size_t>(config.n_layer) + 2);
  for (int block = 0; block < config.n_layer; ++block) {
    const ScreenBox& box = guides.places[static_cast<std::size_t>(block) + 1].box;
    EXPECT_EQ(guides.link_at((box.low + box.high) / 2.0F), "block " + std::to_string(block));
  }
}

TEST_F(GuidesTest, the_whole_page_needs_none_and_a_small_pane_has_no_room_for_them) {
  EXPECT_TRUE(guides_at(camera("home")).boxes().empty());
  EXPECT_EQ(guides_at(camera("block 1")).boxes().size(), 2U);
  pane.size = {420, 240};
  rebuild();
  const Guides low = guides_at(camera("block 1"));
  EXPECT_TRUE(low.places.empty());
  EXPECT_EQ(low.boxes().size(), 1U);
  EXPECT_LT(low.bar.high.x, 420);
}

TEST_F(GuidesTest, no_word_lies_below_the_path_or_the_map) {
  for (const View shown : {View::Machine, View::Stream})
    for (const float zoom : {0.5F, 0.25F, 0.1F}) {
      SCOPED_TRACE(std::string(spelled(shown)) + ", zoom " + std::to_string(zoom));
      view.view = shown;
      view.camera = camera(shown == View::Machine ? "blocks.1.attn.hook_q" : "block 1");
      view.camera->distance *= zoom;
      Composer composer(machine);
      const ViewScene& plain = composer.build(input, view, pane);
      const Frame& frame = composer.frame();
      ASSERT_FALSE(frame.guides.boxes().empty());
      int moved = 0;
      for (const render::PlacedLabel& at : render::place_labels(*frame.scene.scene, frame.camera, pane.size)) {
        const auto index = static_cast<std::size_t>(at.index);
        const render::Label& label = frame.scene.scene->labels[index];
        const bool added = index >= plain.scene->labels.size();
        if (added && label.background.a <= 0) continue;  // numbers of cells lie below them as the cells do
        if (added || label.offset_px != plain.scene->labels[index].offset_px) ++moved;
        const ScreenBox box{at.low, at.high};
        for (const ScreenBox& guide : frame.guides.boxes()) EXPECT_FALSE(box.meets(guide)) << label.text;
      }
      if (zoom < 0.3F) {
        EXPECT_GT(moved, 0);
      }
    }
}

TEST_F(GuidesTest, a_picture_has_none) {
  pane.guides = false;
  view.camera = camera("block 1");
  Composer composer(machine);
  composer.build(input, view, pane);
  EXPECT_TRUE(composer.frame().guides.boxes().empty());
}

}  // namespace
}  // namespace gf::scene
