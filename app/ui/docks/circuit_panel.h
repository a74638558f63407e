// A circuit as a list of its parts, each with the edges that lead into it.
#pragma once

#include <QWidget>
#include <functional>
#include <string>
#include <vector>

#include "app/scene/circuit.h"

class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace gf::ui {

/// The user says from which effect on an edge counts. The dock that holds the panel does what the buttons ask for.
class CircuitPanel : public QWidget {
 public:
  explicit CircuitPanel(QWidget* parent);
  /// `edges`: strongest first; `in_all`: as many were measured. `graph`: whether the circuit can be saved as a graph.
  void show_edges(std::vector<scene::CircuitEdge> edges, int in_all, const QString& unit, bool graph);
  /// Those at or above the threshold.
  [[nodiscard]] const std::vector<scene::CircuitEdge>& shown() const { return shown_; }
  /// Whether the scene shows what the panel shows.
  void set_in_scene(bool on);
  [[nodiscard]] bool in_scene() const { return in_scene_; }

  std::function<void(bool on)> on_scene;                   ///< the user wants the arcs in the scene, or wants them away
  std::function<void()> on_threshold;                      ///< other edges are shown
  std::function<void(const std::string& node)> on_select;  ///< a part or a reader: "mlp.0", "4.7.v"
  std::function<void()> on_save;

 private:
  void fill();
  void add_part(const std::string& part);

  std::vector<scene::CircuitEdge> edges_, shown_;
  int in_all_ = 0;
  bool in_scene_ = false;
  QString unit_;
  QDoubleSpinBox* least_;
  QLabel* words_;
  QTreeWidget* tree_;
  QPushButton *scene_, *save_;
};

}  // namespace gf::ui
