// The list of running jobs in the status bar.
#include "app/ui/shell/job_strip.h"

#include <QLabel>
#include <QMenu>
#include <QToolButton>
#include <gtest/gtest.h>

#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

/// "reading | sweeping | and 1 more: Stop film"
std::string text_of(const JobStrip& strip) {
  std::string all;
  for (const QString& name : {QStringLiteral("status_job"), QStringLiteral("status_job_1")}) {
    const auto* title = strip.findChild<QLabel*>(name);
    if (!title->isHidden()) all += (all.empty() ? "" : " | ") + title->text().toStdString();
  }
  const auto* more = strip.findChild<QToolButton*>(QStringLiteral("more_jobs"));
  if (more->isHidden()) return all;
  all += " | " + more->text().toStdString() + ":";
  for (const QAction* action : more->menu()->actions()) all += " " + action->text().toStdString();
  return all;
}

TEST(JobStrip, lists_all_that_run_and_stops_each) {
  Screen screen;
  doc::Lab& lab = screen.lab();
  JobStrip strip(lab);
  EXPECT_TRUE(strip.empty());
  EXPECT_EQ(text_of(strip), "");
  auto reading = lab.jobs().open<int>("reading", {}), sweeping = lab.jobs().open<int>("sweeping", {}),
       film = lab.jobs().open<int>("film", {});
  sweeping.second.work().progress(0.25);
  strip.refresh();
  EXPECT_EQ(text_of(strip), "reading | sweeping | and 1 more: Stop film");
  strip.findChild<QToolButton*>("cancel_button_1")->click();
  strip.findChild<QToolButton*>("more_jobs")->menu()->actions().front()->trigger();
  EXPECT_FALSE(reading.second.work().stop().stop_requested());
  EXPECT_TRUE(sweeping.second.work().stop().stop_requested());
  EXPECT_TRUE(film.second.work().stop().stop_requested());
  reading.first.drop();
  strip.refresh();
  EXPECT_EQ(text_of(strip), "sweeping | film");
}

}  // namespace
}  // namespace gf::ui
