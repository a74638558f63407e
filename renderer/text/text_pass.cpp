// Labels on top of the scene: instanced quads that read the glyph atlas.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "renderer/labels.h"
#include "renderer/text/font.h"
#include "renderer/text/label_box.h"
#include "renderer/vulkan/pass.h"

namespace gf::render {
namespace {

// As in text.vert.
struct Quad {
  glm::vec4 box, inner, color, shape;
};
static_assert(sizeof(Quad) == 64);

struct Push {
  glm::vec2 size;
  float spread = static_cast<float>(kGlyphSpread);
  float atlas = static_cast<float>(kAtlasSize);
};

/// The fragment shaders, in the order in which they draw.
enum class TextBy : std::uint8_t { Tag, Small, Large };
constexpr std::array<const char*, 3> kTextShaders{"text_tag.frag", "text_small.frag", "text_large.frag"};

float lightness(const Color& c) { return 0.3F * c.r + 0.59F * c.g + 0.11F * c.b; }

class TextPass final : public Pass {
 public:
  static Result<std::unique_ptr<Pass>> create(std::shared_ptr<VulkanDevice> device, const RenderTarget& target) {
    auto pass = std::make_unique<TextPass>();
    pass->quads_buffer_ = FrameBuffer(device, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, "text quads");
    pass->staging_ = FrameBuffer(device, VK_BUFFER_USAGE_TRANSFER_SRC_BIT, "glyph uploads");
    GF_TRY_ASSIGN(pass->atlas_, GpuImage::create(device, {VK_FORMAT_R8_UNORM,
                                                          {kAtlasSize, kAtlasSize},
                                                          VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT,
                                                          VK_SAMPLE_COUNT_1_BIT,
                                                          VK_IMAGE_ASPECT_COLOR_BIT,
                                                          "glyph atlas"}));
    GF_TRY_ASSIGN(pass->sampler_, Sampler::create(device, VK_FILTER_LINEAR));
    GF_TRY_ASSIGN(pass->group_, BindGroup::create(device, {{0, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, VK_SHADER_STAGE_VERTEX_BIT},
                                                           {1, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, VK_SHADER_STAGE_FRAGMENT_BIT}}));
    for (int slot = 0; slot < kFramesInFlight; ++slot) {
      pass->group_.write_image(slot, 1, pass->atlas_.view(), pass->sampler_.handle());
    }
    PipelineInfo info;
    info.vertex = "text.vert";
    info.target = target;
    info.sets = {pass->group_.layout()};
    info.push_bytes = sizeof(Push);
    info.topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_STRIP;
    info.depth = false;
    for (std::size_t k = 0; k < kTextShaders.size(); ++k) {
      info.fragment = kTextShaders[k];
      GF_TRY_ASSIGN(pass->pipelines_[k], Pipeline::create(device, info));
    }
    return std::unique_ptr<Pass>(std::move(pass));
  }

  Result<void> prepare(const FrameContext& frame) override {
    for (std::vector<Quad>& quads : of_shader_) quads.clear();
    const std::vector<PlacedLabel> placed = place_labels(*frame.scene, frame.camera, frame.size, frame.dpr);
    // No two that are seen overlap, so all tags are drawn before all words. Those that matter most come last.
    for (auto it = placed.rbegin(); it != placed.rend(); ++it) {
      add(frame.scene->labels[static_cast<std::size_t>(it->index)], *it, frame.dpr);
    }
    quads_.clear();
    for (std::size_t k = 0; k < of_shader_.size(); ++k) {
      quads_.insert(quads_.end(), of_shader_[k].begin(), of_shader_[k].end());
      ends_[k] = static_cast<std::uint32_t>(quads_.size());
    }
    if (quads_.empty()) return {};
    GF_TRY(upload_glyphs(frame));
    GF_TRY_ASSIGN(const bool grown, quads_buffer_.write(frame.slot, std::as_bytes(std::span(quads_))));
    if (grown) group_.write_buffer(frame.slot, 0, quads_buffer_.at(frame.slot).handle());
    return {};
  }

  void record(const FrameContext& frame) override {
    if (quads_.empty()) return;
    Push push;
    push.size = frame.size;
    for (std::size_t k = 0; k < pipelines_.size(); ++k) {
      const std::uint32_t first = k == 0 ? 0 : ends_[k - 1];
      if (first == ends_[k]) continue;
      pipelines_[k].bind(frame.commands);
      pipelines_[k].bind_set(frame.commands, group_.set(frame.slot));
      pipelines_[k].push(frame.commands, push);
      vkCmdDraw(frame.commands, 4, ends_[k] - first, 0, first);
    }
  }

