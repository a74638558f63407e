#include "app/ui/shell/lost_display.h"

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

}  // namespace

LostDisplay::LostDisplay(std::function<bool()> keep) {
  static const int registered = std::atexit(end_at_loss);
  // Without the handler exit() goes on as it does without this object.
  if (registered == 0) keep_at_loss() = std::move(keep);
}

LostDisplay::~LostDisplay() { keep_at_loss() = nullptr; }

}  // namespace gf::ui
