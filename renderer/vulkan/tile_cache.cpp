#include "renderer/vulkan/tile_cache.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>

namespace gf::render {

namespace {
TileName name_of(const TileWant& want) { return {want.source->id(), want.key}; }
}  // namespace

std::size_t TileNameHash::operator()(const TileName& n) const noexcept {
  std::uint64_t h = n.source * 0x9E3779B97F4A7C15ULL;
  const auto add = [&h](std::uint64_t x) { h = (h ^ x) * 0xD6E8FEB86659FD93ULL, h ^= h >> 32U; };
  add(static_cast<std::uint64_t>(n.key.x) << 32U | static_cast<std::uint32_t>(n.key.y));
  add(static_cast<std::uint64_t>(n.key.lx) << 16U | static_cast<std::uint16_t>(n.key.ly));
  return h;
}

Result<std::unique_ptr<TileCache>> TileCache::create(std::shared_ptr<VulkanDevice> device, std::size_t bytes) {
  std::unique_ptr<TileCache> cache(new TileCache);
  const std::size_t most = std::min<std::size_t>(
      {bytes, device->limits().maxTexelBufferElements * sizeof(float), (0xFFFFULL >> (kTileOrders - 1)) * kTileBytes});
  const std::size_t count = std::max<std::size_t>(most / kTileBytes, 1);
  cache->space_ = TileSpace(count);
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

TileCache::Place TileCache::find(const TileName& name) const {
  const auto it = resident_.find(name);
  return it == resident_.end() ? Place{} : Place{it->second.granule, it->second.has_gaps};
}

bool TileCache::wanted(const TileName& name) const {
  const auto it = resident_.find(name);
  return it != resident_.end() && it->second.last_frame == frame_;
}

/// Gives up the least recently used tile that this frame does not want. Frames on their way may still read it: the
/// barrier before the copies waits for them.
bool TileCache::drop_oldest() {
  if (ages_.empty() || resident_.at(ages_.front().name).last_frame == frame_) return false;
  drop(ages_.begin());
  return true;
}

/// Gives back the room of tiles whose source no longer exists, such as those of older runs: no frame asks for them again.
void TileCache::drop_orphans() {
  for (auto age = ages_.begin(); age != ages_.end();) {
    const auto next = std::next(age);
    if (age->source.expired()) drop(age);
    age = next;
  }
}

void TileCache::drop(std::list<Aged>::iterator age) {
  const auto it = resident_.find(age->name);
  space_.give_back(it->second.granule, it->second.order);
  resident_.erase(it);
  ages_.erase(age);
}

void TileCache::drop_all() {
  resident_.clear();
  ages_.clear();
  space_.clear();
  torn_ = false;
}

void TileCache::use(Resident& r) {
  r.last_frame = frame_;
  ages_.splice(ages_.end(), ages_, r.age);
}

TileCache::Resident* TileCache::place(const TileWant& want, bool has_gaps) {
  const TileName name = name_of(want);
  const int order = order_for(rows_inside(*want.source, want.key));
  int granule = space_.take(order);
  while (granule < 0 && drop_oldest()) granule = space_.take(order);
  torn_ = torn_ || granule < 0;
  if (granule < 0) return nullptr;
  return &(resident_[name] = {granule, order, has_gaps, frame_, ages_.insert(ages_.end(), {name, want.source})});
}

Result<int> TileCache::update(VkCommandBuffer commands, int slot, const std::vector<TileWant>& wants, bool wait, FrameStats& stats) {
  ++frame_;
  if (torn_) drop_all();
  std::vector<TileWant> missing;
  std::unordered_set<TileName, TileNameHash> seen;
  for (const TileWant& w : wants) {
    const TileName name = name_of(w);
    if (!seen.insert(name).second) continue;
    if (const auto it = resident_.find(name); it != resident_.end()) use(it->second);
    else missing.push_back(w);
  }
  if (!missing.empty()) drop_orphans();
  if (wait) {
    std::vector<Resident*> rooms = make_room(missing);
    if (torn_) {
      // Small tiles of this frame lie all over the pool. Placed anew, the largest first, all tiles fit.
      drop_all();
      missing.clear();
      seen.clear();
      for (const TileWant& w : wants)
        if (seen.insert(name_of(w)).second) missing.push_back(w);
      std::ranges::stable_sort(missing, std::greater<>(), &TileCache::cost);
      rooms = make_room(missing);
      EXPECTS(!torn_, "more tiles are wanted than the pool holds");
    }
    GF_TRY(fill_now(missing, rooms, stats));
    stats.tiles_resident = static_cast<int>(resident_.size());
    return 0;
  }

  GF_TRY(fill_at_once(missing, stats));
  std::vector<Filled> ready;
  {
    const std::scoped_lock lock(mutex_);
    std::size_t take = 0;
    for (std::size_t bytes = 0; take < filled_.size(); ++take) {
      bytes += filled_[take].texels.size() * sizeof(float);
      if (bytes > kUploadBytes) break;
    }
    ready.assign(std::make_move_iterator(filled_.begin()), std::make_move_iterator(filled_.begin() + static_cast<std::ptrdiff_t>(take)));
    filled_.erase(filled_.begin(), filled_.begin() + static_cast<std::ptrdiff_t>(take));
    has_news_ = !filled_.empty();
  }
  if (!ready.empty()) {
    if (!in_place()) GF_TRY(staging_.reserve(slot, kUploadBytes));
    std::vector<VkBufferCopy> copies;
    std::size_t from = 0;
    for (const Filled& f : ready) {
      const Resident* to = resident_.contains(name_of(f.want)) ? nullptr : place(f.want, f.has_gaps);
      if (to == nullptr) continue;  // the tiles on the screen fill the pool: the coarser tile stays
      const std::size_t bytes = f.texels.size() * sizeof(float);
      const std::size_t at = static_cast<std::size_t>(to->granule) * kGranuleBytes;
      std::memcpy(in_place() ? pool_.mapped() + at : staging_.at(slot).mapped() + from, f.texels.data(), bytes);
      copies.push_back({from, at, bytes});
      from += bytes;
    }
    if (!copies.empty() && !in_place()) {
      memory_barrier(commands, VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT, VK_ACCESS_2_SHADER_SAMPLED_READ_BIT, VK_PIPELINE_STAGE_2_COPY_BIT,
                     VK_ACCESS_2_TRANSFER_WRITE_BIT);
      vkCmdCopyBuffer(commands, staging_.at(slot).handle(), pool_.handle(), static_cast<std::uint32_t>(copies.size()), copies.data());
      memory_barrier(commands, VK_PIPELINE_STAGE_2_COPY_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT,
                     VK_ACCESS_2_SHADER_SAMPLED_READ_BIT);
    }
    stats.tiles_uploaded += static_cast<int>(copies.size());
  }
  std::erase_if(missing, [&](const TileWant& w) { return resident_.contains(name_of(w)); });
  std::ranges::stable_sort(missing, {}, &TileWant::urgency);
  stats.tiles_resident = static_cast<int>(resident_.size());
  const int count = static_cast<int>(missing.size());
  {
    const std::scoped_lock lock(mutex_);
    // Tiles that are filled and wait for their upload need no work. The new queue leaves out tiles that are no longer wanted.
    std::unordered_set<TileName, TileNameHash> have(busy_);
    for (const Filled& f : filled_) have.insert(name_of(f.want));
    std::erase_if(missing, [&](const TileWant& w) { return have.contains(name_of(w)); });
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
      busy_.insert(name_of(job));
    }
    const auto rows = static_cast<std::size_t>(rows_inside(*job.source, job.key));
    Filled f{std::move(job), std::vector<float>(rows * kTileSize), false};
    f.has_gaps = f.want.source->fill_shown(f.want.key, f.texels);
    {
      const std::scoped_lock lock(mutex_);
      busy_.erase(name_of(f.want));
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

std::vector<TileCache::Resident*> TileCache::make_room(const std::vector<TileWant>& missing) {
  std::vector<Resident*> rooms;
  rooms.reserve(missing.size());
  for (const TileWant& w : missing) {
    rooms.push_back(place(w, false));
    if (rooms.back() == nullptr) return {};
  }
  return rooms;
}

Result<void> TileCache::fill_at_once(std::vector<TileWant>& missing, FrameStats& stats) {
  std::vector<TileWant> now;
  std::vector<Resident*> rooms;
  std::size_t bytes = 0;
  std::erase_if(missing, [&](const TileWant& w) {
    if (!w.at_once || bytes >= kUploadBytes) return false;
    Resident* room = place(w, false);
    if (room == nullptr) return false;
    bytes += static_cast<std::size_t>(rows_inside(*w.source, w.key)) * kTileSize * sizeof(float);
    now.push_back(w);
    rooms.push_back(room);
    return true;
  });
  return now.empty() ? Result<void>() : fill_now(now, rooms, stats);
}

Result<void> TileCache::fill_now(const std::vector<TileWant>& missing, const std::vector<Resident*>& rooms, FrameStats& stats) {
  for (std::size_t first = 0; first < missing.size();) {
    // Tiles lie close together in a batch: most hold a few rows.
    std::vector<VkBufferCopy> copies;
    std::size_t bytes = 0;
    for (std::size_t i = first; i < missing.size(); ++i) {
      const TileWant& w = missing[i];
      const std::size_t size = static_cast<std::size_t>(rows_inside(*w.source, w.key)) * kTileSize * sizeof(float);
      if (bytes > 0 && bytes + size > kUploadBytes) break;
      copies.push_back({bytes, static_cast<VkDeviceSize>(rooms[i]->granule) * kGranuleBytes, size});
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
    for (std::size_t i = 0; i < copies.size(); ++i) rooms[first + i]->has_gaps = gaps[i] != 0;
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
