// What leaves the program without a device: sidecars, PNG files, legends, and the options of render.
#include <QImage>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "app/cli/render/render_options.h"
#include "app/export/formats.h"
#include "app/export/legend_marks.h"
#include "app/export/sidecar.h"
#include "app/scene/seen_sheet.h"
#include "tests/app/truth/views.h"

namespace gf {
namespace {

class Export : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("glassformer_export_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }
  void write(const char* name, const std::string& text) const { std::ofstream(path(name)) << text; }
  std::filesystem::path folder_;
};

TEST_F(Export, a_png_reads_back_as_the_same_pixels) {
  render::Image image{3, 2, {}};
  for (int i = 0; i < 6; ++i)
    for (const int c : {i * 40, 255 - i, i, 255}) image.pixels.push_back(static_cast<std::uint8_t>(c));
  ASSERT_TRUE(exporting::write_png(image, path("a.png")).has_value());
  const QImage back(QString::fromStdString(path("a.png")));
  ASSERT_EQ(back.width(), 3);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(back.pixel(i % 3, i / 3), qRgb(i * 40, 255 - i, i)) << i;
  const auto failed = exporting::write_png(image, path("no/such/folder/a.png"));
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::Io);
  EXPECT_NE(failed.error().message.find("no/such/folder/a.png"), std::string::npos);
}

TEST_F(Export, a_sidecar_reads_back) {
  const truth::View v = truth::views().front();
  doc::Document document;
  document.model = "fable";
  document.theme = render::Theme::Light;
  document.time = 123.5;
  document.camera = render::Camera{{1, 2, 3}, 4, 0.5F, 0.25F};
  document.selection = scene::CellRef{{{HookKind::Pattern, 4}, {}}, {3, 13, 1}};
  exporting::PictureOptions options{640, 360, 2, false, "a 'caption'"};
  options.figure = "pattern 4.7";
  ASSERT_TRUE(exporting::write_sidecar(document, v.input, options, path("it's.png")).has_value());
  const auto back = exporting::read_sidecar(path("it's.png.json"));
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ(back->document, document);
  EXPECT_EQ(back->options.width, 640);
  EXPECT_EQ(back->options.height, 360);
  EXPECT_EQ(back->options.dpr, 2);
  EXPECT_FALSE(back->options.legend);
  EXPECT_EQ(back->options.caption, "a 'caption'");
  EXPECT_EQ(back->options.figure, "pattern 4.7");
  EXPECT_EQ(back->file_bytes, v.input.model->weights->file_bytes);
  EXPECT_EQ(back->n_prompt, 14);
  EXPECT_TRUE(std::ranges::equal(back->ids, v.input.run->base->ids()));
}

/// Sets a variable of the environment for as long as it lives.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value.c_str(), 1);
  }
  ~Environment() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST_F(Export, a_sidecar_names_models_from_home_or_the_cache) {
  namespace fs = std::filesystem;
  const fs::path snapshot = folder_ / "cache" / "hub" / "models--someone--gpt2-small" / "snapshots" / "abc123";
  fs::create_directories(snapshot);
  fs::copy(GLASSFORMER_SOURCE_DIR "/assets/models/sort-nano", snapshot, fs::copy_options::recursive);
  fs::create_directories(folder_ / "home" / "pictures");
  const Environment home("HOME", (folder_ / "home").string()), cache("HF_HUB_CACHE", (folder_ / "cache" / "hub").string());
  const truth::View v = truth::views().front();
  doc::Document document;
  document.model = (folder_ / "home" / "models" / "mine").string();
  document.recipe.folder = (folder_ / "home" / "recipes").string();
  document.other.emplace().model = snapshot.string();
  const std::string picture = (folder_ / "home" / "pictures" / "it's.png").string();
  ASSERT_TRUE(exporting::write_sidecar(document, v.input, {}, picture).has_value());
  std::ifstream in(picture + ".json");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text.find(folder_.string()), std::string::npos) << text;
  EXPECT_NE(text.find("\"~/models/mine\""), std::string::npos) << text;
  EXPECT_NE(text.find("\"hf:someone/gpt2-small\""), std::string::npos) << text;
  EXPECT_NE(text.find("render --from ~/'pictures/it'\\\\''s.png.json' -o ~/'pictures/it'\\\\''s-again.png'"), std::string::npos) << text;
  const auto back = exporting::read_sidecar(picture + ".json");
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ(back->document.model, document.model);
  EXPECT_EQ(back->document.recipe.folder, document.recipe.folder);
  EXPECT_EQ(back->document.other->model, "hf:someone/gpt2-small");
  const Environment elsewhere("HOME", "/home/another");
  EXPECT_EQ(exporting::read_sidecar(picture + ".json")->document.model, "/home/another/models/mine");
}

