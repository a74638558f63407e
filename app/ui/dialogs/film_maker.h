// Makes a film beside everything else, with the sidecar that reproduces it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/document/work/jobs.h"
#include "app/export/sidecar.h"

namespace gf::ui {

/// What film is asked for, and where.
struct FilmJob {
  std::string path;
  exporting::PictureOptions options;
  exporting::FilmRecipe film;
};

/// On a thread of its own, with a target and a Machine of its own. `done` hears the path, or what went wrong; stopped, it
/// is Cancelled and nothing is left of the film. Copies of document and input: what happens meanwhile does not show.
[[nodiscard]] doc::Job make_film(doc::Jobs& jobs, std::shared_ptr<render::Device> device, scene::SceneInput input, doc::Document document,
                                 FilmJob film, std::function<void(Result<std::string>)> done);

}  // namespace gf::ui
