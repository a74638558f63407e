// The viewer in a real window, under Xvfb in CI.
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <gtest/gtest.h>
#include <imgui.h>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>

#include "renderer/momentary.h"
#include "renderer/viewer/mailbox.h"
// Xlib's macros come last.
#include "tests/renderer/viewer/x_window.h"

namespace gf::render {
namespace {

using namespace std::chrono_literals;

// 300 x 200 cells of a wave; each tile takes a while, so that frames go out with tiles missing.
class SlowWave : public TileSource {
 public:
  [[nodiscard]] int rows() const override { return 200; }
  [[nodiscard]] int cols() const override { return 300; }
  void fill(const TileKey& key, std::span<Texel> out) const override {
    std::this_thread::sleep_for(15ms);
    for (int j = 0; j < kTileSize; ++j) {
      for (int i = 0; i < kTileSize; ++i) {
        const int col = (kTileSize * key.x + i) << key.lx;
        const int row = (kTileSize * key.y + j) << key.ly;
        const float v = value(row, col);
        out[static_cast<std::size_t>(j * kTileSize + i)] = {v, v};
      }
    }
  }
  [[nodiscard]] float value(int row, int col) const override {
    if (row >= rows() || col >= cols()) return std::numeric_limits<float>::quiet_NaN();
    return std::sin(static_cast<float>(row) * 0.1F) * std::cos(static_cast<float>(col) * 0.1F);
  }
};

/// The next frame has another one.
class WaveOfAMoment final : public SlowWave, public Momentary {};

std::shared_ptr<Scene> some_scene() {
  auto scene = std::make_shared<Scene>();
  scene->ground = {0.2F, 0.4F, 0.6F, 1};
  Label label;
  label.text = "resid_mid";
  label.anchor = {-2, -2, 0};
  scene->labels.push_back(label);
  return scene;
}

class ViewerTest : public testing::Test {
 protected:
  void SetUp() override {
    // Kept until the end: an X server starts over when its last client leaves, and is away meanwhile.
    static ::Display* const display = XOpenDisplay(nullptr);
    display_ = display;
    if (display_ == nullptr) GTEST_SKIP() << "no X display: run under xvfb-run";
    auto made = Device::create({.validation = true,
                                .surface_extensions = {"VK_KHR_surface", "VK_KHR_xlib_surface"},
                                .on_message = [](const std::string& text) { std::fprintf(stderr, "validation: %s\n", text.c_str()); }});
    ASSERT_TRUE(made) << made.error().message;
    device_ = *made;
    Viewer::Callbacks callbacks;
    callbacks.presented = [this](const FrameStats& stats) {
      const std::lock_guard lock(mutex_);
      newest_ = stats;
      if (stats.tiles_missing > 0) ++incomplete_;
      changed_.notify_all();
    };
    callbacks.failed = [this](const Error& error) {
      std::fprintf(stderr, "failed: %s (%s)\n", error.message.c_str(), error.where.c_str());
      ++failures_;
    };
    auto viewer = Viewer::create(device_, callbacks);
    ASSERT_TRUE(viewer) << viewer.error().message;
    viewer_ = std::move(*viewer);
  }
  void TearDown() override {
    if (display_ == nullptr) return;
    viewer_.reset();
    EXPECT_EQ(failures_, 0);
    if (device_) {
      EXPECT_EQ(device_->messages(), 0);
    }
    device_.reset();
  }
  void show(std::shared_ptr<const Scene> scene, std::vector<InputEvent> input = {}, Overlay overlay = {}) {
    // The overlay runs while its frame is drawn, so drawn_ is the number of the newest frame on the screen.
    viewer_->show({std::move(scene), Camera{},
                   [this, serial = ++shown_, overlay = std::move(overlay)] {
                     drawn_ = serial;
                     if (overlay) overlay();
                   },
                   std::move(input)});
  }
  template <class Condition>
  [[nodiscard]] static bool eventually(Condition condition, std::chrono::milliseconds limit = 20s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < end) {
      if (condition()) return true;
      std::this_thread::sleep_for(3ms);
    }
    return condition();
  }
  /// Waits until the newest frame is on the screen and nothing is left to draw. False after a minute.
  [[nodiscard]] bool comes_to_rest() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 60s, [this] { return drawn_ == shown_ && newest_ && newest_->complete; });
  }
  ::Display* display_ = nullptr;
  std::shared_ptr<Device> device_;
  std::unique_ptr<Viewer> viewer_;
  std::atomic<int> failures_{0}, shown_{0}, drawn_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<FrameStats> newest_;  ///< of the newest frame on the screen
  int incomplete_ = 0;                ///< frames with tiles missing
};

