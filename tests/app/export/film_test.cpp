// Films: the same frames each time, each the picture of its moment; whole or not at all.
#include <QCryptographicHash>
#include <QImage>
#include <QProcess>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/export/film/film_plan.h"
#include "app/export/sidecar.h"
#include "tests/app/truth/views.h"

namespace gf {
namespace {

namespace fs = std::filesystem;

/// Empties PATH for as long as it lives: then there is no ffmpeg.
class NoPrograms {
 public:
  NoPrograms() : path_(std::getenv("PATH")) { setenv("PATH", "/nowhere", 1); }
  ~NoPrograms() { setenv("PATH", path_.c_str(), 1); }
  NoPrograms(const NoPrograms&) = delete;
  NoPrograms& operator=(const NoPrograms&) = delete;

 private:
  std::string path_;
};

class Film : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::temp_directory_path() / ("glassformer_film_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    if (!device_) {
      render::DeviceOptions options;
      options.validation = true;
      auto device = render::Device::create(options);
      ASSERT_TRUE(device.has_value()) << device.error().message;
      device_ = *device;
    }
    auto target = render::Offscreen::create(device_);
    ASSERT_TRUE(target.has_value());
    target_ = *std::move(target);
  }
  void TearDown() override {
    EXPECT_EQ(device_->messages(), 0);
    fs::remove_all(folder_);
  }
  static bool has_ffmpeg() { return exporting::check_film("f.mp4", {}).has_value(); }
  [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }
  [[nodiscard]] std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    return names;
  }
  static std::vector<exporting::Shot> shots(double seconds = 1) {
    return exporting::plan_film(doc::Document{}, truth::random_small(false), {.seconds = seconds, .from = {}, .to = {}}, "a caption");
  }
  Result<exporting::FilmReport> write(const std::string& to, const exporting::FilmProgress& progress = {},
                                      const std::stop_token& stop = {}) {
    scene::SceneBuilder machine;
    return exporting::write_film(*target_, machine, shots(), kSmall, to, progress, stop);
  }
  static std::vector<std::string> hashes(const std::string& folder) {
    std::vector<std::string> all;
    for (int n = 1; fs::exists(folder + "/frame_" + QString("%1").arg(n, 6, 10, QChar('0')).toStdString() + ".png"); ++n) {
      const QImage image(QString::fromStdString(folder) + QString("/frame_%1.png").arg(n, 6, 10, QChar('0')));
      const auto bytes = QByteArrayView(reinterpret_cast<const char*>(image.constBits()), image.sizeInBytes());
      all.push_back(QCryptographicHash::hash(bytes.toByteArray(), QCryptographicHash::Sha1).toHex().toStdString());
    }
    return all;
  }
  static constexpr exporting::FilmOptions kSmall{320, 180, 8, 1, true, true};
  static inline std::shared_ptr<render::Device> device_;
  std::unique_ptr<render::Offscreen> target_;
  fs::path folder_;
};

