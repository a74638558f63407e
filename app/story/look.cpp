// Where the camera stands at a step.
#include <algorithm>
#include <cmath>

#include "app/scene/close_up.h"
#include "app/scene/operations/board.h"
#include "app/story/story.h"

namespace gf::story {

float foot_of(const std::string& sentence, const scene::Pane& pane) {
  // The card of draw_spoken(), in logical pixels: letters, its frame and margins, and some air above it. A short sentence gets the
  // room of two lines, so that the camera stays where it is from one to the next.
  constexpr float kLetter = 11, kLine = 26, kAround = 48, kWidest = 950, kBeside = 0.9F, kPadding = 32;
  constexpr float kMost = 0.4F;
  const float scale = std::min(pane.presentation, 2.0F);
  const auto letters = std::ranges::count_if(sentence, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  const float room = std::max(1.0F, std::min(kBeside * pane.size.x - kPadding, kWidest * scale));
  const float lines = std::max(2.0F, std::ceil(static_cast<float>(letters) * kLetter * scale / room));
  return std::min(kMost, (lines * kLine * scale + kAround) / std::max(1.0F, pane.size.y));
}

namespace {

Result<render::Camera> camera_of(const Step& step, scene::SceneBuilder& builder, const scene::SceneInput& input,
                                 const scene::ViewState& view, const scene::Pane& pane) {
  const scene::ViewState shown = view_of(step, 1, view);
  const float foot = foot_of(step.sentence, pane);
  if (!step.look.camera.empty()) return builder.camera(step.look.camera, input, shown, pane, foot);
  const scene::ViewScene scene = builder.build(input, shown, pane);
  const ModelConfig& config = input.model->weights->config;
  std::optional<render::Camera> found;
  if (shown.view == scene::View::Stream) {
    found = scene::close_up_of_tiles(scene, step.look.parts, config, pane, foot);
  } else {
    std::vector<scene::ViewScene::Box> boxes;
    const scene::Timeline timeline(config, input.run->base->length());
    const auto& ops = timeline.ops();
    if (step.look.board && static_cast<std::size_t>(*step.look.board) < ops.size())
      boxes.push_back(scene::board_of(scene.boards, ops[static_cast<std::size_t>(*step.look.board)], config));
    if (step.look.tokens && !scene.blocks.empty()) {
      // Their title stands above them.
      scene::ViewScene::Box words = scene.tokens;
      words.low.y = std::min(words.low.y, scene.blocks.front().low.y);
      boxes.push_back(words);
    }
    found = scene::close_up(scene, step.look.parts, boxes, pane, foot);
  }
  if (found) return *found;
  return builder.camera("whole", input, shown, pane, foot);  // the run has not kept what the step speaks of
}

}  // namespace

Result<Place> place_of(const Step& step, scene::SceneBuilder& builder, const scene::SceneInput& input, const scene::ViewState& view,
                       const scene::Pane& pane) {
  Place place;
  GF_TRY_ASSIGN(place.camera, camera_of(step, builder, input, view, pane));
  if (!step.one_head) return place;
  scene::ViewState page = view_of(step, 0, view);
  page.one_head.reset();
  // The part of the block that the head stands in, in the same frame as the steps after it.
  GF_TRY_ASSIGN(place.door,
                builder.camera("attention " + std::to_string(step.one_head->layer), input, page, pane, foot_of(step.sentence, pane)));
  return place;
}

}  // namespace gf::story
