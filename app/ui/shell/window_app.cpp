#include "app/ui/shell/window_app.h"

#include <QApplication>
#include <QIcon>
#include <QNetworkProxyFactory>
#include <QSettings>
#include <algorithm>
#include <cstdio>

#include "app/doctor/display.h"
#include "app/document/lab.h"
#include "app/ui/shell/crash_strip.h"
#include "app/ui/shell/end_signals.h"
#include "app/ui/shell/languages.h"
#include "app/ui/shell/lost_display.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/shell/qt_words.h"
#include "app/ui/shell/session_keeper.h"
#include "app/ui/shell/window_arguments.h"
#include "app/ui/widgets/skin.h"
#include "model/base/printable.h"
#include "model/base/text.h"
#include "model/io/loaders.h"

namespace gf::ui {

int run_window(char* program, const cli::WindowArguments& arguments, const std::vector<ActionCall>& calls) {
  // An embedded Vulkan window is unreliable on Wayland with Qt 6.4; XWayland is not.
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "xcb");
  if (const std::string why = doctor::no_display(); !why.empty()) {
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
  QApplication::setDesktopFileName("org.glassformer.Glassformer");
  if (const auto icon = asset_path("icons/glassformer.svg")) QApplication::setWindowIcon(QIcon(QString::fromStdString(*icon)));
  if (const std::string folder = crash_folder(); !folder.empty()) doctor::report_crashes(folder);
  QNetworkProxyFactory::setUseSystemConfiguration(true);  // for downloads
  load_fonts(app);
  translate_qt_words(app);
  if (const auto spoken = speak_chosen_language(); !spoken)
    std::fprintf(stderr, "glassformer: %s\n", printable(spoken.error().message).c_str());

  doc::Lab lab([](std::function<void()> work) { QMetaObject::invokeMethod(qApp, std::move(work), Qt::QueuedConnection); });
  const bool light = QSettings().value("window/theme").toString() == QLatin1String("light");
  if (light) lab.execute({gf::text("light theme"), [](doc::Document& d) { d.theme = render::Theme::Light; }, {}});
  MainWindow window(lab);
  window.show();
  std::vector<ActionCall> first;
  if (!arguments.dictionary.empty()) first = {{"show-dock", {"features", "on"}}, {"open-dictionary", {arguments.dictionary}}};
  first.insert(first.end(), calls.begin(), calls.end());
  window.do_calls(std::move(first));
  const bool asked = arguments.prompt || !arguments.session.empty() || !arguments.recipe.empty() || !arguments.model.empty() ||
                     !arguments.dictionary.empty() || !calls.empty();
  const EndSignals end_signals([&window] {
    window.end();
    QApplication::exit();
  });
  const LostDisplay lost_display([&window] { return window.keeper().close(true).has_value(); });
  if (window.begin_keeping(!asked)) return QApplication::exec();
  if (!asked) window.offer_story();
  window.play_next_run();
  if (arguments.prompt) lab.execute(doc::set_prompt(*arguments.prompt));
  if (!arguments.recipe.empty()) window.runner().trigger("open-recipe", {arguments.recipe});
  if (arguments.session.empty()) lab.open_model(arguments.model);
  else window.runner().trigger("open-session", {arguments.session});
  return QApplication::exec();
}

}  // namespace gf::ui
