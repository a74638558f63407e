// Makes a film in the background, with the sidecar that reproduces it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/document/background/jobs.h"
#include "app/export/sidecar.h"

namespace gf::ui {

/// The film that the user asked for, and its path.
struct FilmJob {
  std::string path;
  exporting::PictureOptions options;
  exporting::FilmRecipe film;
};

/// Runs on a thread of its own, with its own target and SceneBuilder. `done` gets the path or the error; after Cancelled nothing is
/// left of the film. It works on copies of document and input, so later changes do not show.
[[nodiscard]] doc::Job make_film(doc::Jobs& jobs, std::shared_ptr<render::Device> device, scene::SceneInput input, doc::Document document,
                                 FilmJob film, std::function<void(Result<std::string>)> done);

}  // namespace gf::ui
