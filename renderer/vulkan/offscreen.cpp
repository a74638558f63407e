// Pictures without a window.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>

#include "model/base/text.h"
#include "renderer/vulkan/frame_renderer.h"
#include "renderer/vulkan/id_target.h"
#include "renderer/vulkan/raster_reference.h"

namespace gf::render {

namespace {
double ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

class OffscreenImage final : public Offscreen {
 public:
  std::shared_ptr<VulkanDevice> device;
  std::unique_ptr<FrameRenderer> renderer;
  Commands commands;

  void set_part(int width, int height) override {
    EXPECTS(width >= 2 && height >= 2, "a part has pixels");
    part_ = {width, height};
  }

  Result<Image> draw(const Scene& scene, const Camera& camera, int width, int height, float dpr, const Overlay& overlay) override {
    GF_TRY(check_picture(width, height));
    const int most = static_cast<int>(device->limits().maxImageDimension2D);
    const int wide = part_of(width, std::min(part_.x, most)), high = part_of(height, std::min(part_.y, most));
    GF_TRY(resize(wide, high));
    Image image{width, height, {}};
    try {
      image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4);
    } catch (const std::bad_alloc&) {
      return fail(ErrorCode::OutOfMemory,
                  text("There is not enough memory for a picture of {0} x {1} pixels; ask for a smaller one.", width, height), "offscreen");
    }
    FrameInput input{.scene = &scene, .camera = camera, .dpr = dpr, .overlay = &overlay};
    input.whole = {static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)};
    input.wait_for_tiles = true;
    for (input.from.y = 0; input.from.y < height; input.from.y += high)
      for (input.from.x = 0; input.from.x < width; input.from.x += wide) GF_TRY(draw_part(input, image));
    return image;
  }

  Result<FrameStats> time_frame(const Scene& scene, const Camera& camera, int width, int height) override {
    const auto start = std::chrono::steady_clock::now();
    GF_TRY(resize(width, height));
    GF_TRY_ASSIGN(VkCommandBuffer c, commands.begin());
    GF_TRY_ASSIGN(FrameStats stats, renderer->record(c, {.scene = &scene, .camera = camera, .wait_for_tiles = true}, target()));
    const auto submitted = std::chrono::steady_clock::now();
    GF_TRY(commands.submit());
    GF_TRY(commands.wait());
    stats.gpu_ms = ms_since(submitted);
    stats.cpu_ms = ms_since(start) - stats.gpu_ms;
    return stats;
  }

  Result<IdImage> draw_ids(const Scene& scene, const Camera& camera, int width, int height) override {
    GF_TRY(check_size(width, height));
    return render_ids(device, scene, camera, width, height);
  }

  Result<double> raster_reference_ms(int width, int height) override {
    GF_TRY(check_size(width, height));
    return measure_raster_reference(device, width, height);
  }

 private:
  /// Sides of equal parts, none larger than `most`; even, see FrameInput::from.
  static int part_of(int side, int most) {
    if (side <= most) return side;
    const int even = std::max(2, most / 2 * 2), count = (side + even - 1) / even;
    return ((side + count - 1) / count + 1) / 2 * 2;
  }

  /// Draws a part and copies its pixels to their place in the picture.
  Result<void> draw_part(const FrameInput& input, Image& image) {
    GF_TRY_ASSIGN(VkCommandBuffer c, commands.begin());
    GF_TRY(renderer->record(c, input, target()));
    VkBufferImageCopy region{};
    region.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    region.imageExtent = {color_.size().width, color_.size().height, 1};
    vkCmdCopyImageToBuffer(c, color_.handle(), VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, read_back_.handle(), 1, &region);
    memory_barrier(c, VK_PIPELINE_STAGE_2_COPY_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_2_HOST_BIT,
                   VK_ACCESS_2_HOST_READ_BIT);
    GF_TRY(commands.submit());
    GF_TRY(commands.wait());
    const auto* pixels = reinterpret_cast<const std::uint8_t*>(read_back_.mapped());
    const auto stride = static_cast<std::size_t>(color_.size().width) * 4;
    const auto rows = std::min<std::size_t>(color_.size().height, static_cast<std::size_t>(image.height - input.from.y));
    const auto row_bytes = std::min(stride, static_cast<std::size_t>(image.width - input.from.x) * 4);
    for (std::size_t y = 0; y < rows; ++y) {
      const auto at =
          (static_cast<std::size_t>(input.from.y) + y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(input.from.x);
      std::memcpy(image.pixels.data() + at * 4, pixels + y * stride, row_bytes);
    }
    return {};
  }

  /// A picture may be larger than an image of the device, but not than its viewport.
  Result<void> check_picture(int width, int height) const {
    EXPECTS(width > 0 && height > 0, "a picture has at least one pixel");
    const auto& most = device->limits().maxViewportDimensions;
    if (static_cast<std::uint32_t>(width) <= most[0] && static_cast<std::uint32_t>(height) <= most[1]) return {};
    return fail(ErrorCode::InvalidArgument,
                text("A picture of {0} x {1} pixels is larger than this device draws ({2} x {3}); ask for a smaller one.", width, height,
                     most[0], most[1]),
                "offscreen");
  }
  Result<void> check_size(int width, int height) const {
    EXPECTS(width > 0 && height > 0, "a picture has at least one pixel");
    const int most = static_cast<int>(device->limits().maxImageDimension2D);
    if (width > most || height > most)
      return fail(ErrorCode::InvalidArgument,
                  text("A picture of {0} x {1} pixels is larger than this device draws ({2}); ask for a smaller one.", width, height, most),
                  "offscreen");
    return {};
  }

  Result<void> resize(int width, int height) {
    GF_TRY(check_size(width, height));
    const VkExtent2D size{static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)};
    if (color_ && color_.size().width == size.width && color_.size().height == size.height) return {};
    GF_TRY_ASSIGN(color_, GpuImage::create(device, {.format = VK_FORMAT_R8G8B8A8_UNORM,
                                                    .size = size,
                                                    .usage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT,
                                                    .name = "offscreen colour"}));
    GF_TRY_ASSIGN(read_back_, Buffer::create(device, Buffer::Kind::ReadBack, VkDeviceSize{size.width} * size.height * 4,
                                             VK_BUFFER_USAGE_TRANSFER_DST_BIT, "picture read-back"));
    return {};
  }

  [[nodiscard]] FrameTarget target() const { return {color_.handle(), color_.view(), color_.size(), VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL}; }

  GpuImage color_;
  Buffer read_back_;
  glm::ivec2 part_{kPartWidth, kPartHeight};
};
}  // namespace

Result<std::unique_ptr<Offscreen>> Offscreen::create(std::shared_ptr<Device> device, std::size_t tile_bytes) {
  if (device == nullptr) {
    GF_TRY_ASSIGN(device, Device::create({}));
  }
  auto offscreen = std::make_unique<OffscreenImage>();
  offscreen->device = std::static_pointer_cast<VulkanDevice>(device);
  GF_TRY_ASSIGN(offscreen->renderer, FrameRenderer::create(offscreen->device, VK_FORMAT_R8G8B8A8_UNORM, tile_bytes));
  GF_TRY_ASSIGN(offscreen->commands, Commands::create(offscreen->device));
  return std::unique_ptr<Offscreen>(std::move(offscreen));
}

}  // namespace gf::render
