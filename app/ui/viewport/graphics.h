// The Vulkan device of the window. It is found in the background, after the window has opened.
#pragma once

#include <QVulkanInstance>
#include <functional>
#include <memory>

#include "app/document/background/jobs.h"
#include "renderer/renderer.h"

namespace gf::ui {

/// The device and the viewer, with Qt's wrapper of the Vulkan instance. Lives on the GUI thread, longer than any Vulkan window.
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
  /// Makes the device and the viewer in the background; `done` is called on the GUI thread.
  [[nodiscard]] static doc::Job find(doc::Jobs& jobs, render::Viewer::Callbacks callbacks, std::function<void(Result<Found>)> done);
  /// Hands the instance to Qt.
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
