#include "app/ui/shell/job_strip.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QProgressBar>
#include <QToolButton>
#include <algorithm>

#include "app/ui/widgets/elided_label.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr std::size_t kSideBySide = 2;
constexpr int kTitleWidthPx = 220, kLeastProgressPx = 36, kProgressPx = 100, kProgressHeightPx = 8;

}  // namespace

JobStrip::JobStrip(doc::Lab& lab, QWidget* parent) : QWidget(parent), lab_(lab) {
  setObjectName("job_strip");
  setAccessibleName(text("What runs in the background"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  for (std::size_t i = 0; i < kSideBySide; ++i) rows_.push_back(make_row(i));
  menu_ = new QMenu(this);
  more_ = new QToolButton(this);
  more_->setObjectName("more_jobs");
  more_->setProperty("flat", true);
  more_->setPopupMode(QToolButton::InstantPopup);
  more_->setMenu(menu_);
  more_->setToolTip(text("More jobs; choose one to stop it"));
  row->addWidget(more_);
  refresh();
}

JobStrip::Row JobStrip::make_row(std::size_t index) {
  const QString suffix = index == 0 ? QString() : QStringLiteral("_%1").arg(index);
  Row row{new ElidedLabel(this, Qt::ElideMiddle), new QProgressBar(this), new QToolButton(this), 0};
  row.title->setObjectName(QStringLiteral("status_job") + suffix);
  row.title->setMaximumWidth(kTitleWidthPx);
  row.progress->setObjectName(QStringLiteral("job_progress") + suffix);
  row.progress->setTextVisible(false);
  row.progress->setMinimumWidth(kLeastProgressPx);
  row.progress->setMaximumWidth(kProgressPx);
  row.progress->setFixedHeight(kProgressHeightPx);
  row.cancel->setObjectName(QStringLiteral("cancel_button") + suffix);
  row.cancel->setText(text("Cancel"));
  row.cancel->setProperty("flat", true);
  auto* all = layout();
  all->addWidget(row.title);
  all->addWidget(row.progress);
  all->addWidget(row.cancel);
  connect(row.cancel, &QToolButton::clicked, this, [this, index] { lab_.jobs().cancel(rows_[index].id); });
  return row;
}

void JobStrip::refresh() {
  const std::vector<doc::JobInfo> jobs = lab_.jobs().listed();
  shown_ = jobs.size();
  setVisible(!jobs.empty());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    Row& row = rows_[i];
    const bool on = i < jobs.size();
    row.title->setVisible(on);
    row.progress->setVisible(on);
    row.cancel->setVisible(on);
    if (!on) continue;
    const QString title = QString::fromStdString(jobs[i].title);
    row.id = jobs[i].id;
    row.title->setText(title);
    row.title->setToolTip(title);
    row.progress->setRange(0, jobs[i].fraction < 0 ? 0 : 1000);
    row.progress->setValue(static_cast<int>(1000 * jobs[i].fraction));
    row.progress->setAccessibleName(text("Progress of {0}", title));
    row.cancel->setToolTip(text("Stop {0}", title));
    row.cancel->setAccessibleName(text("Stop {0}", title));
  }
  const std::size_t others = jobs.size() - std::min(jobs.size(), rows_.size());
  more_->setVisible(others > 0);
  more_->setText(text("and {0} more", others));
  if (!menu_->isVisible()) fill_menu(jobs);
}

void JobStrip::fill_menu(const std::vector<doc::JobInfo>& jobs) {
  menu_->clear();
  for (std::size_t i = rows_.size(); i < jobs.size(); ++i)
    menu_->addAction(text("Stop {0}", QString::fromStdString(jobs[i].title)), this, [this, id = jobs[i].id] { lab_.jobs().cancel(id); });
}

}  // namespace gf::ui
