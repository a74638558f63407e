#include "app/ui/viewport/graphics.h"

#include <QGuiApplication>
#include <cstdio>

#include "model/base/text.h"

namespace gf::ui {

doc::Job Graphics::find(doc::Jobs& jobs, render::Viewer::Callbacks callbacks, std::function<void(Result<Found>)> done) {
  // Without a window system there can be no surface, so the search for a device, which takes a second, is left out.
  if (QGuiApplication::platformName() == QLatin1String("offscreen")) {
    jobs.poster()(
        [done = std::move(done)] { done(fail(ErrorCode::Device, gf::text("This platform shows no Vulkan windows."), "Graphics::find")); });
    return {};
  }
  render::DeviceOptions options;
  options.surface_extensions = {"VK_KHR_surface"};
  options.surface_extensions.push_back(QGuiApplication::platformName() == QLatin1String("wayland") ? "VK_KHR_wayland_surface"
                                                                                                   : "VK_KHR_xcb_surface");
  if (qEnvironmentVariableIsSet("GLASSFORMER_VALIDATION")) {
    options.validation = true;
    options.on_message = [](const std::string& message) { std::fprintf(stderr, "vulkan: %s\n", message.c_str()); };
  }
  return jobs.start<Found>(
      {}, jobs.own_thread(),
      [options, callbacks = std::move(callbacks)](const doc::JobWork&) -> Result<Found> {
        GF_TRY_ASSIGN(auto device, render::Device::create(options));
        GF_TRY_ASSIGN(auto viewer, render::Viewer::create(device, callbacks));
        return Found{std::move(device), std::move(viewer)};
      },
      std::move(done));
}

Result<void> Graphics::adopt(Found found) {
  instance_.setVkInstance(found.device->instance());
  if (!instance_.create())
    return fail(ErrorCode::Device, gf::text("Qt cannot use the Vulkan instance; check that libvulkan1 is installed."),
                "QVulkanInstance::create");
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
