#include "renderer/vulkan/id_target.h"

#include <cstring>
#include <vector>

#include "renderer/vulkan/pipeline.h"
#include "shaders/shared.h"

namespace gf::render {

namespace {
std::vector<gpu::PanelRecord> records_of(const Scene& scene) {
  std::vector<gpu::PanelRecord> records;
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const Panel& p = scene.panels[i];
    if (p.source == nullptr || p.alpha <= 0) continue;
    gpu::PanelRecord r{};
    r.origin_cols = {p.origin, static_cast<float>(p.source->cols())};
    r.across_rows = {p.across, static_cast<float>(p.source->rows())};
    r.down_alpha = {p.down, 1};
    r.marks = {-1, -1, 0, static_cast<int>(i)};
    records.push_back(r);
  }
  return records;
}

void record(VkCommandBuffer c, const GpuImage& ids, const GpuImage& depth, const Pipeline& pipeline, VkDescriptorSet set,
            const gpu::CellsPush& push, std::uint32_t count) {
  const VkExtent2D size = ids.size();
  const auto attach = [&](VkImage image, VkImageLayout layout, VkPipelineStageFlags2 stage, VkAccessFlags2 access,
                          VkImageAspectFlags aspect) {
    transition(c, image,
               {.from = VK_IMAGE_LAYOUT_UNDEFINED,
                .to = layout,
                .from_stage = stage,
                .to_stage = stage,
                .from_access = access,
                .to_access = access,
                .aspect = aspect});
  };
  attach(ids.handle(), VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL, VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT,
         VK_ACCESS_2_COLOR_ATTACHMENT_WRITE_BIT, VK_IMAGE_ASPECT_COLOR_BIT);
  attach(depth.handle(), VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL,
         VK_PIPELINE_STAGE_2_EARLY_FRAGMENT_TESTS_BIT | VK_PIPELINE_STAGE_2_LATE_FRAGMENT_TESTS_BIT,
         VK_ACCESS_2_DEPTH_STENCIL_ATTACHMENT_WRITE_BIT, VK_IMAGE_ASPECT_DEPTH_BIT);
  auto color = vk_info<VkRenderingAttachmentInfo>(VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO);
  color.imageView = ids.view();
  color.imageLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL;
  color.loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR;
  color.storeOp = VK_ATTACHMENT_STORE_OP_STORE;
  for (int& v : color.clearValue.color.int32) v = -1;
  auto z = vk_info<VkRenderingAttachmentInfo>(VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO);
  z.imageView = depth.view();
  z.imageLayout = VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL;
  z.loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR;
  auto rendering = vk_info<VkRenderingInfo>(VK_STRUCTURE_TYPE_RENDERING_INFO);
  rendering.renderArea = {{0, 0}, size};
  rendering.layerCount = 1;
  rendering.colorAttachmentCount = 1;
  rendering.pColorAttachments = &color;
  rendering.pDepthAttachment = &z;
  vkCmdBeginRendering(c, &rendering);
  cover_image(c, size);
  vkCmdSetDepthTestEnable(c, VK_TRUE);
  vkCmdSetDepthWriteEnable(c, VK_TRUE);
  pipeline.bind(c);
  pipeline.bind_set(c, set);
  pipeline.push(c, push);
  if (count > 0) vkCmdDraw(c, 4, count, 0, 0);
  vkCmdEndRendering(c);
  transition(c, ids.handle(),
             {.from = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL,
              .to = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
              .from_stage = VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT,
              .to_stage = VK_PIPELINE_STAGE_2_COPY_BIT,
              .from_access = VK_ACCESS_2_COLOR_ATTACHMENT_WRITE_BIT,
              .to_access = VK_ACCESS_2_TRANSFER_READ_BIT});
}
}  // namespace

Result<IdImage> render_ids(const std::shared_ptr<VulkanDevice>& device, const Scene& scene, const Camera& camera, int width, int height) {
  const VkExtent2D size{static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)};
  GF_TRY_ASSIGN(GpuImage ids, GpuImage::create(device, {.format = VK_FORMAT_R32G32B32A32_SINT,
                                                        .size = size,
                                                        .usage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT,
                                                        .name = "ids"}));
  GF_TRY_ASSIGN(GpuImage depth, GpuImage::create(device, {.format = VK_FORMAT_D32_SFLOAT,
                                                          .size = size,
                                                          .usage = VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT,
                                                          .aspect = VK_IMAGE_ASPECT_DEPTH_BIT,
                                                          .name = "id depth"}));
  GF_TRY_ASSIGN(BindGroup group, BindGroup::create(device, {{0, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, VK_SHADER_STAGE_VERTEX_BIT}}, 1));
  const std::vector<gpu::PanelRecord> records = records_of(scene);
  FrameBuffer panels(device, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, "id panels");
  GF_TRY(panels.write(0, std::as_bytes(std::span(records))));
  group.write_buffer(0, 0, panels.at(0).handle());
  PipelineInfo info;
  info.vertex = "cells.vert";
  info.fragment = "ids.frag";
  info.target.color = VK_FORMAT_R32G32B32A32_SINT;
  info.sets = {group.layout()};
  info.push_bytes = sizeof(gpu::CellsPush);
  info.topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_STRIP;
  info.blend = Blend::Off;
  GF_TRY_ASSIGN(Pipeline pipeline, Pipeline::create(device, info));
  GF_TRY_ASSIGN(Buffer back, Buffer::create(device, Buffer::Kind::ReadBack, VkDeviceSize{size.width} * size.height * 16,
                                            VK_BUFFER_USAGE_TRANSFER_DST_BIT, "id read-back"));
  GF_TRY_ASSIGN(Commands commands, Commands::create(device));
  GF_TRY_ASSIGN(VkCommandBuffer c, commands.begin());
  gpu::CellsPush push{};
  push.view_projection = camera.view_projection(static_cast<float>(width) / static_cast<float>(height));
  record(c, ids, depth, pipeline, group.set(0), push, static_cast<std::uint32_t>(records.size()));
  VkBufferImageCopy region{};
  region.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
  region.imageExtent = {size.width, size.height, 1};
  vkCmdCopyImageToBuffer(c, ids.handle(), VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, back.handle(), 1, &region);
  memory_barrier(c, VK_PIPELINE_STAGE_2_COPY_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_2_HOST_BIT, VK_ACCESS_2_HOST_READ_BIT);
  GF_TRY(commands.submit());
  GF_TRY(commands.wait());
  IdImage image{width, height, std::vector<IdImage::Entry>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height))};
  const auto* words = reinterpret_cast<const std::int32_t*>(back.mapped());
  for (std::size_t i = 0; i < image.entries.size(); ++i) image.entries[i] = {words[i * 4], words[i * 4 + 1], words[i * 4 + 2]};
  return image;
}

}  // namespace gf::render
