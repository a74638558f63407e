// A picture of the present view with a sidecar that reproduces it.
#pragma once

#include <memory>
#include <string>

#include "app/document/document.h"
#include "app/scene/machine.h"
#include "renderer/renderer.h"

namespace gf::exporting {

struct PictureOptions {
  int width = 1280, height = 720;
  float dpr = 1;
  bool legend = true;
  std::string caption;
};

/// Draws what the document shows. Deterministic. Blocks; call it on a worker with a Machine of its own.
[[nodiscard]] Result<render::Image> draw_picture(render::Offscreen& target, scene::Machine& machine,
                                                 const scene::SceneInput& input, const doc::Document& document,
                                                 const PictureOptions& options);
/// Writes PNG and `path + ".json"`: the document, size, program version, weights' file size and the command line that
/// makes the same picture. Errors: Io with path and reason.
[[nodiscard]] Result<void> write_png(const render::Image& image, const std::string& path);
[[nodiscard]] Result<void> write_sidecar(const doc::Document& document, const scene::SceneInput& input,
                                         const PictureOptions& options, const std::string& picture_path);
/// "what is in the picture": blocks (hook or tensor, shape, world and screen rectangle, pyramid level), ribbons,
/// labels (text, screen box, alpha), scales.
[[nodiscard]] std::string scene_json(const scene::MachineScene& scene, const render::Camera& camera, int width, int height,
                                     const scene::SceneInput& input);

}  // namespace gf::exporting
