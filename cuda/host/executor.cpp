#include "cuda/host/executor.h"

#include <algorithm>
#include <boost/context/detail/fcontext.hpp>
#include <cstring>
#include <sys/mman.h>

#include "model/base/error.h"

namespace gf::cuda::host {

namespace context = boost::context::detail;

namespace {
constexpr std::size_t kStackBytes = std::size_t{64} << 10;
constexpr std::size_t kAlignment = 256;
constexpr int kPoison = 0xff;  // as float32: NaN
constexpr std::uint16_t kMany = 0xffff;

std::byte* reserve(std::size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  EXPECTS(memory != MAP_FAILED, "the system reserves address space for the executor");
  return static_cast<std::byte*>(memory);
}
}  // namespace

Memory::Memory(std::size_t bytes) : bytes_((bytes + kAlignment - 1) / kAlignment * kAlignment) {
  base_ = reserve(bytes_);
  sectors_ = reinterpret_cast<Sector*>(reserve(bytes_ / 32 * sizeof(Sector)));
  ranges_.push_back({0, bytes_, true});
}

Memory::~Memory() {
  ::munmap(base_, bytes_);
  ::munmap(sectors_, bytes_ / 32 * sizeof(Sector));
}

std::byte* Memory::take(std::size_t bytes) {
  // A sector belongs to the range that asked for a part of it; a free sector lies between two ranges.
  const std::size_t rounded = (bytes + 32 + kAlignment) / kAlignment * kAlignment;
  const auto at = std::ranges::find_if(ranges_, [&](const Range& r) { return r.free && r.bytes >= rounded; });
  if (at == ranges_.end()) return nullptr;
  const Range rest{at->offset + rounded, at->bytes - rounded, true};
  at->bytes = rounded;
  at->free = false;
  const std::size_t offset = at->offset;
  if (rest.bytes > 0) ranges_.insert(at + 1, rest);
  used_ += rounded;
  std::memset(base_ + offset, kPoison, rounded);
  for (std::size_t s = offset / 32; s < (offset + bytes + 31) / 32; ++s) sectors_[s].taken = true;
  return base_ + offset;
}

bool Memory::give_back(void* memory) {
  const auto offset = static_cast<std::size_t>(static_cast<std::byte*>(memory) - base_);
  const auto at = std::ranges::find_if(ranges_, [&](const Range& r) { return r.offset == offset && !r.free; });
  if (at == ranges_.end()) return false;
  std::memset(base_ + offset, kPoison, at->bytes);
  for (std::size_t s = offset / 32; s < (offset + at->bytes) / 32; ++s) sectors_[s].taken = false;
  used_ -= at->bytes;
  at->free = true;
  std::vector<Range> merged;
  for (const Range& r : ranges_)
    if (!merged.empty() && merged.back().free && r.free) merged.back().bytes += r.bytes;
    else merged.push_back(r);
  ranges_ = std::move(merged);
  return true;
}

bool Memory::owns(const void* at, std::size_t bytes) const {
  const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(at) - base_);
  if (offset >= bytes_ || offset + bytes > bytes_) return false;
  for (std::size_t s = offset / 32; s < (offset + bytes + 31) / 32; ++s)
    if (!sectors_[s].taken) return false;
  return true;
}

struct Executor::Lane {
  enum class State { Ready, AtBarrier, InExchange, Finished };
  unsigned index = 0;
  State state = State::Ready;
  context::fcontext_t context = nullptr;
  std::uint64_t given[2] = {};  ///< of this exchange and the one before
  unsigned exchanges = 0;
  std::unique_ptr<std::byte[]> stack = std::make_unique_for_overwrite<std::byte[]>(kStackBytes);
};

Executor::Executor(Memory& memory, unsigned seed) : memory_(memory), random_(seed) {}
Executor::~Executor() = default;

std::string Executor::run(Grid grid, unsigned threads, std::size_t shared_bytes, const std::function<void()>& body) {
  EXPECTS(threads > 0 && threads % 32 == 0 && threads <= 1024, "whole warps");
  EXPECTS(shared_bytes <= (std::size_t{48} << 10), "a block has 48 KiB of shared memory");
  memory_.begin_launch();
  failure_.clear();
  shared_bytes_ = shared_bytes;
  shared_.resize(std::max(shared_.size(), shared_bytes));
  words_.resize(std::max(words_.size(), shared_bytes / 4 + 1));
  while (lanes_.size() < threads) lanes_.push_back(std::make_unique<Lane>());
  body_ = &body;
  threads_ = threads;
  place.executor = this;
  place.block_size = {threads, 1, 1};
  std::vector<std::uint64_t> blocks(std::uint64_t{grid.x} * grid.y * grid.z);
  for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = i;
  std::ranges::shuffle(blocks, random_);
  for (const std::uint64_t b : blocks) {
    place.block = {static_cast<unsigned>(b % grid.x), static_cast<unsigned>(b / grid.x % grid.y),
                   static_cast<unsigned>(b / grid.x / grid.y)};
    run_block(threads);
    if (!failure_.empty()) break;
  }
  place.executor = nullptr;
  return failure_;
}

