// A picture of the present view.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/document/document.h"
#include "app/export/legend.h"
#include "app/scene/compose.h"
#include "model/base/files/whole_file.h"
#include "renderer/renderer.h"

namespace gf::exporting {

inline constexpr int kLargestSide = 16384;  ///< pixels

struct PictureOptions {
  int width = 1280, height = 720;
  float dpr = 1;
  bool legend = true;
  std::string caption;
  std::string moment = {}, widest = {};  ///< of a film's frame, below the caption, see Caption
  float spoken = 0;                      ///< share of the height that a story's sentence takes from below
  /// What figure_of() takes: such a figure is drawn in place of the scene. Empty: the scene.
  std::string figure = {};
};

/// The surface that the scene of such a picture is drawn on, with room for its legend. `letters`: how much larger than usual its letters
/// are; `halved`: two scenes stand beside each other.
[[nodiscard]] scene::Pane pane_of(const PictureOptions& options, float letters = 1, bool halved = false);
/// How much larger than usual the letters were in the view that the document's camera was chosen in, as in Present.
[[nodiscard]] float letters_of(const scene::ViewState& view);

/// The frame of a picture of the document, see scene::Composer. It holds all that the document's camera showed in the view that
/// it was chosen in. Makes the readings that the view needs and waits until all weights are read. Errors: Device, when that takes minutes;
/// those of read_stream(). `moving`: of a film whose camera is on its way.
[[nodiscard]] Result<scene::Frame> compose(scene::SceneBuilder& builder, const scene::SceneInput& asked, const doc::Document& document,
                                           const PictureOptions& options, bool moving = false);

/// The legend and the caption of such a picture; empty where there is neither.
[[nodiscard]] render::Overlay picture_overlay(const scene::Frame& frame, const doc::Document& document, const PictureOptions& options,
                                              Caption caption);

/// Draws what the document shows. Deterministic. Blocks; call it on a worker with a SceneBuilder of its own.
[[nodiscard]] Result<render::Image> draw_picture(render::Offscreen& target, scene::SceneBuilder& builder, const scene::SceneInput& input,
                                                 const doc::Document& document, const PictureOptions& options);
/// The bytes of an opaque PNG; none if there is not enough memory.
[[nodiscard]] std::optional<std::string> png_of(const render::Image& image);
/// Writes the PNG. Errors: OutOfMemory, Io with path and reason.
[[nodiscard]] Result<void> write_png(const render::Image& image, const std::string& path, const WholeFileOptions& file = {});
/// What is in the picture, as JSON: blocks (hook or tensor, shape, and for each of its panels world and screen rectangle and
/// pyramid level), ribbons, labels (text, screen box, alpha), scales; and of what: the run's tokens, its recipe, and whether
/// base, edited or their difference is shown (`view`).
[[nodiscard]] std::string scene_json(const scene::ViewScene& scene, const render::Camera& camera, int width, int height,
                                     const scene::SceneInput& input, const scene::ViewState& view);

}  // namespace gf::exporting
