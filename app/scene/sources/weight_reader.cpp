#include "app/scene/sources/weight_reader.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <numeric>
#include <thread>

namespace gf::scene {

struct WeightReader::Shared {
  std::shared_ptr<const Weights> weights;
  std::vector<NamedTensor> table;
  mutable std::mutex mutex;
  std::vector<std::shared_ptr<const WeightSummary>> summaries;  // guarded by mutex
  std::atomic<std::size_t> done{0};
  std::jthread thread;

  void work(const std::stop_token& stop) {
    std::vector<std::size_t> order(table.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return table[a].view.elements() < table[b].view.elements(); });
    for (const std::size_t i : order) {
      if (stop.stop_requested()) return;
      auto summary = std::make_shared<const WeightSummary>(summarise(table[i].view));
      {
        const std::lock_guard lock(mutex);
        summaries[i] = std::move(summary);
      }
      done.fetch_add(1, std::memory_order_release);
      done.notify_all();
    }
  }
};

WeightReader::WeightReader(std::shared_ptr<const Weights> weights) : shared_(std::make_shared<Shared>()) {
  shared_->table = weights->table();
  shared_->weights = std::move(weights);
  shared_->summaries.resize(shared_->table.size());
  if (!shared_->weights->has_values()) {
    shared_->done = shared_->table.size();  // there is nothing to read
    return;
  }
  shared_->thread = std::jthread([shared = shared_.get()](const std::stop_token& stop) { shared->work(stop); });
}

WeightReader::~WeightReader() {
  shared_->thread.request_stop();
  if (shared_->thread.joinable()) shared_->thread.join();
}

std::shared_ptr<const WeightSummary> WeightReader::summary(std::size_t index) const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->summaries[index];
}

void WeightReader::wait() const {
  for (std::size_t now = done(); now < table().size(); now = done()) shared_->done.wait(now, std::memory_order_acquire);
}

std::size_t WeightReader::done() const { return shared_->done.load(std::memory_order_acquire); }
const std::vector<NamedTensor>& WeightReader::table() const { return shared_->table; }

std::size_t WeightReader::index_of(const std::string& name) const {
  const auto row = std::ranges::find(shared_->table, name, &NamedTensor::name);
  EXPECTS(row != shared_->table.end(), "a scene shows tensors of its model");
  return static_cast<std::size_t>(row - shared_->table.begin());
}

}  // namespace gf::scene
