// The Probe: the grid of heads, the list of edits, and their effect on the prediction.
#pragma once

#include "app/document/predictions.h"
#include "app/ui/docks/dock.h"

class QComboBox;
class QLabel;
class QScrollArea;
class QToolButton;

namespace gf::ui {

class EditList;
class HeadGridView;
class WhatIfPanel;

class ProbeDock : public Dock {
 public:
  ProbeDock(const DockInfo& info, const DockContext& context);
  /// Adds "heads", the grid's cells on the screen: [[[x, y, width, height] for each head] for each block].
  void publish(QJsonObject& state) const override;

 protected:
  /// A hidden dock watches no study.
  void hideEvent(QHideEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void fill(const doc::Changes& changes) override;
  void show_hint();
  void say_hint();
  void show_kl();

  QComboBox* colour_;
  QToolButton *observe_, *intervene_, *what_if_;
  HeadGridView* grid_;
  QScrollArea* grid_scroll_;
  QLabel *hint_, *kl_;
  QString hint_words_;  ///< without what depends on the grid's width
  WhatIfPanel* what_if_panel_;
  EditList* edits_;
  doc::Predictions predictions_;
};

}  // namespace gf::ui
