#include "renderer/vulkan/frame_renderer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace gf::render {

Result<std::unique_ptr<FrameRenderer>> FrameRenderer::create(std::shared_ptr<VulkanDevice> device, VkFormat color, std::size_t tile_bytes) {
  auto renderer = std::make_unique<FrameRenderer>();
  renderer->target_.color = color;
  renderer->target_.samples = device->samples();
  renderer->tile_bytes_ = tile_bytes;
  GF_TRY_ASSIGN(renderer->stage_, make_stage(device, renderer->target_, tile_bytes));
  GF_TRY_ASSIGN(renderer->overlay_, make_imgui_pass(device, renderer->target_));
  renderer->device_ = std::move(device);
  return renderer;
}

Result<FrameRenderer::Stage> FrameRenderer::make_stage(const std::shared_ptr<VulkanDevice>& device, const RenderTarget& target,
                                                       std::size_t tile_bytes) {
  Stage stage;
  GF_TRY_ASSIGN(stage.tiles, TileCache::create(device, tile_bytes));
  GF_TRY_ASSIGN(stage.passes, make_passes(device, target));
  return stage;
}

Result<void> FrameRenderer::resize(VkExtent2D size) {
  if (depth_ && depth_.size().width == size.width && depth_.size().height == size.height) return {};
  GF_TRY_ASSIGN(depth_, GpuImage::create(device_, {.format = target_.depth,
                                                   .size = size,
                                                   .usage = VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT,
                                                   .samples = target_.samples,
                                                   .aspect = VK_IMAGE_ASPECT_DEPTH_BIT,
                                                   .name = "depth"}));
  if (target_.samples != VK_SAMPLE_COUNT_1_BIT) {
    GF_TRY_ASSIGN(multisampled_, GpuImage::create(device_, {.format = target_.color,
                                                            .size = size,
                                                            .usage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT,
                                                            .samples = target_.samples,
                                                            .name = "multisampled colour"}));
  }
  return {};
}

namespace {
void start_rendering(VkCommandBuffer commands, const FrameTarget& target, const GpuImage& depth, const GpuImage& multisampled,
                     const Color& ground) {
  auto color = vk_info<VkRenderingAttachmentInfo>(VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO);
  color.imageView = target.view;
  color.imageLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL;
  color.loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR;
  color.storeOp = VK_ATTACHMENT_STORE_OP_STORE;
  color.clearValue.color = {{ground.r, ground.g, ground.b, 1}};
  if (multisampled) {
    color.imageView = multisampled.view();
    color.storeOp = VK_ATTACHMENT_STORE_OP_DONT_CARE;
    color.resolveMode = VK_RESOLVE_MODE_AVERAGE_BIT;
    color.resolveImageView = target.view;
    color.resolveImageLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL;
  }
  auto z = vk_info<VkRenderingAttachmentInfo>(VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO);
  z.imageView = depth.view();
  z.imageLayout = VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL;
  z.loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR;
  z.storeOp = VK_ATTACHMENT_STORE_OP_DONT_CARE;
  z.clearValue.depthStencil = {0, 0};
  auto info = vk_info<VkRenderingInfo>(VK_STRUCTURE_TYPE_RENDERING_INFO);
  info.renderArea = {{0, 0}, target.size};
  info.layerCount = 1;
  info.colorAttachmentCount = 1;
  info.pColorAttachments = &color;
  info.pDepthAttachment = &z;
  vkCmdBeginRendering(commands, &info);
}

void start_pass(VkCommandBuffer commands, const FrameContext& frame, const VkRect2D& drawn) {
  // The viewport is that of the scene's picture, of which the target shows a part.
  const VkViewport viewport{-static_cast<float>(frame.origin.x), -static_cast<float>(frame.origin.y), frame.size.x, frame.size.y, 0, 1};
  vkCmdSetViewport(commands, 0, 1, &viewport);
  vkCmdSetScissor(commands, 0, 1, &drawn);
  vkCmdSetDepthTestEnable(commands, VK_TRUE);
  vkCmdSetDepthWriteEnable(commands, VK_FALSE);
}

void to_attachment(VkCommandBuffer commands, VkImage image, bool depth) {
  const VkPipelineStageFlags2 stages = depth ? VK_PIPELINE_STAGE_2_EARLY_FRAGMENT_TESTS_BIT | VK_PIPELINE_STAGE_2_LATE_FRAGMENT_TESTS_BIT
                                             : VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT;
  const VkAccessFlags2 write = depth ? VK_ACCESS_2_DEPTH_STENCIL_ATTACHMENT_WRITE_BIT : VK_ACCESS_2_COLOR_ATTACHMENT_WRITE_BIT;
  const VkAccessFlags2 read = depth ? VK_ACCESS_2_DEPTH_STENCIL_ATTACHMENT_READ_BIT : VK_ACCESS_2_COLOR_ATTACHMENT_READ_BIT;
  transition(commands, image,
             {.from = VK_IMAGE_LAYOUT_UNDEFINED,
              .to = depth ? VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL : VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL,
              .from_stage = stages,
              .to_stage = stages,
              .from_access = write,
              .to_access = write | read,
              .aspect = static_cast<VkImageAspectFlags>(depth ? VK_IMAGE_ASPECT_DEPTH_BIT : VK_IMAGE_ASPECT_COLOR_BIT)});
}

void to_final(VkCommandBuffer commands, const FrameTarget& target) {
  const bool copied = target.final_layout == VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL;
  transition(commands, target.image,
             {.from = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL,
              .to = target.final_layout,
              .from_stage = VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT,
              .to_stage = copied ? VK_PIPELINE_STAGE_2_COPY_BIT : VK_PIPELINE_STAGE_2_NONE,
              .from_access = VK_ACCESS_2_COLOR_ATTACHMENT_WRITE_BIT,
              .to_access = copied ? VK_ACCESS_2_TRANSFER_READ_BIT : VK_ACCESS_2_NONE});
}
/// The first column of pixels that is right of a line.
int column_of(float share, int width) { return static_cast<int>(std::lround(std::clamp(share, 0.0F, 1.0F) * static_cast<float>(width))); }

/// The columns [from, to) of the whole picture that a scene is drawn in.
struct Columns {
  int from = 0, to = 0;
};
/// Makes these columns the scene's own picture.
void give_picture(FrameContext& frame, const Columns& columns) {
  frame.size.x = static_cast<float>(columns.to - columns.from);
  frame.origin.x -= columns.from;
}
}  // namespace

