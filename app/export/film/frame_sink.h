// The target of a film's frames: a program that encodes them, or files. Internal to app/export.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "app/export/film/film.h"

namespace gf::exporting {

/// Takes frames of one size in turn. The destructor removes unfinished files unless finish() has succeeded.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  FrameSink(const FrameSink&) = delete;
  FrameSink& operator=(const FrameSink&) = delete;
  /// Blocks until the frame is handed on. Errors: Io; Cancelled once `stop` is asked for.
  virtual Result<void> add(const render::Image& frame, const std::stop_token& stop) = 0;
  /// Afterwards the film is at its path.
  virtual Result<void> finish(const std::stop_token& stop) = 0;

 protected:
  FrameSink() = default;
};

[[nodiscard]] Result<std::unique_ptr<FrameSink>> open_mp4(const std::string& path, const FilmOptions& options);
[[nodiscard]] Result<std::unique_ptr<FrameSink>> open_gif(const std::string& path, const FilmOptions& options);
[[nodiscard]] Result<std::unique_ptr<FrameSink>> open_frames(const std::string& folder);

/// Whether ffmpeg is in PATH. Errors: NotFound, saying what to install.
[[nodiscard]] Result<void> check_ffmpeg();
/// Whether frames may go there: the folder is new, empty, or holds frames alone. Errors: InvalidArgument, Io.
[[nodiscard]] Result<void> check_folder(const std::string& folder);

}  // namespace gf::exporting
