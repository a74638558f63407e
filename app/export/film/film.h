// Films: shots of runs as frames at fixed times. The same shots give the same pixels on every run.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "app/document/document.h"
#include "app/export/picture.h"
#include "app/scene/operations/follow.h"
#include "app/scene/scene_builder.h"
#include "renderer/renderer.h"

namespace gf::exporting {

/// A camera's way through a shot, by scene::glide().
struct CameraMove {
  render::Camera from, to;
};

/// A stretch of a film: what is shown, and how time and camera pass. A still has from == to.
struct Shot {
  doc::Document document;  ///< how it is shown; its time is not used
  scene::SceneInput input;
  std::string caption;                                   ///< empty: none
  double seconds = 1;                                    ///< of the film; a film has at least one frame
  double from = 1e18, to = 1e18;                         ///< operations of scene::Timeline; beyond its end: all computed
  std::optional<CameraMove> camera;                      ///< none: the document's, else home
  bool tell_moment = false;                              ///< show the token and the part of the model at work below the caption
  bool spoken = false;                                   ///< the caption is a sentence of a story, see Caption
  float spoken_share = 0;                                ///< of the height, that the sentence takes from below
  float veil = 0, unveil = 0;                            ///< at its beginning and its end: the share of the picture that the ground hides
  std::shared_ptr<const scene::FollowPath> follow = {};  ///< the camera goes this way, by the time of the pass
};

struct FilmOptions {
  int width = 1280, height = 720;
  int fps = 30;
  float dpr = 1;         ///< pixels per logical pixel: scales text and lines
  bool legend = true;    ///< where it leaves the film room: from 1000 x 480 logical pixels
  bool captions = true;  ///< those of the shots, and their moments
};

/// The picture that each frame is.
[[nodiscard]] PictureOptions picture_of(const FilmOptions& options);

/// The name of a film's file or folder, without the slash that tells a folder.
[[nodiscard]] std::string without_slash(std::string path);
/// Checks before the first frame whether such a film can be written there; its name's ending says the format (formats.h).
/// Errors: Unsupported; InvalidArgument (an MP4 has even sizes, a GIF at most 50 frames a second, a folder of frames no other
/// files), NotFound where ffmpeg is missing.
[[nodiscard]] Result<void> check_film(const std::string& path, const FilmOptions& options);

[[nodiscard]] int frames_of(std::span<const Shot> shots, const FilmOptions& options);

/// Draws frame n (from 0) as write_film() does. Blocks. Errors: as draw_picture().
[[nodiscard]] Result<render::Image> draw_frame(render::Offscreen& target, scene::SceneBuilder& builder, std::span<const Shot> shots,
                                               const FilmOptions& options, int n);

struct FilmReport {
  std::string path;
  int frames = 0;
  double seconds = 0;  ///< of the film
  double wall_ms = 0;  ///< from the first scene update to the written file
};
/// Called on the calling thread with the number of frames done and of all frames.
using FilmProgress = std::function<void(int done, int frames)>;

/// Writes the film. `path` appears only when the film is complete: an MP4 or GIF is made beside it and renamed; frames are
/// moved into the folder at the end and replace those of an older film. Frame n is encoded while n+1 is drawn.
/// Blocks; call it on a worker with a SceneBuilder of its own. Errors: as check_film(), Cancelled, Io with ffmpeg's last line,
/// Device; nothing is left behind then.
[[nodiscard]] Result<FilmReport> write_film(render::Offscreen& target, scene::SceneBuilder& builder, std::span<const Shot> shots,
                                            const FilmOptions& options, const std::string& path, const FilmProgress& progress = {},
                                            const std::stop_token& stop = {});

}  // namespace gf::exporting
