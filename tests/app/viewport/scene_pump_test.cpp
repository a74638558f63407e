// The window draws the same frames as pictures: compares the pump's with those of exporting::compose(), without a device.
#include "app/ui/viewport/scene_pump.h"

#include <algorithm>
#include <condition_variable>
#include <gtest/gtest.h>

#include "app/export/picture.h"
#include "app/scene/views.h"
#include "model/base/numbers.h"
#include "tests/app/truth/views.h"

namespace gf::ui {
namespace {

/// A viewer that keeps the newest frame in place of drawing it.
class FrameKeeper final : public render::Viewer {
 public:
  void attach(VkSurfaceKHR_T*, int, int, float) override {}
  void resize(int, int, float) override {}
  bool detach(int) override { return true; }
  void show(render::Frame frame) override {
    const std::lock_guard lock(mutex_);
    newest_ = std::move(frame);
    ++shown_;
  }
  void set_busy(bool) override {}
  [[nodiscard]] bool wants_mouse() const override { return false; }
  [[nodiscard]] long long frames_presented() const override { return shown_; }
  [[nodiscard]] render::Frame newest() {
    const std::lock_guard lock(mutex_);
    return newest_;
  }

 private:
  std::mutex mutex_;
  render::Frame newest_;
  std::atomic<long long> shown_{0};
};

class ScenePumpTest : public testing::Test {
 protected:
  ScenePumpTest() { pump_.set_viewer(&keeper_); }
  ~ScenePumpTest() override { pump_.set_viewer(nullptr); }

  /// The report of the first frame that shows all values.
  ViewReport settled(ViewRequest request) {
    {
      const std::lock_guard lock(mutex_);
      report_.reset();
    }
    pump_.request(std::move(request));
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::minutes(2), [&] { return report_ && report_->settled; }));
    return *report_;
  }
  static ViewRequest request_of(const scene::SceneInput& input, const doc::Document& document, const exporting::PictureOptions& options) {
    ViewRequest request;
    request.input = input;
    request.view = document;
    request.pane = exporting::pane_of(options, 1, scene::is_halved(document, input.run != nullptr));
    return request;
  }
  std::optional<Picked> picked_at(glm::vec2 pixel) {
    std::optional<Picked> found;
    bool answered = false;
    pump_.pick(pixel, [&](std::optional<Picked> picked) {
      const std::lock_guard lock(mutex_);
      found = std::move(picked);
      answered = true;
      changed_.notify_all();
    });
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::minutes(2), [&] { return answered; }));
    return found;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<ViewReport> report_;
  FrameKeeper keeper_;
  ScenePump pump_{[](const std::function<void()>& work) { work(); },  // the test has no event loop, so work runs at once
                  [this](const ViewReport& report) {
                    const std::lock_guard lock(mutex_);
                    report_ = report;
                    changed_.notify_all();
                  }};
};

std::vector<std::string> words_of(const render::Scene& scene) {
  std::vector<std::string> words;
  for (const render::Label& l : scene.labels) words.push_back(l.text);
  return words;
}

TEST_F(ScenePumpTest, the_window_shows_the_labels_and_the_legend_of_a_picture) {
  const exporting::PictureOptions options{1100, 640, 1, true, {}};
  for (const char* camera : {"home", "block 1", "head 1.2"})
    for (const scene::ViewInfo& view : scene::views()) {
      SCOPED_TRACE(std::string(view.name) + ", " + camera);
      scene::SceneBuilder machine;
      doc::Document document;
      document.view = view.value;
      document.selection = scene::CellRef{{{HookKind::Pattern, 1}, {}}, {2, 7, 3}};
      const auto input = scene::read_for(view.value, truth::random_small(true));
      ASSERT_TRUE(input);
      if (camera != std::string("home")) document.camera = *machine.camera(camera, *input, document, exporting::pane_of(options));
      const auto picture = exporting::compose(machine, *input, document, options);
      ASSERT_TRUE(picture);
      const ViewReport report = settled(request_of(*input, document, options));
      const render::Frame shown = keeper_.newest();
      EXPECT_EQ(words_of(*shown.scene), words_of(*picture->scene.scene));
      EXPECT_EQ(report.legend, picture->legend);
      EXPECT_EQ(shown.camera, picture->camera);
      EXPECT_EQ(shown.scene->lines.size(), picture->scene.scene->lines.size()) << "arcs of the selection";
      EXPECT_FALSE(report.legend.empty());
    }
}

