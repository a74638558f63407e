// A device with validation for picture tests, and what they ask of it.
#pragma once

#include <cstdlib>
#include <gtest/gtest.h>
#include <memory>
#include <string_view>

#include "tests/renderer/core/scenes.h"

namespace gf::render::testing {

class Drawing : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    DeviceOptions options;
    // The GPU kit runs where the layer is not installed.
    const char* validation = std::getenv("GLASSFORMER_VALIDATION");
    options.validation = validation == nullptr || std::string_view(validation) != "0";
    options.on_message = [](const std::string& message) { ADD_FAILURE() << message; };
    auto device = Device::create(options);
    ASSERT_TRUE(device.has_value()) << device.error().message;
    device_ = *device;
  }
  static void TearDownTestSuite() {
    EXPECT_TRUE(device_ == nullptr || device_->messages() == 0);
    device_.reset();
  }

  static std::unique_ptr<Offscreen> offscreen(std::size_t tile_bytes = 96U << 20U) {
    auto made = Offscreen::create(device_, tile_bytes);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return std::move(*made);
  }
  static Image draw(Offscreen& target, const Scene& scene, const Camera& camera, int width = 640, int height = 360) {
    auto image = target.draw(scene, camera, width, height);
    EXPECT_TRUE(image.has_value()) << image.error().message;
    return std::move(*image);
  }
  static Rgb8 pixel(const Image& image, int x, int y) {
    const std::size_t i = (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x)) * 4;
    return {image.pixels[i], image.pixels[i + 1], image.pixels[i + 2]};
  }
  static int distance(const Rgb8& a, const Rgb8& b) {
    return std::max({std::abs(a[0] - b[0]), std::abs(a[1] - b[1]), std::abs(a[2] - b[2])});
  }

  inline static std::shared_ptr<Device> device_;
};

/// A panel that fills the picture exactly, a cell to every `px` pixels.
inline Camera facing(int height) {
  Camera c;
  c.fov_y = 0.6F;
  c.distance = static_cast<float>(height) / 2 / std::tan(0.3F);
  return c;
}

}  // namespace gf::render::testing
