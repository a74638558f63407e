// The offer to show what a crash has left.
#pragma once

#include <QFrame>
#include <optional>

#include "app/doctor/crash_report.h"

namespace gf::ui {

/// One line with two buttons: show the report, not now. Either way the report counts as seen. Hidden while there is none.
class CrashStrip : public QFrame {
 public:
  explicit CrashStrip(QWidget* parent = nullptr);
  [[nodiscard]] const std::optional<doctor::CrashReport>& offered() const { return report_; }
  void offer(std::optional<doctor::CrashReport> report);

 private:
  void show_report();
  void leave();
  std::optional<doctor::CrashReport> report_;
};

/// The folder of this user's crash reports; empty: the system names none.
[[nodiscard]] std::string crash_folder();

}  // namespace gf::ui