doc::Document before_a_head(const scene::SceneInput& input, const exporting::PictureOptions& options) {
  scene::SceneBuilder machine;
  doc::Document document;
  document.camera = *machine.camera("head 1.0", input, document, exporting::pane_of(options));
  return document;
}

/// Of two scenes side by side each is pointed at in its half: the same cell at the same place, each with its own run's number.
TEST_F(ScenePumpTest, side_by_side_a_cell_is_picked_at_the_same_place_of_both_halves) {
  const exporting::PictureOptions options{1200, 640, 1, true, {}};
  const scene::SceneInput input = truth::random_small(true);
  scene::SceneBuilder machine;
  doc::Document document;
  document.compare = scene::Compare::Side;
  const scene::Pane half = exporting::pane_of(options, 1, true);
  document.camera = *machine.camera("block 1", input, document, half);
  ViewRequest request = request_of(input, document, options);
  ASSERT_EQ(request.pane.size.x, 600);
  const ViewReport report = settled(request);
  const render::Frame shown = keeper_.newest();
  ASSERT_TRUE(shown.scene->left_camera);
  EXPECT_EQ(*shown.scene->left_camera, shown.camera);

  int cells = 0;
  std::optional<glm::vec2> there;
  for (float y = 60; y < 560; y += 50)
    for (float x = 30; x < 600; x += 45) {
      const auto left = picked_at({x, y}), right = picked_at({600 + x, y});
      ASSERT_EQ(left.has_value(), right.has_value()) << x << ", " << y;
      if (!left) continue;
      EXPECT_EQ(left->cell, right->cell) << x << ", " << y;
      EXPECT_EQ(left->point, right->point);
      ++cells;
      if (!there && left->cell.tensor == scene::TensorRef{{HookKind::MlpPost, 1}, {}}) there = glm::vec2(x, y);
    }
  EXPECT_GT(cells, 20);
  ASSERT_TRUE(there);
  request.pointer = *there;
  const ViewReport left = settled(request);
  request.pointer = *there + glm::vec2(600, 0);
  const ViewReport right = settled(request);
  ASSERT_TRUE(left.hover && right.hover);
  EXPECT_EQ(*left.hover, *right.hover);
  ASSERT_EQ(left.cards.size(), 1U);
  ASSERT_EQ(right.cards.size(), 1U);
  EXPECT_LT(left.cards[0].box.high.x, 600) << "a card stands in the half that it speaks of";
  EXPECT_GT(right.cards[0].box.low.x, 600);
  EXPECT_NE(left.card, right.card) << "the base run's number there, the edited run's here";
}

TEST_F(ScenePumpTest, side_by_side_the_words_of_a_half_keep_off_its_path) {
  const exporting::PictureOptions options{1200, 640, 1, true, {}};
  scene::SceneInput input = truth::random_small(true);
  input.side_names = {"one", std::string(200, 'x')};
  scene::SceneBuilder machine;
  doc::Document document;
  document.compare = scene::Compare::Side;
  scene::Pane half = exporting::pane_of(options, 1, true);
  half.guides = true;
  document.camera = *machine.camera("block 1", input, document, half);
  scene::Composer composer(machine);
  for (composer.build(input, document, half); !composer.settled(); composer.build(input, document, half)) {
  }
  const scene::Frame& frame = composer.frame();
  ASSERT_FALSE(frame.guides.path.empty());
  ASSERT_TRUE(frame.legend_room.halves);
  const scene::SideHeading& words = (*frame.legend_room.halves)[1];
  EXPECT_TRUE(words.words.ends_with("…"));
  EXPECT_LE(words.box.high.x, half.size.x);
  EXPECT_FALSE(words.box.meets(frame.guides.bar));
}

