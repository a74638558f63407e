// MP4 and GIF: frames piped to the program ffmpeg, into a file beside the film that is renamed at the end.
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <unistd.h>
#include <utility>

#include "app/export/film/child_process.h"
#include "app/export/film/frame_sink.h"
#include "model/base/input_files.h"
#include "model/base/text.h"

namespace gf::exporting {
namespace ffmpeg {
namespace {

using Words = std::vector<std::string>;

/// A file's name as ffmpeg reads it: neither an option nor a protocol.
std::string file(const std::string& path) { return "file:" + path; }

Words command(const Words& rest) {
  Words all{"ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y"};
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

Words raw_frames(const FilmOptions& o) {
  return {"-f", "rawvideo", "-pix_fmt", "rgba", "-s", std::to_string(o.width) + "x" + std::to_string(o.height), "-r", std::to_string(o.fps),
          "-i", "pipe:0"};
}

Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Error not_installed() {
  return {ErrorCode::NotFound,
          "MP4 and GIF films are encoded by the program ffmpeg, which is not installed; on Debian: apt install ffmpeg. A folder of PNG "
          "frames (a path that ends in /) needs none.",
          "ffmpeg"};
}

Result<ChildProcess> start(const Words& rest) {
  auto child = ChildProcess::start(command(rest));
  if (!child && child.error().code == ErrorCode::NotFound) return tl::unexpected(not_installed());
  return child;
}

Error about(Error error, const std::string& path) {
  if (error.code == ErrorCode::Cancelled) error.message = "The film " + path + " was stopped.";
  else error.message = "Cannot write the film " + path + ": " + error.message;
  return error;
}

/// A file that is removed unless it is kept under its last name.
class PartFile {
 public:
  explicit PartFile(std::string path) : path_(std::move(path)) {}
  ~PartFile() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
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

/// Hands a frame to the encoder; an early end of it is told in its own words.
Result<void> give(ChildProcess& child, const render::Image& frame, const std::string& path, const std::stop_token& stop) {
  if (child.write(frame.pixels, stop)) return {};
  auto why = child.finish(stop);
  if (why) why = fail(ErrorCode::Io, text("ffmpeg stopped reading frames."), "ffmpeg");
  return tl::unexpected(about(why.error(), path));
}

class Mp4 final : public FrameSink {
 public:
  Mp4(std::string path, ChildProcess child, std::string part) : path_(std::move(path)), part_(std::move(part)), child_(std::move(child)) {}
  Result<void> add(const render::Image& frame, const std::stop_token& stop) override { return give(child_, frame, path_, stop); }
  Result<void> finish(const std::stop_token& stop) override {
    return child_.finish(stop).and_then([this] { return part_.keep_as(path_); }).map_error([this](Error e) {
      return about(std::move(e), path_);
    });
  }

 private:
  std::string path_;
  PartFile part_;
  ChildProcess child_;
};

/// A palette of the whole film has to be known before its first frame is written, so the frames wait in a lossless file.
class Gif final : public FrameSink {
 public:
  Gif(std::string path, ChildProcess child, const std::string& beside)
      : path_(std::move(path)), frames_(beside + ".mkv"), palette_(beside + ".png"), part_(beside), child_(std::move(child)) {}
  Result<void> add(const render::Image& frame, const std::stop_token& stop) override { return give(child_, frame, path_, stop); }
  Result<void> finish(const std::stop_token& stop) override {
    const auto step = [&](const Words& words) -> Result<void> {
      GF_TRY_ASSIGN(ChildProcess child, start(words));
      return child.finish(stop);
    };
    const auto all = [&]() -> Result<void> {
      GF_TRY(child_.finish(stop));
      GF_TRY(step({"-i", file(frames_.path()), "-vf", "palettegen", "-frames:v", "1", "-update", "1", file(palette_.path())}));
      GF_TRY(step({"-i", file(frames_.path()), "-i", file(palette_.path()), "-lavfi",
                   "paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle", "-f", "gif", file(part_.path())}));
      return part_.keep_as(path_);
    };
    return all().map_error([this](Error e) { return about(std::move(e), path_); });
  }

 private:
  std::string path_;
  PartFile frames_, palette_, part_;
  ChildProcess child_;
};

std::string part_of(const std::string& path) { return path + ".part"; }

/// ffmpeg writes without asking: none of these may be a file that the program reads.
Result<void> check_film_files(const Words& paths) {
  for (const std::string& path : paths) GF_TRY(check_output(path));
  return {};
}

}  // namespace
}  // namespace ffmpeg

Result<std::unique_ptr<FrameSink>> open_mp4(const std::string& path, const FilmOptions& options) {
  using namespace ffmpeg;
  const std::string part = part_of(path);
  GF_TRY(check_film_files({path, part}));
  // Players show the right colours only where the file names its colour space: BT.709, as they assume for this size.
  GF_TRY_ASSIGN(
      ChildProcess child,
      start(raw_frames(options) + Words{"-an",
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
                                        file(part)}));
  return std::make_unique<Mp4>(path, std::move(child), part);
}

Result<std::unique_ptr<FrameSink>> open_gif(const std::string& path, const FilmOptions& options) {
  using namespace ffmpeg;
  const std::string part = part_of(path);
  GF_TRY(check_film_files({path, part, part + ".mkv", part + ".png"}));
  GF_TRY_ASSIGN(ChildProcess child, start(raw_frames(options) + Words{"-an", "-c:v", "libx264rgb", "-preset", "ultrafast", "-qp", "0", "-f",
                                                                      "matroska", file(part + ".mkv")}));
  return std::make_unique<Gif>(path, std::move(child), part);
}

Result<void> check_ffmpeg() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (access((std::filesystem::path(folder) / "ffmpeg").c_str(), X_OK) == 0) return {};
  return tl::unexpected(ffmpeg::not_installed());
}

}  // namespace gf::exporting
