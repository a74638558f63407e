#include "renderer/vulkan/pipeline.h"

#include <array>
#include <utility>

namespace gf::render {

namespace {
Result<VkShaderModule> make_module(VkDevice device, std::string_view name) {
  const std::span<const std::uint32_t> code = shader_code(name);
  EXPECTS(!code.empty(), "a pipeline names a shader that shaders/ does not have");
  auto info = vk_info<VkShaderModuleCreateInfo>(VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO);
  info.codeSize = code.size_bytes();
  info.pCode = code.data();
  VkShaderModule module = VK_NULL_HANDLE;
  GF_TRY(check(vkCreateShaderModule(device, &info, nullptr, &module), "vkCreateShaderModule"));
  return module;
}

VkPipelineColorBlendAttachmentState blend_state(Blend blend) {
  VkPipelineColorBlendAttachmentState b{};
  b.blendEnable = blend == Blend::Off ? VK_FALSE : VK_TRUE;
  b.srcColorBlendFactor = blend == Blend::Premultiplied ? VK_BLEND_FACTOR_ONE : VK_BLEND_FACTOR_SRC_ALPHA;
  b.dstColorBlendFactor = VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA;
  b.colorBlendOp = VK_BLEND_OP_ADD;
  b.srcAlphaBlendFactor = VK_BLEND_FACTOR_ONE;
  b.dstAlphaBlendFactor = VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA;
  b.alphaBlendOp = VK_BLEND_OP_ADD;
  b.colorWriteMask = 0xF;
  return b;
}

Result<VkPipeline> make_pipeline(VkDevice device, const PipelineInfo& p, VkPipelineLayout layout,
                                 std::array<VkPipelineShaderStageCreateInfo, 2>& stages) {
  auto input = vk_info<VkPipelineVertexInputStateCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_VERTEX_INPUT_STATE_CREATE_INFO);
  input.vertexBindingDescriptionCount = static_cast<std::uint32_t>(p.vertex_bindings.size());
  input.pVertexBindingDescriptions = p.vertex_bindings.data();
  input.vertexAttributeDescriptionCount = static_cast<std::uint32_t>(p.vertex_attributes.size());
  input.pVertexAttributeDescriptions = p.vertex_attributes.data();
  auto assembly = vk_info<VkPipelineInputAssemblyStateCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_INPUT_ASSEMBLY_STATE_CREATE_INFO);
  assembly.topology = p.topology;
  auto viewport = vk_info<VkPipelineViewportStateCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_VIEWPORT_STATE_CREATE_INFO);
  viewport.viewportCount = 1;
  viewport.scissorCount = 1;
  auto raster = vk_info<VkPipelineRasterizationStateCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_RASTERIZATION_STATE_CREATE_INFO);
  raster.lineWidth = 1;
  auto multisample = vk_info<VkPipelineMultisampleStateCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_MULTISAMPLE_STATE_CREATE_INFO);
  multisample.rasterizationSamples = p.target.samples;
  auto depth = vk_info<VkPipelineDepthStencilStateCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_DEPTH_STENCIL_STATE_CREATE_INFO);
  depth.depthTestEnable = p.depth ? VK_TRUE : VK_FALSE;
  depth.depthCompareOp = VK_COMPARE_OP_GREATER;
  const VkPipelineColorBlendAttachmentState attachment = blend_state(p.blend);
  auto blending = vk_info<VkPipelineColorBlendStateCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_COLOR_BLEND_STATE_CREATE_INFO);
  blending.attachmentCount = 1;
  blending.pAttachments = &attachment;
  const std::array<VkDynamicState, 4> states{VK_DYNAMIC_STATE_VIEWPORT, VK_DYNAMIC_STATE_SCISSOR, VK_DYNAMIC_STATE_DEPTH_TEST_ENABLE,
                                             VK_DYNAMIC_STATE_DEPTH_WRITE_ENABLE};
  auto dynamic = vk_info<VkPipelineDynamicStateCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_DYNAMIC_STATE_CREATE_INFO);
  dynamic.dynamicStateCount = p.depth ? 4 : 2;
  dynamic.pDynamicStates = states.data();
  auto rendering = vk_info<VkPipelineRenderingCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_RENDERING_CREATE_INFO);
  rendering.colorAttachmentCount = 1;
  rendering.pColorAttachmentFormats = &p.target.color;
  rendering.depthAttachmentFormat = p.target.depth;
  auto info = vk_info<VkGraphicsPipelineCreateInfo>(VK_STRUCTURE_TYPE_GRAPHICS_PIPELINE_CREATE_INFO);
  info.pNext = &rendering;
  info.stageCount = static_cast<std::uint32_t>(stages.size());
  info.pStages = stages.data();
  info.pVertexInputState = &input;
  info.pInputAssemblyState = &assembly;
  info.pViewportState = &viewport;
  info.pRasterizationState = &raster;
  info.pMultisampleState = &multisample;
  info.pDepthStencilState = &depth;
  info.pColorBlendState = &blending;
  info.pDynamicState = &dynamic;
  info.layout = layout;
  VkPipeline pipeline = VK_NULL_HANDLE;
  GF_TRY(check(vkCreateGraphicsPipelines(device, VK_NULL_HANDLE, 1, &info, nullptr, &pipeline), "vkCreateGraphicsPipelines"));
  return pipeline;
}
}  // namespace

