// The JSON beside a picture or film, from which `glassformer render --from` makes it again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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
/// What of the window a plot, a table or a graph shows.
struct WindowPart {
  std::string dock, part;  ///< ids: of the dock in docks.def, and of the plot or table in it
  /// How the dock's own controls stood, by their names: what a document does not hold. See app/ui/widgets/control_values.h.
  std::vector<std::pair<std::string, std::string>> controls;
};
/// Saves bytes under a name, with the sidecar that says of what run and part of the window they are, and the command that opens the window
/// so again. Writes over no file that the document names or that the program reads: neither by the name nor by the sidecar's.
/// Errors: Io; InvalidArgument.
[[nodiscard]] Result<void> save_with_sidecar(const std::string& path, std::string_view bytes, const doc::Document& document,
                                             const scene::SceneInput& input, const WindowPart& part);
/// The same for a file that is written by `write`, which gets its path.
[[nodiscard]] Result<void> save_with_sidecar(const std::string& path, const std::function<Result<void>(const std::string&)>& write,
                                             const doc::Document& document, const scene::SceneInput& input, const WindowPart& part);
/// What the window opens of a sidecar.
struct WindowSidecar {
  doc::Document document;
  WindowPart part;  ///< of a picture or film: empty
};
/// That of a sidecar of any kind; nullopt: the file is none. Untrusted. Errors: as read_sidecar().
[[nodiscard]] Result<std::optional<WindowSidecar>> window_sidecar(const std::string& path);
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
