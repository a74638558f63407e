#include "app/ui/shell/lost_display.h"

#include <QString>
#include <QtGlobal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "model/base/text.h"

namespace gf::ui {
namespace {

std::function<bool()>& keep_at_loss() {
  static auto& keep = *new std::function<bool()>;  // exit() leaves it alone
  return keep;
}

void end_at_loss() {
  const auto keep = std::exchange(keep_at_loss(), nullptr);
  if (!keep) return;
  const std::string said = keep() ? gf::text("The display is gone. The session is kept, and the next start offers it.")
                                  : gf::text("The display is gone, and the session could not be kept.");
  std::fprintf(stderr, "glassformer: %s\n", said.c_str());
  std::fflush(nullptr);
  std::_Exit(EXIT_FAILURE);
}

QtMessageHandler& heard_before() {
  static QtMessageHandler handler = nullptr;
  return handler;
}

/// Qt's platform for X11 says this just before it calls exit().
void hear_of_loss(QtMsgType type, const QMessageLogContext& context, const QString& message) {
  heard_before()(type, context, message);
  if (type == QtWarningMsg && message.startsWith(QLatin1String("The X11 connection broke"))) end_at_loss();
}

}  // namespace

LostDisplay::LostDisplay(std::function<bool()> keep) {
  keep_at_loss() = std::move(keep);
  heard_before() = qInstallMessageHandler(hear_of_loss);
  // Where warnings are switched off, exit() itself tells of the loss, after it has destroyed what was made later than this.
  [[maybe_unused]] static const int registered = std::atexit(end_at_loss);
}

LostDisplay::~LostDisplay() {
  qInstallMessageHandler(heard_before());
  keep_at_loss() = nullptr;
}

}  // namespace gf::ui
