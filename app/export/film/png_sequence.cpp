// A film as a folder of PNG frames. They are gathered in a folder inside it and moved up when all are written.
#include <array>
#include <cstdio>
#include <filesystem>
#include <utility>
#include <vector>

#include "app/export/film/frame_sink.h"
#include "model/base/files/input_files.h"
#include "model/base/text.h"

namespace gf::exporting {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGatheredFrames = ".frames.part";

std::string frame_name(int n) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "frame_%06d.png", n);
  return text.data();
}

bool is_frame_file(const fs::path& path) {
  const std::string name = path.filename().string();
  constexpr std::string_view kFront = "frame_", kBack = ".png";
  if (!name.starts_with(kFront) || !name.ends_with(kBack)) return false;
  const std::string digits = name.substr(kFront.size(), name.size() - kFront.size() - kBack.size());
  return digits.size() >= 6 && digits.find_first_not_of("0123456789") == std::string::npos;
}

tl::unexpected<Error> frames_refused(const std::string& folder, const std::error_code& error) {
  return fail(ErrorCode::Io, text("Cannot write frames to {0}: {1}.", folder, error.message()), "frames");
}

class FrameFolder final : public FrameSink {
 public:
  FrameFolder(std::string folder, bool fresh) : folder_(std::move(folder)), gathered_(fs::path(folder_) / kGatheredFrames), fresh_(fresh) {}
  ~FrameFolder() override {
    std::error_code ignored;
    fs::remove_all(gathered_, ignored);
    if (fresh_ && !done_) fs::remove(folder_, ignored);
  }
  FrameFolder(const FrameFolder&) = delete;
  FrameFolder& operator=(const FrameFolder&) = delete;
  Result<void> add(const render::Image& frame, const std::stop_token& stop) override {
    if (stop.stop_requested()) return fail(ErrorCode::Cancelled, text("The film {0} was stopped.", folder_), "frames");
    return write_png(frame, (gathered_ / frame_name(++count_)).string());
  }
  Result<void> finish(const std::stop_token& stop) override {
    if (stop.stop_requested()) return fail(ErrorCode::Cancelled, text("The film {0} was stopped.", folder_), "frames");
    std::error_code error;
    std::vector<fs::path> old;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_, error))
      if (is_frame_file(entry.path())) old.push_back(entry.path());
    for (auto frame = old.begin(); frame != old.end() && !error; ++frame) fs::remove(*frame, error);
    for (int n = 1; n <= count_ && !error; ++n) fs::rename(gathered_ / frame_name(n), fs::path(folder_) / frame_name(n), error);
    if (error) return frames_refused(folder_, error);
    done_ = true;
    return {};
  }

 private:
  std::string folder_;
  fs::path gathered_;
  bool fresh_, done_ = false;
  int count_ = 0;
};

}  // namespace

Result<void> check_folder(const std::string& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found) return {};
  if (status.type() != fs::file_type::directory)
    return fail(ErrorCode::InvalidArgument, text("{0} is not a folder; name a new one for the frames, with a / at its end.", folder),
                "frames");
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    if (!is_frame_file(entry.path()) && entry.path().filename() != kGatheredFrames)
      return fail(ErrorCode::InvalidArgument,
                  text("The folder {0} has files that are no frames, such as {1}; name a new or empty folder.", folder,
                       entry.path().filename().string()),
                  "frames");
  if (error) return frames_refused(folder, error);
  // finish() replaces everything in the folder, so nothing in it may be a file that the program reads.
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, error)) GF_TRY(check_output(entry.path().string()));
  if (error) return frames_refused(folder, error);
  return {};
}

Result<std::unique_ptr<FrameSink>> open_frames(const std::string& folder) {
  GF_TRY(check_folder(folder));
  std::error_code error;
  const bool fresh = fs::create_directory(folder, error);
  auto sink = std::make_unique<FrameFolder>(folder, fresh);
  const fs::path gathered = fs::path(folder) / kGatheredFrames;
  if (!error) fs::remove_all(gathered, error);  // of a program that was killed
  if (!error) fs::create_directory(gathered, error);
  if (error) return frames_refused(folder, error);
  return sink;
}

}  // namespace gf::exporting
