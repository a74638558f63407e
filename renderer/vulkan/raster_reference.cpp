#include "renderer/vulkan/raster_reference.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "renderer/vulkan/pipeline.h"

namespace gf::render {

Result<double> measure_raster_reference(const std::shared_ptr<VulkanDevice>& device, int width, int height) {
  const VkExtent2D size{static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)};
  const std::vector<std::byte> texels(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4, std::byte{0x80});
  GF_TRY_ASSIGN(GpuImage source, upload_image(device, VK_FORMAT_R8G8B8A8_UNORM, size, texels, "reference source"));
  GF_TRY_ASSIGN(GpuImage target, GpuImage::create(device, {.format = VK_FORMAT_R8G8B8A8_UNORM,
                                                           .size = size,
                                                           .usage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT,
                                                           .name = "reference target"}));
  GF_TRY_ASSIGN(Sampler sampler, Sampler::create(device, VK_FILTER_NEAREST));
  GF_TRY_ASSIGN(BindGroup group,
                BindGroup::create(device, {{0, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, VK_SHADER_STAGE_FRAGMENT_BIT}}, 1));
  group.write_image(0, 0, source.view(), sampler.handle());
  PipelineInfo info;
  info.vertex = "reference.vert";
  info.fragment = "reference.frag";
  info.target.depth = VK_FORMAT_UNDEFINED;
  info.sets = {group.layout()};
  info.blend = Blend::Off;
  info.depth = false;
  GF_TRY_ASSIGN(Pipeline pipeline, Pipeline::create(device, info));
  GF_TRY_ASSIGN(Commands commands, Commands::create(device));
  constexpr int kRuns = 15;
  std::vector<double> times;
  for (int run = 0; run <= kRuns; ++run) {
    GF_TRY_ASSIGN(VkCommandBuffer c, commands.begin());
    transition(c, target.handle(),
               {.from = VK_IMAGE_LAYOUT_UNDEFINED,
                .to = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL,
                .from_stage = VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT,
                .to_stage = VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT,
                .from_access = VK_ACCESS_2_COLOR_ATTACHMENT_WRITE_BIT,
                .to_access = VK_ACCESS_2_COLOR_ATTACHMENT_WRITE_BIT});
    auto color = vk_info<VkRenderingAttachmentInfo>(VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO);
    color.imageView = target.view();
    color.imageLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL;
    color.loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR;
    color.storeOp = VK_ATTACHMENT_STORE_OP_STORE;
    auto rendering = vk_info<VkRenderingInfo>(VK_STRUCTURE_TYPE_RENDERING_INFO);
    rendering.renderArea = {{0, 0}, size};
    rendering.layerCount = 1;
    rendering.colorAttachmentCount = 1;
    rendering.pColorAttachments = &color;
    vkCmdBeginRendering(c, &rendering);
    cover_image(c, size);
    pipeline.bind(c);
    pipeline.bind_set(c, group.set(0));
    vkCmdDraw(c, 3, 1, 0, 0);
    vkCmdEndRendering(c);
    const auto start = std::chrono::steady_clock::now();
    GF_TRY(commands.submit());
    GF_TRY(commands.wait());
    const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    if (run > 0) times.push_back(ms);  // the first run compiles the shaders
  }
  std::nth_element(times.begin(), times.begin() + kRuns / 2, times.end());
  return times[kRuns / 2];
}

}  // namespace gf::render
