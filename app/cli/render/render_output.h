// Writes what `render` makes: a picture, a film, or a description of a picture, by the suffix of its name.
#pragma once

#include <future>
#include <memory>
#include <span>
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

using Target = Result<std::unique_ptr<render::Offscreen>>;

/// A device to draw on without a display. Errors: Device, saying what to install.
[[nodiscard]] Target open_target();
/// Starts open_target() on another thread, so that the caller can run the model meanwhile. The future holds the result.
[[nodiscard]] std::future<Target> begin_target();

struct RenderOutput {
  std::string path;
  bool until_drawn = false;    ///< print "drawn" and stop before a picture is written
  std::future<Target> target;  ///< the result of begin_target(); if it is not valid, a picture that needs a device opens one
};

/// Writes a film with a progress bar, which Ctrl+C stops. Adds size, frames and times to `reply`, the reply of --json.
/// Errors: those of write_film().
[[nodiscard]] Result<Json> film_shots(render::Offscreen& target, scene::SceneBuilder& builder, std::span<const exporting::Shot> shots,
                                      const exporting::FilmOptions& options, const std::string& path, const std::string& doing, Json reply);

/// Writes the picture, film or description, with its sidecar where it has one, and gives the reply of --json. Errors: those of
/// drawing and writing.
[[nodiscard]] Result<Json> write_output(const Shown& shown, scene::SceneBuilder& builder, RenderOutput output);

}  // namespace gf::cli
