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
/// The same of a session file, which says neither size nor ids. Errors: as read_sidecar(), those of a session too.
[[nodiscard]] Result<Sidecar> read_sidecar_or_session(const std::string& path);
/// The run of a sidecar: its ids in place of the text, because a prompt given as ids may have no text. `path`: of the sidecar, for
/// errors. Errors: InvalidArgument.
[[nodiscard]] Result<RunRequest> request_of(const Sidecar& sidecar, const Model& model, const std::string& path);

/// "~/a" for a path in the user's home folder; others stay.
[[nodiscard]] std::string path_from_home(std::string path);
/// Models of the hub's cache by their names there, and other paths of the document from home, so that nothing tells the user's
/// name.
void leave_home(doc::Document& document);

}  // namespace gf::exporting