TEST_F(Export, a_picture_of_another_shape_holds_all_that_the_window_held) {
  const scene::SceneInput input = truth::fable(false);
  scene::Pane window{{1135, 712}};
  window.foot = 0.2F;
  doc::Document document;
  document.model = "fable";
  scene::SceneBuilder builder;
  document.camera = *builder.camera("head 5.1", input, document, window);
  document.camera->chosen_in = {window.size, window.foot};
  const scene::ViewScene seen_there = builder.build(input, document, window);
  ASSERT_TRUE(exporting::write_sidecar(document, input, {}, path("head.png")).has_value());
  document = exporting::read_sidecar(path("head.png.json"))->document;
  for (const auto& [width, height] : {std::pair(3840, 2160), std::pair(1280, 720), std::pair(600, 900)}) {
    SCOPED_TRACE(std::to_string(width) + " x " + std::to_string(height));
    exporting::PictureOptions options;
    options.width = width;
    options.height = height;
    const auto frame = exporting::compose(builder, input, document, options);
    ASSERT_TRUE(frame.has_value()) << frame.error().message;
    const glm::vec2 size(width, height);
    const float free = size.y * (1 - exporting::pane_of(options).foot);
    int seen = 0;
    for (std::size_t i = 0; i < seen_there.panels.size(); ++i) {
      const render::Panel &panel = seen_there.scene->panels[i], &drawn = frame->scene.scene->panels[i];
      ASSERT_EQ(frame->scene.panels[i].tensor, seen_there.panels[i].tensor);
      for (const glm::vec2 corner : {glm::vec2(0), glm::vec2(1, 0), glm::vec2(0, 1), glm::vec2(1)}) {
        const auto place = [&](const render::Panel& p) { return p.origin + p.across * corner.x + p.down * corner.y; };
        const glm::vec3 there = render::project(*document.camera, place(panel), window.size);
        if (there.z <= 0 || there.x < 0 || there.y < 0 || there.x > window.size.x || there.y > window.size.y * (1 - window.foot)) continue;
        ++seen;
        const glm::vec3 here = render::project(frame->camera, place(drawn), size);
        EXPECT_TRUE(here.x > -1 && here.y > -1 && here.x < size.x + 1 && here.y < free + 1) << here.x << ", " << here.y;
      }
    }
    EXPECT_GE(seen, 4);
  }
}

TEST_F(Export, a_picture_of_the_windows_size_is_framed_as_the_window_is) {
  const scene::SceneInput input = truth::fable(false);
  for (const glm::vec2 size : {glm::vec2(380, 180), {548, 208}, {640, 330}, {1135, 712}})
    for (const char* part : {"block 4", "attention 4", "head 4.3"}) {
      SCOPED_TRACE(std::to_string(size.x) + " x " + std::to_string(size.y) + ", " + part);
      scene::Pane window{size};
      window.legend_rows = scene::legend_rows_for(window);
      window.foot = scene::legend_share(window);
      window.guides = true;
      doc::Document document;
      document.model = "fable";
      scene::SceneBuilder builder;
      const render::Camera chosen = *builder.camera(part, input, document, window);
      document.camera = chosen;
      document.camera->chosen_in = {window.size, window.foot, window.presentation};
      exporting::PictureOptions options;
      options.width = static_cast<int>(size.x);
      options.height = static_cast<int>(size.y);
      const auto frame = exporting::compose(builder, input, document, options);
      ASSERT_TRUE(frame.has_value()) << frame.error().message;
      EXPECT_EQ(frame->camera, chosen);
      EXPECT_EQ(exporting::pane_of(options).foot, window.foot);
    }
}