Result<FrameStats> FrameRenderer::record(VkCommandBuffer commands, const FrameInput& input, const FrameTarget& target) {
  const auto start = std::chrono::steady_clock::now();
  GF_TRY(resize(target.size));
  FrameStats stats;
  FrameContext frame;
  frame.commands = commands;
  frame.scene = input.scene;
  frame.camera = input.camera;
  const VkExtent2D whole = input.whole.width > 0 ? input.whole : target.size;
  frame.size = {static_cast<float>(whole.width), static_cast<float>(whole.height)};
  frame.origin = {input.from.x, input.from.y};
  frame.part = glm::ivec2(target.size.width, target.size.height);
  frame.dpr = input.dpr;
  frame.slot = input.slot;
  frame.wait_for_tiles = input.wait_for_tiles;
  frame.stats = &stats;
  FrameContext over = frame;
  over.overlay = input.overlay;
  over.gui = input.gui;
  const Scene* left = input.scene->left.get();
  if (left != nullptr && left_.passes.empty()) {
    GF_TRY_ASSIGN(left_, make_stage(device_, target_, tile_bytes_));
  }
  const int width = static_cast<int>(whole.width), line = left == nullptr ? 0 : column_of(input.scene->split, width);
  Columns of_left{0, line}, of_right{line, width};
  FrameContext beside = frame;
  if (left != nullptr && input.scene->left_camera && half_of(width) > 0) {
    of_left = {0, half_of(width)};
    of_right = {width - half_of(width), width};
    beside.camera = *input.scene->left_camera;
    give_picture(beside, of_left);
    give_picture(frame, of_right);
  }
  const auto prepare = [](const Stage& stage, FrameContext& of) -> Result<void> {
    of.view_projection = of.camera.view_projection(of.size.x / of.size.y);
    of.tiles = stage.tiles.get();
    for (const auto& pass : stage.passes) GF_TRY(pass->prepare(of));
    return {};
  };
  FrameStats left_stats;
  if (left != nullptr) {
    beside.scene = left;
    beside.stats = &left_stats;
    GF_TRY(prepare(left_, beside));
  }
  GF_TRY(prepare(stage_, frame));
  GF_TRY(overlay_->prepare(over));
  stats.add(left_stats);

  to_attachment(commands, target.image, false);
  to_attachment(commands, depth_.handle(), true);
  if (multisampled_) to_attachment(commands, multisampled_.handle(), false);
  start_rendering(commands, target, depth_, multisampled_, input.scene->ground);
  // The depths of the one side are never compared with those of the other, because no pixel belongs to both.
  const auto draw = [&](Pass& pass, const FrameContext& of, const Columns& columns) {
    const int from = std::clamp(columns.from - input.from.x, 0, of.part.x), to = std::clamp(columns.to - input.from.x, from, of.part.x);
    start_pass(commands, of, {{from, 0}, {static_cast<std::uint32_t>(to - from), target.size.height}});
    pass.record(of);
  };
  if (left != nullptr)
    for (const auto& pass : left_.passes) draw(*pass, beside, of_left);
  for (const auto& pass : stage_.passes) draw(*pass, frame, of_right);
  draw(*overlay_, over, {0, width});
  vkCmdEndRendering(commands);
  to_final(commands, target);
  stats.cpu_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return stats;
}

}  // namespace gf::render