void Executor::run_block(unsigned threads) {
  std::fill_n(shared_.begin(), shared_bytes_, std::byte{kPoison});
  ++epoch_;
  finished_ = at_barrier_ = 0;
  warp_arrived_.assign(threads / 32, 0);
  ready_.clear();
  for (unsigned i = 0; i < threads; ++i) {
    Lane& lane = *lanes_[i];
    lane.index = i;
    lane.state = Lane::State::Ready;
    lane.exchanges = 0;
    lane.context = context::make_fcontext(lane.stack.get() + kStackBytes, kStackBytes, [](context::transfer_t from) {
      auto* self = static_cast<Executor*>(from.data);
      self->scheduler_ = from.fctx;
      (*self->body_)();
      self->current_->state = Lane::State::Finished;
      context::jump_fcontext(self->scheduler_, self);
    });
    ready_.push_back(i);
  }
  while (!ready_.empty()) {
    const std::size_t pick = random_() % ready_.size();
    std::swap(ready_[pick], ready_.back());
    Lane& lane = *lanes_[ready_.back()];
    ready_.pop_back();
    current_ = &lane;
    place.thread.x = lane.index;
    lane.context = context::jump_fcontext(lane.context, this).fctx;
    if (!failure_.empty()) return;
    if (lane.state == Lane::State::Finished) ++finished_;
    if (at_barrier_ == 0) continue;
    if (at_barrier_ == threads) {
      at_barrier_ = 0;
      ++epoch_;
      for (unsigned i = 0; i < threads; ++i) {
        lanes_[i]->state = Lane::State::Ready;
        ready_.push_back(i);
      }
    }
  }
  if (finished_ != threads)
    failure_ = "threads of a block part ways: " + std::to_string(at_barrier_) + " wait at a barrier, " + std::to_string(finished_) +
               " have ended, the others wait for their warp";
}

void Executor::suspend() {
  const auto back = context::jump_fcontext(scheduler_, this);
  scheduler_ = back.fctx;
}

void Executor::barrier(const char* file, unsigned line) {
  Barrier here{file, line};
  here.file = here.file.substr(here.file.rfind('/') + 1);
  const bool removed = here == removed_;
  seen_.insert(std::move(here));
  if (removed) return;
  if (at_barrier_ > 0 && (barrier_line_ != line || std::strcmp(barrier_file_, file) != 0))
    give_up("threads of a block wait at different barriers");
  barrier_file_ = file;
  barrier_line_ = line;
  ++at_barrier_;
  current_->state = Lane::State::AtBarrier;
  suspend();
}

std::uint64_t Executor::exchange(std::uint64_t bits, unsigned lane_mask) {
  Lane& lane = *current_;
  const unsigned bank = lane.exchanges++ % 2, warp = lane.index / 32;
  lane.given[bank] = bits;
  if (++warp_arrived_[warp] == 32) {
    warp_arrived_[warp] = 0;
    for (unsigned i = warp * 32; i < warp * 32 + 32; ++i)
      if (i != lane.index) {
        lanes_[i]->state = Lane::State::Ready;
        ready_.push_back(i);
      }
  } else {
    lane.state = Lane::State::InExchange;
    suspend();
  }
  return lanes_[lane.index ^ lane_mask]->given[bank];
}

void Executor::check_race(std::size_t offset, std::size_t bytes, bool writes) {
  const auto lane = static_cast<std::uint16_t>(current_->index);
  for (std::size_t w = offset / 4; w <= (offset + bytes - 1) / 4; ++w) {
    Word& word = words_[w];
    if (word.write_epoch == epoch_ && word.writer != lane)
      give_up("a race in shared memory: threads " + std::to_string(word.writer) + " and " + std::to_string(lane) +
              " use one place with no barrier between them");
    if (writes) {
      if (word.read_epoch == epoch_ && word.reader != lane)
        give_up("a race in shared memory: thread " + std::to_string(lane) + " overwrites what another reads with no barrier between them");
      word.write_epoch = epoch_;
      word.writer = lane;
    } else if (word.read_epoch != epoch_) {
      word.read_epoch = epoch_;
      word.reader = lane;
    } else if (word.reader != lane) {
      word.reader = kMany;
    }
  }
}

void Executor::give_up(std::string why) {
  failure_ = std::move(why);
  context::jump_fcontext(scheduler_, this);
  EXPECTS(false, "a lane that gave up is not resumed");
}

}  // namespace gf::cuda::host
