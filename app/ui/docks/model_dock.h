// The model as an outline: blocks, heads, MLP. What is selected here is selected in the scene.
#pragma once

#include <QWidget>
#include <functional>
#include <string>

#include "app/document/lab.h"

class QLabel;
class QTreeWidget;
class QTreeWidgetItem;

namespace gf::ui {

class ModelDock : public QWidget {
 public:
  explicit ModelDock(doc::Lab& lab, QWidget* parent = nullptr);
  void refresh(const doc::Changes& changes);

  /// A click: the name of a camera of the Machine ("block 4", "head 4.3", "logits").
  std::function<void(const std::string& camera)> on_fly;

 private:
  void fill();
  void mark_edits();

  doc::Lab& lab_;
  QLabel *name_, *facts_;
  QTreeWidget* tree_;
  std::shared_ptr<const Model> shown_;
};

}  // namespace gf::ui
