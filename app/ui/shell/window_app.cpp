#include "app/ui/shell/window_app.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>
#include <cstdio>

#include "app/document/lab.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/widgets/skin.h"

namespace gf::ui {
namespace {

struct WindowArguments {
  QString model, prompt, session;
  bool has_prompt = false;
};

WindowArguments parse(const QApplication& app) {
  QCommandLineParser parser;
  parser.setApplicationDescription("The inside of GPT-2 class models, as a machine in 3D.");
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument("MODEL", "a directory, a file, or the name of a bundled model");
  const QCommandLineOption prompt("prompt", "text to run", "P"), session("session", "session file to open", "F");
  parser.addOptions({prompt, session});
  parser.process(app);
  return {parser.positionalArguments().value(0), parser.value(prompt), parser.value(session), parser.isSet(prompt)};
}

bool has_display() {
  const QByteArray platform = qgetenv("QT_QPA_PLATFORM");
  if (platform == "xcb") return !qEnvironmentVariableIsEmpty("DISPLAY");
  if (platform.startsWith("wayland")) return !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY");
  return true;
}

}  // namespace

int run_window(int argc, char** argv) {
  // An embedded Vulkan window is unreliable on Wayland with Qt 6.4; XWayland is not.
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "xcb");
  if (!has_display()) {
    std::fputs("glassformer: there is no display to open a window on; `glassformer render` draws without one.\n", stderr);
    return 1;
  }
  QApplication app(argc, argv);
  QApplication::setApplicationName("glassformer");
  QApplication::setOrganizationName("glassformer");
  QApplication::setApplicationDisplayName("Glassformer");
  QApplication::setApplicationVersion(GLASSFORMER_VERSION);
  const WindowArguments arguments = parse(app);
  load_fonts(app);

  doc::Lab lab([](std::function<void()> work) { QMetaObject::invokeMethod(qApp, std::move(work), Qt::QueuedConnection); });
  const bool light = QSettings().value("window/theme").toString() == QLatin1String("light");
  if (light) lab.execute({"light theme", [](doc::Document& d) { d.theme = render::Theme::Light; }, {}});
  MainWindow window(lab);
  window.show();
  const bool asked = arguments.has_prompt || !arguments.session.isEmpty() || !arguments.model.isEmpty();
  if (!asked && window.restore_left_behind()) return QApplication::exec();
  window.play_next_run();
  if (arguments.has_prompt) lab.execute(doc::set_prompt(arguments.prompt.toStdString()));
  if (!arguments.session.isEmpty()) window.open_session(arguments.session);
  else lab.open_model(arguments.model.toStdString());
  return QApplication::exec();
}

}  // namespace gf::ui
