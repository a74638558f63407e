// Text and overlays as they come out of the renderer. The pictures are left in the build folder, to be looked at.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <imgui.h>

#include "renderer/renderer.h"

namespace gf::render {
namespace {

std::shared_ptr<Device> validated_device() {
  static std::shared_ptr<Device> device = [] {
    auto made = Device::create({.validation = true, .surface_extensions = {}, .on_message = [](const std::string& text) {
                                  std::fprintf(stderr, "validation: %s\n", text.c_str());
                                }});
    return made ? *made : nullptr;
  }();
  return device;
}

Color rgb(unsigned hex, float alpha = 1) {
  const auto channel = [&](unsigned shift) { return static_cast<float>((hex >> shift) & 0xFFU) / 255.0F; };
  return {channel(16), channel(8), channel(0), alpha};
}

// A binary PPM: any viewer opens it, no library is needed.
void save(const Image& image, const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path(GLASSFORMER_BUILD_DIR) / "pictures";
  std::filesystem::create_directories(folder);
  std::ofstream out(folder / (name + ".ppm"), std::ios::binary);
  out << "P6\n" << image.width << ' ' << image.height << "\n255\n";
  for (std::size_t i = 0; i < image.pixels.size(); i += 4) {
    out.write(reinterpret_cast<const char*>(&image.pixels[i]), 3);
  }
}

// A sheet of text: every size from 11 to 22, tags, scripts.
Scene text_sheet(Theme theme) {
  const bool dark = theme == Theme::Dark;
  Scene scene;
  scene.theme = theme;
  scene.ground = dark ? rgb(0x0E1116) : rgb(0xF6F5F1);
  const Color text = dark ? rgb(0xE8ECF3) : rgb(0x1B2330);
  const Color dim = dark ? rgb(0x93A0B5) : rgb(0x667085);
  int row = 0;
  const auto add = [&](const std::string& line, float px, float x, Color color, bool bold, Color background) {
    Label label;
    label.text = line;
    label.anchor = {x, -2.6F + 0.44F * static_cast<float>(row), 0};
    label.height = 100;
    label.min_px = label.max_px = px;
    label.color = color;
    label.bold = bold;
    label.background = background;
    scene.labels.push_back(label);
  };
  for (const float px : {11.0F, 12.0F, 13.0F, 14.0F, 16.0F, 18.0F, 22.0F}) {
    add("blocks.4.attn.hook_z  When Mary and John went to the garden, 98.7 %", px, -5.2F, text, false, Color(0));
    add("resid_mid 3: \u00b7Mary \u2212"
        "0.3141 \u2192 \u21b5 W_O AV To",
        px, 0.9F, dim, true, Color(0));
    ++row;
  }
  add("\u041c\u0435\u0448 \u0393\u03c1\u03b7\u03b3\u03bf\u03c1\u03b7 \u0141\u00f3d\u017a na\u00efve \u4e2d\u6587 \u65e5\u672c \xff \x07",
      14, -5.2F, text, false, Color(0));
  ++row;
  float x = -5.2F;
  for (const char* name : {"ln_1", "q", "k", "v", "pattern", "z", "attn_out", "resid_mid", "post", "mlp_out"}) {
    add(name, 12, x, dark ? rgb(0xE8ECF3) : rgb(0x1B2330), false, dark ? rgb(0x2C3340) : rgb(0xE5E3DC));
    x += 0.95F;
  }
  ++row;
  add("cut: head 3", 12, -5.2F, rgb(0xFFFFFF), true, rgb(0xD9542B));
  add("selected", 12, -4.0F, rgb(0x0E1116), true, rgb(0x6EA8FE));
  add("half faded", 14, -2.8F, Color(glm::vec3(text), 0.5F), false, Color(0));
  ++row;
  add("Glassformer", 64, -5.2F, text, true, Color(0));
  return scene;
}

void hover_card() {
  ImGui::SetNextWindowPos({860, 470});
  ImGui::Begin("card", nullptr, ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoMove);
  ImGui::TextUnformatted("blocks.4.attn.hook_z");
  ImGui::TextDisabled("position 3 \"\u00b7cat\", head 2, dim 17");
  ImGui::Separator();
  ImGui::TextUnformatted("= 0.31 \u00d7 \u22121.20 + 0.22 \u00d7 0.87 + \u2026 + b");
  ImGui::Text("value  %.4f", -0.1806);
  ImGui::Button("Ablate");
  ImGui::SameLine();
  static bool pinned = true;
  ImGui::Checkbox("pinned", &pinned);
  static float scale = 0.4F;
  ImGui::SliderFloat("scale", &scale, 0, 1);
  ImGui::ProgressBar(0.6F, {-1, 6}, "");
  ImGui::End();
}

int brightness_range(const Image& image, int x0, int y0, int x1, int y1) {
  int low = 255;
  int high = 0;
  for (int y = y0; y < y1; ++y) {
    for (int x = x0; x < x1; ++x) {
      const int green = image.pixels[4 * static_cast<std::size_t>(y * image.width + x) + 1];
      low = std::min(low, green);
      high = std::max(high, green);
    }
  }
  return high - low;
}

class TextPicture : public testing::TestWithParam<Theme> {
 protected:
  void SetUp() override {
    device_ = validated_device();
    ASSERT_NE(device_, nullptr) << "no Vulkan device with validation: install mesa-vulkan-drivers, vulkan-validationlayers";
    auto made = Offscreen::create(device_);
    ASSERT_TRUE(made) << made.error().message;
    offscreen_ = std::move(*made);
  }
  void TearDown() override {
    offscreen_.reset();
    EXPECT_EQ(device_->messages(), 0);
  }
  std::string name(const char* what) const { return std::string(what) + (GetParam() == Theme::Dark ? "-dark" : "-light"); }
  std::shared_ptr<Device> device_;
  std::unique_ptr<Offscreen> offscreen_;
};

TEST_P(TextPicture, small_text_has_contrast) {
  const Scene scene = text_sheet(GetParam());
  const auto image = offscreen_->draw(scene, Camera{}, 1280, 720);
  ASSERT_TRUE(image) << image.error().message;
  save(*image, name("text"));
  int checked = 0;
  for (const PlacedLabel& placed : place_labels(scene, Camera{}, {1280, 720})) {
    const Label& label = scene.labels[static_cast<std::size_t>(placed.index)];
    if (placed.alpha < 0.9F || label.background.a > 0 || label.bold || label.color.a < 1) continue;
    const Color& c = label.color;
    const int wanted = static_cast<int>(std::abs(c.g - scene.ground.g) * 255);
    const int seen = brightness_range(*image, std::max(0, static_cast<int>(placed.low.x)), static_cast<int>(placed.low.y),
                                      std::min(1280, static_cast<int>(placed.high.x)), static_cast<int>(placed.high.y));
    EXPECT_GT(seen, wanted * 3 / 4) << label.text << " at " << placed.size_px;
    ++checked;
  }
  EXPECT_GE(checked, 7);
}

TEST_P(TextPicture, the_same_input_gives_the_same_pixels) {
  const Scene scene = text_sheet(GetParam());
  const auto a = offscreen_->draw(scene, Camera{}, 640, 360, 1, hover_card);
  const auto b = offscreen_->draw(scene, Camera{}, 640, 360, 1, hover_card);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->pixels, b->pixels);
}

TEST_P(TextPicture, twice_the_scale_is_twice_the_size) {
  const Scene scene = text_sheet(GetParam());
  const auto image = offscreen_->draw(scene, Camera{}, 2560, 1440, 2, hover_card);
  ASSERT_TRUE(image) << image.error().message;
  save(*image, name("text-2x"));
  const auto one = place_labels(scene, Camera{}, {1280, 720}, 1);
  const auto two = place_labels(scene, Camera{}, {2560, 1440}, 2);
  ASSERT_EQ(one.size(), two.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_NEAR(two[i].size_px, 2 * one[i].size_px, 0.01F);
    EXPECT_NEAR(two[i].low.x, 2 * one[i].low.x, 0.1F);
  }
}

TEST_P(TextPicture, the_overlay_has_its_full_size_in_the_first_frame) {
  Scene scene = text_sheet(GetParam());
  scene.labels.clear();
  const auto without = offscreen_->draw(scene, Camera{}, 1280, 720);
  const auto with = offscreen_->draw(scene, Camera{}, 1280, 720, 1, hover_card);
  ASSERT_TRUE(with && without);
  save(*with, name("overlay"));
  EXPECT_EQ(brightness_range(*without, 860, 470, 1080, 560), 0);
  EXPECT_GT(brightness_range(*with, 860, 470, 1080, 560), 60);
  const auto again = offscreen_->draw(scene, Camera{}, 1280, 720, 1, hover_card);
  ASSERT_TRUE(again);
  EXPECT_EQ(with->pixels, again->pixels);
}

INSTANTIATE_TEST_SUITE_P(Themes, TextPicture, testing::Values(Theme::Dark, Theme::Light),
                         [](const auto& info) { return info.param == Theme::Dark ? "Dark" : "Light"; });

}  // namespace
}  // namespace gf::render