 private:
  void add(const Label& label, const PlacedLabel& placed, float dpr) {
    if (label.background.a > 0) {
      const float radius = std::min(4.0F * dpr, (placed.high.y - placed.low.y) / 2);
      Color color = label.background;
      color.a *= placed.alpha;
      of(TextBy::Tag).push_back({{placed.low - 1.0F, placed.high + 1.0F}, {placed.low, placed.high}, color, {1, radius, 0, 0}});
    }
    shaped_.clear();
    FontSet::shared().shape(label.text, label.bold, shaped_);
    // Whole pixels for the baseline keep horizontal strokes sharp.
    const glm::vec2 pen = glm::round(label_pen(label, placed.low, placed.size_px));
    const float px_per_texel = placed.size_px / static_cast<float>(kGlyphEmPx);
    Color color = label.color;
    color.a *= placed.alpha;
    // From this size on one sample of the outline tells a pixel's cover.
    constexpr float kLarge = 0.75F;
    std::vector<Quad>& quads = of(px_per_texel > kLarge ? TextBy::Large : TextBy::Small);
    for (const ShapedGlyph& glyph : shaped_) {
      const GlyphImage& image = image_of(glyph.key);
      if (image.width == 0) continue;
      const glm::vec2 low = pen + glm::vec2(glyph.x + image.left, image.top) * placed.size_px;
      const glm::vec2 texels(image.width, image.height);
      const glm::vec2 origin(image.x, image.y);
      quads.push_back({{low, low + texels * px_per_texel}, {origin, origin + texels}, color, {0, px_per_texel, lightness(label.color), 0}});
    }
  }

  std::vector<Quad>& of(TextBy shader) { return of_shader_[static_cast<std::size_t>(shader)]; }

  // A lock for each glyph of each frame would cost more than the glyph: images never move, so they are kept here.
  const GlyphImage& image_of(GlyphKey key) {
    const auto [at, fresh] = images_.try_emplace(key);
    if (fresh) at->second = FontSet::shared().image(key);
    return at->second;
  }

  Result<void> upload_glyphs(const FrameContext& frame) {
    const std::vector<FontSet::Upload> uploads = FontSet::shared().uploads(uploaded_);
    if (uploads.empty() && cleared_) return {};
    std::vector<std::byte> bytes;
    std::vector<VkBufferImageCopy> copies;
    for (const FontSet::Upload& upload : uploads) {
      VkBufferImageCopy copy{};
      copy.bufferOffset = bytes.size();
      copy.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
      copy.imageOffset = {upload.x, upload.y, 0};
      copy.imageExtent = {static_cast<std::uint32_t>(upload.width), static_cast<std::uint32_t>(upload.height), 1};
      copies.push_back(copy);
      const auto texels = std::as_bytes(std::span(upload.texels));
      bytes.insert(bytes.end(), texels.begin(), texels.end());
      bytes.resize((bytes.size() + 3) & ~std::size_t{3});  // offsets are multiples of 4
    }
    const VkImageLayout read = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
    const VkImageLayout write = VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL;
    transition(frame.commands, atlas_.handle(),
               {cleared_ ? read : VK_IMAGE_LAYOUT_UNDEFINED, write, VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT,
                VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_ACCESS_2_NONE, VK_ACCESS_2_TRANSFER_WRITE_BIT});
    if (!cleared_) {
      // Air between glyphs is read by the filter at their edges: it must be outside.
      const VkClearColorValue outside{};
      const VkImageSubresourceRange all{VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};
      vkCmdClearColorImage(frame.commands, atlas_.handle(), write, &outside, 1, &all);
      memory_barrier(frame.commands, VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT,
                     VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT);
      cleared_ = true;
    }
    if (!copies.empty()) {
      GF_TRY(staging_.write(frame.slot, bytes));
      vkCmdCopyBufferToImage(frame.commands, staging_.at(frame.slot).handle(), atlas_.handle(), write,
                             static_cast<std::uint32_t>(copies.size()), copies.data());
    }
    transition(frame.commands, atlas_.handle(),
               {write, read, VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT,
                VK_ACCESS_2_SHADER_SAMPLED_READ_BIT});
    return {};
  }

  FrameBuffer quads_buffer_, staging_;
  GpuImage atlas_;
  Sampler sampler_;
  BindGroup group_;
  std::array<Pipeline, kTextShaders.size()> pipelines_;
  std::array<std::vector<Quad>, kTextShaders.size()> of_shader_;
  std::array<std::uint32_t, kTextShaders.size()> ends_{};  ///< in `quads_`
  std::unordered_map<GlyphKey, GlyphImage> images_;
  std::vector<Quad> quads_;
  std::vector<ShapedGlyph> shaped_;
  std::size_t uploaded_ = 0;
  bool cleared_ = false;
};

}  // namespace

Result<std::unique_ptr<Pass>> make_text_pass(std::shared_ptr<VulkanDevice> device, const RenderTarget& target) {
  return TextPass::create(std::move(device), target);
}

}  // namespace gf::render
