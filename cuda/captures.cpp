#include "cuda/captures.h"

#include <cstring>

namespace gf::cuda {

Captures::Captures(Api& api) : api_(api), stream_(api), sets_{Set(api), Set(api)} {}

Result<void> Captures::open() {
  Status status = api_.create_stream(stream_.out());
  for (Set& set : sets_) {
    if (status == Status::Ok) status = api_.create_event("computed", set.computed.out());
    if (status == Status::Ok) status = api_.create_event("copied", set.copied.out());
  }
  if (status != Status::Ok) return tl::unexpected(device_error(api_, status, phrase("to make a stream")));
  return {};
}

void Captures::enter(int set) { compute_->wait(sets_[static_cast<std::size_t>(set)].copied.get()); }

void Captures::keep(int set, const void* device, std::size_t bytes, void* to) {
  sets_[static_cast<std::size_t>(set)].waiting.push_back({device, bytes, to});
}

void Captures::flush(int number) {
  Set& set = sets_[static_cast<std::size_t>(number)];
  fetch(set);
  if (set.waiting.empty()) return;
  std::size_t bytes = 0;
  for (const Piece& p : set.waiting) bytes += p.bytes;
  if (set.pinned.bytes() < bytes) {
    auto pinned = PinnedBuffer::make(api_, bytes, phrase("for captured values"));
    if (!pinned) return compute_->fail(std::move(pinned.error()));
    set.pinned = std::move(*pinned);
  }
  compute_->record(set.computed.get());
  Queue copies(api_, stream_.get());
  copies.wait(set.computed.get());
  std::byte* to = set.pinned.as<>();
  for (const Piece& p : set.waiting) {
    copies.download(to, p.device, p.bytes);
    to += p.bytes;
  }
  copies.record(set.copied.get());
  if (!copies.result()) compute_->fail(copies.result().error());
  set.copying.swap(set.waiting);
  set.waiting.clear();
}

void Captures::fetch(Set& set) {
  if (set.copying.empty()) return;
  if (const Status status = api_.synchronize(set.copied.get()); status != Status::Ok) {
    compute_->fail(device_error(api_, status, phrase("while captured values were copied")));
    return;
  }
  const std::byte* from = set.pinned.as<>();
  for (const Piece& p : set.copying) {
    std::memcpy(p.to, from, p.bytes);
    from += p.bytes;
  }
  set.copying.clear();
}

Result<void> Captures::finish() {
  for (int set = 0; set < kSets; ++set) {
    flush(set);
    fetch(sets_[static_cast<std::size_t>(set)]);
  }
  return compute_->result();
}

void Captures::abandon() {
  for (Set& set : sets_) {
    set.waiting.clear();
    set.copying.clear();
  }
  api_.synchronize(stream_.get());
}

}  // namespace gf::cuda
