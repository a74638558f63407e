// What `render` writes: a picture, a film, or what is in a picture, by the suffix of its name.
#pragma once

#include <string>

#include "app/cli/json.h"
#include "app/export/sidecar.h"

namespace gf::cli {

/// A run with the document that shows it.
struct Shown {
  scene::SceneInput input;
  doc::Document document;
  exporting::PictureOptions picture;
  exporting::FilmRecipe film;
};

struct RenderOutput {
  std::string path;
  bool until_drawn = false;  ///< say "drawn" and stop before a picture is written
};

/// A device to draw on without a display. Errors: Device, saying what to install.
[[nodiscard]] Result<std::unique_ptr<render::Offscreen>> open_target();

/// Writes it, with its sidecar where it has one, and gives the reply of --json. Errors: what drawing and writing give.
[[nodiscard]] Result<Json> write_output(const Shown& shown, scene::Machine& machine, const RenderOutput& output);

}  // namespace gf::cli
