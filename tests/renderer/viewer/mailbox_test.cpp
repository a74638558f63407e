// The mailbox between the window's thread and the drawing thread, and what ImGui makes of a pointer: no device.
#include "renderer/viewer/mailbox.h"

#include <gtest/gtest.h>
#include <imgui.h>
#include <thread>

#include "renderer/imgui/gui_context.h"

namespace gf::render {
namespace {

using namespace std::chrono_literals;
using Kind = Mailbox::Work::Kind;
using Event = InputEvent::Kind;

VkSurfaceKHR_T* some_surface() {
  static int place = 0;
  return reinterpret_cast<VkSurfaceKHR_T*>(&place);
}
const Mailbox::Surface kWindow{some_surface(), 640, 360, 1};

Frame frame_with(std::vector<InputEvent> input, float distance = 10) {
  Frame frame;
  frame.scene = std::make_shared<Scene>();
  frame.camera.distance = distance;
  frame.input = std::move(input);
  return frame;
}

Mailbox::Work next(Mailbox& box, const Mailbox::Surface& held, bool redraw = false, bool tiles = false) {
  return box.next({}, held, true, redraw, tiles, {}, 0ms);
}

TEST(Mailbox, the_newest_frame_wins_and_input_is_kept) {
  Mailbox box;
  box.set_surface(kWindow);
  EXPECT_EQ(next(box, {}).kind, Kind::Surface);
  box.show(frame_with({{.kind = Event::Button, .x = 1, .down = true}}, 1));
  box.show(frame_with({{.kind = Event::Button, .x = 2, .down = false}}, 2));
  const auto work = next(box, kWindow);
  ASSERT_EQ(work.kind, Kind::Draw);
  ASSERT_TRUE(work.frame.has_value());
  EXPECT_EQ(work.frame->camera.distance, 2);
  ASSERT_EQ(work.input.size(), 2U);
  EXPECT_TRUE(work.input[0].down);
  EXPECT_FALSE(work.input[1].down);
}

TEST(Mailbox, sleeps_with_nothing_to_do) {
  Mailbox box;
  box.set_surface(kWindow);
  box.show(frame_with({}));
  EXPECT_EQ(next(box, kWindow).kind, Kind::Draw);
  std::stop_source stop;
  const auto start = Mailbox::Clock::now();
  std::jthread later([&] {
    std::this_thread::sleep_for(60ms);
    stop.request_stop();
  });
  EXPECT_EQ(box.next(stop.get_token(), kWindow, true, false, false, {}, 0ms).kind, Kind::Stop);
  EXPECT_GE(Mailbox::Clock::now() - start, 50ms);
}

TEST(Mailbox, another_size_or_a_redraw_is_work) {
  Mailbox box;
  box.set_surface(kWindow);
  box.show(frame_with({}));
  EXPECT_EQ(next(box, kWindow).kind, Kind::Draw);
  box.resize(800, 600, 1);
  const auto work = next(box, kWindow);
  EXPECT_EQ(work.kind, Kind::Draw);
  EXPECT_FALSE(work.frame.has_value());
  EXPECT_EQ(work.surface.width, 800);
  EXPECT_EQ(next(box, work.surface, true).kind, Kind::Draw);
  EXPECT_EQ(next(box, work.surface, false, true).kind, Kind::Tiles);
}

TEST(Mailbox, busy_is_slower_until_it_ends) {
  Mailbox box;
  box.set_surface(kWindow);
  box.set_busy(true);
  box.show(frame_with({}));
  const auto start = Mailbox::Clock::now();
  std::jthread later([&] {
    std::this_thread::sleep_for(50ms);
    box.set_busy(false);
  });
  EXPECT_EQ(box.next({}, kWindow, true, false, false, start, 5s).kind, Kind::Draw);
  EXPECT_GE(Mailbox::Clock::now() - start, 45ms);
  EXPECT_LT(Mailbox::Clock::now() - start, 4s);
}

TEST(Mailbox, the_surface_comes_back_only_when_released) {
  Mailbox box;
  EXPECT_TRUE(box.take_surface_back(0ms));  // nobody has one
  box.set_surface(kWindow);
  EXPECT_EQ(next(box, {}).kind, Kind::Surface);  // from now on in use
  EXPECT_FALSE(box.take_surface_back(20ms));
  const auto work = next(box, kWindow);
  EXPECT_EQ(work.kind, Kind::Surface);
  EXPECT_EQ(work.surface.handle, nullptr);
  box.released();
  EXPECT_TRUE(box.take_surface_back(0ms));
}

TEST(Gui, moves_that_follow_each_other_become_one) {
  std::deque<InputEvent> events;
  append_input(events, {{.kind = Event::Move, .x = 1}, {.kind = Event::Move, .x = 2}});
  append_input(events, {{.kind = Event::Move, .x = 3}, {.kind = Event::Button, .down = true}, {.kind = Event::Move, .x = 4}});
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].x, 3);
  EXPECT_EQ(events[2].x, 4);
}

