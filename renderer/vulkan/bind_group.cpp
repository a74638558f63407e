// Descriptor sets and samplers.
#include <utility>

#include "renderer/vulkan/pipeline.h"

namespace gf::render {

Result<BindGroup> BindGroup::create(std::shared_ptr<VulkanDevice> device, std::initializer_list<Binding> bindings, int sets) {
  BindGroup group;
  group.device_ = std::move(device);
  group.bindings_ = bindings;
  VkDevice handle = group.device_->handle();
  std::vector<VkDescriptorSetLayoutBinding> entries;
  std::vector<VkDescriptorPoolSize> pool_sizes;
  for (const Binding& b : bindings) {
    entries.push_back({b.binding, b.type, 1, b.stages, nullptr});
    pool_sizes.push_back({b.type, static_cast<std::uint32_t>(sets)});
  }
  auto layout = vk_info<VkDescriptorSetLayoutCreateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO);
  layout.bindingCount = static_cast<std::uint32_t>(entries.size());
  layout.pBindings = entries.data();
  GF_TRY(check(vkCreateDescriptorSetLayout(handle, &layout, nullptr, &group.layout_), "vkCreateDescriptorSetLayout"));
  auto pool = vk_info<VkDescriptorPoolCreateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO);
  pool.maxSets = static_cast<std::uint32_t>(sets);
  pool.poolSizeCount = static_cast<std::uint32_t>(pool_sizes.size());
  pool.pPoolSizes = pool_sizes.data();
  GF_TRY(check(vkCreateDescriptorPool(handle, &pool, nullptr, &group.pool_), "vkCreateDescriptorPool"));
  const std::vector<VkDescriptorSetLayout> layouts(static_cast<std::size_t>(sets), group.layout_);
  group.sets_.resize(layouts.size());
  auto allocate = vk_info<VkDescriptorSetAllocateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO);
  allocate.descriptorPool = group.pool_;
  allocate.descriptorSetCount = static_cast<std::uint32_t>(sets);
  allocate.pSetLayouts = layouts.data();
  GF_TRY(check(vkAllocateDescriptorSets(handle, &allocate, group.sets_.data()), "vkAllocateDescriptorSets"));
  return group;
}

BindGroup::~BindGroup() {
  if (layout_ == VK_NULL_HANDLE) return;
  device_->retire([device = device_->handle(), layout = layout_, pool = pool_, views = std::move(views_)] {
    for (const TexelView& v : views) vkDestroyBufferView(device, v.view, nullptr);
    vkDestroyDescriptorPool(device, pool, nullptr);
    vkDestroyDescriptorSetLayout(device, layout, nullptr);
  });
}

BindGroup& BindGroup::operator=(BindGroup&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(bindings_, other.bindings_);
  std::swap(layout_, other.layout_);
  std::swap(pool_, other.pool_);
  std::swap(sets_, other.sets_);
  std::swap(views_, other.views_);
  return *this;
}

namespace {
VkDescriptorType type_of(const std::vector<BindGroup::Binding>& bindings, std::uint32_t binding) {
  for (const auto& b : bindings)
    if (b.binding == binding) return b.type;
  EXPECTS(false, "the group has no such binding");
  return VK_DESCRIPTOR_TYPE_MAX_ENUM;
}

/// A write of one descriptor, which lacks what it points to.
VkWriteDescriptorSet one_write(VkDescriptorSet set, std::uint32_t binding, VkDescriptorType type) {
  auto write = vk_info<VkWriteDescriptorSet>(VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET);
  write.dstSet = set;
  write.dstBinding = binding;
  write.descriptorCount = 1;
  write.descriptorType = type;
  return write;
}
}  // namespace

void BindGroup::write_buffer(int set, std::uint32_t binding, VkBuffer buffer, VkDeviceSize offset, VkDeviceSize size) {
  const VkDescriptorBufferInfo info{buffer, offset, size};
  auto write = one_write(this->set(set), binding, type_of(bindings_, binding));
  write.pBufferInfo = &info;
  vkUpdateDescriptorSets(device_->handle(), 1, &write, 0, nullptr);
}

Result<void> BindGroup::write_texels(int set, std::uint32_t binding, const Buffer& buffer, VkFormat format) {
  auto info = vk_info<VkBufferViewCreateInfo>(VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO);
  info.buffer = buffer.handle();
  info.format = format;
  info.range = VK_WHOLE_SIZE;
  VkBufferView view = VK_NULL_HANDLE;
  GF_TRY(check(vkCreateBufferView(device_->handle(), &info, nullptr, &view), "vkCreateBufferView"));
  std::erase_if(views_, [&](const TexelView& v) {
    if (v.set != set || v.binding != binding) return false;
    device_->retire([device = device_->handle(), old = v.view] { vkDestroyBufferView(device, old, nullptr); });
    return true;
  });
  views_.push_back({set, binding, view});
  auto write = one_write(this->set(set), binding, VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER);
  write.pTexelBufferView = &view;
  vkUpdateDescriptorSets(device_->handle(), 1, &write, 0, nullptr);
  return {};
}

void BindGroup::write_image(int set, std::uint32_t binding, VkImageView view, VkSampler sampler, VkImageLayout layout) {
  const VkDescriptorImageInfo info{sampler, view, layout};
  auto write = one_write(this->set(set), binding, type_of(bindings_, binding));
  write.pImageInfo = &info;
  vkUpdateDescriptorSets(device_->handle(), 1, &write, 0, nullptr);
}

Result<Sampler> Sampler::create(std::shared_ptr<VulkanDevice> device, VkFilter filter) {
  Sampler s;
  s.device_ = std::move(device);
  auto info = vk_info<VkSamplerCreateInfo>(VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO);
  info.magFilter = filter;
  info.minFilter = filter;
  info.addressModeU = info.addressModeV = info.addressModeW = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE;
  GF_TRY(check(vkCreateSampler(s.device_->handle(), &info, nullptr, &s.sampler_), "vkCreateSampler"));
  return s;
}

Sampler::~Sampler() {
  if (sampler_ == VK_NULL_HANDLE) return;
  device_->retire([device = device_->handle(), sampler = sampler_] { vkDestroySampler(device, sampler, nullptr); });
}

Sampler& Sampler::operator=(Sampler&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(sampler_, other.sampler_);
  return *this;
}

}  // namespace gf::render
