#include "app/ui/shell/window_app.h"

#include <QApplication>
#include <QSettings>
#include <algorithm>
#include <cstdio>
#include <dlfcn.h>

#include "app/document/lab.h"
#include "app/ui/shell/end_signals.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/shell/window_arguments.h"
#include "app/ui/widgets/skin.h"
#include "model/base/printable.h"
#include "model/base/text.h"

namespace gf::ui {
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

/// Why no window can be opened; empty: it can.
std::string no_display() {
  const QByteArray platform = qgetenv("QT_QPA_PLATFORM");
  const bool x = platform == "xcb";
  if ((x && qEnvironmentVariableIsEmpty("DISPLAY")) || (platform.startsWith("wayland") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY")))
    return gf::text("there is no display to open a window on; `glassformer render` draws without one.");
  if (x && !answers_display())
    return gf::text("the display {0} does not answer; set DISPLAY to one that does. `glassformer render` draws without one.",
                    qgetenv("DISPLAY").toStdString());
  return {};
}

}  // namespace

int run_window(char* program, const cli::WindowArguments& arguments, const std::vector<ActionCall>& calls) {
  // An embedded Vulkan window is unreliable on Wayland with Qt 6.4; XWayland is not.
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "xcb");
  if (const std::string why = no_display(); !why.empty()) {
    std::fprintf(stderr, "glassformer: %s\n", printable(why).c_str());
    return 1;
  }
  // Qt gets only the program's name, because it would take --session and its value as its own option.
  int argc = 1;
  QApplication app(argc, &program);
  QApplication::setApplicationName("glassformer");
  QApplication::setOrganizationName("glassformer");
  QApplication::setApplicationDisplayName("Glassformer");
  QApplication::setApplicationVersion(GLASSFORMER_VERSION);
  load_fonts(app);

  doc::Lab lab([](std::function<void()> work) { QMetaObject::invokeMethod(qApp, std::move(work), Qt::QueuedConnection); });
  const bool light = QSettings().value("window/theme").toString() == QLatin1String("light");
  if (light) lab.execute({gf::text("light theme"), [](doc::Document& d) { d.theme = render::Theme::Light; }, {}});
  MainWindow window(lab);
  window.show();
  window.do_calls(calls);
  const bool asked = arguments.prompt || !arguments.session.empty() || !arguments.model.empty() || !calls.empty();
  const EndSignals end_signals([&window] {
    window.end();
    QApplication::exit();
  });
  if (window.begin_keeping(!asked)) return QApplication::exec();
  window.play_next_run();
  if (arguments.prompt) lab.execute(doc::set_prompt(*arguments.prompt));
  if (arguments.session.empty()) lab.open_model(arguments.model);
  else window.runner().trigger("open-session", {arguments.session});
  return QApplication::exec();
}

}  // namespace gf::ui
