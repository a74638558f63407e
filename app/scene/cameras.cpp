// Cameras by name, and flights to a panel.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "app/scene/page/machine_state.h"

namespace gf::scene {
namespace {

constexpr float kHomeYaw = 0.17F, kHomePitch = 0.27F;
constexpr float kStreamYaw = 0.08F, kStreamPitch = 0.04F;  // words are to be read

render::Camera angled(float yaw, float pitch) {
  render::Camera c;
  c.yaw = yaw;
  c.pitch = pitch;
  return c;
}

std::optional<int> number(std::string_view text, int below) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0 || value >= below) return std::nullopt;
  return value;
}

/// What belongs to a block's attention, or to its MLP, with the stream beside it.
MachineScene::Box part_of_block(const MachineScene& scene, int block, bool attention) {
  glm::vec3 low(1e9F), high(-1e9F);
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const TensorRef& tensor = scene.panels[i].tensor;
    if (tensor.is_weight() || tensor.hook.layer != block) continue;
    const HookKind kind = tensor.hook.kind;
    if (attention ? kind > HookKind::ResidMid : kind < HookKind::ResidMid) continue;
    const render::Panel& p = scene.scene->panels[i];
    low = glm::min(low, p.origin);
    high = glm::max(high, p.origin + p.across + p.down);
  }
  return {low - glm::vec3(0.2F, 0.25F, 0), high + glm::vec3(0, 0.1F, 0.3F)};
}

/// Looks aside where the machine ends in view: what a window is wider than the part goes to the machine, not beside it.
render::Camera beside_nothing_empty(render::Camera camera, const render::Scene& scene, float aspect) {
  constexpr float kBorder = 0.03F;  // of the view's height, which is 1 here
  float low = 1e9F, high = -1e9F;
  for (unsigned corner = 0; corner < 8; ++corner) {
    const glm::bvec3 far{(corner & 1U) != 0, (corner & 2U) != 0, (corner & 4U) != 0};
    const glm::vec3 at = render::project(camera, glm::mix(scene.low, scene.high, far), {aspect, 1});
    if (at.z <= 0) return camera;  // behind the eye: the machine goes on there
    low = std::min(low, at.x);
    high = std::max(high, at.x);
  }
  const float left = low - kBorder, right = aspect - kBorder - high;
  float aside = 0;
  if (left > 0 && right < 0) aside = std::min(left, -right);
  if (right > 0 && left < 0) aside = -std::min(right, -left);
  const glm::mat4 axes = camera.view();
  const glm::vec3 to_the_right{axes[0][0], axes[1][0], axes[2][0]};
  const float a_height = 2 * std::tan(camera.fov_y / 2) * camera.distance;
  camera.target += to_the_right * (aside * a_height);
  return camera;
}

}  // namespace

render::Camera camera_for(const MachineScene& scene, int panel, float aspect) {
  const render::Panel& p = scene.scene->panels[static_cast<std::size_t>(panel)];
  const glm::vec3 far = p.origin + p.across + p.down;
  const bool lies = std::abs(p.down.z) > std::abs(p.down.y);
  return render::fit(angled(0.12F, lies ? 0.85F : 0.2F), glm::min(p.origin, far), glm::max(p.origin, far), aspect, 1.35F);
}

render::Camera Machine::home(const SceneInput& input, const ViewState& view) {
  const MachineScene scene = build(input, view);
  const bool stream = view.view == View::Stream;
  return render::fit(stream ? angled(kStreamYaw, kStreamPitch) : angled(kHomeYaw, kHomePitch), scene.scene->low, scene.scene->high,
                     view.aspect, 1.02F, view.foot);
}

Result<render::Camera> Machine::camera(const std::string& name, const SceneInput& input, const ViewState& view) {
  const MachineScene scene = build(input, view);
  const ModelConfig& config = input.model->weights->config;
  const auto box = [&](render::Camera from, const MachineScene::Box& b, float margin) {
    if (view.view == View::Stream) from = angled(kStreamYaw, kStreamPitch);
    return render::fit(from, b.low, b.high, view.aspect, margin, view.foot);
  };
  const auto end_of_machine = [&](const render::Camera& from, const MachineScene::Box& b) {
    return beside_nothing_empty(box(from, b, 1.1F), *scene.scene, view.aspect);
  };
  if (name == "home") return home(input, view);
  if (name == "whole" && view.view == View::Stream) return home(input, view);
  if (name == "whole") return render::fit(angled(0.12F, 0.2F), scene.scene->low, scene.scene->high, view.aspect, 1.05F, view.foot);
  if (name == "front") return render::fit(angled(0, 0), scene.scene->low, scene.scene->high, view.aspect, 1.05F, view.foot);
  if (name == "embedding") return end_of_machine(angled(0.18F, 0.36F), scene.blocks.front());
  if (name == "logits") return end_of_machine(angled(0.18F, 0.24F), scene.blocks.back());
  if (name.starts_with("block ")) {
    if (const auto block = number(std::string_view(name).substr(6), config.n_layer))
      return box(angled(0.2F, 0.3F), scene.blocks[static_cast<std::size_t>(*block) + 1], 1.02F);
  }
  for (const bool attention : {true, false}) {
    const std::string_view part = attention ? "attention " : "MLP ";
    if (!name.starts_with(part)) continue;
    if (const auto block = number(std::string_view(name).substr(part.size()), config.n_layer); block && view.view == View::Stream)
      return box({}, scene.blocks[static_cast<std::size_t>(*block) + 1], 1.02F);
    else if (block) return box(angled(0.24F, 0.34F), part_of_block(scene, *block, attention), 1.04F);
  }
  if (name.starts_with("head ")) {
    const std::string_view rest = std::string_view(name).substr(5);
    const std::size_t dot = rest.find('.');
    if (dot != std::string_view::npos) {
      const auto block = number(rest.substr(0, dot), config.n_layer), head = number(rest.substr(dot + 1), config.n_head);
      if (block && head) {
        const HookId pattern{HookKind::Pattern, *block};
        const auto plate = std::ranges::find_if(
            scene.panels, [&](const PanelInfo& p) { return !p.tensor.is_weight() && p.tensor.hook == pattern && p.head == *head; });
        if (plate != scene.panels.end()) return camera_for(scene, static_cast<int>(plate - scene.panels.begin()), view.aspect);
      }
    }
  }
  return fail(ErrorCode::InvalidArgument,
              "There is no camera \"" + name +
                  "\"; use home, whole, front, embedding, logits, \"block B\", \"attention B\" or \"MLP B\" with B from 0 to " +
                  std::to_string(config.n_layer - 1) + ", or \"head B.H\" with H from 0 to " + std::to_string(config.n_head - 1) + ".");
}

}  // namespace gf::scene
