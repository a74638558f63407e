// A bare X11 window with a Vulkan surface.
#pragma once

#define VK_USE_PLATFORM_XLIB_KHR
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <vulkan/vulkan.h>

#include "renderer/renderer.h"

namespace gf::render {

class XWindow {
 public:
  XWindow(::Display* display, const Device& device, int width, int height) : display_(display), instance_(device.instance()) {
    window_ = XCreateSimpleWindow(display_, DefaultRootWindow(display_), 0, 0, static_cast<unsigned>(width), static_cast<unsigned>(height),
                                  0, 0, 0);
    XMapWindow(display_, window_);
    XSync(display_, 0);
    VkXlibSurfaceCreateInfoKHR info{};
    info.sType = VK_STRUCTURE_TYPE_XLIB_SURFACE_CREATE_INFO_KHR;
    info.dpy = display_;
    info.window = window_;
    if (vkCreateXlibSurfaceKHR(instance_, &info, nullptr, &surface_) != VK_SUCCESS) surface_ = VK_NULL_HANDLE;
  }
  ~XWindow() {
    vkDestroySurfaceKHR(instance_, surface_, nullptr);
    XDestroyWindow(display_, window_);
    XSync(display_, 0);
  }
  XWindow(const XWindow&) = delete;
  XWindow& operator=(const XWindow&) = delete;

  [[nodiscard]] VkSurfaceKHR surface() const { return surface_; }
  void resize(int width, int height) {
    XResizeWindow(display_, window_, static_cast<unsigned>(width), static_cast<unsigned>(height));
    XSync(display_, 0);
  }
  /// Colour in the middle of the window, 0xRRGGBB.
  [[nodiscard]] unsigned long pixel(int x, int y) {
    XImage* image = XGetImage(display_, window_, x, y, 1, 1, AllPlanes, ZPixmap);
    if (image == nullptr) return 0;
    const unsigned long value = XGetPixel(image, 0, 0) & 0xFFFFFFUL;
    XDestroyImage(image);
    return value;
  }

 private:
  ::Display* display_;
  VkInstance instance_;
  ::Window window_ = 0;
  VkSurfaceKHR surface_ = VK_NULL_HANDLE;
};

}  // namespace gf::render