TEST_F(ScenePumpTest, near_by_there_are_numbers_in_cells_and_tokens_beside_rows) {
  const exporting::PictureOptions options{1100, 640, 1, true, {}};
  const scene::SceneInput input = truth::random_small(false);
  const doc::Document document = before_a_head(input, options);
  ViewRequest far = request_of(input, {}, options);
  (void)settled(far);
  const std::size_t words_afar = keeper_.newest().scene->labels.size();
  (void)settled(request_of(input, document, options));
  const auto words = words_of(*keeper_.newest().scene);
  EXPECT_GT(words.size(), words_afar + 40) << "9 x 10 / 2 cells of the pattern, 9 tokens";
  const float weight = input.run->base->causal_row({HookKind::Pattern, 1}, 0, 8)[4];
  const auto says_weight = [&](const std::string& word) {
    return word == numbers::cell(weight) || "0" + word == numbers::cell(weight).substr(0, 4) ||
           "0" + word == numbers::fixed(static_cast<double>(weight), 2);
  };
  EXPECT_TRUE(std::ranges::any_of(words, says_weight)) << weight;
}

TEST_F(ScenePumpTest, what_is_hovered_leads_the_legend_and_goes_when_the_pointer_goes) {
  const exporting::PictureOptions options{1100, 640, 1, true, {}};
  const scene::SceneInput input = truth::random_small(false);
  const doc::Document document = before_a_head(input, options);
  ViewRequest request = request_of(input, document, options);
  request.pointer = request.pane.size / 2.0F;
  const ViewReport hovered = settled(request);
  ASSERT_TRUE(hovered.hover);
  EXPECT_FALSE(hovered.card.empty());
  EXPECT_EQ(hovered.legend.front().title, scene::plain_name(hovered.hover->tensor));
  EXPECT_LE(hovered.legend.size(), 3U);
  request.pointer.reset();
  const ViewReport left = settled(request);
  EXPECT_FALSE(left.hover);
  EXPECT_TRUE(left.card.empty());
}

TEST_F(ScenePumpTest, a_pointer_that_stays_on_its_cell_changes_no_scene) {
  const exporting::PictureOptions options{1100, 640, 1, true, {}};
  const scene::SceneInput input = truth::random_small(false);
  const doc::Document document = before_a_head(input, options);
  ViewRequest request = request_of(input, document, options);
  request.pointer = request.pane.size / 2.0F;
  (void)settled(request);
  const auto scene = keeper_.newest().scene;
  request.pointer->x += 1;
  request.view.speed = 4;
  (void)settled(request);
  EXPECT_EQ(keeper_.newest().scene, scene) << "nothing was composed anew";
}

TEST_F(ScenePumpTest, a_pinned_card_stays_when_the_pointer_leaves_and_lets_nothing_through) {
  const exporting::PictureOptions options{1100, 640, 1, true, {}};
  const scene::SceneInput input = truth::random_small(false);
  const doc::Document document = before_a_head(input, options);
  ViewRequest request = request_of(input, document, options);
  request.pointer = request.pane.size / 2.0F;
  const ViewReport hovered = settled(request);
  ASSERT_TRUE(hovered.hover);
  ASSERT_EQ(hovered.cards.size(), 1U);
  EXPECT_EQ(hovered.cards[0].id, 0);
  EXPECT_EQ(hovered.cards[0].text, hovered.card);
  request.pinned = {{7, *hovered.hover}};
  EXPECT_EQ(settled(request).cards.size(), 1U) << "not shown twice";
  request.pointer.reset();
  const ViewReport left = settled(request);
  ASSERT_EQ(left.cards.size(), 1U);
  EXPECT_EQ(left.cards[0].id, 7);
  EXPECT_EQ(left.cards[0].text, hovered.card);
  request.pinned[0].at = glm::vec2(30, 40);
  const ViewReport moved = settled(request);
  EXPECT_LT(glm::length(moved.cards[0].box.low - glm::vec2(30, 40)), 40) << "there, or pushed off its cell";
  request.pinned[0].at.reset();
  request.pointer = (left.cards[0].box.low + left.cards[0].box.high) / 2.0F;
  EXPECT_FALSE(settled(request).hover) << "the card lies over the scene";
}

}  // namespace
}  // namespace gf::ui
