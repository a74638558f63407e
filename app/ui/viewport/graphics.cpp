#include "app/ui/viewport/graphics.h"

#include <QGuiApplication>
#include <QThreadPool>
#include <cstdio>

namespace gf::ui {

void Graphics::find(render::Viewer::Callbacks callbacks, std::function<void(Result<Found>)> done) {
  // Without a window system there is no surface, and the search for a device takes a second.
  if (QGuiApplication::platformName() == QLatin1String("offscreen"))
    return done(tl::unexpected<Error>(Error{ErrorCode::Device, "this platform shows no Vulkan windows", "Graphics::find"}));
  render::DeviceOptions options;
  options.surface_extensions = {"VK_KHR_surface"};
  options.surface_extensions.push_back(QGuiApplication::platformName() == QLatin1String("wayland") ? "VK_KHR_wayland_surface"
                                                                                                   : "VK_KHR_xcb_surface");
  if (qEnvironmentVariableIsSet("GLASSFORMER_VALIDATION")) {
    options.validation = true;
    options.on_message = [](const std::string& message) { std::fprintf(stderr, "vulkan: %s\n", message.c_str()); };
  }
  QThreadPool::globalInstance()->start([options, callbacks = std::move(callbacks), done = std::move(done)] {
    auto device = render::Device::create(options);
    if (!device) return done(tl::unexpected(device.error()));
    auto viewer = render::Viewer::create(*device, callbacks);
    if (!viewer) return done(tl::unexpected(viewer.error()));
    done(Found{std::move(*device), std::move(*viewer)});
  });
}

Result<void> Graphics::adopt(Found found) {
  instance_.setVkInstance(found.device->instance());
  if (!instance_.create())
    return fail(ErrorCode::Device, "Qt cannot use the Vulkan instance; check that libvulkan1 is installed.", "QVulkanInstance::create");
  device_ = std::move(found.device);
  viewer_ = std::move(found.viewer);
  return {};
}

Graphics::~Graphics() {
  viewer_.reset();
  if (instance_.isValid()) instance_.destroy();
  device_.reset();
}

}  // namespace gf::ui
