// The story of a pass as a film, or as a picture of one of its moments.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli/render/render_output.h"
#include "app/story/story.h"

namespace gf::cli {

/// The shots of a story: the way to each step, its work, and a rest in which its sentence can be read. `options`: of the film.
/// Errors: those of the cameras.
[[nodiscard]] Result<std::vector<exporting::Shot>> story_shots(const story::Story& story, const Shown& shown,
                                                               const exporting::FilmOptions& options, scene::SceneBuilder& builder);
struct StoryOutput {
  std::string path;
  std::optional<double> at = {};           ///< only the picture of this second, as a PNG
  std::vector<std::string> chapters = {};  ///< empty: all
};
/// Tells the run's story and writes it. Gives the reply of --json, with the sentences and their facts. Errors: those of tell() and
/// write_film(); InvalidArgument where none of the chapters has something to tell.
[[nodiscard]] Result<Json> write_story(const Shown& shown, scene::SceneBuilder& builder, const StoryOutput& output);

}  // namespace gf::cli
