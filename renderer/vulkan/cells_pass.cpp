#include "renderer/vulkan/cells_pass.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "renderer/momentary.h"
#include "renderer/vulkan/tile_cache.h"
#include "shaders/shared.h"

namespace gf::render {

namespace {
std::vector<std::uint32_t> packed_maps(Theme theme) {
  std::vector<std::uint32_t> words;
  for (int m = 0; m < kColorMaps; ++m)
    for (const Rgb8& c : color_table(static_cast<ColorMap>(m), theme))
      words.push_back(0xFF000000U | static_cast<std::uint32_t>(c[2]) << 16U | static_cast<std::uint32_t>(c[1]) << 8U | c[0]);
  return words;
}

template <class T>
std::span<const std::byte> bytes_of(const std::vector<T>& v) {
  return std::as_bytes(std::span(v));
}

/// The level at which the whole tensor is one tile.
TileKey one_tile(const TileSource& source) {
  TileKey key;
  while ((kTileSize << key.lx) < source.cols()) ++key.lx;
  while ((kTileSize << key.ly) < source.rows()) ++key.ly;
  return key;
}

std::vector<SeenPanel> see_panels(const FrameContext& frame, float coarsen) {
  std::vector<SeenPanel> seen;
  for (std::size_t i = 0; i < frame.scene->panels.size(); ++i) {
    const Panel& p = frame.scene->panels[i];
    if (p.alpha <= 0 || longer_side_px(p, frame.view_projection, frame.size) < 1) continue;
    if (auto s = see_panel(p, frame.view_projection, frame.size, coarsen)) {
      s->index = static_cast<int>(i);
      seen.push_back(std::move(*s));
    }
  }
  std::ranges::stable_sort(seen, {}, &SeenPanel::middle_depth);
  return seen;
}

std::vector<TileWant> wants_of(const Scene& scene, const std::vector<SeenPanel>& seen, bool first_coarse) {
  std::vector<TileWant> wants;
  for (const SeenPanel& s : seen) {
    const auto& source = scene.panels[static_cast<std::size_t>(s.index)].source;
    if (s.layers.empty()) continue;
    const bool at_once = dynamic_cast<const Momentary*>(source.get()) != nullptr;
    const std::size_t before = wants.size();
    for (const TileLayer& l : s.layers)
      for (int y = 0; y < l.ny; ++y)
        for (int x = 0; x < l.nx; ++x)
          if (l.wanted[static_cast<std::size_t>(y * l.nx + x)])
            wants.push_back({source, {static_cast<std::int16_t>(l.lx), static_cast<std::int16_t>(l.ly), l.x0 + x, l.y0 + y}, 0, at_once});
    // A panel of a single tile needs no coarser one, which would not arrive sooner.
    if (first_coarse && !at_once && wants.size() > before + 1) wants.push_back({source, one_tile(*source), 1, false});
  }
  return wants;
}

/// How many of the wanted tiles fit into the pool, first come first.
std::size_t fitting(const std::vector<TileWant>& wants, int capacity) {
  int cost = 0;
  for (std::size_t i = 0; i < wants.size(); ++i) {
    cost += TileCache::cost(wants[i]);
    if (cost > capacity) return i;
  }
  return wants.size();
}

/// The fragment shaders of panels, in the order in which opaque ones are drawn. Shaders for panels that cover all behind them need
/// no discard, so that what is hidden is rejected before it is shaded.
enum class CellsBy : std::uint8_t { Plain, PlainOne, Fine, Any };
constexpr std::array<const char*, 4> kCellsShaders{"cells_plain.frag", "cells_plain_one.frag", "cells_fine.frag", "cells.frag"};

CellsBy shader_for(const Panel& p, const SeenPanel& seen, bool gaps) {
  const bool whole = p.source && p.rows_shown >= static_cast<float>(p.source->rows());
  if (!(p.empty.a >= 1 || (whole && !gaps))) return CellsBy::Any;
  const bool marked = p.highlight_row >= 0 || p.highlight_col >= 0 || p.grid_every > 0;
  const bool one_page = seen.layers.size() == 1 && seen.layers[0].nx * seen.layers[0].ny == 1;
  if (!marked && std::max(seen.cell_px_x, seen.cell_px_y) < gpu::kLinesFromPx) return one_page ? CellsBy::PlainOne : CellsBy::Plain;
  return one_page && seen.layers[0].lx == 0 && seen.layers[0].ly == 0 ? CellsBy::Fine : CellsBy::Any;
}

/// What the shaders of one page read of a panel's pages: the entry of its page.
void keep_one_page(gpu::PanelRecord& record, const std::vector<std::uint32_t>& pages) {
  if (record.page.z > 0) record.page.x = static_cast<int>(pages[static_cast<std::size_t>(record.page.x)]);
}
}  // namespace

struct Cells {
  std::shared_ptr<VulkanDevice> device;
  std::array<Pipeline, kCellsShaders.size()> pipelines;
  BindGroup group;
  Buffer maps[2];
  FrameBuffer panels, layers, pages;
  std::array<std::uint32_t, kCellsShaders.size()> ends{};  ///< of the opaque ones of each shader, one after the other
  std::uint32_t opaque = 0, translucent = 0;
  float coarsen = 1;
  Theme bound_theme[kFramesInFlight]{};
  bool bound[kFramesInFlight]{};