TEST(Gui, has_two_faces_and_the_symbols_of_cards) {
  GuiContext context;
  const auto start = Mailbox::Clock::now();
  EXPECT_TRUE(context.set_scale(1));
  std::printf("overlay typefaces: %.1f ms\n", std::chrono::duration<double, std::milli>(Mailbox::Clock::now() - start).count());
  EXPECT_FALSE(context.set_scale(1));
  GuiPicture picture;
  int faces = 0;
  int missing = 0;
  context.run(
      [&] {
        const ImVector<ImFont*>& fonts = ImGui::GetIO().Fonts->Fonts;
        faces = fonts.Size;
        missing = 0;
        for (const int code : {0x41, 0xE9, 0x3BB, 0x416, 0xB7, 0x2212, 0xD7, 0x2026, 0x21B5, 0x2423, 0x2202}) {
          if (fonts[0]->FindGlyphNoFallback(static_cast<ImWchar>(code)) == nullptr) ++missing;
        }
      },
      Theme::Light, {640, 360}, nullptr, picture);
  EXPECT_EQ(faces, 2);
  EXPECT_EQ(missing, 0);
}

// Press and release arrive together; the click must not be lost, and counts once although overlays run repeatedly.
TEST(Gui, a_fast_click_is_one_click) {
  GuiContext context;
  context.set_scale(1);
  GuiInput input;
  GuiPicture picture;
  int clicks = 0;
  const Overlay overlay = [&] {
    ImGui::SetNextWindowPos({100, 100});
    ImGui::Begin("card", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_AlwaysAutoResize);
    if (ImGui::Button("Ablate", {80, 30})) ++clicks;
    ImGui::End();
  };
  context.run(overlay, Theme::Dark, {640, 360}, &input, picture);
  EXPECT_FALSE(input.wants_mouse);
  EXPECT_FALSE(picture.draws.empty());
  append_input(input.events, {{.kind = Event::Move, .x = 130, .y = 125}});
  context.run(overlay, Theme::Dark, {640, 360}, &input, picture);
  EXPECT_TRUE(input.wants_mouse);
  append_input(input.events,
               {{.kind = Event::Button, .x = 130, .y = 125, .down = true}, {.kind = Event::Button, .x = 130, .y = 125, .down = false}});
  int frames = 0;
  while (!input.events.empty() && frames < 10) {
    context.run(overlay, Theme::Dark, {640, 360}, &input, picture);
    ++frames;
  }
  EXPECT_EQ(frames, 2);
  EXPECT_EQ(clicks, 1);
  append_input(input.events, {{.kind = Event::Leave}});
  context.run(overlay, Theme::Dark, {640, 360}, &input, picture);
  EXPECT_FALSE(input.wants_mouse);
}

}  // namespace
}  // namespace gf::render