TEST_F(Export, the_numbers_of_an_operation_stand_above_the_caption) {
  const scene::SceneInput input = truth::fable(false);
  const scene::Timeline timeline(input.model->weights->config, input.run->base->length());
  int boards = 0;
  for (const HookKind made : {HookKind::Q, HookKind::AttnScores, HookKind::Z})
    for (const auto& [width, height] : {std::pair(1280, 720), std::pair(1600, 900)}) {
      SCOPED_TRACE(std::to_string(width) + " x " + std::to_string(height) + ", " + std::string(info_of(made).name));
      exporting::PictureOptions options;
      options.width = width;
      options.height = height;
      options.caption =
          "How well a query fits a key is their dot product, made smaller by the square root of their length.\nThe mask "
          "closes what is to come.";
      doc::Document document;
      document.model = "fable";
      document.time = timeline.start_of(13, timeline.op_of({made, 5})) + 0.6;
      scene::SceneBuilder builder;
      document.camera = *builder.camera("attention 5", input, document, exporting::pane_of(options));
      const auto frame = exporting::compose(builder, input, document, options);
      ASSERT_TRUE(frame.has_value()) << frame.error().message;
      if (!frame->scene.focus) continue;
      const auto caption = exporting::caption_box(frame->legend, {.text = options.caption, .moment = {}, .widest = {}},
                                                  glm::vec2(width, height), 17, exporting::measured_in_letters, frame->legend_room);
      ASSERT_TRUE(caption);
      const scene::ViewScene::Box& board = frame->scene.focus->board;
      const auto stands = scene::on_screen(board, render::Projection(frame->camera, glm::vec2(width, height)), board.low.z);
      ASSERT_TRUE(stands);
      EXPECT_FALSE(stands->meets(*caption));
      ++boards;
    }
  EXPECT_GT(boards, 3);
}

TEST_F(Export, a_broken_sidecar_names_the_key) {
  const auto message = [&](const std::string& text) {
    write("s.json", text);
    const auto r = exporting::read_sidecar(path("s.json"));
    return r ? std::string("read") : r.error().message;
  };
  EXPECT_NE(message("nonsense").find("is not a sidecar"), std::string::npos);
  EXPECT_NE(message(R"({"size": [1]})").find("'size'"), std::string::npos);
  EXPECT_NE(message(R"({"size": [0, 4]})").find("'size'"), std::string::npos);
  EXPECT_NE(message(R"({"size": [9, 9], "dpr": "x"})").find("'dpr'"), std::string::npos);
  EXPECT_NE(message(R"({"size": [9, 9], "ids": [1, -2], "n_prompt": 1})").find("'ids'"), std::string::npos);
  EXPECT_NE(message(R"({"size": [9, 9], "ids": [1], "n_prompt": 2})").find("'n_prompt'"), std::string::npos);
  EXPECT_NE(message(R"({"size": [9, 9]})").find("'document'"), std::string::npos);
  EXPECT_EQ(exporting::read_sidecar(path("none.json")).error().code, ErrorCode::NotFound);
}

TEST_F(Export, the_legend_names_few_tensors_and_groups_many) {
  scene::SceneBuilder machine;
  const auto all = truth::views();
  const auto find = [&](const char* name) { return *std::find_if(all.begin(), all.end(), [&](const auto& v) { return v.name == name; }); };
  const truth::Built whole = truth::build(machine, find("fable home dark"));
  const auto rows = scene::legend_rows(whole.scene, whole.camera, scene::Pane{{1280, 720}});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(rows[0].title.starts_with("activations and weights, scale ")) << rows[0].title;
  EXPECT_TRUE(rows[0].detail.starts_with("largest ")) << rows[0].detail;
  EXPECT_EQ(rows[1].title, "attention");
  EXPECT_EQ(rows[1].low + rows[1].high, "01");
  const scene::TensorRef z{{HookKind::Z, 4}, {}};
  const auto focused = scene::legend_rows(whole.scene, whole.camera, scene::Pane{{1280, 720}}, &z);
  // The legend keeps its height: the row with the smallest area makes room.
  ASSERT_EQ(focused.size(), 3U);
  EXPECT_EQ(focused[0].title, "z, block 4");
  EXPECT_EQ(focused[2].title, "attention");
  EXPECT_EQ("-" + focused[0].high.substr(1), focused[0].low);
  // All patterns have one scale: the selected one's bar stands for the others.
  const scene::TensorRef pattern{{HookKind::Pattern, 4}, {}};
  const auto one = scene::legend_rows(whole.scene, whole.camera, scene::Pane{{1280, 720}}, &pattern);
  ASSERT_EQ(one.size(), 3U);
  EXPECT_EQ(one[0].title, "pattern, block 4");
  for (std::size_t i = 1; i < one.size(); ++i) EXPECT_NE(one[i].title, "attention");
}