TEST_F(Film, has_the_same_frames_on_every_run) {
  for (const char* name : {"a", "b"}) {
    const auto report = write(path(name) + "/");
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_EQ(report->frames, 8);
  }
  const auto a = hashes(path("a"));
  ASSERT_EQ(a.size(), 8U);
  EXPECT_EQ(a, hashes(path("b")));
  EXPECT_EQ(std::set<std::string>(a.begin(), a.end()).size(), 8U - 2U) << "time passes, and the last third of so short a film stands still";
  // The folder may hold an older film, of which nothing is left.
  const auto again = [&] {
    scene::SceneBuilder machine;
    const auto all = shots();
    return exporting::write_film(*target_, machine, std::span(all).last(1), kSmall, path("a") + "/");
  }();
  ASSERT_TRUE(again.has_value());
  EXPECT_LT(hashes(path("a")).size(), 4U);
  EXPECT_EQ(left(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(Film, a_frame_is_the_picture_of_its_moment) {
  exporting::FilmOptions options = kSmall;
  options.captions = false;
  const scene::SceneInput input = truth::random_small(false);
  const double end = scene::Timeline(input.model->weights->config, input.run->base->length()).end();
  const std::vector<exporting::Shot> film{{.document = {}, .input = input, .caption = {}, .seconds = 1, .from = 0, .to = end, .camera = {}},
                                          {.document = {}, .input = input, .caption = {}, .seconds = 0.5, .camera = {}}};
  ASSERT_EQ(exporting::frames_of(film, options), 12);
  scene::SceneBuilder machine;
  for (const int n : {0, 3, 7, 8, 11}) {
    const auto frame = exporting::draw_frame(*target_, machine, film, options, n);
    ASSERT_TRUE(frame.has_value()) << frame.error().message;
    doc::Document document;
    document.time = n < 8 ? end * n / 8 : 1e18;
    scene::SceneBuilder own;
    const auto still = exporting::draw_picture(*target_, own, input, document, {options.width, options.height, 1, false, {}});
    ASSERT_TRUE(still.has_value());
    EXPECT_EQ(frame->pixels, still->pixels) << n;
  }
}

TEST_F(Film, a_camera_moves_from_one_end_to_the_other) {
  const scene::SceneInput input = truth::random_small(false);
  scene::SceneBuilder machine;
  const scene::Pane pane = exporting::pane_of({kSmall.width, kSmall.height, 1, false, {}});
  const render::Camera whole = *machine.camera("whole", input, {}, pane), close = *machine.camera("block 1", input, {}, pane);
  const std::vector<exporting::Shot> film{{.document = {}, .input = input, .caption = {}, .seconds = 1, .camera = {{whole, close}}}};
  for (const auto& [n, camera] : {std::pair{0, whole}, {7, close}}) {
    const auto frame = exporting::draw_frame(*target_, machine, film, kSmall, n);
    ASSERT_TRUE(frame.has_value());
    doc::Document document;
    document.camera = camera;
    const auto still = exporting::draw_picture(*target_, machine, input, document, {kSmall.width, kSmall.height, 1, false, {}});
    ASSERT_TRUE(still.has_value());
    EXPECT_EQ(frame->pixels, still->pixels) << n;
  }
}

TEST_F(Film, the_default_film_plays_the_whole_run_in_its_length) {
  const scene::SceneInput input = truth::fable(false);
  const double end = scene::Timeline(input.model->weights->config, 14).end();
  const auto film = exporting::plan_film({}, input, {});
  EXPECT_EQ(exporting::frames_of(film, {}), 12 * 30);
  EXPECT_EQ(film.front().from, 0);
  EXPECT_GT(film.front().seconds, 2 * film[10].seconds) << "the first token is slow, the rest flow";
  for (std::size_t i = 1; i < film.size(); ++i) EXPECT_EQ(film[i].from, film[i - 1].to) << i;
  EXPECT_EQ(film.back().to, end);
  EXPECT_EQ(film.back().seconds, 1) << "the last picture is held";
  // The chosen token's flight is one operation of 1442, and yet is seen.
  EXPECT_EQ(film[film.size() - 2].from, end - 1);
  EXPECT_GT(film[film.size() - 2].seconds, 0.2);
  const auto part = exporting::plan_film({}, input, {.seconds = 4, .from = 103, .to = 150});
  EXPECT_EQ(part.front().from, 103);
  EXPECT_EQ(part.back().to, 150);
  EXPECT_EQ(exporting::frames_of(part, {}), 4 * 30);
  EXPECT_EQ(exporting::frames_of(exporting::plan_film({}, {input.model, nullptr}, {.seconds = 2, .from = {}, .to = {}}), {}), 60);
}

TEST_F(Film, in_the_tempo_of_operations_one_that_repeats_gets_shorter) {
  const scene::SceneInput input = truth::fable(false);
  doc::Document document;
  document.pace = scene::Pace::Operation;
  const scene::Timeline timeline(input.model->weights->config, 14);
  const int first = timeline.op_of({HookKind::AttnScores, 0}), second = timeline.op_of({HookKind::AttnScores, 1});
  const auto film = exporting::plan_film(document, input, {.seconds = 60, .from = 0, .to = timeline.start_of(1)});
  ASSERT_EQ(film.size(), timeline.ops().size() + 1) << "a shot for each operation, and the last picture held";
  for (std::size_t i = 1; i < film.size(); ++i) EXPECT_EQ(film[i].from, film[i - 1].to) << i;
  EXPECT_NEAR(film[static_cast<std::size_t>(second)].seconds, 0.6 * film[static_cast<std::size_t>(first)].seconds, 1e-9);
  EXPECT_EQ(exporting::frames_of(film, {}), 60 * 30);
}

TEST_F(Film, an_open_product_plays_once_in_its_own_time) {
  const scene::SceneInput input = truth::fable(false);
  doc::Document document;
  document.cube = *scene::cube_named("blocks.4.attn.hook_attn_scores.3");
  const auto film = exporting::plan_film(document, input, {.seconds = 6, .from = {}, .to = {}});
  ASSERT_EQ(film.size(), 2U);
  EXPECT_EQ(film[0].from, 0);
  EXPECT_EQ(film[0].to, scene::Cube::kEnd);
  EXPECT_EQ(film[1].seconds, 1) << "the last picture is held";
  EXPECT_EQ(exporting::frames_of(film, {}), 6 * 30);
  const auto part = exporting::plan_film(document, input, {.seconds = 2, .from = 0.25, .to = 0.5});
  EXPECT_EQ(part.front().from, 0.25);
  EXPECT_EQ(part.back().to, 0.5);
  // A frame is the picture of its moment.
  exporting::FilmOptions options = kSmall;
  options.captions = false;
  scene::SceneBuilder builder, machine;
  const auto frame = exporting::draw_frame(*target_, builder, part, options, 0);
  ASSERT_TRUE(frame.has_value()) << frame.error().message;
  document.cube->time = 0.25;
  const auto still = exporting::draw_picture(*target_, machine, input, document, {kSmall.width, kSmall.height, 1, false, {}});
  ASSERT_TRUE(still.has_value());
  EXPECT_EQ(frame->pixels, still->pixels);
}

TEST_F(Film, mp4_and_gif_have_every_frame) {
  if (!has_ffmpeg()) GTEST_SKIP() << "ffmpeg is not installed";
  for (const char* name : {"-a: film.mp4", "a.gif"}) {
    const auto report = write(path(name));
    ASSERT_TRUE(report.has_value()) << report.error().message;
    QProcess probe;
    probe.start("ffprobe", {"-v", "error", "-count_frames", "-show_entries", "stream=codec_name,width,height,nb_read_frames", "-of",
                            "csv=p=0", QString::fromStdString("file:" + path(name))});
    ASSERT_TRUE(probe.waitForFinished());
    EXPECT_EQ(probe.readAllStandardOutput().trimmed(), std::string(name).ends_with("gif") ? "gif,320,180,8" : "h264,320,180,8");
  }
  EXPECT_EQ(left(), (std::vector<std::string>{"-a: film.mp4", "a.gif"}));
}

TEST_F(Film, stopped_it_leaves_nothing) {
  for (const char* name : {"a.mp4", "a.gif", "frames/"}) {
    if (!has_ffmpeg() && !std::string(name).ends_with('/')) continue;
    std::stop_source stop;
    const auto report = write(
        path(name),
        [&](int done, int) {
          if (done == 5) stop.request_stop();
        },
        stop.get_token());
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code, ErrorCode::Cancelled);
    EXPECT_EQ(left(), std::vector<std::string>{});
  }
}

TEST_F(Film, what_cannot_be_written_is_said_and_leaves_nothing) {
  const auto said = [&](const std::string& to, exporting::FilmOptions options = kSmall) {
    const auto r = exporting::check_film(to, options);
    return r ? std::string("fine") : r.error().message;
  };
  EXPECT_EQ(said("a.mov").substr(0, 20), "cannot write 'a.mov'");
  EXPECT_EQ(said("a.mp4", {321, 180, 8, 1, true, true}), "An MP4 has even sizes: ask for 322x180 in place of 321x180.");
  EXPECT_NE(said("a.gif", {320, 180, 60, 1, true, true}).find("at most 50 frames"), std::string::npos);
  fs::create_directory(path("mine"));
  std::ofstream(path("mine/thesis.tex")) << "dear to me";
  EXPECT_NE(said(path("mine") + "/").find("such as thesis.tex"), std::string::npos);
  EXPECT_NE(said(path("mine/thesis.tex") + "/").find("is not a folder"), std::string::npos);
  EXPECT_FALSE(write(path("mine") + "/").has_value());
  const auto nowhere = write(path("no/such/frames/"));
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_EQ(nowhere.error().code, ErrorCode::Io);
  if (has_ffmpeg()) {
    const auto failed = write(path("no/such/a.mp4"));
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().code, ErrorCode::Io);
    EXPECT_NE(failed.error().message.find("No such file"), std::string::npos) << failed.error().message;
  }
  {
    const NoPrograms none;
    const auto missing = write(path("a.mp4"));
    ASSERT_FALSE(missing.has_value());
    EXPECT_NE(missing.error().message.find("apt install ffmpeg"), std::string::npos);
    EXPECT_EQ(said(path("frames/")), "fine");
  }
  EXPECT_EQ(left(), std::vector<std::string>{"mine"});
}

TEST_F(Film, without_room_names_the_reason_and_leaves_nothing) {
  for (const char* name : {"a.mp4", "a.gif", "frames/"}) {
    if (!has_ffmpeg() && !std::string(name).ends_with('/')) continue;
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);  // as the program does
    const rlimit small{2000, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto report = write(path(name));
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, handler);
    ASSERT_FALSE(report.has_value()) << name;
    EXPECT_EQ(report.error().code, ErrorCode::Io);
    EXPECT_NE(report.error().message.find("File too large; make room, or name another place."), std::string::npos)
        << report.error().message;
    EXPECT_EQ(left(), std::vector<std::string>{});
  }
}