Result<Pipeline> Pipeline::create(std::shared_ptr<VulkanDevice> device, const PipelineInfo& p) {
  Pipeline result;
  result.device_ = std::move(device);
  VkDevice handle = result.device_->handle();
  const VkPushConstantRange push{VK_SHADER_STAGE_VERTEX_BIT | VK_SHADER_STAGE_FRAGMENT_BIT, 0, p.push_bytes};
  auto layout = vk_info<VkPipelineLayoutCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO);
  layout.setLayoutCount = static_cast<std::uint32_t>(p.sets.size());
  layout.pSetLayouts = p.sets.data();
  layout.pushConstantRangeCount = p.push_bytes > 0 ? 1 : 0;
  layout.pPushConstantRanges = &push;
  GF_TRY(check(vkCreatePipelineLayout(handle, &layout, nullptr, &result.layout_), "vkCreatePipelineLayout"));

  GF_TRY_ASSIGN(VkShaderModule vertex, make_module(handle, p.vertex));
  auto fragment = make_module(handle, p.fragment);
  if (!fragment) {
    vkDestroyShaderModule(handle, vertex, nullptr);
    return tl::unexpected<Error>(fragment.error());
  }
  std::array<VkPipelineShaderStageCreateInfo, 2> stages{};
  for (auto& s : stages) {
    s.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
    s.pName = "main";
  }
  stages[0].stage = VK_SHADER_STAGE_VERTEX_BIT;
  stages[0].module = vertex;
  stages[1].stage = VK_SHADER_STAGE_FRAGMENT_BIT;
  stages[1].module = *fragment;
  auto pipeline = make_pipeline(handle, p, result.layout_, stages);
  vkDestroyShaderModule(handle, vertex, nullptr);
  vkDestroyShaderModule(handle, *fragment, nullptr);
  if (!pipeline) return tl::unexpected<Error>(pipeline.error());
  result.pipeline_ = *pipeline;
  result.device_->set_name(VK_OBJECT_TYPE_PIPELINE, reinterpret_cast<std::uint64_t>(result.pipeline_), std::string(p.fragment).c_str());
  return result;
}

Pipeline::~Pipeline() {
  if (layout_ == VK_NULL_HANDLE) return;
  device_->retire([device = device_->handle(), layout = layout_, pipeline = pipeline_] {
    vkDestroyPipeline(device, pipeline, nullptr);
    vkDestroyPipelineLayout(device, layout, nullptr);
  });
}

Pipeline& Pipeline::operator=(Pipeline&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(layout_, other.layout_);
  std::swap(pipeline_, other.pipeline_);
  return *this;
}

void Pipeline::bind(VkCommandBuffer commands) const { vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, pipeline_); }

void Pipeline::bind_set(VkCommandBuffer commands, VkDescriptorSet set, std::uint32_t index) const {
  vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, layout_, index, 1, &set, 0, nullptr);
}

}  // namespace gf::render
