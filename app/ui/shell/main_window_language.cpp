// The window in another language: what has words is made anew around the same document, so that each word is said where it was said
// first. The viewport stays, because it owns the graphics device; its scene says its words anew by itself.
#include <QDialog>
#include <QMenuBar>
#include <QVBoxLayout>
#include <memory>

#include "app/ui/actions/menus.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/shell/crash_strip.h"
#include "app/ui/shell/languages.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/shell/recover_strip.h"
#include "app/ui/shell/status_line.h"
#include "app/ui/shell/talk.h"
#include "app/ui/shell/view_bar.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/carried.h"
#include "app/ui/widgets/glyphs.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/transport.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// Puts a widget into the place of another one, and deletes that.
void replace_in(QLayout& layout, QWidget* before, QWidget* now) {
  const std::unique_ptr<QLayoutItem> left(layout.replaceWidget(before, now));
  if (!before->isHidden()) now->show();
  else now->hide();
  delete before;
}

}  // namespace

Result<void> MainWindow::speak(const std::string& language) {
  GF_TRY(choose_language(language));
  // With the next event, because the action may come from a menu, which is made anew as well.
  QMetaObject::invokeMethod(this, [this] { say_anew(); }, Qt::QueuedConnection);
  return {};
}

void MainWindow::say_anew() {
  const QWidget* focus = focusWidget();
  const QString focused = focus ? focus->objectName() : QString();
  setUpdatesEnabled(false);
  const DockLayout layout = docks_->layout();
  runner_->say_anew();
  build_menus(*menuBar(), *runner_);
  player_->set_language(window_language());
  say_bars_anew();
  docks_->say_anew();
  docks_->set_layout(layout);  // other words may have moved the edges between the docks
  viewport_->say_anew();
  talk_->say_anew();
  renew_key_tips(*this);
  say_dialogs_anew();
  if (story_offered_) offer_story();
  story_->say_anew();
  if (!lab_.model()) setWindowTitle(text("Glassformer"));
  changed(doc::Changes::all());
  redraw_glyphs(*this);
  if (auto* again = focused.isEmpty() ? nullptr : findChild<QWidget*>(focused)) again->setFocus(Qt::ShortcutFocusReason);
  else viewport_->setFocus();
  setUpdatesEnabled(true);
}

void MainWindow::say_bars_anew() {
  PromptBar* prompt = prompt_;
  ViewBar* view_bar = view_bar_;
  Transport* transport = transport_;
  ErrorStrip* errors = errors_;
  RecoverStrip* recover = recover_;
  CrashStrip* crash = crash_;
  const bool played = transport->playing();
  make_bars();
  connect_bars();
  prompt_->refresh(doc::Changes::all());
  transport_->set_scale(presenting_ ? kPresentedScale : 1);
  transport_->refresh(doc::Changes::all());
  view_bar_->refresh();
  carry_controls(*prompt, *prompt_);
  if (story_->active()) transport_->follow_story();
  else if (played) transport_->play();
  replace_in(*column_, prompt, prompt_);
  replace_in(*column_, view_bar, view_bar_);
  replace_in(*column_, transport, transport_);
  if (errors->own()) errors_->show_error(*errors->own());
  replace_in(*notes_, errors, errors_);
  errors_->refresh();
  crash_->offer(crash->offered());
  replace_in(*notes_, crash, crash_);
  if (recover->offers()) recover_->offer(keeper_.left(), true);
  recover_->set_aside(presenting_);
  const bool offers = !recover_->isHidden();
  replace_in(*notes_, recover, recover_);
  recover_->setVisible(offers);
  const bool status_hidden = status_->isHidden();
  delete status_;
  status_ = new StatusLine(lab_, this);
  setStatusBar(status_);
  status_->setVisible(!status_hidden);
  status_->set_device(viewport_->device_name());
}

void MainWindow::say_dialogs_anew() {
  if (palette_) palette_->close();
  // Those that only show something are opened again where they stood; one that asks for a file keeps its words until it is closed.
  for (const auto& [name, id] : {std::pair("help_window", "help"),
                                 {"machine_dialog", "this-machine"},
                                 {"shortcuts_dialog", "shortcuts"},
                                 {"layouts_dialog", "save-layout"}}) {
    auto* dialog = findChild<QDialog*>(QLatin1String(name));
    if (!dialog) continue;
    const QRect place = dialog->geometry();
    const bool open = dialog->isVisible();
    delete dialog;
    if (!open) continue;
    runner_->trigger(id);
    if (auto* again = findChild<QDialog*>(QLatin1String(name))) again->setGeometry(place);
  }
}

}  // namespace gf::ui