TEST_F(Film, what_has_the_name_of_a_part_is_left_alone) {
  if (!has_ffmpeg()) GTEST_SKIP() << "ffmpeg is not installed";
  for (const char* name : {"a.mp4.part", "a.gif.part", "a.gif.part.mkv", "a.gif.part.png"}) std::ofstream(path(name)) << "dear to me";
  const auto before = left();
  for (const char* name : {"a.mp4", "a.gif"}) {
    ASSERT_TRUE(write(path(name)).has_value());
    fs::remove(path(name));
  }
  EXPECT_EQ(left(), before);
  for (const std::string& name : before) EXPECT_EQ(fs::file_size(path(name.c_str())), 10U) << name;
}

TEST_F(Film, frames_of_a_killed_film_are_cleared_away_and_those_of_a_living_one_are_not) {
  fs::create_directories(path("frames/.frames.part.dead00"));
  std::ofstream(path("frames/.frames.part.dead00/frame_000001.png")) << "x";
  fs::create_directories(path("frames/.frames.part.alive0"));
  const int living = open(path("frames/.frames.part.alive0").c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(flock(living, LOCK_EX), 0);
  ASSERT_TRUE(write(path("frames/")).has_value());
  EXPECT_FALSE(fs::exists(path("frames/.frames.part.dead00")));
  EXPECT_TRUE(fs::exists(path("frames/.frames.part.alive0")));
  close(living);
}

TEST_F(Film, any_length_of_caption_can_be_drawn) {
  const scene::SceneInput input = truth::random_small(false);
  scene::SceneBuilder machine;
  const auto picture = [&](const std::string& caption) {
    return exporting::draw_picture(*target_, machine, input, {}, {kSmall.width, kSmall.height, 1, false, caption});
  };
  std::string words;
  for (int i = 0; i < 5000; ++i) words += "word" + std::to_string(i) + (i % 50 == 49 ? "\n" : " ");
  for (const std::string& caption : {std::string(17'000, 'x'), std::string(70'000, ' '), words}) {
    const auto drawn = picture(caption);
    ASSERT_TRUE(drawn.has_value()) << drawn.error().message;
    EXPECT_NE(drawn->pixels, picture("")->pixels);
  }
}

TEST_F(Film, its_sidecar_reads_back) {
  const scene::SceneInput input = truth::random_small(false);
  const exporting::FilmRecipe film{{.seconds = 3.5, .from = 10, .to = {}}, 25, false};
  ASSERT_TRUE(exporting::write_sidecar({}, input, {}, path("frames/"), film).has_value());
  const auto back = exporting::read_sidecar(path("frames.json"));
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ(back->film, film);
  for (const char* bad : {"3", R"({"seconds": 0})", R"({"fps": 1000})", R"({"captions": 1})", R"({"from": -1})"}) {
    std::ofstream(path("bad.json")) << R"({"size": [9, 9], "document": {}, "film": )" << bad << "}";
    const auto wrong = exporting::read_sidecar(path("bad.json"));
    ASSERT_FALSE(wrong.has_value()) << bad;
    EXPECT_NE(wrong.error().message.find("'film'"), std::string::npos);
  }
}

}  // namespace
}  // namespace gf
