// The jobs that run in the background, each with its progress and a button to stop it.
#pragma once

#include <QWidget>
#include <vector>

#include "app/document/lab.h"

class QMenu;
class QProgressBar;
class QToolButton;

namespace gf::ui {

class ElidedLabel;

/// Its widgets are named status_job, job_progress and cancel_button; those of the second job status_job_1 and so on. A menu
/// lists the jobs that have no room side by side.
class JobStrip : public QWidget {
 public:
  explicit JobStrip(doc::Lab& lab, QWidget* parent = nullptr);
  void refresh();
  [[nodiscard]] bool empty() const { return shown_ == 0; }

 private:
  struct Row {
    ElidedLabel* title;
    QProgressBar* progress;
    QToolButton* cancel;
    doc::JobId id;
  };
  Row make_row(std::size_t index);
  void fill_menu(const std::vector<doc::JobInfo>& jobs);

  doc::Lab& lab_;
  std::vector<Row> rows_;
  QToolButton* more_;
  QMenu* menu_;
  std::size_t shown_ = 0;
};

}  // namespace gf::ui
