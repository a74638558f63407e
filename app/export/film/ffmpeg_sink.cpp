// MP4 and GIF: frames piped to the program ffmpeg, into a file beside the film that is renamed at the end.
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <unistd.h>
#include <utility>

#include "app/export/film/child_process.h"
#include "app/export/film/frame_sink.h"
#include "model/base/files/input_files.h"
#include "model/base/text.h"

namespace gf::exporting {
namespace {

using FfmpegWords = std::vector<std::string>;

/// A file's name as ffmpeg reads it: neither an option nor a protocol.
std::string ffmpeg_file(const std::string& path) { return "file:" + path; }

FfmpegWords ffmpeg_command(const FfmpegWords& rest) {
  FfmpegWords all{"ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y"};
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
  return error;
}

/// Removes its file unless that was renamed to the film's name.
class FilmPart {
 public:
  explicit FilmPart(std::string path) : path_(std::move(path)) {}
  ~FilmPart() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
  }
  FilmPart(const FilmPart&) = delete;
  FilmPart& operator=(const FilmPart&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  Result<void> keep_as(const std::string& name) {
    std::error_code error;
    std::filesystem::rename(path_, name, error);
    if (error) return fail(ErrorCode::Io, error.message() + ".", "rename");
    path_.clear();
    return {};
  }

 private:
  std::string path_;
};

/// Hands a frame to the encoder. Errors: with ffmpeg's own last line if it ended early.
Result<void> give_frame(ChildProcess& child, const render::Image& frame, const std::string& path, const std::stop_token& stop) {
  if (child.write(frame.pixels, stop)) return {};
  auto why = child.finish(stop);
  if (why) why = fail(ErrorCode::Io, text("ffmpeg stopped reading frames."), "ffmpeg");
  return tl::unexpected(about_film(why.error(), path));
}

class Mp4Sink final : public FrameSink {
 public:
  Mp4Sink(std::string path, ChildProcess child, std::string part)
      : path_(std::move(path)), part_(std::move(part)), child_(std::move(child)) {}
  Result<void> add(const render::Image& frame, const std::stop_token& stop) override { return give_frame(child_, frame, path_, stop); }
  Result<void> finish(const std::stop_token& stop) override {
    return child_.finish(stop).and_then([this] { return part_.keep_as(path_); }).map_error([this](Error e) {
      return about_film(std::move(e), path_);
    });
  }

 private:
  std::string path_;
  FilmPart part_;
  ChildProcess child_;
};

/// A GIF begins with the palette of the whole film, so the frames are gathered in a lossless file first.
class GifSink final : public FrameSink {
 public:
  GifSink(std::string path, ChildProcess child, const std::string& beside)
      : path_(std::move(path)), frames_(beside + ".mkv"), palette_(beside + ".png"), part_(beside), child_(std::move(child)) {}
  Result<void> add(const render::Image& frame, const std::stop_token& stop) override { return give_frame(child_, frame, path_, stop); }
  Result<void> finish(const std::stop_token& stop) override {
    const auto step = [&](const FfmpegWords& words) -> Result<void> {
      GF_TRY_ASSIGN(ChildProcess child, start_ffmpeg(words));
      return child.finish(stop);
    };
    const auto all = [&]() -> Result<void> {
      GF_TRY(child_.finish(stop));
      GF_TRY(
          step({"-i", ffmpeg_file(frames_.path()), "-vf", "palettegen", "-frames:v", "1", "-update", "1", ffmpeg_file(palette_.path())}));
      GF_TRY(step({"-i", ffmpeg_file(frames_.path()), "-i", ffmpeg_file(palette_.path()), "-lavfi",
                   "paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle", "-f", "gif", ffmpeg_file(part_.path())}));
      return part_.keep_as(path_);
    };
    return all().map_error([this](Error e) { return about_film(std::move(e), path_); });
  }

 private:
  std::string path_;
  FilmPart frames_, palette_, part_;
  ChildProcess child_;
};

std::string film_part(const std::string& path) { return path + ".part"; }

/// ffmpeg overwrites without asking, so none of these may be a file that the program reads.
Result<void> check_film_files(const FfmpegWords& paths) {
  for (const std::string& path : paths) GF_TRY(check_output(path));
  return {};
}

}  // namespace

Result<std::unique_ptr<FrameSink>> open_mp4(const std::string& path, const FilmOptions& options) {
  const std::string part = film_part(path);
  GF_TRY(check_film_files({path, part}));
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
                                         ffmpeg_file(part)}));
  return std::make_unique<Mp4Sink>(path, std::move(child), part);
}

Result<std::unique_ptr<FrameSink>> open_gif(const std::string& path, const FilmOptions& options) {
  const std::string part = film_part(path);
  GF_TRY(check_film_files({path, part, part + ".mkv", part + ".png"}));
  GF_TRY_ASSIGN(ChildProcess child,
                start_ffmpeg(raw_frames(options) + FfmpegWords{"-an", "-c:v", "libx264rgb", "-preset", "ultrafast", "-qp", "0", "-f",
                                                               "matroska", ffmpeg_file(part + ".mkv")}));
  return std::make_unique<GifSink>(path, std::move(child), part);
}

Result<void> check_ffmpeg() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (access((std::filesystem::path(folder) / "ffmpeg").c_str(), X_OK) == 0) return {};
  return tl::unexpected(ffmpeg_missing());
}

}  // namespace gf::exporting
