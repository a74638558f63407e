#include "app/doctor/display.h"

#include <dlfcn.h>

#include "model/base/environment.h"
#include "model/base/text.h"

namespace gf::doctor {
namespace {

/// Whether the X server that DISPLAY names lets us in: Qt would print six lines and abort. True where that cannot be asked.
bool answers_display() {
  void* xcb = dlopen("libxcb.so.1", RTLD_NOW | RTLD_LOCAL);
  if (xcb == nullptr) return true;
  const auto connect = reinterpret_cast<void* (*)(const char*, int*)>(dlsym(xcb, "xcb_connect"));
  const auto wrong = reinterpret_cast<int (*)(void*)>(dlsym(xcb, "xcb_connection_has_error"));
  const auto disconnect = reinterpret_cast<void (*)(void*)>(dlsym(xcb, "xcb_disconnect"));
  if (connect == nullptr || wrong == nullptr || disconnect == nullptr) return true;
  void* connection = connect(nullptr, nullptr);
  const bool answers = wrong(connection) == 0;
  disconnect(connection);
  return answers;
}

}  // namespace

std::string no_display() {
  const std::string asked = environment_value("QT_QPA_PLATFORM"), display = environment_value("DISPLAY");
  const bool x = asked.empty() || asked == "xcb";
  if ((x && display.empty()) || (asked.starts_with("wayland") && environment_value("WAYLAND_DISPLAY").empty()))
    return text("there is no display to open a window on; `glassformer render` draws without one.");
  if (x && !answers_display())
    return text("the display {0} does not answer; set DISPLAY to one that does. `glassformer render` draws without one.", display);
  return {};
}

}  // namespace gf::doctor
