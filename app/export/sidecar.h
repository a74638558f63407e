// The JSON beside a picture or film, from which `glassformer render --from` makes it again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/export/film/film_plan.h"

namespace gf::exporting {

/// The options of a film beside size and legend.
struct FilmRecipe {
  FilmPlan plan;
  int fps = 30;
  bool captions = true;
  friend bool operator==(const FilmRecipe&, const FilmRecipe&) = default;
};

/// What write_film() is to know of such a film.
[[nodiscard]] inline FilmOptions film_options(const PictureOptions& picture, const FilmRecipe& film) {
  return {picture.width, picture.height, film.fps, picture.dpr, picture.legend, film.captions};
}

/// Writes `path + ".json"` beside a picture, a film, or a folder of frames: the document, size, program version, weights'
/// file size and the command line that makes the same. Errors: Io with path and reason.
[[nodiscard]] Result<void> write_sidecar(const doc::Document& document, const scene::SceneInput& input, const PictureOptions& options,
                                         const std::string& path, const std::optional<FilmRecipe>& film = {});
/// The name of the sidecar of a picture, film or folder.
[[nodiscard]] std::string sidecar_path(std::string path);

/// The contents of a sidecar. `file_bytes` is the size of the weights that the picture was made with.
struct Sidecar {
  doc::Document document;
  PictureOptions options;
  std::optional<FilmRecipe> film;  ///< none: of a picture
  std::uint64_t file_bytes = 0;
  std::vector<TokenId> ids;  ///< of the run, prompt first
  int n_prompt = 0;
};
/// Untrusted. Errors: NotFound, Io, InvalidArgument naming the key.
[[nodiscard]] Result<Sidecar> read_sidecar(const std::string& path);

}  // namespace gf::exporting
