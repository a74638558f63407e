// The status bar (model, device, speed, whether its numbers are right, jobs) and the strip that shows errors.
#pragma once

#include <QFrame>
#include <QStatusBar>
#include <QTimer>

#include "app/document/lab.h"

class QLabel;
class QProgressBar;
class QToolButton;

namespace gf::ui {

class ElidedLabel;
class JobStrip;

class StatusLine : public QStatusBar {
 public:
  explicit StatusLine(doc::Lab& lab, QWidget* parent = nullptr);
  void refresh();
  /// The name of the graphics device, such as "llvmpipe".
  void set_device(const QString& name);
  /// Shows a remark for some seconds, in the place of the jobs and only while there are none.
  void say(const QString& message);

 private:
  /// Shows in a tooltip on what the model computes, or why it does not use a GPU.
  void tell_of_backend(bool has_model);
  void tell_of_parity();

  doc::Lab& lab_;
  ElidedLabel* facts_;
  ElidedLabel* parity_;
  QLabel* context_text_;
  ElidedLabel* said_;
  QProgressBar* context_;
  JobStrip* jobs_;
  QString device_, message_;
  QString backend_, computes_on_;  ///< as in the tooltip
  QTimer message_timer_;
  double ms_per_token_ = 0;  ///< of the newest run that was computed
};

/// Shows an error as one sentence, with details on demand and a button to dismiss it; without an error, the notices. Hidden while
/// there is neither.
class ErrorStrip : public QFrame {
 public:
  explicit ErrorStrip(doc::Lab& lab, QWidget* parent = nullptr);
  void refresh();
  /// Shows an error of the window itself (Vulkan, a file) until the user dismisses it or runs an action.
  void show_error(const Error& error);
  void forget_own();
  /// The window's own error; none: there is none.
  [[nodiscard]] const std::optional<Error>& own() const { return own_; }

 private:
  void show_text(const Error& error);
  void show_notices(const QString& lines);
  void dismiss();

  doc::Lab& lab_;
  QLabel *sentence_, *details_;
  QToolButton *more_, *close_;
  std::optional<Error> own_;
};

}  // namespace gf::ui
