#include "renderer/vulkan/tile_cache.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>

namespace gf::render {

std::size_t TileNameHash::operator()(const TileName& n) const noexcept {
  std::uint64_t h = n.source * 0x9E3779B97F4A7C15ULL;
  const auto add = [&h](std::uint64_t x) { h = (h ^ x) * 0xD6E8FEB86659FD93ULL, h ^= h >> 32U; };
  add(static_cast<std::uint64_t>(n.key.x) << 32U | static_cast<std::uint32_t>(n.key.y));
  add(static_cast<std::uint64_t>(n.key.lx) << 16U | static_cast<std::uint16_t>(n.key.ly));
  return h;
}

Result<std::unique_ptr<TileCache>> TileCache::create(std::shared_ptr<VulkanDevice> device, std::size_t bytes) {
  std::unique_ptr<TileCache> cache(new TileCache);
  const std::size_t most = std::min<std::size_t>({bytes, device->limits().maxTexelBufferElements * sizeof(float), 0xFFFFULL * kTileBytes});
  const std::size_t count = std::max<std::size_t>(most / kTileBytes, 1);
  cache->slots_.resize(count);
  // Where the CPU draws, tiles are written in place: each copy would cost a software driver more than the tile. No
  // frame is on its way then, since one is waited for before the next is recorded.
  const auto kind = device->is_software() ? Buffer::Kind::Upload : Buffer::Kind::Device;
  GF_TRY_ASSIGN(cache->pool_, Buffer::create(device, kind, count * kTileBytes,
                                             VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT, "tile pool"));
  GF_TRY_ASSIGN(cache->commands_, Commands::create(device));
  cache->staging_ = FrameBuffer(device, VK_BUFFER_USAGE_TRANSFER_SRC_BIT, "tile staging");
  cache->device_ = std::move(device);
  return cache;
}

TileCache::~TileCache() {
  for (std::jthread& w : workers_) w.request_stop();
  wake_.notify_all();
}

TileCache::Slot TileCache::find(const TileName& name) const {
  const auto it = resident_.find(name);
  return it == resident_.end() ? Slot{} : Slot{it->second.slot, it->second.has_gaps};
}

bool TileCache::wanted(const TileName& name) const {
  const auto it = resident_.find(name);
  return it != resident_.end() && slots_[static_cast<std::size_t>(it->second.slot)].last_frame == frame_;
}

/// The least recently used slot that this frame does not want; -1 if there is none. Frames on their way may still
/// read it: the barrier before the copies waits for them.
int TileCache::take_slot() {
  if (spare_of_ != frame_) {
    spare_of_ = frame_;
    spare_.clear();
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if (slots_[i].last_frame < frame_) spare_.push_back(static_cast<int>(i));
    // The oldest last, where they are taken; those never used have frame 0.
    std::ranges::sort(spare_, [&](int a, int b) {
      return std::pair(slots_[static_cast<std::size_t>(b)].last_frame, b) < std::pair(slots_[static_cast<std::size_t>(a)].last_frame, a);
    });
  }
  if (spare_.empty()) return -1;
  const int slot = spare_.back();
  spare_.pop_back();
  return slot;
}

void TileCache::place(const TileName& name, bool has_gaps, int slot) {
  SlotState& s = slots_[static_cast<std::size_t>(slot)];
  if (s.used) resident_.erase(s.name);
  s = {name, frame_, true};
  resident_[name] = {slot, has_gaps};
}

Result<int> TileCache::update(VkCommandBuffer commands, int slot, const std::vector<TileWant>& wants, bool wait, FrameStats& stats) {
  ++frame_;
  std::vector<TileWant> missing;
  std::unordered_set<TileName, TileNameHash> seen;
  for (const TileWant& w : wants) {
    const TileName name{w.source->id(), w.key};
    if (!seen.insert(name).second) continue;
    if (const auto it = resident_.find(name); it != resident_.end()) slots_[static_cast<std::size_t>(it->second.slot)].last_frame = frame_;
    else missing.push_back(w);
  }
  if (wait) {
    GF_TRY(fill_now(missing, stats));
    stats.tiles_resident = static_cast<int>(resident_.size());
    return 0;
  }

  std::vector<Filled> ready;
  {
    const std::scoped_lock lock(mutex_);
    const std::size_t take = std::min(filled_.size(), kUploadBytes / kTileBytes);
    ready.assign(std::make_move_iterator(filled_.begin()), std::make_move_iterator(filled_.begin() + static_cast<std::ptrdiff_t>(take)));
    filled_.erase(filled_.begin(), filled_.begin() + static_cast<std::ptrdiff_t>(take));
    has_news_ = !filled_.empty();
  }
  if (!ready.empty()) {
    if (!in_place()) GF_TRY(staging_.reserve(slot, ready.size() * kTileBytes));
    std::vector<VkBufferCopy> copies;
    for (const Filled& f : ready) {
      const int to = resident_.contains(f.name) ? -1 : take_slot();
      if (to < 0) continue;  // a pool full of what is on the screen: the coarser tile stays
      const std::size_t from = copies.size() * kTileBytes, bytes = f.texels.size() * sizeof(float);
      const std::size_t at = static_cast<std::size_t>(to) * kTileBytes;
      std::memcpy(in_place() ? pool_.mapped() + at : staging_.at(slot).mapped() + from, f.texels.data(), bytes);
      copies.push_back({from, at, bytes});
      place(f.name, f.has_gaps, to);
    }
    if (!copies.empty() && !in_place()) {
      memory_barrier(commands, VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT, VK_ACCESS_2_SHADER_SAMPLED_READ_BIT, VK_PIPELINE_STAGE_2_COPY_BIT,
                     VK_ACCESS_2_TRANSFER_WRITE_BIT);
      vkCmdCopyBuffer(commands, staging_.at(slot).handle(), pool_.handle(), static_cast<std::uint32_t>(copies.size()), copies.data());
      memory_barrier(commands, VK_PIPELINE_STAGE_2_COPY_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT,
                     VK_ACCESS_2_SHADER_SAMPLED_READ_BIT);
    }
    stats.tiles_uploaded = static_cast<int>(copies.size());
  }
  std::erase_if(missing, [&](const TileWant& w) { return resident_.contains({w.source->id(), w.key}); });
  std::ranges::stable_sort(missing, {}, &TileWant::urgency);
  stats.tiles_resident = static_cast<int>(resident_.size());
  const int count = static_cast<int>(missing.size());
  {
    const std::scoped_lock lock(mutex_);
    // What has been filled and waits for its upload is no work any more; what is no longer wanted neither.
    std::unordered_set<TileName, TileNameHash> have(busy_);
    for (const Filled& f : filled_) have.insert(f.name);
    std::erase_if(missing, [&](const TileWant& w) { return have.contains({w.source->id(), w.key}); });
    queue_ = std::move(missing);
    const std::size_t threads = std::clamp(std::thread::hardware_concurrency() / 2, 1U, 4U);
    while (!queue_.empty() && workers_.size() < threads) workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
  wake_.notify_all();
  return count;
}

void TileCache::work(std::stop_token stop) {
  while (!stop.stop_requested()) {
    TileWant job;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
      job = std::move(queue_.back());
      queue_.pop_back();
      busy_.insert({job.source->id(), job.key});
    }
    const auto rows = static_cast<std::size_t>(rows_inside(*job.source, job.key));
    Filled f{{job.source->id(), job.key}, std::vector<float>(rows * kTileSize), false};
    f.has_gaps = job.source->fill_shown(job.key, f.texels);
    {
      const std::scoped_lock lock(mutex_);
      busy_.erase(f.name);
      filled_.push_back(std::move(f));
      has_news_ = true;
    }
    news_.notify_all();
  }
}

bool TileCache::wait_for_news(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return news_.wait_for(lock, limit, [this] { return has_news_; });
}

Result<void> TileCache::fill_now(const std::vector<TileWant>& missing, FrameStats& stats) {
  for (std::size_t first = 0; first < missing.size();) {
    // Tiles lie close together in a batch: most hold a few rows.
    std::vector<VkBufferCopy> copies;
    std::size_t bytes = 0;
    for (std::size_t i = first; i < missing.size(); ++i) {
      const TileWant& w = missing[i];
      const std::size_t size = static_cast<std::size_t>(rows_inside(*w.source, w.key)) * kTileSize * sizeof(float);
      if (bytes > 0 && bytes + size > kUploadBytes) break;
      const int to = take_slot();
      EXPECTS(to >= 0, "more tiles are wanted than the pool holds");
      place({w.source->id(), w.key}, false, to);
      copies.push_back({bytes, static_cast<VkDeviceSize>(to) * kTileBytes, size});
      bytes += size;
    }
    GF_TRY(commands_.wait());  // for the batch before
    if (!in_place() && (!wait_staging_ || wait_staging_.size() < bytes)) {
      GF_TRY_ASSIGN(wait_staging_,
                    Buffer::create(device_, Buffer::Kind::Upload, bytes, VK_BUFFER_USAGE_TRANSFER_SRC_BIT, "tile staging, waited for"));
    }
    std::vector<std::uint8_t> gaps(copies.size(), 0);
    std::atomic<std::size_t> next{0};
    const auto fill = [&] {
      for (std::size_t i = next++; i < copies.size(); i = next++) {
        const TileWant& w = missing[first + i];
        const VkBufferCopy& c = copies[i];
        std::byte* out = in_place() ? pool_.mapped() + c.dstOffset : wait_staging_.mapped() + c.srcOffset;
        gaps[i] = w.source->fill_shown(w.key, {reinterpret_cast<float*>(out), c.size / sizeof(float)}) ? 1 : 0;
      }
    };
    {
      std::vector<std::jthread> helpers;
      const std::size_t threads = std::min<std::size_t>(std::max(1U, std::thread::hardware_concurrency()), (copies.size() + 15) / 16);
      for (std::size_t t = 1; t < threads; ++t) helpers.emplace_back(fill);
      fill();
    }
    for (std::size_t i = 0; i < copies.size(); ++i)
      resident_.at({missing[first + i].source->id(), missing[first + i].key}).has_gaps = gaps[i] != 0;
    if (!in_place()) {
      GF_TRY_ASSIGN(VkCommandBuffer commands, commands_.begin());
      memory_barrier(commands, VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT, VK_ACCESS_2_SHADER_SAMPLED_READ_BIT, VK_PIPELINE_STAGE_2_COPY_BIT,
                     VK_ACCESS_2_TRANSFER_WRITE_BIT);
      vkCmdCopyBuffer(commands, wait_staging_.handle(), pool_.handle(), static_cast<std::uint32_t>(copies.size()), copies.data());
      memory_barrier(commands, VK_PIPELINE_STAGE_2_COPY_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT,
                     VK_ACCESS_2_SHADER_SAMPLED_READ_BIT);
      GF_TRY(commands_.submit());
    }
    stats.tiles_uploaded += static_cast<int>(copies.size());
    first += copies.size();
  }
  return commands_.wait();
}

}  // namespace gf::render
