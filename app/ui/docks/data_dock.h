// The numbers of the selected tensor: as a table, as a line along its last axis, as a histogram.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "app/document/tensor_values.h"
#include "app/ui/docks/dock.h"

class QHBoxLayout;
class QLabel;
class QSpinBox;
class QTableView;

namespace gf::ui {

class CurvePlot;
class MatrixPlot;
class TensorCells;

/// Rows and columns of the table are the last two axes, or the first and the last; another axis is held. A cell that is clicked
/// is selected in the scene. Arrow keys move, Ctrl+C copies what shows as CSV.
class DataDock : public Dock {
 public:
  DataDock(const DockInfo& info, const DockContext& context);
  ~DataDock() override;
  /// The logits tell what the model predicts.
  [[nodiscard]] bool tells_prediction() const override;
  [[nodiscard]] const std::optional<doc::TensorValues>& values() const { return values_; }
  /// The table that shows, with a column for each axis.
  [[nodiscard]] Result<std::string> csv() const;

 protected:
  void fill(const doc::Changes& changes) override;
  void hideEvent(QHideEvent* event) override;

 private:
  enum class Form { Table, Line, Histogram, Map };
  /// A part of an axis.
  struct Span {
    int first = 0, count = 0;
  };
  [[nodiscard]] static Span span_near(int place, int count, int most);
  void take_tensor(const doc::TensorValues& values);
  void show_form();
  void show_histogram();
  void show_map(int row, int column);
  void select(int row, int column);
  void copy();
  [[nodiscard]] doc::Side side() const;

  QLabel *name_, *facts_, *note_;
  QLabel* held_label_;
  QSpinBox* held_;
  QTableView* table_;
  CurvePlot* curve_;
  MatrixPlot* map_;
  std::unique_ptr<TensorCells> cells_;
  std::optional<doc::TensorValues> values_;
  std::weak_ptr<const Run> run_;    ///< of `values_`
  std::vector<std::int64_t> here_;  ///< the index of the selected cell
  doc::Side shown_side_ = doc::Side::Edited;
  Form form_ = Form::Table;
  std::optional<Form> shown_form_;
  bool quiet_ = false;           ///< the program moves the cursor, not the user
  Span map_rows_, map_columns_;  ///< what the heat map shows
  std::weak_ptr<const Run> map_of_;
  scene::TensorRef map_tensor_;
  std::int64_t map_held_ = 0;
  doc::Side map_side_ = doc::Side::Edited;
  std::string histogram_key_;
  doc::Watch<doc::TensorHistogram> histogram_;
};

}  // namespace gf::ui
