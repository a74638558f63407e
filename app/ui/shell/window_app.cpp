#include "app/ui/shell/window_app.h"

#include <QApplication>
#include <QSettings>
#include <algorithm>
#include <cstdio>

#include "app/document/lab.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/shell/window_arguments.h"
#include "app/ui/widgets/skin.h"
#include "model/base/text.h"

namespace gf::ui {
namespace {

bool has_display() {
  const QByteArray platform = qgetenv("QT_QPA_PLATFORM");
  if (platform == "xcb") return !qEnvironmentVariableIsEmpty("DISPLAY");
  if (platform.startsWith("wayland")) return !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY");
  return true;
}

}  // namespace

int run_window(char* program, const cli::WindowArguments& arguments, const std::vector<ActionCall>& calls) {
  // An embedded Vulkan window is unreliable on Wayland with Qt 6.4; XWayland is not.
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "xcb");
  if (!has_display()) {
    std::fprintf(stderr, "glassformer: %s\n",
                 gf::text("there is no display to open a window on; `glassformer render` draws without one.").c_str());
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
  if (!asked && window.restore_left_behind()) return QApplication::exec();
  window.play_next_run();
  if (arguments.prompt) lab.execute(doc::set_prompt(*arguments.prompt));
  if (arguments.session.empty()) lab.open_model(arguments.model);
  else window.runner().trigger("open-session", {arguments.session});
  return QApplication::exec();
}

}  // namespace gf::ui
