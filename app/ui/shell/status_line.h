// The status bar: what runs, on what, how fast; and the strip that says what went wrong.
#pragma once

#include <QFrame>
#include <QStatusBar>
#include <QTimer>

#include "app/document/lab.h"

class QLabel;
class QProgressBar;
class QToolButton;

namespace gf::ui {

class JobStrip;

class StatusLine : public QStatusBar {
 public:
  explicit StatusLine(doc::Lab& lab, QWidget* parent = nullptr);
  void refresh();
  /// What this window draws with, e.g. "llvmpipe", and a passing remark.
  void set_device(const QString& name);
  /// A remark that passes by itself after some seconds; it stands where jobs stand, while there are none.
  void say(const QString& message);

 private:
  /// The device's card, or why there is none, where one looks for it.
  void tell_of_backend(bool has_model);

  doc::Lab& lab_;
  QLabel *facts_, *context_text_, *said_;
  QProgressBar* context_;
  JobStrip* jobs_;
  QString device_, message_;
  QString backend_, computes_on_;  ///< as the tooltip has them
  QTimer message_timer_;
  double ms_per_token_ = 0;  ///< of the newest run that computed something
};

/// One sentence, details on demand, a button to let it go. Hidden while there is nothing to say.
class ErrorStrip : public QFrame {
 public:
  explicit ErrorStrip(doc::Lab& lab, QWidget* parent = nullptr);
  void refresh();
  /// An error of the window itself (Vulkan, a file): stands until it is dismissed or something else is done.
  void show_error(const Error& error);
  void forget_own();

 private:
  void show_text(const Error& error);
  void dismiss();

  doc::Lab& lab_;
  QLabel *sentence_, *details_;
  QToolButton *more_, *close_;
  std::optional<Error> own_;
};

}  // namespace gf::ui
