// The owner's thread of Jobs, in tests.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "app/document/background/jobs.h"

namespace gf::doc {

/// The test's thread is the owner's thread. Posted work waits here until pump() runs it.
struct Loop {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void()>> tasks;

  Post post() {
    return [this](std::function<void()> task) {
      const std::lock_guard lock(mutex);
      tasks.push_back(std::move(task));
      wake.notify_one();
    };
  }
  std::size_t waiting() {
    const std::lock_guard lock(mutex);
    return tasks.size();
  }
  /// Runs what waits, and what that posts, until nothing waits.
  void pump() {
    while (waiting() > 0) {
      const std::size_t now = waiting();
      std::size_t done = 0;
      pump_until([&] { return done++ == now; });
    }
  }
  bool pump_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done()) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex);
        if (!wake.wait_until(lock, end, [&] { return !tasks.empty(); })) return false;
        task = std::move(tasks.front());
        tasks.pop_front();
      }
      task();
    }
    return true;
  }
};

}  // namespace gf::doc
