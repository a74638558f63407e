// Where the camera stands at a step.
#include "app/scene/close_up.h"
#include "app/scene/operations/board.h"
#include "app/story/story.h"

namespace gf::story {

Result<render::Camera> camera_of(const Step& step, scene::SceneBuilder& builder, const scene::SceneInput& input,
                                 const scene::ViewState& view, const scene::Pane& pane) {
  const scene::ViewState shown = view_of(step, 1, view);
  const float foot = kFootOfSentence * std::min(pane.presentation, 2.0F);
  if (!step.look.camera.empty()) return builder.camera(step.look.camera, input, shown, pane, foot);
  const scene::ViewScene scene = builder.build(input, shown, pane);
  const ModelConfig& config = input.model->weights->config;
  std::optional<render::Camera> found;
  if (shown.view == scene::View::Stream) {
    found = scene::close_up_of_tiles(scene, step.look.parts, config, pane, foot);
  } else {
    std::vector<scene::ViewScene::Box> boxes;
    const scene::Timeline timeline(config, input.run->base->length());
    if (step.look.board) boxes.push_back(scene::board_of(scene.boards, timeline.ops()[static_cast<std::size_t>(*step.look.board)], config));
    if (step.look.tokens) boxes.push_back(scene.tokens);
    found = scene::close_up(scene, step.look.parts, boxes, pane, foot);
  }
  if (found) return *found;
  return builder.camera("whole", input, shown, pane, foot);  // the run has not kept what the step speaks of
}

}  // namespace gf::story
