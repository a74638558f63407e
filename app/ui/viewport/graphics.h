// The Vulkan device of the window, found on a worker: the window is there before it.
#pragma once

#include <QVulkanInstance>
#include <functional>
#include <memory>

#include "app/document/work/jobs.h"
#include "renderer/renderer.h"

namespace gf::ui {

/// Device and viewer with Qt's view of the instance. Lives on the GUI thread; end it after the last Vulkan window.
class Graphics {
 public:
  Graphics() = default;
  ~Graphics();
  Graphics(const Graphics&) = delete;
  Graphics& operator=(const Graphics&) = delete;

  struct Found {
    std::shared_ptr<render::Device> device;
    std::unique_ptr<render::Viewer> viewer;
  };
  /// Makes the device and the viewer in the background.
  [[nodiscard]] static doc::Job find(doc::Jobs& jobs, render::Viewer::Callbacks callbacks, std::function<void(Result<Found>)> done);
  /// GUI thread: Qt adopts the instance.
  Result<void> adopt(Found found);

  [[nodiscard]] bool ready() const { return viewer_ != nullptr; }
  [[nodiscard]] render::Viewer* viewer() const { return viewer_.get(); }
  [[nodiscard]] const std::shared_ptr<render::Device>& device() const { return device_; }
  [[nodiscard]] QVulkanInstance& instance() { return instance_; }

 private:
  std::shared_ptr<render::Device> device_;
  std::unique_ptr<render::Viewer> viewer_;
  QVulkanInstance instance_;
};

}  // namespace gf::ui