TEST(RenderOptions, sizes_cameras_cells_and_suffixes) {
  EXPECT_EQ(cli::parse_size("640x480")->width, 640);
  EXPECT_EQ(cli::parse_size("640x480")->height, 480);
  for (const char* bad : {"640", "x480", "640x", "8x8", "99999x100", "640x480x3", ""})
    EXPECT_FALSE(cli::parse_size(bad).has_value()) << bad;
  const auto camera = cli::parse_camera("1,2,-3.5,10,0.25,0.5");
  ASSERT_TRUE(camera && *camera);
  EXPECT_EQ((*camera)->target, glm::vec3(1, 2, -3.5F));
  EXPECT_EQ((*camera)->distance, 10);
  EXPECT_EQ((*camera)->pitch, 0.5F);
  EXPECT_FALSE(cli::parse_camera("1,2,3").has_value());
  EXPECT_FALSE(cli::parse_camera("1,2,3,0,0,0").has_value());
  ASSERT_TRUE(cli::parse_camera("block 2").has_value());
  EXPECT_FALSE(cli::parse_camera("block 2")->has_value());
  EXPECT_EQ(*cli::parse_cell("blocks.4.attn.hook_pattern[3, 13,1]", 6), (scene::CellRef{{{HookKind::Pattern, 4}, {}}, {3, 13, 1}}));
  EXPECT_EQ(*cli::parse_cell("wte.weight[262,7]", 6), (scene::CellRef{{{}, "wte.weight"}, {262, 7, -1}}));
  for (const char* bad : {"wte.weight", "wte.weight[]", "wte.weight[1", "wte.weight[1,2,3,4]"})
    EXPECT_FALSE(cli::parse_cell(bad, 6).has_value()) << bad;
  EXPECT_EQ(cli::parse_range("3, 10.5")->to, 10.5);
  for (const char* bad : {"3", "5,3", "-1,3", "a,b", "1,2,3", ""}) EXPECT_FALSE(cli::parse_range(bad).has_value()) << bad;
}

TEST(Formats, go_by_the_ending_of_a_name) {
  const auto picture = [](const char* path) -> std::string_view {
    const auto* format = exporting::picture_format(path);
    return format == nullptr ? "" : format->ending;
  };
  const auto film = [](const char* path) -> std::string_view {
    const auto* format = exporting::film_format(path);
    return format == nullptr ? "" : format->ending;
  };
  EXPECT_EQ(picture("a.png"), ".png");
  EXPECT_EQ(picture("A.PNG"), ".png");
  EXPECT_EQ(picture("a.svg"), ".svg");
  EXPECT_EQ(picture("a.scene.json"), ".scene.json");
  for (const char* other : {"a.json", "a.mp4", "a.png/", "png", ""}) EXPECT_EQ(picture(other), "") << other;
  EXPECT_EQ(film("a.mp4"), ".mp4");
  EXPECT_EQ(film("a.gif"), ".gif");
  EXPECT_EQ(film("frames/"), "/");
  for (const char* other : {"a.png", "a.mov", "frames", ""}) EXPECT_EQ(film(other), "") << other;
}

TEST(Formats, are_all_named_where_none_fits) {
  for (const auto& format : exporting::picture_formats()) EXPECT_TRUE(cli::check_format("a" + std::string(format.ending)).has_value());
  for (const auto& format : exporting::film_formats()) EXPECT_TRUE(cli::check_format("a" + std::string(format.ending)).has_value());
  const auto other = cli::check_format("a.mov");
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().message,
            "cannot write 'a.mov': a picture's name ends in .png, .svg, .pdf, .html or .scene.json, a film's in .mp4, .gif or / (a "
            "folder); choose one "
            "of these");
  EXPECT_EQ(exporting::picture_endings(true), ".png, .svg, .pdf or .html");
}

}  // namespace
}  // namespace gf