  Result<void> prepare(const FrameContext& frame);
  void draw(const FrameContext& frame, bool opaque_draw) const;

  struct Tables {
    std::vector<gpu::PanelRecord> panels;
    std::vector<gpu::LayerRecord> layers;
    std::vector<std::uint32_t> pages;
  };
  gpu::PanelRecord record_of(const FrameContext& frame, const SeenPanel& seen, Tables& tables, bool& gaps) const;
  static std::uint32_t page_of(const FrameContext& frame, const TileSource& source, const TileKey& key, bool& gaps);
  Result<void> bind(const FrameContext& frame, const Tables& tables);
};

std::uint32_t Cells::page_of(const FrameContext& frame, const TileSource& source, const TileKey& key, bool& gaps) {
  // Coarser and coarser, both directions in turn, until a tile is there; up to the level that is one tile.
  const TileKey top = one_tile(source);
  for (int step = 0; step < 16; ++step) {
    for (int a = 0; a <= step; ++a) {
      const int b = step - a;
      if (key.lx + a > std::max(top.lx, key.lx) || key.ly + b > std::max(top.ly, key.ly)) continue;
      const TileName name{source.id(),
                          {static_cast<std::int16_t>(key.lx + a), static_cast<std::int16_t>(key.ly + b), key.x >> a, key.y >> b}};
      const TileCache::Place place = frame.tiles->find(name);
      // A complete picture must not depend on what earlier frames have left in the pool.
      if (place.granule < 0 || (frame.wait_for_tiles && !frame.tiles->wanted(name))) continue;
      gaps = gaps || place.has_gaps;
      return static_cast<std::uint32_t>(place.granule) | static_cast<std::uint32_t>(a) << 16U | static_cast<std::uint32_t>(b) << 20U;
    }
  }
  gaps = true;
  return gpu::kMissingPage;
}

gpu::PanelRecord Cells::record_of(const FrameContext& frame, const SeenPanel& seen, Tables& t, bool& gaps) const {
  const Panel& p = frame.scene->panels[static_cast<std::size_t>(seen.index)];
  const float cols = p.source ? static_cast<float>(p.source->cols()) : 1, rows = p.source ? static_cast<float>(p.source->rows()) : 1;
  gpu::PanelRecord r{};
  r.origin_cols = {p.origin, cols};
  r.across_rows = {p.across, rows};
  r.down_alpha = {p.down, std::min(p.alpha, 1.F)};
  r.empty = p.empty;
  const float whole = std::floor(std::clamp(p.rows_shown, 0.F, rows));
  r.value = {p.scale > 0 ? 1 / p.scale : 0, p.offset, whole, std::floor((std::clamp(p.rows_shown, 0.F, rows) - whole) * cols)};
  gaps = gaps || whole < rows;
  r.levels = {static_cast<int>(p.map) | seen.lx_min << 8 | seen.ly_min << 16, seen.lx_count, seen.ly_count,
              static_cast<int>(t.layers.size())};
  r.marks = {p.highlight_row, p.highlight_col, p.grid_every, seen.index};
  const std::size_t first_layer = t.layers.size();
  bool any = false;
  for (const TileLayer& l : seen.layers) {
    t.layers.push_back({{static_cast<std::uint32_t>(t.pages.size()), static_cast<std::uint32_t>(l.x0 | l.y0 << 16),
                         static_cast<std::uint32_t>(l.nx), static_cast<std::uint32_t>(l.ny)}});
    for (int y = 0; y < l.ny; ++y)
      for (int x = 0; x < l.nx; ++x) {
        const TileKey key{static_cast<std::int16_t>(l.lx), static_cast<std::int16_t>(l.ly), l.x0 + x, l.y0 + y};
        const bool wanted = l.wanted[static_cast<std::size_t>(y * l.nx + x)];
        bool gap = false;
        // Tiles that are not wanted are looked up for safety only, where that is cheap.
        const bool look = wanted || l.nx * l.ny <= 256;
        const std::uint32_t page = look ? page_of(frame, *p.source, key, gap) : gpu::kMissingPage;
        if (wanted) gaps = gaps || gap;
        any = any || page != gpu::kMissingPage;
        t.pages.push_back(page);
      }
  }
  if (any) r.page = glm::ivec4(t.layers[first_layer].page);
  else gaps = true;
  return r;
}

Result<void> Cells::prepare(const FrameContext& frame) {
  coarsen = 1;
  bool first_coarse = !frame.wait_for_tiles;
  std::vector<SeenPanel> seen = see_panels(frame, coarsen);
  std::vector<TileWant> wants = wants_of(*frame.scene, seen, first_coarse);
  // Tiles that arrive one by one leave pieces between them: a window fills three quarters.
  const int capacity = frame.wait_for_tiles ? frame.tiles->capacity() : frame.tiles->capacity() * 3 / 4;
  while (fitting(wants, capacity) < wants.size() && coarsen < 4096) {
    // With hundreds of small panels the coarse tile of each would displace the tiles of large panels, and coarsening does not
    // save any of them. So the coarse tiles are given up first.
    if (!first_coarse) coarsen *= 2;
    first_coarse = false;
    seen = see_panels(frame, coarsen);
    wants = wants_of(*frame.scene, seen, first_coarse);
  }
  // If there are too many panels for even one tile each, the nearest get theirs and the others stay empty frames.
  wants.resize(fitting(wants, capacity));
  GF_TRY_ASSIGN(frame.stats->tiles_missing, frame.tiles->update(frame.commands, frame.slot, wants, frame.wait_for_tiles, *frame.stats));

  Tables tables;
  std::array<std::vector<gpu::PanelRecord>, kCellsShaders.size()> covering;
  std::vector<gpu::PanelRecord> behind;
  for (const SeenPanel& s : seen) {
    const Panel& p = frame.scene->panels[static_cast<std::size_t>(s.index)];
    bool gaps = false;
    gpu::PanelRecord record = record_of(frame, s, tables, gaps);
    const bool holes = gaps && p.empty.a < 1;
    if (p.alpha < 1 || holes) behind.push_back(record);
    if (p.alpha < 1) continue;
    const CellsBy by = shader_for(p, s, gaps);
    if (by == CellsBy::PlainOne || by == CellsBy::Fine) keep_one_page(record, tables.pages);
    covering[static_cast<std::size_t>(by)].push_back(record);
  }
  for (std::size_t k = 0; k < covering.size(); ++k) {
    tables.panels.insert(tables.panels.end(), covering[k].begin(), covering[k].end());
    ends[k] = static_cast<std::uint32_t>(tables.panels.size());
  }
  opaque = static_cast<std::uint32_t>(tables.panels.size());
  translucent = static_cast<std::uint32_t>(behind.size());
  tables.panels.insert(tables.panels.end(), behind.rbegin(), behind.rend());
  frame.stats->panels_drawn = static_cast<int>(seen.size());
  frame.stats->panels_culled = static_cast<int>(frame.scene->panels.size() - seen.size());
  return bind(frame, tables);
}

Result<void> Cells::bind(const FrameContext& frame, const Tables& tables) {
  const int slot = frame.slot;
  GF_TRY_ASSIGN(const bool new_panels, panels.write(slot, bytes_of(tables.panels)));
  GF_TRY_ASSIGN(const bool new_layers, layers.write(slot, bytes_of(tables.layers)));
  GF_TRY_ASSIGN(const bool new_pages, pages.write(slot, bytes_of(tables.pages)));
  const Theme theme = frame.scene->theme;
  if (bound[slot] && !new_panels && !new_layers && !new_pages && bound_theme[slot] == theme) return {};
  group.write_buffer(slot, 0, panels.at(slot).handle());
  GF_TRY(group.write_texels(slot, 1, layers.at(slot), VK_FORMAT_R32G32B32A32_UINT));
  GF_TRY(group.write_texels(slot, 2, pages.at(slot), VK_FORMAT_R32_UINT));
  GF_TRY(group.write_texels(slot, 3, frame.tiles->pool(), VK_FORMAT_R32_SFLOAT));
  GF_TRY(group.write_texels(slot, 4, maps[static_cast<std::size_t>(theme)], VK_FORMAT_R8G8B8A8_UNORM));
  bound[slot] = true;
  bound_theme[slot] = theme;
  return {};
}

void Cells::draw(const FrameContext& frame, bool opaque_draw) const {
  const std::uint32_t count = opaque_draw ? opaque : translucent;
  if (count == 0) return;
  gpu::CellsPush push{};
  push.view_projection = frame.view_projection;
  push.ground = glm::vec4(glm::vec3(frame.scene->ground), coarsen);
  push.ink = frame.scene->theme == Theme::Dark ? glm::vec4(1, 1, 1, frame.dpr) : glm::vec4(0.106F, 0.137F, 0.188F, frame.dpr);
  push.mode.x = opaque_draw ? 1 : 0;
  vkCmdSetDepthWriteEnable(frame.commands, opaque_draw ? VK_TRUE : VK_FALSE);
  const auto draw_with = [&](const Pipeline& with, std::uint32_t first, std::uint32_t end) {
    if (first == end) return;
    with.bind(frame.commands);
    with.bind_set(frame.commands, group.set(frame.slot));
    with.push(frame.commands, push);
    vkCmdDraw(frame.commands, 4, end - first, 0, first);
  };
  if (opaque_draw) {
    for (std::size_t k = 0; k < pipelines.size(); ++k) draw_with(pipelines[k], k == 0 ? 0 : ends[k - 1], ends[k]);
  } else {
    draw_with(pipelines[static_cast<std::size_t>(CellsBy::Any)], opaque, opaque + count);
  }
}

Result<std::shared_ptr<Cells>> make_cells(const std::shared_ptr<VulkanDevice>& device, const RenderTarget& target) {
  auto cells = std::make_shared<Cells>();
  cells->device = device;
  // Texel buffers and not storage buffers: a software rasteriser reads them without a loop over lanes.
  constexpr VkDescriptorType texels = VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER;
  GF_TRY_ASSIGN(cells->group, BindGroup::create(device, {{0, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, VK_SHADER_STAGE_VERTEX_BIT},
                                                         {1, texels, VK_SHADER_STAGE_FRAGMENT_BIT},
                                                         {2, texels, VK_SHADER_STAGE_FRAGMENT_BIT},
                                                         {3, texels, VK_SHADER_STAGE_FRAGMENT_BIT},
                                                         {4, texels, VK_SHADER_STAGE_FRAGMENT_BIT}}));
  PipelineInfo info;
  info.vertex = "cells.vert";
  info.target = target;
  info.sets = {cells->group.layout()};
  info.push_bytes = sizeof(gpu::CellsPush);
  info.topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_STRIP;
  for (std::size_t k = 0; k < kCellsShaders.size(); ++k) {
    info.fragment = kCellsShaders[k];
    GF_TRY_ASSIGN(cells->pipelines[k], Pipeline::create(device, info));
  }
  for (const Theme theme : {Theme::Dark, Theme::Light}) {
    const std::vector<std::uint32_t> words = packed_maps(theme);
    Buffer& buffer = cells->maps[static_cast<std::size_t>(theme)];
    GF_TRY_ASSIGN(buffer, Buffer::create(device, Buffer::Kind::Upload, words.size() * sizeof(std::uint32_t),
                                         VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT, "color maps"));
    std::memcpy(buffer.mapped(), words.data(), buffer.size());
  }
  cells->panels = FrameBuffer(device, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, "panels");
  cells->layers = FrameBuffer(device, VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT, "tile layers");
  cells->pages = FrameBuffer(device, VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT, "tile pages");
  return cells;
}

namespace {
class OpaquePass final : public Pass {
 public:
  explicit OpaquePass(std::shared_ptr<Cells> cells) : cells_(std::move(cells)) {}
  Result<void> prepare(const FrameContext& frame) override { return cells_->prepare(frame); }
  void record(const FrameContext& frame) override { cells_->draw(frame, true); }

 private:
  std::shared_ptr<Cells> cells_;
};

class TranslucentPass final : public Pass {
 public:
  explicit TranslucentPass(std::shared_ptr<Cells> cells) : cells_(std::move(cells)) {}
  Result<void> prepare(const FrameContext&) override { return {}; }
  void record(const FrameContext& frame) override { cells_->draw(frame, false); }

 private:
  std::shared_ptr<Cells> cells_;
};
}  // namespace

std::unique_ptr<Pass> make_opaque_cells_pass(std::shared_ptr<Cells> cells) { return std::make_unique<OpaquePass>(std::move(cells)); }
std::unique_ptr<Pass> make_translucent_cells_pass(std::shared_ptr<Cells> cells) {
  return std::make_unique<TranslucentPass>(std::move(cells));
}

}  // namespace gf::render
