// MP4 and GIF: frames piped to the program ffmpeg, into a file beside the film that is renamed at the end.
#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <utility>

#include "app/export/film/child_process.h"
#include "app/export/film/frame_sink.h"
#include "model/base/files/file_part.h"
#include "model/base/files/input_files.h"
#include "model/base/files/search_path.h"
#include "model/base/text.h"

namespace gf::exporting {
namespace {

using FfmpegWords = std::vector<std::string>;

/// A file's name as ffmpeg reads it: neither an option nor a protocol.
std::string ffmpeg_file(const std::string& path) { return "file:" + path; }

/// -xerror: without it ffmpeg tells of a full disk when it closes a file, and yet ends as after a success.
FfmpegWords ffmpeg_command(const FfmpegWords& rest) {
  FfmpegWords all{"ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-xerror", "-y"};
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

FfmpegWords raw_frames(const FilmOptions& o) {
  return {"-f", "rawvideo", "-pix_fmt", "rgba", "-s", std::to_string(o.width) + "x" + std::to_string(o.height), "-r", std::to_string(o.fps),
          "-i", "pipe:0"};
}

FfmpegWords operator+(FfmpegWords a, const FfmpegWords& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Error ffmpeg_missing() {
  return {
      ErrorCode::NotFound,
      text("MP4 and GIF films are encoded by the program ffmpeg, which is not installed; on Debian: apt install ffmpeg. A folder of PNG "
           "frames (a path that ends in /) needs none."),
      "ffmpeg"};
}

Result<ChildProcess> start_ffmpeg(const FfmpegWords& rest) {
  auto child = ChildProcess::start(ffmpeg_command(rest));
  if (!child && child.error().code == ErrorCode::NotFound) return tl::unexpected(ffmpeg_missing());
  return child;
}

Error about_film(Error error, const std::string& path) {
  if (error.code == ErrorCode::Cancelled) error.message = text("The film {0} was stopped.", path);
  else error.message = text("Cannot write the film {0}: {1}", path, error.message);
  for (const int full : {ENOSPC, EDQUOT, EFBIG}) {
    // ffmpeg's line names files that the user has not asked for.
    const std::string reason = std::strerror(full);
    if (error.message.find(reason) != std::string::npos)
      error.message = text("Cannot write the film {0}: {1}; make room, or name another place.", path, reason);
  }
  return error;
}

/// A new file beside the film for ffmpeg to write to.
Result<FilePart> film_part(const std::string& path) {
  constexpr mode_t kUsual = 0666;
  auto part = FilePart::beside(path, kUsual);
  if (!part)
    return fail(ErrorCode::Io, text("Cannot write the film {0}: {1}; name another place.", path, std::strerror(part.error())), "film_part");
  return *std::move(part);
}

Result<void> keep_film(FilePart& part, const std::string& name) {
  if (const auto kept = part.keep_as(name, true); !kept)
    return fail(ErrorCode::Io, std::string(std::strerror(kept.error())) + ".", "rename");
  return {};
}

/// Hands a frame to the encoder. Errors: with ffmpeg's own last line if it ended early.
Result<void> give_frame(ChildProcess& child, const render::Image& frame, const std::string& path, const std::stop_token& stop) {
  if (child.write(frame.pixels, stop)) return {};
  auto why = child.finish(stop);
  if (why) why = fail(ErrorCode::Io, text("ffmpeg stopped reading frames."), "ffmpeg");
  return tl::unexpected(about_film(why.error(), path));
}

class Mp4Sink final : public FrameSink {
 public:
  Mp4Sink(std::string path, ChildProcess child, FilePart part) : path_(std::move(path)), part_(std::move(part)), child_(std::move(child)) {}
  Result<void> add(const render::Image& frame, const std::stop_token& stop) override { return give_frame(child_, frame, path_, stop); }
  Result<void> finish(const std::stop_token& stop) override {
    return child_.finish(stop).and_then([this] { return keep_film(part_, path_); }).map_error([this](Error e) {
      return about_film(std::move(e), path_);
    });
  }

 private:
  std::string path_;
  FilePart part_;
  ChildProcess child_;
};

/// A GIF begins with the palette of the whole film, so the frames are gathered in a lossless file first.
class GifSink final : public FrameSink {
 public:
  struct Parts {
    FilePart frames, palette, film;
  };
  GifSink(std::string path, ChildProcess child, Parts parts) : path_(std::move(path)), parts_(std::move(parts)), child_(std::move(child)) {}
  Result<void> add(const render::Image& frame, const std::stop_token& stop) override { return give_frame(child_, frame, path_, stop); }
  Result<void> finish(const std::stop_token& stop) override {
    const auto step = [&](const FfmpegWords& words) -> Result<void> {
      GF_TRY_ASSIGN(ChildProcess child, start_ffmpeg(words));
      return child.finish(stop);
    };
    const auto all = [&]() -> Result<void> {
      GF_TRY(child_.finish(stop));
      const std::string frames = ffmpeg_file(parts_.frames.path()), palette = ffmpeg_file(parts_.palette.path());
      GF_TRY(step({"-i", frames, "-vf", "palettegen", "-frames:v", "1", "-update", "1", "-c:v", "png", "-f", "image2", palette}));
      GF_TRY(step({"-i", frames, "-f", "png_pipe", "-i", palette, "-lavfi", "paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle",
                   "-f", "gif", ffmpeg_file(parts_.film.path())}));
      return keep_film(parts_.film, path_);
    };
    return all().map_error([this](Error e) { return about_film(std::move(e), path_); });
  }

 private:
  std::string path_;
  Parts parts_;
  ChildProcess child_;
};

}  // namespace

Result<std::unique_ptr<FrameSink>> open_mp4(const std::string& path, const FilmOptions& options) {
  GF_TRY(check_output(path));
  GF_TRY_ASSIGN(FilePart part, film_part(path));
  // Players show the right colours only if the file names its colour space: BT.709, which they assume for this size.
  GF_TRY_ASSIGN(ChildProcess child,
                start_ffmpeg(raw_frames(options) +
                             FfmpegWords{"-an",
                                         "-vf",
                                         "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv420p",
                                         "-c:v",
                                         "libx264",
                                         "-preset",
                                         "fast",
                                         "-crf",
                                         "17",
                                         "-g",
                                         std::to_string(2 * options.fps),
                                         "-colorspace",
                                         "bt709",
                                         "-color_primaries",
                                         "bt709",
                                         "-color_trc",
                                         "bt709",
                                         "-movflags",
                                         "+faststart",
                                         "-f",
                                         "mp4",
                                         ffmpeg_file(part.path())}));
  return std::make_unique<Mp4Sink>(path, std::move(child), std::move(part));
}

Result<std::unique_ptr<FrameSink>> open_gif(const std::string& path, const FilmOptions& options) {
  GF_TRY(check_output(path));
  GifSink::Parts parts;
  GF_TRY_ASSIGN(parts.frames, film_part(path));
  GF_TRY_ASSIGN(parts.palette, film_part(path));
  GF_TRY_ASSIGN(parts.film, film_part(path));
  GF_TRY_ASSIGN(ChildProcess child,
                start_ffmpeg(raw_frames(options) + FfmpegWords{"-an", "-c:v", "libx264rgb", "-preset", "ultrafast", "-qp", "0", "-f",
                                                               "matroska", ffmpeg_file(parts.frames.path())}));
  return std::make_unique<GifSink>(path, std::move(child), std::move(parts));
}

Result<void> check_ffmpeg() {
  if (program_in_path("ffmpeg").empty()) return tl::unexpected(ffmpeg_missing());
  return {};
}

}  // namespace gf::exporting
