// The model as an outline of blocks, heads and MLPs. A click flies to the part in the scene.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "app/ui/docks/dock.h"

class QLabel;
class QSlider;
class QTreeWidget;
class QTreeWidgetItem;

namespace gf::ui {

class ModelDock : public Dock {
 public:
  ModelDock(const DockInfo& info, const DockContext& context);

 private:
  void fill(const doc::Changes& changes) override;
  void fill_outline();
  void mark_edits();
  void find_steps();
  void show_step();

  QLabel *name_, *facts_;
  QTreeWidget* tree_;
  QWidget* training_;  ///< the slider over training steps, where the model has them
  QSlider* slider_;
  QLabel* step_;
  std::vector<int> steps_;
  std::shared_ptr<const Model> shown_;
  /// What mark_edits() has marked in the present outline, which may have thousands of heads; nullopt: nothing yet.
  std::optional<std::pair<Recipe, doc::Mode>> marked_;
};

}  // namespace gf::ui
