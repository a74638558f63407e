// Pipelines for dynamic rendering, descriptor sets, samplers, and one-time commands.
#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>
#include <vector>

#include "renderer/vulkan/buffer.h"
#include "renderer/vulkan/device.h"
#include "renderer/vulkan/image.h"

namespace gf::render {

/// SPIR-V of shaders/<name> ("cells.vert"), built and validated by CMake. Empty if there is none.
[[nodiscard]] std::span<const std::uint32_t> shader_code(std::string_view name);

/// What a pass draws into: one colour attachment (UNORM, no sRGB conversion: colours are blended as sRGB values)
/// and D32 depth, reversed (clear 0, compare GREATER).
struct RenderTarget {
  VkFormat color = VK_FORMAT_R8G8B8A8_UNORM;
  VkFormat depth = VK_FORMAT_D32_SFLOAT;
  VkSampleCountFlagBits samples = VK_SAMPLE_COUNT_1_BIT;
};

/// One descriptor set layout with a set per frame slot (and a pool for them). Move-only; retires.
class BindGroup {
 public:
  struct Binding {
    std::uint32_t binding;
    VkDescriptorType type;
    VkShaderStageFlags stages;
  };
  BindGroup() = default;
  /// `sets` >= kFramesInFlight where the content changes from frame to frame.
  static Result<BindGroup> create(std::shared_ptr<VulkanDevice> device, std::initializer_list<Binding> bindings,
                                  int sets = kFramesInFlight);
  ~BindGroup();
  BindGroup(const BindGroup&) = delete;
  BindGroup& operator=(const BindGroup&) = delete;
  BindGroup(BindGroup&& other) noexcept { *this = std::move(other); }
  BindGroup& operator=(BindGroup&& other) noexcept;

  /// The set must not be in use by a frame on its way.
  void write_buffer(int set, std::uint32_t binding, VkBuffer buffer, VkDeviceSize offset = 0, VkDeviceSize size = VK_WHOLE_SIZE);
  /// A uniform texel buffer over the whole buffer. The view retires with the group or when it is replaced.
  Result<void> write_texels(int set, std::uint32_t binding, const Buffer& buffer, VkFormat format);
  void write_image(int set, std::uint32_t binding, VkImageView view, VkSampler sampler,
                   VkImageLayout layout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL);
  [[nodiscard]] VkDescriptorSetLayout layout() const { return layout_; }
  [[nodiscard]] VkDescriptorSet set(int index) const { return sets_[static_cast<std::size_t>(index)]; }

 private:
  std::shared_ptr<VulkanDevice> device_;
  std::vector<Binding> bindings_;
  VkDescriptorSetLayout layout_ = VK_NULL_HANDLE;
  VkDescriptorPool pool_ = VK_NULL_HANDLE;
  std::vector<VkDescriptorSet> sets_;
  struct TexelView {
    int set;
    std::uint32_t binding;
    VkBufferView view;
  };
  std::vector<TexelView> views_;
};

enum class Blend { Off, Straight, Premultiplied };

struct PipelineInfo {
  std::string_view vertex, fragment;  ///< shader names
  RenderTarget target;
  std::vector<VkDescriptorSetLayout> sets;
  std::uint32_t push_bytes = 0;  ///< visible to both stages
  VkPrimitiveTopology topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_LIST;
  Blend blend = Blend::Straight;
  bool depth = true;  ///< false: the depth state is off whatever the dynamic state says
  /// Vertex input; empty: the shader pulls from buffers.
  std::vector<VkVertexInputBindingDescription> vertex_bindings;
  std::vector<VkVertexInputAttributeDescription> vertex_attributes;
};

/// Graphics pipeline and its layout. Viewport and scissor are dynamic, and so are depth test and depth write
/// (set by the frame before each pass: test on, write off). No culling. Move-only; retires.
class Pipeline {
 public:
  Pipeline() = default;
  static Result<Pipeline> create(std::shared_ptr<VulkanDevice> device, const PipelineInfo& info);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  Pipeline(Pipeline&& other) noexcept { *this = std::move(other); }
  Pipeline& operator=(Pipeline&& other) noexcept;

  void bind(VkCommandBuffer commands) const;
  void bind_set(VkCommandBuffer commands, VkDescriptorSet set, std::uint32_t index = 0) const;
  template <class T>
  void push(VkCommandBuffer commands, const T& value) const {
    vkCmdPushConstants(commands, layout_, VK_SHADER_STAGE_VERTEX_BIT | VK_SHADER_STAGE_FRAGMENT_BIT, 0, sizeof(T), &value);
  }
  [[nodiscard]] VkPipelineLayout layout() const { return layout_; }
  explicit operator bool() const { return pipeline_ != VK_NULL_HANDLE; }

 private:
  std::shared_ptr<VulkanDevice> device_;
  VkPipelineLayout layout_ = VK_NULL_HANDLE;
  VkPipeline pipeline_ = VK_NULL_HANDLE;
};

/// Move-only; retires.
class Sampler {
 public:
  Sampler() = default;
  static Result<Sampler> create(std::shared_ptr<VulkanDevice> device, VkFilter filter);
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;
  Sampler(Sampler&& other) noexcept { *this = std::move(other); }
  Sampler& operator=(Sampler&& other) noexcept;
  [[nodiscard]] VkSampler handle() const { return sampler_; }

 private:
  std::shared_ptr<VulkanDevice> device_;
  VkSampler sampler_ = VK_NULL_HANDLE;
};

/// A command buffer with its own pool, to be recorded again and again (begin() resets it). One thread at a time.
/// Waits for its last submission when dropped.
class Commands {
 public:
  Commands() = default;
  static Result<Commands> create(std::shared_ptr<VulkanDevice> device);
  ~Commands();
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;
  Commands(Commands&& other) noexcept { *this = std::move(other); }
  Commands& operator=(Commands&& other) noexcept;

  /// Waits for the last submission, then starts recording.
  Result<VkCommandBuffer> begin();
  /// Ends recording and submits.
  Result<std::uint64_t> submit(VkSemaphore wait = VK_NULL_HANDLE, VkSemaphore signal = VK_NULL_HANDLE);
  Result<void> wait();

 private:
  std::shared_ptr<VulkanDevice> device_;
  VkCommandPool pool_ = VK_NULL_HANDLE;
  VkCommandBuffer buffer_ = VK_NULL_HANDLE;
  std::uint64_t serial_ = 0;
};

}  // namespace gf::render
