// Pictures without a window.
#include <algorithm>
#include <chrono>
#include <cstring>

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

  Result<Image> draw(const Scene& scene, const Camera& camera, int width, int height, float dpr, const Overlay& overlay) override {
    GF_TRY(resize(width, height));
    GF_TRY_ASSIGN(VkCommandBuffer c, commands.begin());
    GF_TRY(renderer->record(c, {.scene = &scene, .camera = camera, .dpr = dpr, .overlay = &overlay, .wait_for_tiles = true}, target()));
    VkBufferImageCopy region{};
    region.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    region.imageExtent = {color_.size().width, color_.size().height, 1};
    vkCmdCopyImageToBuffer(c, color_.handle(), VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, read_back_.handle(), 1, &region);
    memory_barrier(c, VK_PIPELINE_STAGE_2_COPY_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_2_HOST_BIT,
                   VK_ACCESS_2_HOST_READ_BIT);
    GF_TRY(commands.submit());
    GF_TRY(commands.wait());
    Image image{width, height, {}};
    const auto* pixels = reinterpret_cast<const std::uint8_t*>(read_back_.mapped());
    image.pixels.assign(pixels, pixels + static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4);
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
