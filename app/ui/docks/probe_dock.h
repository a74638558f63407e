// The Probe: heads to cut, the list of edits, and what they do to the prediction.
#pragma once

#include <QWidget>

#include "app/document/lab.h"

class QComboBox;
class QLabel;
class QScrollArea;
class QToolButton;

namespace gf::ui {

class EditList;
class HeadGridView;

class ProbeDock : public QWidget {
 public:
  explicit ProbeDock(doc::Lab& lab, QWidget* parent = nullptr);
  void refresh(const doc::Changes& changes);
  [[nodiscard]] HeadGridView& grid() { return *grid_; }

 private:
  void show_hint();
  void show_kl();

  doc::Lab& lab_;
  QComboBox* colour_;
  QToolButton *observe_, *intervene_;
  HeadGridView* grid_;
  QScrollArea* grid_scroll_;
  QLabel *hint_, *kl_;
  EditList* edits_;
};

}  // namespace gf::ui