TEST_F(ViewerTest, presents_then_sleeps) {
  XWindow window(display_, *device_, 400, 300);
  ASSERT_NE(window.surface(), VK_NULL_HANDLE);
  viewer_->attach(window.surface(), 400, 300, 1);
  show(some_scene());
  ASSERT_TRUE(eventually([&] { return viewer_->frames_presented() >= 1; }));
  EXPECT_TRUE(eventually([&] { return window.pixel(200, 150) == 0x336699; }));
  ASSERT_TRUE(comes_to_rest());
  const long long drawn = viewer_->frames_presented();
  timespec before{};
  timespec after{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  std::this_thread::sleep_for(1s);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  EXPECT_EQ(viewer_->frames_presented(), drawn);
  const double ms = static_cast<double>(after.tv_sec - before.tv_sec) * 1e3 + static_cast<double>(after.tv_nsec - before.tv_nsec) / 1e6;
  EXPECT_LT(ms, 5) << "CPU in an idle second";
  EXPECT_TRUE(viewer_->detach());
}

TEST_F(ViewerTest, follows_twenty_resizes) {
  XWindow window(display_, *device_, 400, 300);
  viewer_->attach(window.surface(), 400, 300, 1);
  show(some_scene());
  for (int i = 1; i <= 20; ++i) {
    window.resize(300 + 37 * (i % 7), 200 + 29 * (i % 5));
    if (i % 3 != 0) viewer_->resize(300 + 37 * (i % 7), 200 + 29 * (i % 5), 1);
    show(some_scene());
    std::this_thread::sleep_for(std::chrono::milliseconds(i % 4 * 8));
  }
  window.resize(640, 360);
  viewer_->resize(640, 360, 1);
  EXPECT_TRUE(eventually([&] { return window.pixel(639, 359) == 0x336699; })) << "the new corner is not drawn";
  EXPECT_TRUE(viewer_->detach());
}

TEST_F(ViewerTest, detaches_and_attaches_to_another_window) {
  show(some_scene());
  for (int i = 0; i < 5; ++i) {
    XWindow window(display_, *device_, 200 + 40 * i, 150);
    const long long before = viewer_->frames_presented();
    viewer_->attach(window.surface(), 200 + 40 * i, 150, 1);
    if (i != 3) {
      EXPECT_TRUE(eventually([&] { return viewer_->frames_presented() > before; })) << i;
    }
    ASSERT_TRUE(viewer_->detach()) << i;
    const long long after = viewer_->frames_presented();
    show(some_scene());
    std::this_thread::sleep_for(40ms);
    EXPECT_EQ(viewer_->frames_presented(), after) << "drawn without a surface";
  }
}

TEST_F(ViewerTest, draws_on_until_the_tiles_are_there) {
  XWindow window(display_, *device_, 640, 360);
  viewer_->attach(window.surface(), 640, 360, 1);
  auto scene = some_scene();
  Panel panel;
  panel.origin = {-5, -3, 0};
  panel.across = {10, 0, 0};
  panel.down = {0, 6, 0};
  panel.source = std::make_shared<SlowWave>();
  scene->panels.push_back(panel);
  show(scene);
  ASSERT_TRUE(comes_to_rest()) << "it stops drawing with tiles missing";
  {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(newest_->tiles_missing, 0);
    EXPECT_GT(incomplete_, 0) << "tiles take a while: the first frame lacks some";
  }
  EXPECT_TRUE(viewer_->detach());
}

TEST_F(ViewerTest, what_is_of_a_moment_is_there_in_the_frame_that_shows_it) {
  XWindow window(display_, *device_, 640, 360);
  viewer_->attach(window.surface(), 640, 360, 1);
  constexpr int kMoments = 8;
  for (int moment = 1; moment <= kMoments; ++moment) {
    auto scene = some_scene();
    Panel panel;
    panel.origin = {-5, -3, 0};
    panel.across = {10, 0, 0};
    panel.down = {0, 6, 0};
    panel.source = std::make_shared<WaveOfAMoment>();
    scene->panels.push_back(panel);
    show(scene);
    ASSERT_TRUE(eventually([&] { return drawn_ == moment; }));
  }
  ASSERT_TRUE(comes_to_rest());
  {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(incomplete_, 0);
  }
  EXPECT_TRUE(viewer_->detach());
}

TEST_F(ViewerTest, busy_is_at_most_ten_frames_a_second) {
  if (!device_->is_software()) GTEST_SKIP() << "the limit is for software rasterisers";
  XWindow window(display_, *device_, 200, 150);
  viewer_->attach(window.surface(), 200, 150, 1);
  show(some_scene());
  ASSERT_TRUE(eventually([&] { return viewer_->frames_presented() >= 1; }));
  viewer_->set_busy(true);
  // The frame that is being drawn now does not count, because it may have begun before set_busy().
  auto next_frame = [&, before = viewer_->frames_presented()]() mutable {
    const bool drawn = eventually([&] {
      show(some_scene());
      return viewer_->frames_presented() > before;
    });
    before = viewer_->frames_presented();
    return drawn;
  };
  ASSERT_TRUE(next_frame());
  const auto start = std::chrono::steady_clock::now();
  constexpr int kFrames = 5;
  const long long first = viewer_->frames_presented();
  while (viewer_->frames_presented() < first + kFrames) ASSERT_TRUE(next_frame());
  EXPECT_GE(std::chrono::steady_clock::now() - start, (kFrames - 1) * 88ms);
  viewer_->set_busy(false);
  EXPECT_TRUE(viewer_->detach());
}

TEST_F(ViewerTest, a_click_reaches_the_overlay) {
  XWindow window(display_, *device_, 400, 300);
  viewer_->attach(window.surface(), 400, 300, 1);
  std::atomic<int> clicks{0};
  const Overlay overlay = [&] {
    ImGui::SetNextWindowPos({50, 50});
    ImGui::Begin("card", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_AlwaysAutoResize);
    if (ImGui::Button("Pin", {100, 40})) ++clicks;
    ImGui::End();
  };
  show(some_scene(), {}, overlay);
  ASSERT_TRUE(eventually([&] { return viewer_->frames_presented() >= 1; }));
  EXPECT_FALSE(viewer_->wants_mouse());
  using Event = InputEvent::Kind;
  show(some_scene(), {{.kind = Event::Move, .x = 100, .y = 75}}, overlay);
  EXPECT_TRUE(eventually([&] { return viewer_->wants_mouse(); }));
  show(some_scene(), {{.kind = Event::Button, .x = 100, .y = 75, .down = true}}, overlay);
  show(some_scene(), {{.kind = Event::Button, .x = 100, .y = 75, .down = false}}, overlay);
  EXPECT_TRUE(eventually([&] { return clicks == 1; }));
  ASSERT_TRUE(comes_to_rest());
  EXPECT_EQ(clicks, 1);
  EXPECT_TRUE(viewer_->detach());
}

}  // namespace
}  // namespace gf::render
