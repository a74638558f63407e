// The formats of pictures and films, listed once: the command line, the dialogs and the window's files read these lists.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "app/export/film/film.h"
#include "app/export/picture.h"

namespace gf::exporting {

class FrameSink;

/// Writes a picture that is drawn.
using PictureWriter = std::function<Result<void>(const std::string& path)>;

struct PictureFormat {
  const char* ending;  ///< ".png"
  const char* title;   ///< a phrase(), for file dialogs
  /// It is for people and has a sidecar beside it. False: a description for programs, which the window does not offer.
  bool drawn;
  bool by_device;  ///< drawing the scene takes a graphics device
  /// Draws the scene, never a figure; see draw().
  Result<PictureWriter> (*draw_scene)(render::Offscreen* target, scene::SceneBuilder& builder, const scene::SceneInput& input,
                                      const doc::Document& document, const PictureOptions& options);
  /// Draws the scene, or the options' figure in its place, and returns the function that writes the file, so that a caller can
  /// stop in between. `target` may be null where needs_device() is false. Blocks: call it on a worker thread, with a SceneBuilder
  /// that no one else uses. Errors: those of compose() for a scene, of figure_of() for a figure, and of drawing.
  [[nodiscard]] Result<PictureWriter> draw(render::Offscreen* target, scene::SceneBuilder& builder, const scene::SceneInput& input,
                                           const doc::Document& document, const PictureOptions& options) const;
};
/// The first is the usual one.
[[nodiscard]] std::span<const PictureFormat> picture_formats();
/// Whether drawing such a picture takes a graphics device. A figure takes none.
[[nodiscard]] inline bool needs_device(const PictureFormat& format, const PictureOptions& options) {
  return format.by_device && options.figure.empty();
}
/// Whether drawing it takes begin_fonts(), on the main thread.
[[nodiscard]] inline bool needs_fonts(const PictureFormat& format, const PictureOptions& options) {
  const std::string_view ending = format.ending;
  return ending == ".pdf" || (!options.figure.empty() && ending != ".html");
}
/// By the ending of the name, in capitals or not. null: no format of pictures has it.
[[nodiscard]] const PictureFormat* picture_format(std::string_view path);

struct FilmFormat {
  const char* ending;  ///< ".mp4"; "/": a folder of frames
  const char* title;   ///< a phrase()
  int fps;             ///< where nobody asks for another
  /// What check_film() asks of this format. Errors: as there.
  Result<void> (*check)(const std::string& path, const FilmOptions& options);
  /// Where the frames go. Errors: Io, NotFound.
  Result<std::unique_ptr<FrameSink>> (*open)(const std::string& path, const FilmOptions& options);
  [[nodiscard]] bool is_folder() const { return ending == std::string_view("/"); }
};
/// The first is the usual one.
[[nodiscard]] std::span<const FilmFormat> film_formats();
/// As picture_format().
[[nodiscard]] const FilmFormat* film_format(std::string_view path);

/// ".png, .svg or .scene.json"; of those for people: ".png or .svg".
[[nodiscard]] std::string picture_endings(bool drawn_alone);
/// ".mp4, .gif or / (a folder)"
[[nodiscard]] std::string film_endings();

}  // namespace gf::exporting
